"""Who gets to the command line of an Expressway peer: stock OpenSSH and paramiko, accounts, the automated protection, sessions."""

from __future__ import annotations

import base64
import os
import subprocess

import paramiko
import pytest

from lab.core.hostkey import ssh_key
from lab.expressway.cli import words
from tests.lab.expressway_cli import Cli
from tests.lab.expressway_cli import appliance_of
from tests.lab.expressway_cli import hang_up
from tests.lab.expressway_cli import sessions
from tests.lab.expressway_cli import started
from tests.lab.expressway_lab import PASSWORD
from tests.lab.expressway_lab import until


def _more(variables):
    variables["us-expc1"]["lab_root_password"] = "Root-1"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """One Expressway-C."""
    running = started(tmp_path_factory.mktemp("login"), names=("us-expc1",), change=_more)
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def day0(lab):
    """The lab on day 0."""
    lab.restore("day0")
    yield lab
    hang_up(lab)


def refused(lab, user: str = "admin", password: str = PASSWORD) -> type:
    """What paramiko says to a login that must not succeed."""
    with pytest.raises((paramiko.SSHException, EOFError, OSError)) as problem:
        Cli(lab, user=user, password=password)
    return problem.type


def ssh(lab, tmp_path, *arguments: str, typed: str = "", password: str = PASSWORD) -> subprocess.CompletedProcess:
    """The system's ssh program, which takes the password from a program of ours."""
    one = appliance_of(lab, "us-expc1")
    kind, key = lab.call(lambda: ssh_key(one).export_public_key("openssh")).decode().split()[:2]
    known, ask = tmp_path / "known_hosts", tmp_path / "ask"
    known.write_text(f"[{one.address}]:{one.ports['ssh']} {kind} {key}\n")
    ask.write_text(f"#!/bin/sh\necho '{password}'\n")
    ask.chmod(0o700)
    options = [f"-oUserKnownHostsFile={known}", "-oGlobalKnownHostsFile=/dev/null", "-oStrictHostKeyChecking=yes", "-oNumberOfPasswordPrompts=1"]
    return subprocess.run(["ssh", "-F", "/dev/null", "-tt", *options, "-p", str(one.ports["ssh"]), "-l", "admin", one.address, *arguments], input=typed,
                          capture_output=True, text=True, timeout=20, check=False, env={**os.environ, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"})


def test_openssh(day0, tmp_path):
    done = ssh(day0, tmp_path, typed="xStatus SystemUnit Product\nexit\n")
    assert '*s SystemUnit Product: "TANDBERG VCS"' in done.stdout and "Welcome to" in done.stdout
    assert ssh(day0, tmp_path, password="wrong").returncode == 255


@pytest.mark.parametrize(("value", "good"), [("refused", False), ("runs", True)])
def test_a_command_on_the_command_line_of_ssh(day0, tmp_path, value, good):
    day0.world.set_variant("expressway_cli_exec", value)
    done = ssh(day0, tmp_path, "xStatus SystemUnit Product")
    assert ("TANDBERG VCS" in done.stdout) == good


def test_a_wrong_password(day0):
    assert refused(day0, password="wrong") is paramiko.AuthenticationException
    assert day0.world.journal.entries()[-1].detail == {"user": "admin", "refused": "wrong user name or password"}


def test_only_admin_and_root(day0):
    Cli(day0, user="root", password="Root-1").done("xStatus SystemUnit")
    appliance_of(day0, "us-expc1").account, before = ("operator", "Operator-1"), appliance_of(day0, "us-expc1").account
    try:
        assert refused(day0, "operator", "Operator-1") is paramiko.AuthenticationException
        assert refused(day0, "admin", PASSWORD) is paramiko.AuthenticationException, "whose password nobody has told the lab"
    finally:
        appliance_of(day0, "us-expc1").account = before


def test_root_has_no_password_unless_the_inventory_says_so(day0):
    assert refused(day0, "root", "") is not None


def test_who_fails_too_often_is_kept_out_for_a_while(day0, monkeypatch):
    monkeypatch.setattr(day0.world.clock, "speed", 1.0)  # a ban of five minutes must outlast the logins of a busy machine
    day0.world.set_variant("expressway_ban_after", "2")
    for _time in range(2):
        refused(day0, password="wrong")
    since = len(day0.world.journal)
    refused(day0)
    assert [entry.detail["refused"] for entry in day0.world.journal.entries(since)] == ["address is blocked"]
    day0.world.clock.advance(600)
    Cli(day0)


@pytest.mark.parametrize(("value", "good"), [("several", True), ("one", False)])
def test_sessions_of_an_account(day0, value, good):
    day0.world.set_variant("expressway_cli_sessions", value)
    first = Cli(day0)
    if good:
        Cli(day0)
        return
    assert refused(day0) is paramiko.ChannelException
    first.close()
    until(lambda: not sessions(first.appliance))
    Cli(day0)


def test_ssh_off_counts_from_the_next_start(day0):
    cli = Cli(day0)
    cli.done("xConfiguration Administration SSH Mode: Off")
    again = Cli(day0)
    count = again.peer.restarts
    again.done("xCommand Restart")
    until(lambda: again.peer.restarts > count)
    assert refused(day0) is not paramiko.AuthenticationException
    assert "ssh" not in day0.call(lambda: again.appliance.doors.listening()).values()


def test_the_host_key_is_the_one_in_known_hosts(day0):
    one = appliance_of(day0, "us-expc1")
    transport = paramiko.Transport((one.address, one.ports["ssh"]))
    transport.start_client(timeout=10)
    kind, key = day0.call(lambda: ssh_key(one).export_public_key("openssh")).decode().split()[:2]
    assert transport.get_remote_server_key() == paramiko.RSAKey(data=base64.b64decode(key)) and kind == "ssh-rsa"
    transport.close()


# ---- lines, taken apart

@pytest.mark.parametrize(("text", "group", "found", "values"), [
    ("xConfiguration SIP Domain 1 Name: \"a b\"", "xconfiguration", ("SIP", "Domain", "1", "Name"), {"Name": "a b"}),
    ("xcommand ZoneAdd ZoneName:one Type: DNS", "xcommand", ("ZoneAdd", "ZoneName"), {"ZoneName": "one", "Type": "DNS"}),
    ("xCommand X A: \"it's\" B: 'say \"no\"'", "xcommand", ("X", "A"), {"A": "it's", "B": 'say "no"'}),
    ("xCommand X A: \"{ \"k\" : [ \"v\" ] }\" B: c", "xcommand", ("X", "A"), {"A": '{ "k" : [ "v" ] }', "B": "c"}),
    ("xCommand DomainCerts sans: 'DNS:a, DNS:b'", "xcommand", ("DomainCerts", "sans"), {"sans": "DNS:a, DNS:b"}),
    ("xstat Zones", "xstatus", ("Zones",), {}),
])
def test_lines(text, group, found, values):
    line = words.take_apart(text)
    assert (line.group, line.words, {name: value.text for name, value in line.values.items()}) == (group, found, values)


@pytest.mark.parametrize("text", ["x", "xfoo", "show version", 'xConfiguration A: "b', 'xCommand "a"', "xCommand A: b c"])
def test_lines_that_are_none(text):
    with pytest.raises(words.BadLine):
        words.take_apart(text)
