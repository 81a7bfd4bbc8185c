# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who reaches the PSTN, and the classification of its trunks."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.toll_fraud_audit import ActionModule as Audit
from ansible_collections.collab.security.plugins.action.trunk_call_classification import ActionModule as Classification
from ansible_collections.collab.security.plugins.plugin_utils.hardening.toll_fraud import BadNames

ARGS = {"pstn_trunks": ["US_CUBE"], "inbound_trunks": ["US_EXPRESSWAY"], "voice_mail_trunks": ["US_UNITY"], "cdr_monitor": "the fraud desk"}


def found(result):
    return {(row["object"], row["step"]) for row in result["findings"]}


def test_a_restrictive_plan_has_no_finding(world):
    result = world.run(Audit, ARGS)
    assert result["findings"] == [] and result["pending"] == [] and not result["changed"] and world.cluster.writes == []
    assert result["pstn"] == {"PSTN_INTL": ["9.011!"], "PSTN_NATL": ["9.1[2-9]XX!"]}, "by route list and by local route group; blocked patterns do not count"
    assert result["spaces"]["US_CUBE"]["inbound"] == {"space": "CSS_IN", "partitions": ["DN", "<None>"]}


def test_each_class_is_read_once(world):
    world.run(Audit, ARGS)
    listed = [op for op in world.cluster.asked if op.startswith("list")]
    assert len(listed) == len(set(listed)) and world.cluster.asked.count("getCss") == 2 and world.cluster.asked.count("getRoutePattern") == 3


@pytest.mark.parametrize("trunk, element, step", [
    ("US_CUBE", "callingSearchSpaceName", "tf-inbound-css"), ("US_CUBE", "rerouteCallingSearchSpaceName", "tf-inbound-css"),
    ("US_EXPRESSWAY", "callingSearchSpaceName", "tf-inbound-css"), ("US_UNITY", "rerouteCallingSearchSpaceName", "tf-cuc-css")])
def test_a_trunk_that_reaches_the_pstn(world, make, trunk, element, step):
    world.cluster.row("sipTrunk", trunk)[element] = make.ref("CSS_INTL")
    result = world.run(Audit, ARGS)
    assert found(result) == {(trunk, step)} and "PSTN_INTL (9.011!)" in result["findings"][0]["message"] and result["findings"][0]["severity"] == "high"


def test_a_pstn_pattern_in_no_partition_is_reached_by_every_trunk(world, make):
    world.cluster.tables["routePattern"].append(make.pattern("9.911", "", gateway="US_CUBE"))
    result = world.run(Audit, ARGS)
    assert {row["object"] for row in result["findings"]} == {"US_CUBE", "US_EXPRESSWAY", "US_UNITY"}
    assert "is not set, and still reaches <None> (9.911)" in str(result["findings"])


def test_a_device_that_may_be_a_gateway(world, make):
    mgcp = "S0/SU0/DS1-0@us-gw1"
    world.cluster.tables["routePattern"].append(make.pattern("9.311", "PSTN_MGCP", gateway=mgcp))
    assert found(world.run(Audit, ARGS)) == {(mgcp, "tf-inbound-css")}
    result = world.run(Audit, {**ARGS, "pstn_gateways": [mgcp]})
    assert result["findings"] == [] and result["pstn"]["PSTN_MGCP"] == ["9.311"]


@pytest.mark.parametrize("given", [(), ("PSTN_INTL",)])
def test_a_translation_that_goes_on_to_the_pstn(world, make, given):
    world.cluster.tables["css"].append(make.members("CSS_CODES", {"routePartitionName": make.ref("CODES"), "index": "1"}))
    world.cluster.tables["transPattern"] += [make.translation("77", "CODES", "CSS_INTL"), make.translation("78", "DN", "CSS_CODES")]
    result = world.run(Audit, {**ARGS, "pstn_partitions": list(given)})
    assert result["pstn"]["CODES"] == ["77, a translation into CSS_INTL"] and result["pstn"]["DN"] == ["78, a translation into CSS_CODES"]
    assert {row["object"] for row in result["findings"]} == {"US_CUBE", "US_EXPRESSWAY", "US_UNITY"}, "all of them reach DN"


def test_translations_that_cannot_be_read_are_a_finding(world):
    world.cluster.refuse.add("listTransPattern")
    assert any("could not be read" in row["message"] and row["step"] == "tf-inbound-css" for row in world.run(Audit, ARGS)["findings"])


def test_partitions_that_the_operator_names_are_not_looked_for(world, make):
    world.cluster.row("sipTrunk", "US_CUBE")["callingSearchSpaceName"] = make.ref("CSS_INTL")
    result = world.run(Audit, {**ARGS, "pstn_partitions": ["PSTN_INTL"]})
    assert found(result) == {("US_CUBE", "tf-inbound-css")} and "getRoutePattern" not in world.cluster.asked


def test_voice_mail_reaches_only_what_it_needs(world, make):
    assert world.run(Audit, {**ARGS, "voice_mail_partitions": ["DN"]})["findings"] == []
    world.cluster.tables["css"][1]["members"]["member"].append({"routePartitionName": make.ref("BLOCKED"), "index": "2"})
    assert found(world.run(Audit, {**ARGS, "voice_mail_partitions": ["DN"]})) == {("US_UNITY", "tf-cuc-css")}


