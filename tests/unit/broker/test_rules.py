# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the session broker, each tried with the real ansible-playbook over a channel without a device."""
from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from .conftest import SECRET
from .conftest import wait_for

PUB, SUB = "us-cm-pub", "us-cm-sub1"
TWO = {PUB: {"ansible_host": "127.77.1.1", "collab_roles": ["publisher"]}, SUB: {"ansible_host": "127.77.1.2", "collab_roles": ["subscriber"]}}


def probe(name, do="ask", task=None, **arguments):
    """A task of the probe module."""
    return {"name": name, "collab.security.probe": {"do": do, "with": arguments}, **(task or {})}


# -- start -----------------------------------------------------------------------------------------------------------
def test_sixty_forks_at_once_start_one_broker(runner):
    hosts = {"node%02d" % n: {"ansible_host": "127.77.2.%d" % n} for n in range(1, 61)}
    result = runner.run([probe("first")], hosts, arguments=["--forks", "60"])
    assert result.code == 0, result.out
    answers = [result.of("first", host)["answer"] for host in hosts]
    assert len({a["pid"] for a in answers}) == 1
    assert {a["host"] for a in answers} == {h["ansible_host"] for h in hosts.values()}
    wait_for(lambda: not runner.brokers())


def test_two_runs_at_once_have_a_broker_each(runner):
    other = runner.start([probe("slow", op="nap", seconds=3)], TWO)
    wait_for(lambda: len(runner.brokers()) == 1)
    result = runner.run([probe("mine")], TWO)
    assert other.wait(60) == 0
    assert result.code == 0 and len({e["pid"] for e in result.diary if e["op"] == "open"}) == 2


