# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is planned for profiles and trunks, and that a planned state asks for nothing more."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils import sip_trunks
from ansible_collections.collab.security.plugins.plugin_utils.asking import axl
from ansible_collections.collab.security.plugins.plugin_utils.resources import sip_trunk
from ansible_collections.collab.security.plugins.plugin_utils.resources import sip_trunk_security_profile as profiles
from ansible_collections.collab.security.plugins.plugin_utils.resources.sip_trunk import BadTrunks

SUFFIX = " - TLS"


def survey(cluster, trunks=None, **more):
    return sip_trunks.survey(cluster, {"trunks": trunks, "exclude": [], "ca_file": "ca.pem", "suffix": SUFFIX, **more})


def carry_out(cluster, found):
    """Writes what a survey plans, as the two modules do."""
    for plan in found.profile_plans.values():
        if plan.differences:
            request = (profiles.PROFILE.add_request(plan.name, plan.wanted) if plan.actual is None
                       else profiles.PROFILE.update_request(plan.name, {element: after for element, before, after in plan.differences}))
            axl(cluster, request)
    for plan in found.trunk_plans.values():
        if plan.differences and not plan.waits:
            axl(cluster, sip_trunk.update_request(plan.name, plan.wanted, [element for element, before, after in plan.differences]))


def test_first_plan(cluster):
    found = survey(cluster)
    assert sorted(found.specs) == ["US_B2B", "US_CUBE", "US_GW", "US_UNITY"]
    assert list(found.presence) == ["US_IMP"]
    cube = found.profile_plans["CUBE Profile - TLS"]
    assert cube.wanted["x509SubjectName"] == "us-cube1.ent-pa.com,us-cube2.ent-pa.com"
    assert (cube.wanted["allowReplaceHeader"], cube.wanted["description"], cube.wanted["incomingPort"]) == ("true", "PSTN", "5061")
    assert found.profile_plans["Unity Profile - TLS"].names == {"us-cuc-ms.ent-pa.com"}
    assert found.profile_plans["B2B Profile - TLS"].port == 5561
    assert found.profile_plans["Gateway Profile - TLS"].blocked
    assert "no TLS listener" in found.trunk_plans["US_GW"].waits[0]
    assert found.trunk_plans["US_CUBE"].differences == [
        ("srtpAllowed", "false", "true"), ("destinations", ["10.0.0.1:5060", "10.0.0.2:5060"], ["10.0.0.1:5061", "10.0.0.2:5061"]),
        ("securityProfileName", "CUBE Profile", "CUBE Profile - TLS")]


def test_reading_writes_nothing(cluster):
    survey(cluster)
    assert cluster.writes == []


def test_a_planned_state_asks_for_nothing_more(cluster):
    carry_out(cluster, survey(cluster))
    again = survey(cluster)
    assert {name: plan.differences for name, plan in again.profile_plans.items() if plan.differences} == {}
    assert {name: plan.differences for name, plan in again.trunk_plans.items() if plan.differences and not plan.waits} == {}


def test_only_the_elements_of_table_7_12_are_sent(cluster):
    carry_out(cluster, survey(cluster))
    sent = [arguments for operation, arguments in cluster.writes if operation == "updateSipTrunk"]
    assert {arguments["name"] for arguments in sent} == {"US_CUBE", "US_UNITY", "US_B2B"}
    for arguments in sent:
        assert set(arguments) == {"name", "srtpAllowed", "destinations", "securityProfileName"}
    cube = next(arguments for arguments in sent if arguments["name"] == "US_CUBE")
    assert cube["destinations"] == {"destination": [{"addressIpv4": "10.0.0.1", "port": "5061", "sortOrder": "1"},
                                                    {"addressIpv4": "10.0.0.2", "port": "5061", "sortOrder": "2"}]}


def test_drift_is_mended_alone(cluster):
    carry_out(cluster, survey(cluster))
    cluster.row("sipTrunk", "US_UNITY")["srtpAllowed"] = "f"
    cluster.row("sipTrunkSecurityProfile", "CUBE Profile - TLS").update(x509SubjectName="us-cube2.ent-pa.com; us-cube1.ent-pa.com evil.ent-pa.com")
    found = survey(cluster)
    assert {n: p.differences for n, p in found.trunk_plans.items() if p.differences and not p.waits} == {"US_UNITY": [("srtpAllowed", "false", "true")]}
    assert [d[0] for d in found.profile_plans["CUBE Profile - TLS"].differences] == ["x509SubjectName"]


@pytest.mark.parametrize("written", [
    "us-cube1.ent-pa.com us-cube2.ent-pa.com", "us-cube2.ent-pa.com; US-CUBE1.ent-pa.com", "us-cube1.ent-pa.com:us-cube2.ent-pa.com"])
def test_subject_names_are_a_set(cluster, written):
    carry_out(cluster, survey(cluster))
    cluster.row("sipTrunkSecurityProfile", "CUBE Profile - TLS")["x509SubjectName"] = written
    assert survey(cluster).profile_plans["CUBE Profile - TLS"].differences == []


