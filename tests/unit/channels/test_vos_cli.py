# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line over SSH: login, typing, dialogues, and what is known when it breaks."""
from __future__ import annotations

import socket
import time

import paramiko
import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import vos_cli
from ansible_collections.collab.security.plugins.plugin_utils.channels import vos_ssh
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .conftest import FQDN
from .stub_cli import Cli

PASSWORD = "stub-platform-password"
PEM = "-----BEGIN CERTIFICATE-----\n" + "\n".join(("%02d" % n) + "A" * 62 for n in range(12)) + "\n-----END CERTIFICATE-----\n"


@pytest.fixture
def cli():
    server = Cli(PASSWORD)
    yield server
    server.close()


@pytest.fixture
def channel(cli, tmp_path):
    """make(**options) gives a channel to the stub; all are closed at the end."""
    made = []

    def make(**more):
        options = {"host": "127.0.0.1", "fqdn": FQDN, "port": cli.port, "remote_user": "osadmin", "password": PASSWORD,
                   "known_hosts": cli.known_hosts(tmp_path / "known_hosts")}
        made.append(vos_cli.Channel(dict(options, **more).get))
        return made[-1]

    yield make
    for one in made:
        one.close()


def failing(channel, *arguments, left=15, **more):
    with pytest.raises(NodeError) as caught:
        channel.run(left, *arguments, **more)
    return caught.value


# -- login -----------------------------------------------------------------------------------------------------------
def test_one_session_is_kept_and_logged_out_of(cli, channel):
    cli.commands["show version active"] = "Active Master Version: 15.0.1.11900-40\n"
    made = channel()
    for _time in range(3):
        assert made.run(15, "show version active") == {"output": "Active Master Version: 15.0.1.11900-40"}
    assert cli.sessions == 1 and cli.logins == [(PASSWORD,)] and cli.pty[0] == "vt100" and cli.pty[1] >= 200
    made.close()
    assert cli.typed == ["set cli pagination off"] + ["show version active"] * 3 + ["exit"]


def test_others_may_log_in_as_soon_as_the_login_is_taken(cli, channel):
    accepted = []
    cli.commands["slow"] = lambda session: accepted.append("ran")
    made = channel()
    made.accepted = lambda: accepted.append("accepted")
    made.run(15, "slow")
    assert accepted == ["accepted", "ran"]


def test_a_node_that_waits_for_enter_gets_it_and_its_second_prompt_is_no_answer(cli, channel, monkeypatch):
    monkeypatch.setattr(vos_ssh, "NUDGE", 0.3)
    cli.needs_enter, cli.commands["one"], cli.commands["two"] = True, "1\n", "2\n"
    made = channel()
    assert (made.run(15, "one")["output"], made.run(15, "two")["output"]) == ("1", "2")


def test_a_server_with_plain_passwords_only_is_served_too(cli, channel):
    cli.auths, cli.commands["one"] = "password", "1\n"
    assert channel().run(15, "one")["output"] == "1" and cli.logins == [(PASSWORD,)]


def test_a_refused_login_is_one_attempt(cli, channel):
    error = failing(channel(password="wrong"), "one")
    assert error.kind == "auth" and "check ansible_user and ansible_password" in str(error) and "wrong" not in str(error)
    assert cli.logins == [("wrong",)]


def test_a_login_that_asks_for_more_gets_no_more(cli, channel):
    cli.expired = True
    error = failing(channel(), "one")
    assert error.kind == "auth" and "New password" in str(error) and cli.logins == [(PASSWORD,)]


def test_host_keys_come_from_the_file_alone(cli, channel, tmp_path):
    other = cli.known_hosts(tmp_path / "other", paramiko.RSAKey.generate(2048))
    empty = tmp_path / "empty"
    empty.touch()
    for path, words in ((other, "the host key is wrong"), (str(empty), "is not in collab_known_hosts"), (str(tmp_path / "none"), "cannot be read"),
                        (None, "collab_known_hosts must name a file")):
        error = failing(channel(known_hosts=path), "one")
        assert error.kind == "unreachable" and words in str(error)
    assert cli.logins == []
    assert "ssh-keyscan -p %d 127.0.0.1" % cli.port in str(failing(channel(known_hosts=str(empty)), "one"))


def test_nobody_there(cli, channel):
    cli.listener.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        cli.port = free.getsockname()[1]
        error = failing(channel(), "one")
    assert error.kind == "unreachable" and "ansible_host and ansible_port" in str(error)


# -- commands --------------------------------------------------------------------------------------------------------
def test_a_failed_command_is_refused_and_the_session_kept(cli, channel):
    cli.commands["set cert regen x"], cli.commands["one"] = "Certificate x is not known\nExecuted command unsuccessfully\n", "1\n"
    made = channel()
    error = failing(made, "set cert regen x")
    assert (error.kind, error.keep) == ("refused", True) and "Certificate x is not known" in str(error)
    assert "No valid command entered" in str(failing(made, "nonsense"))
    assert made.run(15, "one")["output"] == "1" and cli.sessions == 1


def test_output_with_prompts_colons_and_terminal_codes_in_it(cli, channel):
    text = "To: x\nadmin: is the user\n  admin:\n\x1b[1mBold\x1b[0m Issuer Name:\nlast line?\n"
    cli.commands["show"] = text
    assert channel().run(15, "show")["output"] == "To: x\nadmin: is the user\n  admin:\nBold Issuer Name:\nlast line?"


