# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is saved before a write, and what a rollback makes of it."""
from __future__ import annotations

import json

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.report import Report
from ansible_collections.collab.security.plugins.plugin_utils.undo import axl_objects
from ansible_collections.collab.security.plugins.plugin_utils.undo import ios_lines
from ansible_collections.collab.security.plugins.plugin_utils.undo import journal
from ansible_collections.collab.security.plugins.plugin_utils.undo import ways
from ansible_collections.collab.security.plugins.plugin_utils.undo import web_objects
from ansible_collections.collab.security.plugins.plugin_utils.undo.keeping import Keeper
from ansible_collections.collab.security.plugins.plugin_utils.undo.kinds import KINDS
from ansible_collections.collab.security.plugins.plugin_utils.undo.kinds import WRITES
from ansible_collections.collab.security.plugins.plugin_utils.undo.kinds import kind_of
from ansible_collections.collab.security.plugins.plugin_utils.undo.kinds import reversible
from ansible_collections.collab.security.plugins.plugin_utils.undo.past import fold

TRUNK = {"name": "T", "securityProfileName": {"_value_1": "Plain", "uuid": "{1}"}, "srtpAllowed": "f", "destinations": {"destination": [
    {"addressIpv4": "10.1.1.1", "addressIpv6": None, "port": "5060", "sortOrder": "1"}]}}
SWITCH = {"name": "T", "securityProfileName": "Plain - TLS", "srtpAllowed": "true", "destinations": {"destination": [
    {"addressIpv4": "10.1.1.1", "port": "5061", "sortOrder": "1"}]}}


class Node:
    """A publisher that has one trunk and one parameter."""

    name = "us-cm-pub"

    def __init__(self, workspace):
        self.variables = {"collab_workspace": str(workspace), "collab_cluster": "us_cm"}
        self.trunk, self.value, self.asked, self.broken = dict(TRUNK), "1", [], None

    def ask(self, channel, op, operation, arguments):
        self.asked.append((operation, arguments))
        if self.broken:
            raise self.broken
        if operation == "getSipTrunk":
            return {"return": {"sipTrunk": self.trunk}}
        return {"return": {"serviceParameter": [{"name": "P", "value": self.value, "service": "Enterprise Wide"}]}}


@pytest.fixture
def node(tmp_path):
    return Node(tmp_path)


def keeper(hidden=()):
    return Keeper(1, "collab.security.x", Report, set(hidden))


def saved(node):
    return journal.entries(node.variables["collab_workspace"], "us_cm")


def update(parameter="P", value="2"):
    return {"operation": "updateServiceParameter", "arguments": {"processNodeName": "EnterpriseWideData", "service": "Enterprise Wide", "name": parameter,
                                                                 "value": value}}


def test_an_update_is_saved_in_the_form_that_brings_it_back(node):
    keeper().before(node, "axl", "call", {"operation": "updateSipTrunk", "arguments": SWITCH})
    entry, = saved(node)
    assert entry["kind"] == "SipTrunk" and entry["key"] == {"name": "T"} and entry["act"] == "update"
    assert entry["before"] == {"securityProfileName": "Plain", "srtpAllowed": "f", "destinations": {"destination": [
        {"addressIpv4": "10.1.1.1", "port": "5060", "sortOrder": "1"}]}}
    assert node.asked == [("getSipTrunk", {"name": "T", "returnedTags": {"securityProfileName": "", "srtpAllowed": "", "destinations": {"destination": {
        "addressIpv4": "", "port": "", "sortOrder": ""}}}})]


def test_the_file_is_private_and_a_cut_line_costs_nothing_else(node):
    one = keeper()
    one.before(node, "axl", "call", update())
    path, = (one.journals["us_cm"].path.parent).glob("*.jsonl")
    assert path.stat().st_mode & 0o077 == 0
    with path.open("a", encoding="utf-8") as f:
        f.write('\n{"act": "upd')
    keeper().before(node, "axl", "call", update(value="3"))
    assert [e["after"]["value"] for e in saved(node)] == ["2", "3"] and {e["run"] for e in saved(node)} == {path.stem}


