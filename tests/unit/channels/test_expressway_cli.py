# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressway's command line over SSH, in the forms that its answers may have."""
from __future__ import annotations

import time

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import expressway_cli
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .conftest import FQDN
from .stub_cli import Cli
from .stub_cli import Session

PASSWORD = "stub-admin-password"
SECRET = "stub-credential-secret"
USAGE = "*h xCommand CredentialAdd\n   Name(r): <String>\n   Password(r): <Password>\n*h/end\n\nOK\n"
ERROR = '*r Result (status=Error): /\n   Cause: "%s"\n*r/end\n\nERROR\n'
UNKNOWN = ERROR % "Command not recognised"


class Prompt(Session):
    """A session of Expressway: a greeting, no prompt."""

    def run(self):
        self.out(self.cli.greeting)
        while True:
            command = self.line()
            self.cli.typed.append(command)
            action = self.cli.commands.get(command, UNKNOWN)
            if callable(action):
                if action(self) == "drop":
                    return
            else:
                self.out(action)


@pytest.fixture
def cli():
    server = Cli(PASSWORD, Prompt)
    server.auths, server.greeting = "password,keyboard-interactive", "\nWelcome\n\nOK\n"
    server.commands["xConfiguration SystemUnit Name"] = '*c xConfiguration SystemUnit Name: "us-expc1"\n*c/end\n\nOK\n'
    yield server
    server.close()


@pytest.fixture
def channel(cli, tmp_path):
    """make(**options) gives a channel to the stub; all are closed at the end."""
    made = []

    def make(**more):
        options = {"host": "127.0.0.1", "fqdn": FQDN, "port": cli.port, "remote_user": "admin", "password": PASSWORD,
                   "known_hosts": cli.known_hosts(tmp_path / "known_hosts")}
        made.append(expressway_cli.Channel(dict(options, **more).get))
        return made[-1]

    yield make
    for one in made:
        one.close()


def failing(function, *arguments, left=15, **more):
    with pytest.raises(NodeError) as caught:
        function(left, *arguments, **more)
    return caught.value


# -- login -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("auths", ["password", "keyboard-interactive", "password,keyboard-interactive"])
@pytest.mark.parametrize("greeting", ["\nWelcome to\nTANDBERG Video Communication Server X15.4.0\n\nOK\n", "\nOK\n", ""])
def test_one_login_whatever_the_server_takes_and_begins_with(cli, channel, auths, greeting):
    cli.auths, cli.greeting = auths, greeting
    cli.commands["xConfiguration Alternates Cluster Name"] = '*c xConfiguration Alternates Cluster Name: "us-expc.ent-pa.com"\n\nOK\n'
    made = channel()
    for _time in range(2):
        assert made.configuration(15, "Alternates Cluster Name") == {"Alternates Cluster Name": "us-expc.ent-pa.com"}
    assert cli.logins == [(PASSWORD,)] and cli.sessions == 1


@pytest.mark.parametrize("auths", ["password", "keyboard-interactive", "password,keyboard-interactive"])
def test_a_refused_login_is_one_attempt(cli, channel, auths):
    cli.auths = auths
    error = failing(channel(password="wrong").configuration, "Alternates")
    assert error.kind == "auth" and "ansible_password" in str(error) and cli.logins == [("wrong",)]


def test_others_may_log_in_as_soon_as_the_login_is_taken(cli, channel):
    accepted = []
    cli.commands["xConfiguration A"] = lambda session: (accepted.append("ran"), session.out("*c xConfiguration A: 1\n\nOK\n"))[0]
    made = channel()
    made.accepted = lambda: accepted.append("accepted")
    made.configuration(15, "A")
    assert accepted == ["accepted", "ran"]


# -- reading ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("end", ["*c/end\n\nOK\n", "\nOK\n", "** end\n\nOK\n", "OK\n"])
@pytest.mark.parametrize("quote", ['"', ""])
def test_settings_in_every_form(cli, channel, end, quote):
    cli.commands["xConfiguration Zones DefaultZone"] = (
        "*c xConfiguration Zones DefaultZone Authentication Mode: %sDoNotCheckCredentials%s\n"
        "*c xConfiguration Zones DefaultZone SIP TLS Verify Mode: %sOff%s\n%s"
        % (quote, quote, quote, quote, end))
    assert channel().configuration(15, "Zones DefaultZone") == {"Zones DefaultZone Authentication Mode": "DoNotCheckCredentials",
                                                                "Zones DefaultZone SIP TLS Verify Mode": "Off"}


def test_values_with_colons_and_empty_ones(cli, channel):
    cli.commands["xConfiguration SIP"] = '*c xConfiguration SIP Advanced SipTlsVersions: "TLSv1.2:TLSv1.3"\n*c xConfiguration SIP Name: ""\n*c/end\n\nOK\n'
    assert channel().configuration(15, "SIP") == {"SIP Advanced SipTlsVersions": "TLSv1.2:TLSv1.3", "SIP Name": ""}


@pytest.mark.parametrize("answer", [UNKNOWN, UNKNOWN.replace("ERROR", "OK"), "Command not recognised\n\nERROR\n", "Command not recognised\n"])
def test_a_path_that_is_not_there(cli, channel, answer, monkeypatch):
    monkeypatch.setattr(expressway_cli, "SILENCE", 0.2)
    cli.commands["xConfiguration Nonsense"] = answer
    error = failing(channel().configuration, "Nonsense")
    assert error.kind == "absent" and error.keep and "Command not recognised" in str(error)


