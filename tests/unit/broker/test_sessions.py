# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The broker's sessions by themselves: logins that are refused after they worked, bytes, and the run's end."""
from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import types

import pytest

from ansible_collections.collab.security.plugins.plugin_utils import broker
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError


class Device:
    """Answers from a list: an exception is raised, anything else returned."""

    login = ("platform", "remote_user", "password")
    script, opened = [], 0

    def __init__(self, option):
        Device.opened += 1

    def ask(self, left):
        answer = Device.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        """Nothing is open."""


@pytest.fixture
def session(monkeypatch):
    module = types.ModuleType("scripted.device")
    module.Channel = Device
    monkeypatch.setitem(sys.modules, "scripted", types.ModuleType("scripted"))
    monkeypatch.setitem(sys.modules, "scripted.device", module)
    Device.script, Device.opened = [], 0
    server = types.SimpleNamespace(package="scripted", run=broker.Run(os.getpid(), broker.born(os.getpid())), accounts={})
    server.account = lambda key: server.accounts.setdefault(key, broker.Login())
    near, far = socket.socketpair()

    def ask(session, *answers):
        Device.script[:] = answers
        return session.call(near, {"channel": "device", "op": "ask", "args": {}, "deadline": time.time() + 5})

    def make(**options):
        made = broker.Session(dict({"cluster": "us_cm", "remote_user": "platform", "password": "right"}, **options), server)
        return types.SimpleNamespace(ask=lambda *answers: ask(made, *answers), session=made)

    yield make
    near.close()
    far.close()


def auth():
    return NodeError("auth", "HTTP 401")


def test_a_login_that_worked_gets_a_second_chance_after_a_pause(session, monkeypatch):
    node = session()
    assert node.ask(1) == {"result": 1}
    assert node.ask(auth())["kind"] == "busy"                   # a node in the middle of a restart may refuse anybody
    assert node.ask(2)["kind"] == "busy" and Device.script == [2]      # not tried during the pause
    monkeypatch.setattr(broker, "HOLD_OFF", 0)
    assert node.ask(3) == {"result": 3}                         # it works again, and the next refusal is a first one again
    assert node.ask(auth())["kind"] == "busy"
    assert node.ask(auth())["kind"] == "auth"                   # refused twice: for good
    assert node.ask(4)["kind"] == "auth" and Device.script == [4]


def test_a_refused_login_stops_the_account_in_its_cluster_only(session):
    assert session().ask(auth())["kind"] == "auth"
    other_node, other_password, other_cluster = session(), session(password="other"), session(cluster="emea_cm")
    assert other_node.ask(1)["kind"] == "auth" and Device.script == [1]
    assert other_password.ask(2) == {"result": 2}
    assert other_cluster.ask(3) == {"result": 3}


def test_a_node_where_the_account_works_goes_on(session):
    good, bad, third = session(host="a"), session(host="b"), session(host="c")
    assert good.ask(1) == {"result": 1}
    assert bad.ask(auth())["kind"] == "auth"
    assert good.ask(2) == {"result": 2}
    assert third.ask(3)["kind"] == "auth" and Device.script == [3]      # not proved there: not tried


def test_a_channel_out_of_step_is_opened_anew_and_one_in_step_is_kept(session):
    node = session()
    node.ask(1)
    node.ask(NodeError("refused", "no such thing"))
    node.ask(2)
    assert Device.opened == 1
    node.ask(NodeError("lost", "no answer"))
    node.ask(ValueError("a bug"))
    assert node.ask(3) == {"result": 3} and Device.opened == 3


def test_nothing_is_asked_for_a_run_that_has_ended(session):
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    node = session()
    node.session.broker.run = broker.Run(done.pid, "1")
    assert node.ask(1)["kind"] == "late" and Device.script == [1]


def test_a_process_with_the_same_id_is_not_the_run():
    assert broker.Run(os.getpid(), broker.born(os.getpid())).alive()
    assert not broker.Run(os.getpid(), "1").alive()


def test_bytes_and_large_messages_cross_the_wire():
    near, far = socket.socketpair()
    message = {"args": {"key": b"\x00\xffbytes", "text": "ü" * 1000000}, "list": [b""]}
    sender = threading.Thread(target=broker.send, args=(near, message))
    sender.start()
    assert broker.recv(far) == message
    sender.join()
    near.close()
    assert broker.recv(far) is None
    far.close()
    with pytest.raises(TypeError):
        broker.send(near, {"odd": object()})