@pytest.mark.parametrize(("channel", "op", "arguments"), [
    ("axl", "call", {"operation": "listSipTrunk", "arguments": {}}), ("axl", "call", {"operation": "resetSipTrunk", "arguments": {"name": "T"}}),
    ("axl", "raw", {"operation": "listPhone", "arguments": {}}), ("axl", "raw_sql", {"query": "select"}), ("vos_cli", "run", {"command": "show ctl"}),
    ("vos_cli", "run", {"command": "utils service restart Cisco Tomcat"}), ("mmp", "run", {"command": "tls", "reading": True}),
    ("certmgr", "snapshot", {}), ("expressway_api", "read", {"path": "/api/x"}), ("serviceability", "control", {"action": "Restart", "services": ["x"]})])
def test_what_changes_no_state_is_not_saved(node, channel, op, arguments):
    keeper().before(node, channel, op, arguments)
    assert saved(node) == [] and node.asked == []


def test_a_request_asked_again_is_saved_once(node):
    one = keeper()
    for _time in range(3):
        one.before(node, "axl", "call", update())
    assert len(saved(node)) == 1


def test_no_secret_is_saved(node):
    keeper().before(node, "axl", "call", update("OnlineCAPassword", "hunter22"))
    keeper(["hunter22"]).before(node, "axl", "call", update("P", "hunter22"))
    keeper().before(node, "expressway_api", "write", {"method": "PUT", "path": "/api/credential", "body": {"Name": "x", "New_Password": "hunter22"}})
    assert [e["kind"] for e in saved(node)] == ["secret", "secret", "secret"]
    assert "hunter22" not in json.dumps(saved(node))


def test_what_cannot_be_read_is_said_to_be_lost_and_a_dead_node_stops(node):
    node.broken = NodeError("refused", "no such tag")
    keeper().before(node, "axl", "call", update())
    assert [(e["act"], e["kind"]) for e in saved(node)] == [("other", "unread")]
    node.broken = NodeError("unreachable", "gone")
    with pytest.raises(NodeError):
        keeper().before(node, "axl", "call", update(value="3"))
    assert len(saved(node)) == 1


def test_what_cannot_be_saved_is_not_changed(node, tmp_path):
    (tmp_path / "us_cm").write_text("no directory", encoding="utf-8")
    with pytest.raises(journal.SavedError, match="saved in .*us_cm/saved, and cannot be: Not a directory"):
        keeper().before(node, "axl", "call", update())


def test_without_a_workspace_nothing_is_saved(node):
    node.variables = {"collab_cluster": "us_cm"}
    keeper().before(node, "axl", "call", update())
    assert node.asked == []


def entry(before, after, act="update", kind="SipTrunk", name="T", at="2026-01-01T00:00:00Z", run="r1"):
    return {"at": at, "act": act, "kind": kind, "key": {"name": name}, "node": "n", "before": before, "after": after, "impact": [], "run": run}


def test_oldest_before_and_newest_after_the_last_change_first():
    pasts, lost = fold([entry({"a": "1"}, {"a": "2"}), entry(None, {"a": "1"}, "add", "PhoneSecurityProfile", "P"), entry({"a": "2"}, {"a": "3"}),
                        entry(None, {}, "other", "ctl", "utils ctl update CTLFile")])
    assert [(p.name, p.before, p.after, p.added) for p in pasts] == [("T", {"a": "1"}, {"a": "3"}, False), ("P", {}, {}, True)]
    assert lost == {"ctl": ["utils ctl update CTLFile on n"]}


@pytest.mark.parametrize(("present", "back", "foreign"), [
    ({"srtpAllowed": "t"}, {"srtpAllowed": "false"}, {}),           # as we wrote it, in another spelling
    ({"srtpAllowed": "f"}, {}, {}),                                 # as it was
    ({"srtpAllowed": "maybe"}, {}, {"srtpAllowed": "maybe"})])      # somebody else