def test_a_slow_silent_answer_is_waited_for(cli, channel, monkeypatch):
    monkeypatch.setattr(expressway_cli, "SILENCE", 0.1)
    cli.commands["xConfiguration A"] = lambda session: (time.sleep(0.5), session.out("*c xConfiguration A: 1\n*c/end\n\nOK\n"))[1]
    cli.commands["xConfiguration B"] = "*c xConfiguration B: 2\n*c/end\n\nOK\n"
    made = channel()
    assert made.configuration(15, "A") == {"A": "1"} and made.configuration(15, "B") == {"B": "2"}


# -- writing ---------------------------------------------------------------------------------------------------------
def test_choices_and_numbers_stand_alone_and_texts_in_quotation_marks(cli, channel):
    for line in ('xConfiguration Zones Zone 1 Neighbor SIP Port: 5561', 'xConfiguration Zones Zone 1 Neighbor SIP Transport: TLS',
                 'xConfiguration Zones Zone 1 Name: "US trunk"', "xConfiguration Policy Text: '<a b=\"c\"/>'"):
        cli.commands[line] = "\nOK\n"
    made = channel()
    made.set(15, "Zones Zone 1 Neighbor SIP Port", 5561)
    made.set(15, "Zones Zone 1 Neighbor SIP Transport", "TLS")
    made.set(15, "Zones Zone 1 Name", "US trunk")
    made.set(15, "Policy Text", '<a b="c"/>')
    assert len(cli.typed) == 5


def test_the_other_way_of_quoting_is_tried_where_the_first_is_refused(cli, channel):
    cli.commands["xConfiguration A: Peculiar"] = "\nOK\n"
    cli.commands['xConfiguration A: "Peculiar"'] = ERROR % "must not stand in quotation marks"
    assert channel().set(15, "A", "Peculiar") == {} and cli.typed[1:] == ['xConfiguration A: "Peculiar"', "xConfiguration A: Peculiar"]


def test_a_refused_value_says_why_and_shows_no_secret(cli, channel):
    for line in ('xConfiguration Zones Zone 1 TraversalClient Authentication Password: "%s"' % SECRET,
                 "xConfiguration Zones Zone 1 TraversalClient Authentication Password: %s" % SECRET):
        cli.commands[line] = ERROR % ("'%s' is too short" % SECRET)
    error = failing(channel().set, "Zones Zone 1 TraversalClient Authentication Password", SECRET)
    assert error.kind == "refused" and "is too short" in str(error) and SECRET not in str(error) + str(error.detail)


@pytest.mark.parametrize("joined", [True, False])
def test_verbs_in_the_spelling_of_the_peer(cli, channel, joined):
    usage, verb = ("CredentialAdd", "ZoneAdd") if joined else ("Credential Add", "Zone Add")
    cli.commands["xCommand " + usage] = USAGE
    cli.commands['xCommand %s ZoneName: "US trunk" Type: Neighbor' % verb] = '*r ZoneAddResult (status=OK): /\n   ZoneId: "4"\n*r/end\n\nOK\n'
    made = channel()
    for name in ("ZoneAdd", "Zone Add"):
        assert made.command(15, name, {"ZoneName": "US trunk", "Type": "Neighbor"}) == {"ZoneId": "4"}
    assert cli.typed.count('xCommand %s ZoneName: "US trunk" Type: Neighbor' % verb) == 2 and cli.sessions == 1


def test_a_command_that_failed_is_not_tried_in_another_spelling(cli, channel):
    line = 'xCommand CredentialAdd Name: "a" Password: "%s"' % SECRET
    cli.commands["xCommand CredentialAdd"], cli.commands[line] = USAGE, ERROR % ("a: the name already exists, %s" % SECRET)
    error = failing(channel().command, "CredentialAdd", {"Name": "a", "Password": SECRET})
    assert error.kind == "refused" and "already exists" in str(error) and SECRET not in str(error) + str(error.detail) and cli.typed[-1] == line
    assert failing(channel().command, "NoSuch", {"A": 1}).kind == "absent"


def test_results_inside_results():
    text = "*r XResult (status=OK): /\n   Peer:\n      Address: \"a\"\n      State:\n         Now: Active\n   Id: 3\n*r/end\n\nOK\n"
    assert expressway_cli.results(text) == {"Peer Address": "a", "Peer State Now": "Active", "Id": "3"}


# -- what breaks -----------------------------------------------------------------------------------------------------
def test_a_session_that_ends_in_the_middle_is_lost_for_a_write_only(cli, channel):
    cli.commands["xConfiguration A: 1"] = cli.commands["xConfiguration A"] = lambda session: "drop"
    made = channel()
    assert failing(made.set, "A", 1).kind == "lost" and failing(made.configuration, "A").kind == "unreachable"
    assert cli.typed.count("xConfiguration A: 1") == 1


def test_a_session_that_ended_meanwhile_is_opened_anew_once(cli, channel):
    cli.commands["xConfiguration A"] = lambda session: (session.out("*c xConfiguration A: 1\n*c/end\n\nOK\n"), time.sleep(0.2), "drop")[2]
    made = channel()
    assert made.configuration(15, "A") == {"A": "1"}
    time.sleep(0.5)
    assert made.configuration(15, "A") == {"A": "1"} and cli.sessions == 2


def test_no_answer_in_time_is_lost(cli, channel):
    cli.commands["xConfiguration A: 1"] = lambda session: time.sleep(5)
    error = failing(channel().set, "A", 1, left=1)
    assert error.kind == "lost"


def test_a_command_is_one_line(cli, channel):
    assert failing(channel().set, "A", "x\nxCommand Boot").kind == "refused" and failing(channel().set, "A", "x" * 5000).kind == "refused"
    assert cli.typed == []