def test_dropped_characters_are_never_entered(cli, channel):
    cli.commands["run sql select name from device where name = 'SEP0011AABB0001' order by name"] = "1\n"
    made = channel()
    made.run(15, "set cli pagination off")
    cli.drop = 3
    assert made.run(30, "run sql select name from device where name = 'SEP0011AABB0001' order by name")["output"] == "1"
    assert set(cli.typed) <= {"set cli pagination off", *cli.commands, "exit", ""}         # nothing mutilated was ever run
    assert made.piece == 1


def test_a_session_that_ended_meanwhile_is_opened_anew_once(cli, channel):
    cli.commands["one"], cli.commands["leave"] = "1\n", lambda session: (session.out("bye\n\nadmin:"), time.sleep(0.3), "drop")[2]
    made = channel()
    made.run(15, "leave")
    time.sleep(0.5)
    assert made.run(15, "one")["output"] == "1" and cli.sessions == 2


def test_a_session_that_ends_under_a_command_is_lost(cli, channel):
    cli.commands["utils system restart"] = lambda session: (session.out("Appliance is being Restarted ...\n"), "drop")[1]
    made = channel()
    error = failing(made, "utils system restart")
    assert error.kind == "lost" and "may have been done" in str(error) and "Restarted" in error.detail["output"]
    assert cli.typed.count("utils system restart") == 1
    cli.commands["one"] = "1\n"
    assert made.run(15, "one")["output"] == "1"


def test_a_command_that_takes_too_long_is_lost_and_its_session_left(cli, channel):
    cli.commands["slow"], cli.commands["one"] = lambda session: time.sleep(3), "1\n"
    made = channel()
    made.run(15, "set cli pagination off")
    assert failing(made, "slow", left=1).kind == "lost"
    assert made.run(15, "one")["output"] == "1" and cli.sessions == 2


def test_a_command_is_one_line(cli, channel):
    assert "one line" in str(failing(channel(), "show a\nutils system restart")) and cli.typed == []


# -- dialogues -------------------------------------------------------------------------------------------------------
def question(text, heard, enter=True):
    """A command that asks, keeps what it hears, and says so."""
    def action(session):
        session.out(text)
        heard.append(session.line() if enter else session.key())
        session.out("\nheard\n")
    return action


@pytest.mark.parametrize("text, answer, enter", [
    ("Do you want to continue? (y/n):", "y", True), ("Continue (y/n)?", "y", False), ("Enter (yes/no)? ", "yes", True),
    ("Proceed with regeneration (yes|no)? ", "yes", True),
])
def test_questions_are_answered_key_by_key(cli, channel, text, answer, enter):
    heard = []
    cli.commands["ask"] = question("WARNING: think twice\n" + text, heard, enter)
    output = channel().run(15, "ask", answers=[{"prompt": r"\(y/n\)|\(yes[/|]no\)", "answer": answer, "enter": enter}])["output"]
    assert heard == [answer] and "heard" in output and "think twice" in output


def test_answers_come_in_the_order_of_the_questions(cli, channel):
    heard = []

    def two(session):
        question("Password: ", heard)(session)
        question("Continue (y/n)?", heard)(session)
    cli.commands["ask"] = two
    channel().run(15, "ask", answers=[{"prompt": r"\(y/n\)", "answer": "y"}, {"prompt": "password:", "answer": "secret"}])
    assert heard == ["secret", "y"]


def test_an_unknown_question_is_not_answered_and_the_session_ended(cli, channel):
    heard = []
    cli.commands["ask"], cli.commands["one"] = question("This erases everything. Continue (y/n)? ", heard), "1\n"
    made = channel()
    error = failing(made, "ask", answers=[{"prompt": "something else", "answer": "y"}])
    assert (error.kind, error.keep) == ("refused", False) and "This erases everything. Continue (y/n)?" in str(error) and "nothing was answered" in str(error)
    assert error.detail["question"] == "This erases everything. Continue (y/n)?"
    assert made.run(15, "one")["output"] == "1" and heard == [] and cli.sessions == 2


def test_the_pager_is_turned_over(cli, channel):
    def pages(session):
        session.out("first\nPress <enter> for 1 line, <space> for one page, or <q> to quit")
        assert session.key() == " "
        session.out("\r\nsecond\n")
    cli.commands["show long"] = pages
    assert channel().run(15, "show long")["output"].split() == ["first", "second"]


@pytest.mark.parametrize("echo", [True, False])
def test_a_certificate_is_pasted_line_by_line(cli, channel, echo, monkeypatch):
    pasted = []

    def paste(session):
        session.dropping = False
        session.out("Paste the Certificate and Hit Enter\n")
        while not pasted or "END CERTIFICATE" not in pasted[-1]:
            pasted.append(session.line(echo))
        session.line(echo)
        session.out("\nSuccessfully imported certificate for tomcat.\n")
    cli.commands["set cert import trust tomcat"] = paste
    output = channel().run(40, "set cert import trust tomcat", paste=PEM)["output"]
    assert pasted == PEM.splitlines() and "Successfully imported certificate for tomcat." in output
