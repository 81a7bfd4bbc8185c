"""The shell of the VOS command line: login, prompt, pager, unknown words, sessions (vos.md 6)."""

from __future__ import annotations

import re
import time

import paramiko
import pytest

from tests.lab.cli_client import PASSWORD
from tests.lab.cli_client import USER
from tests.lab.cli_client import Typist
from tests.lab.cli_client import connect
from tests.lab.cli_client import make_world
from tests.lab.cli_client import serving


@pytest.fixture
def world():
    return make_world(estate={"backup": {"last_success": "2026-11-20T02:00:00Z"}, "licence": {"registration": "Registered", "export_control": "ALLOWED"}})


@pytest.fixture
def lab(world):
    with serving(world) as (running, servers):
        yield running, servers


@pytest.fixture
def terminal(world, lab, tmp_path):
    client = connect(world.node("us-cm-pub"), tmp_path)
    typist = Typist(client)
    typist.until("admin:")
    yield typist
    client.close()


def journal(world):
    return [(entry.operation, entry.kind, entry.detail.get("refused")) for entry in world.journal.entries()]


def test_banner_and_prompt(world, lab, tmp_path):
    client = connect(world.node("us-cm-pub"), tmp_path)
    seen = Typist(client).until("admin:")
    assert seen.startswith("Command Line Interface is starting up, please wait ...\r\n\r\n   Welcome to the Platform Command Line Interface\r\n")
    assert seen.endswith("\r\n\r\nadmin:")
    client.close()


def test_an_enter_alone_gives_a_second_prompt(terminal):
    assert terminal.run("") == "\r\n\radmin:"


def test_the_command_is_echoed(terminal):
    assert terminal.run("show version active").startswith("show version active\r\nActive Master Version: 15.0.1.11900-40\r\n")


def test_unknown_commands_are_loud(world, terminal):
    seen = terminal.run("show frobnication")
    assert "Executed command unsuccessfully\r\n" in seen
    assert world.unknown == 1
    assert journal(world)[-1] == ("unknown command: show frobnication", "read", "unknown command")


def test_pasted_secrets_do_not_reach_the_journal(world, terminal):
    terminal.run("hunter2 is my password")
    assert "hunter2" not in str(world.journal.entries())


def test_unknown_arguments_are_refused(world, terminal):
    seen = terminal.run("show version active please")
    assert "Executed command unsuccessfully" in seen and "15.0.1" not in seen
    assert journal(world)[-1][2] == "Invalid argument: please"


def test_the_pager_stops_a_long_output_until_it_is_switched_off(terminal):
    terminal.send("show status\n")
    first = terminal.until("to quit\x1b[0m")
    assert len(first.splitlines()) <= 25
    terminal.send("\r")
    one = terminal.until("to quit\x1b[0m")
    assert one.count("\r\n") == 1
    terminal.send(" ")
    assert "Disk/logging" in terminal.until("admin:")
    assert "Automatic pagination is turned off" in terminal.run("set cli pagination off")
    assert "to quit" not in terminal.run("show status")
    assert "Automatic Pagination : Off." in terminal.run("show cli pagination")


def test_quitting_the_pager(terminal):
    terminal.send("show status\n")
    terminal.until("to quit\x1b[0m")
    terminal.send("q")
    assert "Disk/logging" not in terminal.until("admin:")


def test_the_pager_is_on_again_in_the_next_session(world, lab, terminal, tmp_path):
    terminal.run("set cli pagination off")
    client = connect(world.node("us-cm-pub"), tmp_path)
    other = Typist(client)
    other.until("admin:")
    assert "Automatic Pagination : On." in other.run("show cli pagination")
    client.close()


@pytest.mark.parametrize("command", ["exit", "quit"])
def test_leaving_closes_the_session(lab, terminal, command):
    terminal.send(command + "\n")
    assert "admin:" not in terminal.closed()


def test_a_wrong_password_is_refused_and_three_lock_the_account(world, lab, tmp_path):
    node = world.node("us-cm-pub")
    for _attempt in range(3):
        with pytest.raises(paramiko.AuthenticationException):
            connect(node, tmp_path, password="wrong")
    with pytest.raises(paramiko.AuthenticationException):
        connect(node, tmp_path)
    assert journal(world)[-1] == ("login", "read", "account is locked")
    assert PASSWORD not in str(world.journal.entries()) and "wrong'" not in str(world.journal.entries())
    lab[0].call(lambda: world.clock.advance(301))
    connect(node, tmp_path).close()