def test_a_silent_far_end_neither_changes_nor_forgets(cluster):
    carry_out(cluster, survey(cluster))
    del cluster.served["10.0.0.2", 5061]
    found = survey(cluster)
    assert found.profile_plans["CUBE Profile - TLS"].differences == []
    assert found.trunk_plans["US_CUBE"].differences == []
    assert not found.trunk_plans["US_CUBE"].proven


def test_one_silent_far_end_keeps_the_whole_trunk_back(cluster):
    del cluster.served["10.0.0.2", 5061]
    plan = survey(cluster).trunk_plans["US_CUBE"]
    assert "10.0.0.2:5061" in plan.waits[0] and "10.0.0.1" not in plan.waits[0]


def test_a_chain_that_does_not_hold(cluster, make):
    cluster.served["10.0.0.1", 5061] = (make["pem"]("us-cube1.ent-pa.com", "us-cube1.ent-pa.com"), False)
    plan = survey(cluster).trunk_plans["US_CUBE"]
    assert "not proven by the CA file" in plan.waits[0]


def test_a_name_that_is_not_the_expected_one(cluster):
    cluster.served["us-cuc-pub.ent-pa.com", 5061] = cluster.served["10.0.0.1", 5061]
    plan = survey(cluster).trunk_plans["US_UNITY"]
    assert "is for us-cube1.ent-pa.com, not for us-cuc-pub.ent-pa.com" in plan.waits[0]


def test_the_common_name_counts_for_a_sip_peer(cluster):
    found = survey(cluster, [{"name": "US_UNITY", "far_ends": [{"address": "us-cuc-pub.ent-pa.com", "server_name": "us-cuc-ms.ent-pa.com"}]}])
    assert found.trunk_plans["US_UNITY"].waits is None


def test_far_end_without_an_rsa_certificate(cluster):
    cluster.no_rsa.add(("10.0.0.1", 5061))
    assert survey(cluster).trunk_plans["US_CUBE"].waits is None


def test_names_can_be_demanded(cluster):
    found = survey(cluster, require_server_name=True)
    assert "no name to expect" in found.trunk_plans["US_CUBE"].waits[0]
    assert found.trunk_plans["US_UNITY"].waits is None


def test_a_subject_that_contradicts_the_certificate(cluster):
    plan = survey(cluster, [{"name": "US_UNITY", "subject_names": ["wrong.ent-pa.com"]}]).trunk_plans["US_UNITY"]
    assert plan.contradictions and "wrong.ent-pa.com" in plan.waits[0]


def test_a_subject_among_the_alternative_names_is_no_contradiction(cluster):
    plan = survey(cluster, [{"name": "US_UNITY", "subject_names": ["us-cuc-sub.ent-pa.com"]}]).trunk_plans["US_UNITY"]
    assert plan.contradictions == [] and plan.waits is None


def test_unknown_trunk_stops_before_any_probe(cluster):
    with pytest.raises(BadTrunks, match="US_CUBBE.*US_B2B, US_CUBE"):
        survey(cluster, [{"name": "US_CUBBE"}])
    assert cluster.probes == []


@pytest.mark.parametrize("value", ["US_IMP", "us_imp", "{US_IMP}"])
def test_presence_trunk_asked_for_is_an_error(cluster, value):
    cluster.tables["serviceParameter"][0]["value"] = value
    with pytest.raises(BadTrunks, match="presence trunk"):
        survey(cluster, [{"name": "US_IMP"}])


def test_trunk_to_an_im_and_presence_node_is_presence(cluster):
    cluster.tables["serviceParameter"] = []
    cluster.tables["processNode"].append({"name": "us-cuc-pub", "processNodeRole": "CUCM IM and Presence"})
    assert list(survey(cluster).presence) == ["US_UNITY"]


def test_far_end_that_is_no_destination(cluster):
    with pytest.raises(BadTrunks, match="10.9.9.9"):
        survey(cluster, [{"name": "US_CUBE", "far_ends": [{"address": "10.9.9.9"}]}])


def test_far_end_with_a_port_of_its_own(cluster):
    cluster.served["10.0.0.9", 5081] = cluster.served["10.0.0.1", 5061]
    found = survey(cluster, [{"name": "US_GW", "far_ends": [{"address": "10.0.0.9", "port": 5081, "server_name": "us-cube1.ent-pa.com"}]}])
    assert found.trunk_plans["US_GW"].differences[1] == ("destinations", ["10.0.0.9:5060"], ["10.0.0.9:5081"])


def test_same_subject_and_port_twice_is_blocked(cluster):
    cluster.served["10.0.0.9", 5061] = cluster.served["10.0.0.1", 5061]
    found = survey(cluster)
    assert found.profile_plans["CUBE Profile - TLS"].blocked is None
    assert "does not allow the same pair twice" in found.profile_plans["Gateway Profile - TLS"].blocked[0]
    assert "cannot be made" in found.trunk_plans["US_GW"].waits[0]


