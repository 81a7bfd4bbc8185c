# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The MMP over SSH: the learned prompt, FAILURE lines, questions, and what is known when it breaks."""
from __future__ import annotations

import time

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import cms_sftp
from ansible_collections.collab.security.plugins.plugin_utils.channels import mmp
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .stub_cli import Cli
from .stub_cli import Session

PASSWORD = "stub-mmp-password"


class Mmp(Session):
    """A shell of the MMP."""

    def run(self):
        self.out("Welcome to the CMS\n%s> " % self.cli.hostname)
        while True:
            command = self.line()
            self.cli.typed.append(command)
            action = self.cli.commands.get(command, "")
            if callable(action):
                if action(self) == "drop":
                    return
            else:
                self.out(action)
            self.out("%s> " % self.cli.hostname)


@pytest.fixture
def cli():
    server = Cli(PASSWORD, Mmp)
    server.hostname = "us-cms1.ent-pa.com"
    yield server
    server.close()


@pytest.fixture
def channel(cli, tmp_path):
    options = {"host": "127.0.0.1", "fqdn": "us-cms1.ent-pa.com", "port": cli.port, "remote_user": "admin", "password": PASSWORD,
               "known_hosts": cli.known_hosts(tmp_path / "known_hosts")}
    made = mmp.Channel(options.get)
    yield made
    made.close()


def failing(channel, *arguments, **more):
    with pytest.raises(NodeError) as caught:
        channel.run(15, *arguments, **more)
    return caught.value


@pytest.mark.parametrize("hostname", ["CMS", "us-cms1.ent-pa.com", "cb1>"])
def test_prompt_is_learned_and_output_may_hold_one_like_it(cli, channel, hostname):
    cli.hostname = hostname
    cli.commands["syslog"] = "cli: command < pki list >\nother> \nlast\n"
    for _time in range(2):
        assert channel.run(15, "syslog", reading=True) == {"output": "cli: command < pki list >\nother> \nlast"}
    assert cli.sessions == 1


def test_command_without_output(cli, channel):
    assert channel.run(15, "webadmin certs a.key a.cer") == {"output": ""}
    assert cli.typed[-1] == "webadmin certs a.key a.cer"


@pytest.mark.parametrize("output", [
    "SUCCESS: Key and certificate pair match\nFAILURE: TLS port set but no certificates configured\n", "FAILURE: Streamer configuration not complete\n",
    "Unknown command\n", "Usage: webadmin certs <key> <crt>\n", "ERROR: no\n"])
def test_failure_lines_are_caught(cli, channel, output):
    cli.commands["webadmin enable"] = output
    error = failing(channel, "webadmin enable")
    assert error.kind == "refused" and error.detail["output"] == output.strip()
    cli.commands["version"] = "3.8\n"
    assert channel.run(15, "version", reading=True)["output"] == "3.8"
    assert cli.sessions == 1, "a refusal leaves the session in step"


def test_errors_that_are_only_shown_are_no_failure(cli, channel):
    cli.commands["database cluster status"] = "ERROR : certificate expired\nStatus : Error\n"
    assert "expired" in channel.run(15, "database cluster status", reading=True)["output"]


def ask(session):
    session.out("WARNING!!!\nAre you sure you wish to proceed? (Y/n)")
    session.cli.answers = session.line()
    session.out("Database cluster removal started...\n" if session.cli.answers == "Y" else "aborted\n")
    return None


def test_question_with_an_answer(cli, channel):
    cli.commands["database cluster remove"] = ask
    assert "removal started" in channel.run(15, "database cluster remove", answers=[{"prompt": r"\?|y\s*/\s*n", "answer": "Y"}])["output"]
    assert cli.answers == "Y"


def ask_above(session):
    session.out("WARNING!!!\nAre you sure you wish to proceed? (Y/n)\nThe contents of the database will be destroyed!\n")
    session.cli.answers = session.line()
    session.out("Started...\n" if session.cli.answers == "Y" else "aborted\n")


def test_a_question_with_more_below_it(cli, channel):
    """The cursor stands on an empty line. With an answer it is given once; without one the session ends."""
    cli.commands.update({"database cluster join 10.1.1.1": ask_above, "factory_reset app": ask_above})
    yes = [{"prompt": r"\?|y\s*/\s*n", "answer": "Y"}]
    assert "Started..." in channel.run(15, "database cluster join 10.1.1.1", answers=yes)["output"] and cli.answers == "Y"
    error = failing(channel, "factory_reset app")
    assert error.kind == "refused" and "Are you sure" in error.detail["question"] and cli.answers in ("Y", "")


def test_question_without_an_answer_ends_the_session(cli, channel):
    cli.commands["factory_reset app"] = ask
    error = failing(channel, "factory_reset app")
    assert error.kind == "refused" and "Are you sure" in error.detail["question"]
    assert not hasattr(cli, "answers") or cli.answers == ""


def test_session_that_ends_after_enter_is_lost(cli, channel):
    cli.commands["callbridge restart"] = lambda session: "drop"
    assert failing(channel, "callbridge restart").kind == "lost"
    assert cli.typed.count("callbridge restart") == 1, "it is never sent again"
    cli.commands["version"] = "2.9\n"
    assert channel.run(15, "version", reading=True)["output"] == "2.9"


def test_command_that_takes_too_long(cli, channel):
    cli.commands["backup snapshot x"] = lambda session: time.sleep(5)
    with pytest.raises(NodeError) as caught:
        channel.run(1.5, "backup snapshot x")
    assert caught.value.kind == "lost"


def test_a_command_is_one_line(cli, channel):
    assert "one line" in str(failing(channel, "webadmin disable\nfactory_reset full"))
    assert cli.sessions == 0


def test_wrong_password_is_tried_once(cli, channel):
    cli.password = "another"
    assert failing(channel, "version").kind == "auth"
    assert len(cli.logins) == 1


@pytest.mark.parametrize(("text", "output"), [
    ("pki list\nnames\n", "names"), ("pki li\nst\nnames\n", "names"), ("pki list", ""), ("names\n", "names"), ("pki list\n", "")])
def test_echo(text, output):
    """The command's echo goes, wherever the terminal broke it; what is no echo stays."""
    assert mmp.without_echo(text, "pki list") == output


@pytest.mark.parametrize("name", ["../x", "two.dots.key", "with blank.cer", "", "/etc", "-x"])
def test_file_names(name):
    """What cannot be a file's name there is refused before anything is opened."""
    with pytest.raises(NodeError, match="cannot be the name"):
        cms_sftp.Channel({}.get).get(5, name)