def test_a_long_control_path_still_works(runner, tmp_path):
    result = runner.run([probe("ask")], env={"ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(tmp_path / ("x" * 100))})
    assert result.code == 0 and result.of("ask")["answer"]["asked"] == 1


# -- sessions --------------------------------------------------------------------------------------------------------
def test_a_session_is_kept_over_tasks_plays_and_peers(runner):
    tasks = [probe("one"), probe("all", "all"), probe("loop", task={"loop": [1, 2, 3]}), probe("peer", node=SUB), probe("own", "own")]
    plays = [{"hosts": "us_cm", "gather_facts": False, "tasks": tasks, "vars": {"collab_https_port": 20443}, "serial": 1, "become": True},
             {"hosts": PUB, "gather_facts": False, "tasks": [probe("last")], "vars": {"collab_https_port": 20443}}]
    result = runner.run(tasks, TWO, plays=plays)
    assert result.code == 0, result.out
    assert sorted(e["host"] for e in result.diary if e["op"] == "open") == ["127.77.1.1", "127.77.1.2"]    # one login a node for the whole run
    everything = result.of("all")
    assert everything["options"][SUB]["fqdn"] == SUB + ".ent-pa.com" and everything["options"][SUB]["https_port"] == 20443
    assert everything["keys"] == result.of("all", SUB)["keys"]
    assert everything["publisher"] == PUB
    assert result.of("last")["answer"]["asked"] > 5
    own = result.of("own")
    assert own["same"], own
    assert set(own["types"]) <= {"str", "int", "NoneType"}


def test_delegated_tasks_and_peers_reach_the_right_node(runner):
    hosts = {"a": {"ansible_host": "127.0.0.1", "ansible_port": 1001, "collab_fqdn": "{{ inventory_hostname }}.delegated.example"},
             "b": {"ansible_host": "127.0.0.1", "ansible_port": 1002, "collab_fqdn": "{{ inventory_hostname }}.delegated.example"},
             "c": {"ansible_host": "127.0.0.1", "ansible_port": 1002, "ansible_user": "other"},
             "d": {"ansible_host": "127.0.0.1", "ansible_port": 1002, "ansible_password": "another-planted"}}
    tasks = [probe("delegated", task={"delegate_to": "{{ item }}", "loop": list("abcd"), "run_once": True}), probe("direct"),
             probe("once", task={"delegate_to": "a"})]
    result = runner.run(tasks, hosts)
    assert result.code == 0, result.out
    items = [e["result"] for e in result.record if e["state"] == "item"]
    assert [(i["answer"]["port"], i["answer"]["user"]) for i in items] == [(1001, "platform"), (1002, "platform"), (1002, "other"), (1002, "platform")]
    assert [i["answer"]["fqdn"] for i in items][:2] == ["a.delegated.example", "b.delegated.example"]
    assert len({i["key"] for i in items}) == 4                  # another password is another session
    assert [result.of("direct", h)["key"] for h in "abcd"] == [i["key"] for i in items]
    assert {result.of("once", h)["answer"]["port"] for h in "abcd"} == {1001}
    assert len([e for e in result.diary if e["op"] == "open"]) == 4


def test_reset_connection_opens_a_new_session(runner):
    result = runner.run([probe("before"), probe("again"), {"name": "reset", "ansible.builtin.meta": "reset_connection"}, probe("after")])
    assert result.code == 0, result.out
    assert [result.of(t)["answer"]["asked"] for t in ("before", "again", "after")] == [1, 2, 1]
    wait_for(lambda: not runner.brokers())
    assert [e["op"] for e in runner.entries()] == ["open", "close", "open", "close"]


def test_reset_without_a_session_is_no_error(runner):
    result = runner.run([{"name": "reset", "ansible.builtin.meta": "reset_connection"}, probe("after")])
    assert result.code == 0 and result.of("after")["answer"]["asked"] == 1


def test_a_hanging_session_is_left_and_opened_anew(runner):
    result = runner.run([probe("hangs", op="hang", seconds=40, task={"ignore_errors": True, "vars": {"ansible_command_timeout": 1}}),
                         probe("next", task={"vars": {"ansible_command_timeout": 30}})])
    assert result.code == 0, result.out
    assert result.of("hangs")["kind"] == "lost"
    assert result.of("next")["answer"]["asked"] == 1


def test_a_killed_broker_costs_the_request_under_way_and_no_more(runner):
    run = runner.start([probe("slow", op="nap", seconds=20, task={"ignore_errors": True}), probe("next")])
    [pid] = wait_for(runner.brokers)
    wait_for(lambda: runner.entries())
    os.kill(pid, signal.SIGKILL)
    out, _err = run.communicate(timeout=60)
    assert run.returncode == 0, out
    assert "the session broker went away" in out and "ignored=1" in out
    assert len([e for e in runner.entries() if e["op"] == "open"]) == 2


# -- what must never be executed -------------------------------------------------------------------------------------
def test_a_task_that_gave_up_while_queued_is_never_executed(runner):
    tasks = [probe("holds the session", op="nap", seconds=4, task={"delegate_to": PUB, "when": "inventory_hostname == '%s'" % PUB}),
             probe("waits first", op="nap", seconds=1, task={"when": "inventory_hostname == '%s'" % SUB}),
             probe("gives up", op="write", what="late", task={"delegate_to": PUB, "timeout": 1, "ignore_errors": True,
                                                              "when": "inventory_hostname == '%s'" % SUB}),
             probe("afterwards", op="nap", seconds=4)]
    result = runner.run(tasks, TWO, strategy="free")
    assert result.code == 0, result.out
    assert result.of("gives up", SUB)["timedout"]["period"] == 1
    assert result.writes() == []


def test_threads_of_a_task_that_gave_up_ask_nothing_more(runner):
    result = runner.run([probe("gives up", "parallel_steps", count=20, seconds=0.4, task={"timeout": 1, "ignore_errors": True}),
                         probe("afterwards", op="nap", seconds=2)], TWO, arguments=["--limit", PUB])
    assert result.code == 0, result.out
    begun = [e["what"] for e in result.diary if e["op"] == "begin"]
    assert sorted(begun) == sorted(result.writes()) and len(begun) < 10


def test_a_killed_run_writes_nothing_after_the_request_under_way(runner):
    run = runner.start([probe("steps", "steps", count=10, seconds=1)])
    wait_for(lambda: [e for e in runner.entries() if e["op"] == "begin"])
    run.kill()
    run.wait(10)
    wait_for(lambda: not runner.brokers())
    assert [e["what"] for e in runner.entries() if e["op"] == "begin"] == ["0"]
    assert [e["what"] for e in runner.entries() if e["op"] == "write"] == ["0"]        # it was let finish
    assert runner.entries()[-1]["op"] == "close"                                       # and logged out
    time.sleep(1.5)
    assert [e["what"] for e in runner.entries() if e["op"] == "begin"] == ["0"]


def orphans(run, runner):
    """Workers of a killed run that still live."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != run.pid:
            try:
                command, state = (folder / "cmdline").read_bytes(), (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if b"ansible-playbook" in command and str(runner.tmp).encode() in command and state != "Z":
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize("task", [
    probe("items", op="write", what="{{ item }}", seconds=0.5, task={"loop": list(range(20))}),
    probe("tries", op="write", what="again", seconds=0.5, task={"until": False, "retries": 20, "delay": 0.1}),
    probe("waits", "wait_and_write", count=20, seconds=0.2),
], ids=["loop", "until", "poll"])
def test_workers_of_a_killed_run_begin_nothing_more(runner, task):
    """A worker outlives its ansible-playbook until its task ends; each item and each try makes a new connection."""
    run = runner.start([task])
    wait_for(lambda: [e for e in runner.entries() if e["op"] == "begin"])
    run.kill()
    run.wait(10)
    begun = [e["what"] for e in runner.entries() if e["op"] == "begin"]
    wait_for(lambda: not runner.brokers() and not orphans(run, runner))
    after = [e["what"] for e in runner.entries() if e["op"] == "begin"]
    assert len(after) <= len(begun) + 1, (begun, after)         # one may have begun while we looked
    assert len([e for e in runner.entries() if e["op"] == "open"]) == 1


def test_an_interrupted_run_leaves_no_process(runner):
    run = runner.start([probe("steps", "steps", count=30, seconds=0.3)])
    wait_for(lambda: [e for e in runner.entries() if e["op"] == "begin"])
    os.killpg(run.pid, signal.SIGINT)
    run.communicate(timeout=30)
    wait_for(lambda: not runner.brokers())
    begun = [e["what"] for e in runner.entries() if e["op"] == "begin"]
    assert len(begun) < 30 and begun == [e["what"] for e in runner.entries() if e["op"] == "write"]


# -- logins ----------------------------------------------------------------------------------------------------------
def test_a_refused_login_is_tried_once_in_a_run(runner):
    tasks = [probe("all at once", "all", op="fail", kind="auth", text="wrong password", task={"ignore_errors": True}),
             probe("later", op="fail", kind="auth", text="wrong password", task={"ignore_errors": True})]
    result = runner.run(tasks, TWO)
    assert len([e for e in result.diary if e["op"] == "fail"]) == 1      # over two nodes, two tasks each
    for task in ("all at once", "later"):
        for host in TWO:
            failure = result.of(task, host)
            assert failure["kind"] == "auth" and "wrong password; not tried again in this run" in failure["msg"]


# -- results ---------------------------------------------------------------------------------------------------------
def test_failures_are_data_and_keep_the_report(runner):
    tasks = [probe("refused", "then_fail", kind="refused", text="no such thing", task={"ignore_errors": True}),
             probe("lost", "then_fail", kind="lost", text="no answer", task={"ignore_errors": True}),
             probe("bug", op="boom", text="broken", task={"ignore_errors": True}),
             probe("odd", op="odd", task={"ignore_errors": True}),
             {"name": "option", "collab.security.probe": {"state": "open"}, "ignore_errors": True},
             {"name": "unknown", "collab.security.probe": {"colour": "red"}, "ignore_errors": True},
             {"name": "suboption", "collab.security.probe": {"users": [{"limit": "3"}]}, "ignore_errors": True},
             probe("gone", "then_fail", kind="unreachable", text="no route", task={"ignore_unreachable": True}),
             probe("still works")]
    result = runner.run(tasks)
    assert result.code == 0, result.out
    for task, kind in (("refused", "refused"), ("lost", "lost"), ("gone", "unreachable")):
        failure = result.of(task)
        assert (failure["kind"], failure["changed"], len(failure["operations"]), len(failure["pending"])) == (kind, True, 1, 1)
        assert failure["msg"].startswith("us-cm-pub: ")
    assert result.of("gone")["state"] == "unreachable" and result.of("refused")["state"] == "failed"
    assert result.of("bug")["kind"] == "bug" and "ValueError: broken" in result.of("bug")["msg"]
    assert "JSON cannot carry" in result.of("odd")["msg"]
    assert "value of state must be one of: present, absent" in result.of("option")["msg"]
    assert "colour" in result.of("unknown")["msg"] and "name" in result.of("suboption")["msg"]


def test_busy_is_waited_for_and_polls_pass_over_a_restart(runner, tmp_path):
    tasks = [probe("busy", op="once", kind="busy", marker=str(tmp_path / "m1")),
             probe("poll", "poll", timeout=20, op="once", kind="unreachable", marker=str(tmp_path / "m2")),
             probe("never", "never", timeout=0.3, task={"ignore_errors": True}),
             probe("refused", "poll", timeout=20, op="fail", kind="refused", text="no", task={"ignore_errors": True})]
    result = runner.run(tasks)
    assert result.code == 0, result.out
    assert result.of("busy")["answer"] == {"ok": True} == result.of("poll")["answer"]
    assert result.of("never")["msg"] == "waited 0 s for what never comes"
    assert result.of("refused")["kind"] == "refused"


def test_large_replies_and_check_mode(runner):
    result = runner.run([probe("big", op="big", count=50000, task={"no_log": True}), probe("check", op="hello")], arguments=["--check"])
    assert result.code == 0, result.out
    assert result.of("check")["changed"] is False


def test_modules_are_refused(runner):
    result = runner.run([{"name": "module", "ansible.builtin.ping": {}, "ignore_errors": True},
                         {"name": "facts", "ansible.builtin.setup": {}, "ignore_errors": True, "become": True}])
    for task in ("module", "facts"):
        assert "this host is a device: no module can run on it; add 'delegate_to: localhost'" in result.of(task)["msg"]


def test_other_connections_are_refused_clearly(runner):
    result = runner.run([probe("elsewhere", task={"delegate_to": "localhost", "ignore_errors": True})])
    assert "is no device of this collection" in result.of("elsewhere")["msg"]


# -- secrets ---------------------------------------------------------------------------------------------------------
def test_no_secret_shows_anywhere(runner):
    keys = ["planted-key-R7", "planted-user-R8"]
    arguments = {"private_key": keys[0], "users": [{"name": "a", "password": keys[1]}]}
    tasks = [{"name": do, "collab.security.probe": dict(arguments, do=do), "ignore_errors": True} for do in ("secrets", "bug", "stop")]
    tasks += [{"name": "invalid", "collab.security.probe": dict(arguments, state=keys[0]), "ignore_errors": True},
              {"name": "refused", "collab.security.probe": dict(arguments, do="ask", **{"with": {"op": "fail", "kind": "refused", "text": SECRET + keys[0]}}),
               "ignore_errors": True},
              {"name": "exception", "collab.security.probe": dict(arguments, do="ask", **{"with": {"op": "boom", "text": SECRET + keys[0]}}),
               "ignore_errors": True},
              {"name": "stuck", "collab.security.probe": dict(arguments, do="ask", **{"with": {"op": "nap", "seconds": 3}}), "timeout": 1,
               "ignore_errors": True}]
    # The play's own text is in the arguments of the tasks that plant it in "with": those lines are not ours to hide, so they come from variables.
    plays = [{"hosts": "us_cm", "gather_facts": False, "tasks": tasks}]
    log = runner.tmp / "log"
    for more in ([], ["-vvvv", "--diff"]):
        result = runner.run(tasks, plays=plays, arguments=more, env={"ANSIBLE_LOG_PATH": str(log), "ANSIBLE_SHOW_TASK_PATH_ON_FAILURE": "0",
                                                                     "ANSIBLE_DISPLAY_TRACEBACK": "always" if more else "never"})
        shown = result.out + result.err + log.read_text() + str(result.record)
        for secret in [SECRET, *keys]:
            assert secret not in shown, [line for line in shown.splitlines() if secret in line][:3]
        assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in result.out or "****" in result.out
    assert "working with" in result.err and result.of("secrets")["warnings"]
