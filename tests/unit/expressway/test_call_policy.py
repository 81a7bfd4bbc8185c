# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call policy: the mode is set and proven, the rules are pending, another's policy stays."""
from __future__ import annotations

import types

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.expressway import call_policy
from ansible_collections.collab.security.plugins.plugin_utils.expressway import sides
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

RULES = [{"source": "DefaultZone", "pattern": "9.*", "action": "Reject"}]
MODE = "Policy AdministratorPolicy Mode"


@pytest.fixture
def run(box, monkeypatch):
    """run(checked=, check=) -> Report. The XML document of the box says box.said, where that is set, else what is configured."""
    box.fqdn, box.said = "us-expe1.ent-pa.com", None

    def witness(document):
        assert document == "configuration"
        return {"Policy": [{"AdministratorPolicy": {"Mode": box.said or box.settings[MODE]}}]} if MODE in box.settings else None

    box.api_witness = witness

    monkeypatch.setattr(sides, "primary_of", lambda action: action.publisher)

    def go(checked=False, check=False):
        box.writes.clear()
        action = types.SimpleNamespace(report=Report(), publisher=box, cluster="us_expe", var=lambda name: "expressway_e", nodes={"us-expe1": box})
        call_policy.bring(action, RULES, checked, check)
        return action.report
    return go


def test_mode_is_set_once_and_rules_are_pending_until_a_person_says_so(box, run):
    report = run()
    assert box.writes == [("set", MODE, "LocalCPL")]
    assert [p["id"] for p in report.pendings] == ["expressway-call-policy-rules"]
    said = " ".join(report.pendings[0]["what_to_do"])
    assert "DefaultZone" in said and "9.*" in said and "Reject" in said and "us-expe1.ent-pa.com" in said
    again = run(checked=True)
    assert not again.changed and not again.pendings and not again.findings


def test_check_mode_writes_nothing(box, run):
    assert run(check=True).changed and not box.writes


@pytest.mark.parametrize("path", ["/common/callpolicy", "/edge/policy/call_policy"])
def test_a_resource_for_it_is_taken_before_the_command_line(box, run, path):
    """Wherever the box's own description has it."""
    box.offered[path] = {"methods": ["get", "put"], "keys": {"Mode": {"enum": ["Off", "LocalCPL"]}}}
    box.objects[path] = {"Mode": "Off"}
    box.said = "LocalCPL"
    run()
    assert box.writes == [("PUT", path, {"Mode": "LocalCPL"})] and ("expressway_cli", "configuration") not in box.asked


@pytest.mark.parametrize("mode", ["PolicyService", "LocalService"])
def test_anothers_policy_is_reported_and_stays(box, run, mode):
    box.settings[MODE] = mode
    report = run()
    assert not report.changed and not box.writes
    assert [p["id"] for p in report.pendings] == ["expressway-call-policy"] and [f["before"] for f in report.findings] == [mode]


def test_two_interfaces_that_contradict_each_other_are_an_error(box, run):
    box.said = "Off"
    with pytest.raises(call_policy.Contradiction, match="LocalCPL.*Off"):
        run()


def test_a_mode_that_no_interface_shows_is_pending(box, run):
    del box.settings[MODE]
    report = run()
    assert not report.changed and {p["id"] for p in report.pendings} == {"expressway-no-interface", "expressway-call-policy-rules"}


def test_two_resources_of_that_name_are_none(box, run):
    for path in ("/common/callpolicy", "/edge/callpolicy"):
        box.offered[path] = {"methods": ["get", "put"], "keys": {"Mode": {"enum": ["Off", "LocalCPL"]}}}
    run()
    assert box.writes == [("set", MODE, "LocalCPL")]