def test_judged_by_what_is_there(present, back, foreign):
    (past,), _lost = fold([entry({"srtpAllowed": "false"}, {"srtpAllowed": "true"})])
    assert past.judge(present) == (back, foreign)


def test_destinations_are_compared_member_by_member():
    (past,), _lost = fold([entry({"destinations": TRUNK["destinations"]}, {"destinations": SWITCH["destinations"]})])
    assert past.judge({"destinations": SWITCH["destinations"]}) == ({"destinations": TRUNK["destinations"]}, {})
    assert past.judge({"destinations": axl_objects.shaped(TRUNK["destinations"], SWITCH["destinations"])}) == ({}, {})


def test_a_point_in_time_a_run_or_all():
    first, second = "2026-01-01T000000Z-7-70", "2026-01-02T000000Z-8-80"
    found = [entry({}, {}, at="2026-01-01T00:00:00Z", run=first), entry({}, {}, at="2026-01-02T00:00:00Z", run=second)]
    assert journal.since(found, "all") == found == journal.since(found, first)
    assert journal.since(found, second) == found[1:] == journal.since(found, "2026-01-01T12:00:00Z")
    assert journal.since(found, "2026-01-01T235959Z-8-80") == found[1:]         # the same run, by its file in another cluster
    assert journal.since(found, "2026-01-01T120000Z-9-90") == found[1:]         # a run that has changed nothing here
    with pytest.raises(journal.SavedError, match="'yesterday'.*Z-7-70 \\(1 changes.*Z-8-80"):
        journal.since(found, "yesterday")


def test_every_kind_has_a_row_and_a_way_by_hand():
    assert {kind for *_rule, kind in WRITES if kind} <= set(KINDS)
    assert all(row.label and bool(row.reason) == bool(row.advice) for row in KINDS.values())
    assert {*axl_objects.NOUNS, *(kind for way in ways.OTHERS for kind in way.KINDS)} == {kind for kind in KINDS if reversible(kind)}
    assert not reversible("FacInfo")        # a class that nobody has written a row for


@pytest.mark.parametrize(("channel", "op", "what", "kind"), [
    ("vos_cli", "run", "utils ctl set-cluster mixed-mode", "ctl"), ("vos_cli", "run", "set cert import own tomcat", "identity"),
    ("vos_cli", "run", "set csr gen tomcat", None), ("certmgr", "upload_trust", "tomcat", "trust"), ("expressway_api", "write", "/api/certs/csr", None),
    ("ios_cli", "configure", "", "ios"), ("cms_api", "put", "system/profiles", "cms"), ("mmp", "run", "callbridge restart", None),
    ("mmp", "run", "database cluster attach 10.1.1.1", "mmp_database"),
    ("cms_sftp", "put", "x.key", "mmp_file"), ("expressway_cli", "command", "ACMESettingsRead", None),
    ("expressway_api", "upload", "/certs/root", "trust"), ("expressway_api", "upload", "/certs/server", "identity")])
def test_what_is_written_elsewhere(channel, op, what, kind):
    assert kind_of(channel, op, what) == kind


def test_lines_of_a_router_are_saved_by_section():
    steps = [{"line": line} for line in ("ip ssh version 2", "voice service voip", "sip", "registrar server", "exit", "srtp", "exit", "dial-peer voice 1 voip",
                                         "session transport tcp tls", "exit")]
    assert ios_lines.written("ios_cli", "configure", {"steps": steps}) == ("update", ios_lines.LINES, {"name": ios_lines.NAME}, {
        "": ["ip ssh version 2"], "voice service voip / sip": ["registrar server"], "voice service voip": ["srtp"],
        "dial-peer voice 1 voip": ["session transport tcp tls"]})
    assert ios_lines.written("ios_cli", "configure", {"steps": [{"line": "crypto pki trustpoint X"}, {"line": "exit"}]}) is None
    secret = [{"line": line} for line in ("sip-ua", "retry invite 2", "authentication username x password 7 0822")]
    assert ios_lines.written("ios_cli", "configure", {"steps": secret})[3] == {"sip-ua": ["retry invite 2"]}


