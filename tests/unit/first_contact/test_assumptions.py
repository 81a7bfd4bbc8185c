# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The assumptions stand beside the ledger: every row that nobody is sure of is looked at, or said to be not readable and why."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import DIFFERS
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import HOLDS
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import NOT_SEEN
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import Answer
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import Assumption
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import Look
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import NotSeen
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import answers
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import judge
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import refused
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import says
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.looking import contact
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.looks import LOOKS
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.looks import every_look
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.looks import looks_of
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.unreadable import UNREADABLE

LEDGER = {row["id"]: row for row in yaml.safe_load((Path(__file__).resolve().parents[3] / "lab" / "fidelity.yaml").read_text(encoding="utf-8"))}
NO_NODES = {"certsrv", "public_ca", "ocsp", "vault", "acme", "dns"}       # certificate authorities and what stands behind them: not looked at
UNSURE = {name for name, row in LEDGER.items() if row["surface"] not in NO_NODES and (row["source"] == "inferred" or row.get("variant"))}
LOOKED_AT = {assumption.row for look in every_look() for assumption in look.assumptions}
NOT_READABLE = [name for names in UNREADABLE.values() for name in names]
# What is asked of a node: these operations of the channels only read, and these commands only show.
READING = {"axl": {"version", "ready", "lacking", "call", "sql"}, "serviceability": {"status", "devices"}, "certmgr": {"snapshot", "options"},
           "os_admin": {"read"}, "vos_cli": {"run"}, "cupi": {"page", "get"}, "expressway_api": {"resources", "offers", "read", "pem", "witness"},
           "expressway_cli": {"configuration", "spelling"}, "mmp": {"run"}, "cms_api": {"get"}, "ios_cli": {"show"}, "tls": {"probe"}}
COMMANDS = re.compile(r"(show|run sql select|utils (service list|dbreplication runtimestate|disaster_recovery history|sipOAuth-mode status|"
                      r"cuc encryption status)"
                      r"|version$|webadmin$|callbridge$|webbridge$|pki list$|database cluster status$|no such command$)")


def test_every_row_is_one_of_the_ledger() -> None:
    """An assumption is set beside the row that says where it comes from."""
    assert sorted((LOOKED_AT | set(NOT_READABLE)) - set(LEDGER)) == []


def test_every_unsure_row_is_looked_at_or_cannot_be_read() -> None:
    """None is forgotten, none is both, and none is there twice."""
    assert sorted(UNSURE - LOOKED_AT - set(NOT_READABLE)) == []
    assert sorted(LOOKED_AT & set(NOT_READABLE)) == []
    assert len(NOT_READABLE) == len(set(NOT_READABLE))


@pytest.mark.parametrize("look", every_look(), ids=lambda look: "%s %s" % (look.channel, look.request))
def test_looks_only_read(look) -> None:
    """By their operation, and where that could be anything, by what is asked for."""
    assert look.op in READING[look.channel]
    if look.op == "run" or look.channel == "ios_cli":
        assert COMMANDS.match(look.args["command"])
    if look.op == "call":
        assert look.args["operation"].startswith(("get", "list"))
    if look.op == "sql":
        assert look.args["query"].startswith("select first 1 ")


def test_what_is_asked_of_whom() -> None:
    """The publisher speaks for the cluster; the certificate API is of 14 and later, the API of a Meeting Server of its Call Bridge."""
    assert "axl" in {look.channel for look in looks_of("unified_cm", "15", ["publisher"])}
    assert {look.channel for look in looks_of("unified_cm", "12.5", ["subscriber"])} == {"serviceability", "tls", "vos_cli"}
    assert "certmgr" in {look.channel for look in looks_of("unified_cm", "14", ["subscriber"])}
    assert "cms_api" not in {look.channel for look in looks_of("meeting_server", "3.8", ["database"])}
    assert looks_of("tms", "15", ["primary"]) == [] and all(LOOKS.values())