def test_without_names_nothing_is_all_clear(world):
    result = world.run(Audit, {"cdr_monitor": "x"})
    assert [row["id"] for row in result["pending"]] == ["pstn-not-named"] and result["pstn"] is None


@pytest.mark.parametrize("arguments, word", [
    ({"pstn_trunks": ["NO_TRUNK"]}, "NO_TRUNK"), ({"pstn_partitions": ["NO_PT"]}, "NO_PT"), ({"voice_mail_partitions": ["NO_PT"]}, "NO_PT"),
    ({"restricted_patterns": [{"pattern": "9!", "partition": "NO_PT"}]}, "NO_PT")])
def test_names_that_the_cluster_does_not_have(world, arguments, word):
    with pytest.raises(BadNames, match=word):
        world.run(Audit, arguments)


@pytest.mark.parametrize("operation, step", [
    ("getCss", "tf-inbound-css"), ("listRoutePattern", "tf-inbound-css"), ("listCallManager", "tf-autoregistration"), ("listServiceParameter", "tf-cdr")])
def test_what_cannot_be_read_is_a_finding(world, operation, step):
    world.cluster.refuse.add(operation)
    result = world.run(Audit, ARGS)
    assert step in {row["step"] for row in result["findings"] if "could not be read" in row["message"]}


@pytest.mark.parametrize("place", ["line", "device", "pool", "no template"])
def test_auto_registration_that_reaches_the_pstn(world, make, place):
    setting = {"autoRegistrationEnabled": "true", "universalDeviceTemplate": make.ref("UDT"), "lineTemplate": make.ref("ULT")}
    world.cluster.tables["callManager"][0]["autoRegistration"] = setting
    assert [row["severity"] for row in world.run(Audit, ARGS)["findings"]] == ["low"]
    space = make.ref("CSS_INTL")
    if place == "line":
        world.cluster.tables["universalLineTemplate"][0]["callingSearchSpace"] = space
    elif place == "device":
        world.cluster.tables["universalDeviceTemplate"][0]["callingSearchSpace"] = space
    else:
        world.cluster.tables["devicePool"][0]["autoSearchSpaceName"] = space
        setting["universalDeviceTemplate"] = make.ref("UDT") if place == "pool" else None
    result = world.run(Audit, ARGS)
    assert [(row["severity"], row["step"]) for row in result["findings"]] == [("high", "tf-autoregistration")]


def test_codes_and_schedules_that_the_operator_wants(world):
    wanted = [{"pattern": "9.011!", "partition": "PSTN_INTL", "time_schedule": True}, {"pattern": "9!", "partition": "DN"}]
    result = world.run(Audit, {**ARGS, "restricted_patterns": wanted})
    assert {row["id"] for row in result["findings"]} == {"route-pattern-authorization", "route-pattern-schedule", "route-pattern-missing"}
    world.cluster.tables["routePattern"][1]["authorizationCodeRequired"] = "true"
    world.cluster.row("routePartition", "PSTN_INTL")["timeScheduleIdName"] = {"_value_1": "Office hours"}
    assert world.run(Audit, {**ARGS, "restricted_patterns": wanted[:1]})["findings"] == []


def test_call_detail_records(world):
    world.cluster.tables["serviceParameter"][0]["value"] = "F"
    del world.cluster.tables["serviceParameter"][1]
    result = world.run(Audit, {**ARGS, "cdr_monitor": ""})
    assert {(row["id"], row["object"]) for row in result["findings"]} == {("cdr-off", "us-cm-sub1"), ("cdr-unreadable", "us-cm-sub2")}
    assert [row["step"] for row in result["pending"]] == ["tf-cdr"]


# -- classification

GRANTED = {"trunks": ["US_CUBE"], "granted": True}


def test_classification_and_reset(world):
    assert world.run(Classification, GRANTED, check=True)["changed"] and world.cluster.writes == []
    result = world.run(Classification, GRANTED)
    assert world.cluster.writes == [("updateSipTrunk", {"name": "US_CUBE", "networkLocation": "OffNet"}), ("resetSipTrunk", {"name": "US_CUBE"})]
    assert result["findings"][0]["step"] == "tf-offnet" and world.owed().items() == []
    again = world.run(Classification, GRANTED)
    assert not again["changed"] and again["findings"] == []


def test_classification_is_not_done_without_leave_nor_without_names(world):
    assert "may not disturb trunks" in world.run(Classification, {"trunks": ["US_CUBE"]})["pending"][0]["reason"]
    assert world.run(Classification, {"granted": True})["pending"][0]["id"] == "pstn-not-named"
    with pytest.raises(BadNames, match="NO_TRUNK"):
        world.run(Classification, {"trunks": ["NO_TRUNK"], "granted": True})
    assert world.cluster.writes == []


def test_a_reset_that_an_earlier_run_owes_is_done(world):
    world.cluster.row("sipTrunk", "US_CUBE")["networkLocation"] = "OffNet"
    world.owed().add("reset:trunk:US_CUBE", ["us-cm-pub"], 1, "killed")
    world.run(Classification, GRANTED)
    assert [op for op, _arguments in world.cluster.writes] == ["resetSipTrunk"] and world.owed().items() == []