def test_another_port_lifts_the_clash(cluster):
    cluster.served["10.0.0.9", 5061] = cluster.served["10.0.0.1", 5061]
    found = survey(cluster, [{"name": "US_CUBE"}, {"name": "US_GW", "incoming_port": 5561}])
    assert [plan.blocked for plan in found.profile_plans.values()] == [None, None]
    assert found.profile_plans["Gateway Profile - TLS"].step("incomingPort")[0] == "trunk-incoming-port-b2b"


def test_port_that_a_plain_profile_uses(cluster):
    cluster.row("sipTrunkSecurityProfile", "Presence Profile")["incomingPort"] = "5061"
    assert "without TLS" in survey(cluster).profile_plans["CUBE Profile - TLS"].blocked[0]


def test_trunks_of_one_profile_share_its_twin(cluster):
    cluster.row("sipTrunk", "US_UNITY")["securityProfileName"] = "CUBE Profile"
    found = survey(cluster)
    assert found.profile_plans["CUBE Profile - TLS"].names == {"us-cube1.ent-pa.com", "us-cube2.ent-pa.com", "us-cuc-ms.ent-pa.com"}
    assert found.profile_plans["CUBE Profile - TLS"].trunks == ["US_CUBE", "US_UNITY"]


def test_one_profile_with_two_ports_is_an_error(cluster):
    cluster.row("sipTrunk", "US_UNITY")["securityProfileName"] = "CUBE Profile"
    with pytest.raises(BadTrunks, match="different incoming ports"):
        survey(cluster, [{"name": "US_CUBE", "incoming_port": 5061}, {"name": "US_UNITY", "incoming_port": 5062}])


def test_secure_profile_of_an_administrator_is_kept_and_its_names_are_added_to(cluster, make):
    cluster.tables["sipTrunkSecurityProfile"].append(make["profile"](
        "Handmade", securityMode="Encrypted", incomingTransport="TLS", outgoingTransport="TLS", incomingPort="5071", x509SubjectName="old.ent-pa.com"))
    cluster.row("sipTrunk", "US_UNITY")["securityProfileName"] = "Handmade"
    plan = survey(cluster).profile_plans["Handmade"]
    assert (plan.original, plan.port) == (None, 5071)
    assert plan.differences == [("x509SubjectName", "old.ent-pa.com", "old.ent-pa.com,us-cuc-ms.ent-pa.com")]


def test_twin_survives_its_original(cluster):
    carry_out(cluster, survey(cluster))
    cluster.tables["sipTrunkSecurityProfile"] = [row for row in cluster.rows("sipTrunkSecurityProfile") if row["name"] != "CUBE Profile"]
    assert survey(cluster).profile_plans["CUBE Profile - TLS"].differences == []


def test_name_too_long_for_the_field(cluster):
    cluster.row("sipTrunkSecurityProfile", "CUBE Profile")["name"] = "x" * 70
    cluster.row("sipTrunk", "US_CUBE")["securityProfileName"] = "x" * 70
    with pytest.raises(BadTrunks, match="at most 75"):
        survey(cluster)


def test_srv_destination_waits_for_its_targets(cluster):
    cluster.row("sipTrunk", "US_UNITY").update(destAddrIsSrv="true", destinations={"destination": {"addressIpv4": "ent-pa.com", "port": "0", "sortOrder": "1"}})
    assert "SRV record" in survey(cluster).trunk_plans["US_UNITY"].waits[0]
    found = survey(cluster, [{"name": "US_UNITY", "far_ends": [{"address": "us-cuc-pub.ent-pa.com"}]}])
    plan = found.trunk_plans["US_UNITY"]
    assert plan.waits is None and [d[0] for d in plan.differences] == ["srtpAllowed", "securityProfileName"]


def test_order_of_destinations_is_kept(cluster):
    listed = cluster.row("sipTrunk", "US_CUBE")["destinations"]["destination"]
    listed[0]["sortOrder"], listed[1]["sortOrder"] = "2", "1"
    carry_out(cluster, survey(cluster))
    sent = next(arguments for operation, arguments in cluster.writes if operation == "updateSipTrunk" and arguments["name"] == "US_CUBE")
    assert [(row["addressIpv4"], row["sortOrder"]) for row in sent["destinations"]["destination"]] == [("10.0.0.2", "1"), ("10.0.0.1", "2")]


def test_two_destinations_that_would_become_one(cluster):
    listed = cluster.row("sipTrunk", "US_CUBE")["destinations"]["destination"]
    listed[1].update(addressIpv4="10.0.0.1", port="5062")
    assert "same address and port" in survey(cluster).trunk_plans["US_CUBE"].waits[0]


def test_subject_field_refuses_what_it_cannot_hold():
    with pytest.raises(ValueError, match="not a name"):
        profiles.subject_field({"two words"})
    with pytest.raises(ValueError, match="4096"):
        profiles.subject_field({"%04d.%s" % (n, "x" * 60) for n in range(100)})


def test_encrypted_presence_is_seen(cluster):
    cluster.row("sipTrunkSecurityProfile", "Presence Profile")["securityMode"] = "Encrypted"
    assert sip_trunks.encrypted_presence(survey(cluster)) == ["US_IMP"]