HELLO = Assumption("cli-login", "it says hello", says("hello"), says("good day"))


@pytest.mark.parametrize(("assumption", "answer", "expected"), [
    (HELLO, Answer({"output": "hello"}), (HOLDS, None, True)),
    (HELLO, Answer({"output": "good day"}), (DIFFERS, "good day", True)),
    (HELLO, Answer({"output": "go\naway"}), (DIFFERS, "go away", False)),
    (HELLO, Answer(error=NodeError("unreachable", "no route")), (NOT_SEEN, "no route", False)),
    (HELLO, Answer(error=NodeError("auth", "refused")), (NOT_SEEN, "refused", False)),
    (HELLO, Answer(error=NodeError("refused", "unknown command")), (DIFFERS, "unknown command", False)),
    (HELLO, Answer(error=NodeError("refused", "not allowed", {"status": 403})), (NOT_SEEN, "not allowed", False)),
    (HELLO, Answer(error=NodeError("unreachable", "not there", {"status": 404})), (DIFFERS, "not there", False)),
    (Assumption("x", "", lambda a: a.value["none"]), Answer({}), (DIFFERS, "{}", False)),
    (Assumption("x", "", refused(404), refused(), fails=True), Answer(error=NodeError("absent", "no", {"status": 404})), (HOLDS, None, True)),
    (Assumption("x", "", refused(404), refused(), fails=True), Answer(error=NodeError("refused", "bad", {"status": 400})), (DIFFERS, "bad", True)),
    (Assumption("x", "", refused(404), refused(), fails=True), Answer(error=NodeError("lost", "gone")), (NOT_SEEN, "gone", False)),
    (Assumption("x", "", refused(404), refused(), fails=True), Answer({"output": "done"}), (DIFFERS, "done", False)),
])
def test_how_an_assumption_comes_out(assumption, answer, expected) -> None:
    """It holds, it differs (in a way that is known, or not), or this answer cannot show it."""
    assert judge(assumption, answer) == expected


def test_an_answer_that_cannot_show_it_says_why() -> None:
    """Nothing is concluded from an empty list."""
    def holds(answer):
        raise NotSeen("the list is empty")

    assert judge(Assumption("x", "", holds), Answer([])) == (NOT_SEEN, "the list is empty", False)


def test_a_long_answer_is_cut() -> None:
    """A result is read by people."""
    assert len(judge(HELLO, Answer({"output": "x" * 5000}))[1]) < 400


def test_a_channel_that_cannot_be_opened_is_tried_once_and_does_not_stop_the_others() -> None:
    """Accounts lock; and a node whose API is off still has a command line."""
    asked = []

    def ask(look):
        asked.append((look.channel, look.op))
        if look.channel == "axl":
            raise NodeError("auth", "the login was refused")
        return {"output": "hello"}

    looks = [Look("axl", "version", {}, (Assumption("a", "", answers),)), Look("axl", "ready", {}, (Assumption("b", "", answers),)),
             Look("vos_cli", "run", {"command": "show status"}, (HELLO,))]
    results, capture = contact(looks, ask, lambda: [{"kind": "answer", "text": "x"}])
    assert asked == [("axl", "version"), ("vos_cli", "run")]
    assert [one["result"] for one in results] == [NOT_SEEN, NOT_SEEN, HOLDS] and results[1]["seen"] == "the login was refused"
    assert [one["request"] for one in capture] == ["version", "show status"] and capture[0]["error"] == "the login was refused"


def test_a_service_that_answers_404_is_asked_the_next_thing() -> None:
    """One path that is not there says nothing of the others."""
    asked = []

    def ask(look):
        asked.append(look.op)
        raise NodeError("unreachable", "not there", {"status": 404})

    contact([Look("certmgr", op, {}, (Assumption("a", "", answers),)) for op in ("snapshot", "options")], ask, list)
    assert asked == ["snapshot", "options"]