def test_the_lock_can_be_mutated_away(world, lab, tmp_path):
    world.mutated.add("cli_account_lockout")
    for _attempt in range(3):
        with pytest.raises(paramiko.AuthenticationException):
            connect(world.node("us-cm-pub"), tmp_path, password="wrong")
    connect(world.node("us-cm-pub"), tmp_path).close()


def test_ten_sessions_and_no_more(world, lab, tmp_path):
    clients = [connect(world.node("us-cm-pub"), tmp_path) for _each in range(11)]
    held = [client.invoke_shell() for client in clients[:10]]
    with pytest.raises(paramiko.SSHException):
        clients[10].invoke_shell()
    held[0].close()
    clients[0].close()
    for client in clients:
        client.close()


def test_no_exec_channel_and_no_sftp(world, lab, tmp_path):
    client = connect(world.node("us-cm-pub"), tmp_path)
    with pytest.raises(paramiko.SSHException):
        client.exec_command("show version active", timeout=5)
    with pytest.raises(paramiko.SSHException):
        client.open_sftp()
    refused = [entry for entry in journal(world) if entry[2] == "not offered"]
    assert [entry[0] for entry in refused] == ["exec", "subsystem sftp"]
    client.close()


def test_a_restart_cuts_the_session(lab, terminal):
    running, servers = lab
    running.call(servers["us-cm-pub"].drop)
    assert terminal.closed() == ""


def test_a_fault_before_the_command_drops_the_session(world, terminal):
    world.faults.add({"action": "drop", "channel": "vos_cli", "operation": "show version active"})
    terminal.send("show version active\n")
    assert "15.0.1" not in terminal.closed()
    assert journal(world)[-1] == ("show version active", "read", "fault drop")


def test_a_fault_after_the_command_loses_the_prompt(world, terminal):
    world.faults.add({"action": "drop", "channel": "vos_cli", "operation": "show version active", "phase": "after"})
    terminal.send("show version active\n")
    assert not terminal.closed().endswith("admin:")
    assert world.journal.entries()[-1].detail["fault"] == "drop"


def test_variant_prompt_with_escape_sequence(world, lab, tmp_path):
    world.set_variant("cli_prompt", "ansi")
    client = connect(world.node("us-cm-pub"), tmp_path)
    typist = Typist(client)
    typist.until("admin:")
    assert typist.run("", end="admin:").endswith("\r\x1b[Kadmin:")
    client.close()


def test_variant_prompt_only_after_enter(world, lab, tmp_path):
    world.set_variant("cli_login_nudge", "needed")
    client = connect(world.node("us-cm-pub"), tmp_path)
    typist = Typist(client)
    typist.until("GHz\r\n\r\n")
    typist.send("\r")
    assert typist.until("admin:").endswith("admin:")
    client.close()


def test_variant_two_enters(world, lab, tmp_path):
    world.set_variant("cli_crlf", "two-enters")
    client = connect(world.node("us-cm-pub"), tmp_path)
    typist = Typist(client)
    typist.until("admin:")
    typist.send("show version active\r\n")
    assert typist.until("\r\n\radmin:\r\n\radmin:").count("admin:") == 2
    client.close()


def test_variant_second_kind_of_pager(world, lab, tmp_path):
    world.set_variant("cli_pager", "options")
    client = connect(world.node("us-cm-pub"), tmp_path)
    typist = Typist(client)
    typist.until("admin:")
    typist.send("show status\n")
    assert re.search(r"options: q=quit, n=next, p=prev, b=begin, e=end \(lines \d+ - \d+ of \d+\) : ", typist.until(" : \x1b[0m"))
    typist.send("n")
    typist.until("admin:")
    client.close()


def test_variant_wrapped_echo(world, lab, tmp_path):
    world.set_variant("cli_echo_wrap", "wrapped")
    client = connect(world.node("us-cm-pub"), tmp_path)
    typist = Typist(client, width=40)
    typist.until("admin:")
    assert " \r" in typist.run("show version active and a rather long rest of a line")
    client.close()


def test_the_user_name_counts(world, lab, tmp_path):
    with pytest.raises(paramiko.AuthenticationException):
        connect(world.node("us-cm-pub"), tmp_path, user=USER + "x")


def test_a_session_that_ends_in_a_question_is_noted(world, terminal):
    terminal.send("utils ctl set-cluster mixed-mode\n")
    terminal.until("(y/n):")
    terminal.channel.close()
    for _look in range(200):
        if journal(world)[-1] == ("utils ctl set-cluster mixed-mode", "write", "session ended"):
            return
        time.sleep(0.02)
    raise AssertionError(journal(world)[-1])