@pytest.mark.parametrize(("before", "entered", "now", "add", "remove"), [
    (["session transport tcp"], ["session transport tcp tls"], ["session transport tcp tls"], ["session transport tcp"], []),     # it takes its place
    ([], ["srtp"], ["srtp"], [], ["srtp"]),                                                       # ours, not there before
    (["registrar server"], ["no registrar server"], [], ["registrar server"], []),               # we took it away
    ([], ["srtp"], ["srtp", "preference 2"], [], ["srtp"]),                                      # of others: stays
    (["srtp"], ["srtp"], ["srtp"], [], []), ([], ["srtp"], [], [], [])])                          # as before
def test_only_our_lines_are_undone(before, entered, now, add, remove):
    assert ios_lines.back(before, entered, now) == (add, remove)


class Box:
    """An Expressway or Meeting Server with one answer for each question."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def ask(self, channel, op, **arguments):
        self.asked.append((channel, op, arguments))
        return self.answers.get(op)


@pytest.mark.parametrize(("channel", "op", "arguments", "answer", "found"), [
    ("expressway_api", "write", {"method": "PUT", "path": "/d", "body": {"Name": "b", "XmppFederation": "On"}},
     ("read", [{"Name": "a", "XmppFederation": "On"}, {"Name": "b", "XmppFederation": "Off"}]), {"XmppFederation": "Off"}),
    ("expressway_api", "write", {"method": "PUT", "path": "/mra", "body": {"Enabled": "On"}}, ("read", [{"Enabled": "Off", "Other": "1"}]), {"Enabled": "Off"}),
    ("expressway_api", "write", {"method": "PUT", "path": "/mra", "body": {"Enabled": "On"}}, ("read", [{"Other": "1"}]), None),
    ("expressway_cli", "set", {"path": "Policy AdministratorPolicy Mode", "value": "LocalCPL"},
     ("configuration", {"policy administratorpolicy mode": "Off"}), {"value": "Off"}),
    ("cms_api", "put", {"path": "system/profiles", "fields": {"callLegProfile": "7"}}, ("get", {"xml": "<profiles/>"}), {"callLegProfile": ""})])
def test_settings_of_other_products_are_read_and_written_back(channel, op, arguments, answer, found):
    act, kind, key, elements = web_objects.written(channel, op, arguments)
    box = Box(dict([answer]))
    assert act == "update" and web_objects.read(box, kind, key, elements) == found
    if found:
        web_objects.write(box, kind, key, found)
        sent = {**arguments, **{name: {**value, **found} for name, value in arguments.items() if isinstance(value, dict)},
                **({"value": found["value"]} if "value" in found else {})}
        assert box.asked[-1] == (channel, op, sent)


def test_what_was_made_by_name_can_be_removed_and_the_rest_is_left():
    act, kind, key, _none = web_objects.written("expressway_api", "write", {"method": "POST", "path": "/common/zone/dnszone", "body": {"Name": "x", "P": "y"}})
    box = Box({"read": [{"Name": "x"}]})
    assert act == "add" and web_objects.read(box, kind, key, {}) == {}
    web_objects.remove(box, kind, key)
    assert box.asked[-1] == ("expressway_api", "write", {"method": "DELETE", "path": "/common/zone/dnszone", "body": {"Name": "x"}})
    assert web_objects.read(Box({"read": [{"Name": ["w", "x"]}]}), kind, {"path": "/common/credential", "name": "x"}, {}) == {}
    assert web_objects.written("expressway_api", "write", {"method": "POST", "path": "/controller/server/cucm", "body": {"Publisher": "x"}}) is None
    assert web_objects.written("expressway_cli", "set", {"path": "Zones Zone 3 TraversalClient Port", "value": "7001"}) is None     # zones_by_number
