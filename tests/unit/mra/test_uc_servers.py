# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that Expressway-C discovers, and what it knows of Unified CM."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.expressway_uc_servers import ActionModule as Servers
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.expressway import uc_server_kinds as kinds
from ansible_collections.collab.security.plugins.plugin_utils.expressway.uc_servers import BadServer
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from tests.unit.mra.boxes import C_ZONES
from tests.unit.mra.boxes import CUCM
from tests.unit.mra.boxes import IMP
from tests.unit.mra.boxes import ON_OFF

GRANTED = {"granted": True}
CM, PRESENCE, VOICE_MAIL = ({"Publisher": name + ".ent-pa.com", "AxlUsername": "svc-collab", "AxlPassword": "Secret-1", "TlsVerify": "On"}
                            for name in ("us-cm-pub", "us-imp-pub", "us-cuc-pub"))
BY_CLI = {"Address": "us-cuc-pub.ent-pa.com", "Username": "svc-collab", "Password": "Secret-1", "CertValidationDisabled": "Off"}
FIRST = [("c", "POST", CUCM, CM), ("c", "POST", IMP, PRESENCE), ("c", "UcxnConfigAdd", "us-cuc-pub.ent-pa.com", BY_CLI)]


def connected(world):
    """All servers are there, and clients may be connected."""
    world.run(Servers, GRANTED)
    world.c.single["/common/mra"]["Enabled"] = "On"
    world.c.rows[C_ZONES].append({"Name": "UC traversal"})
    world.forget()


def automatic(*patterns):
    """Zones that discovery makes."""
    return lambda path: [pattern % name for pattern in patterns for name in ("us-cm-sub1.ent-pa.com", "us-cm-sub2.ent-pa.com")] if path == CUCM else []


def test_each_server_is_added_with_verification_said_and_its_own_account(world):
    result = world.run(Servers, GRANTED)
    assert world.writes() == FIRST and "Secret-1" not in str(result)
    assert world.c.rows["ucxn"][0]["verified"] is True
    assert result["servers"]["Unified CM"] == [{"publisher": "us-cm-pub.ent-pa.com", "tls_verify": "On"}]
    assert {f["step"] for f in result["findings"]} == {"mra-verify-ucm", "mra-verify-imp", "mra-verify-cuc"}
    world.forget()
    assert not world.run(Servers, GRANTED)["changed"] and world.writes() == []
    assert all("Secret-1" not in file.read_text() for file in world.folder.rglob("*") if file.is_file())


def test_check_mode(world):
    assert len(world.run(Servers, GRANTED, check=True)["operations"]) == 3 and world.writes() == []
    assert not any(server.logins for server in world.servers.values())


def test_a_server_that_is_not_there_is_added_without_leave(world):
    assert world.run(Servers)["pending"] == [] and world.writes() == FIRST


def test_tls_verify_off_is_mended_by_deleting_and_adding_again_which_needs_leave(world):
    connected(world)
    world.c.rows[CUCM][0].update(TlsVerify="off", AesGcm="on")
    result = world.run(Servers)
    assert world.writes() == [] and [p["id"] for p in result["pending"]] == ["expressway-disruption"]
    assert "TLS verify is Off" in result["findings"][0]["message"]
    result = world.run(Servers, GRANTED)
    assert world.writes() == [("c", "DELETE", CUCM, {"Publisher": "us-cm-pub.ent-pa.com"}), ("c", "POST", CUCM, {**CM, "AesGcm": "on"})]
    assert result["impact"] and result["before"] != result["after"]


def test_a_release_that_changes_servers_in_place(world):
    connected(world)
    world.c.offers[CUCM] = {**world.c.offers[CUCM], "methods": ["get", "post", "put", "delete"]}
    world.c.rows[CUCM][0]["TlsVerify"] = "Off"
    world.run(Servers, GRANTED)
    assert world.writes() == [("c", "PUT", CUCM, CM)]


def test_a_server_listed_by_address_gets_its_name(world):
    connected(world)
    world.c.rows[CUCM][0]["Publisher"] = world.cm.host
    world.run(Servers, GRANTED)
    assert [what[1:3] for what in world.writes()] == [("DELETE", CUCM), ("POST", CUCM)] and world.c.rows[CUCM][0]["Publisher"] == "us-cm-pub.ent-pa.com"


def test_a_new_password_is_written_once(world):
    connected(world)
    world.servers["us-imp-pub"].account["application_password"] = "Secret-2"
    world.run(Servers, GRANTED)
    assert world.writes() == [("c", "DELETE", IMP, {"Publisher": "us-imp-pub.ent-pa.com"}), ("c", "POST", IMP, {**PRESENCE, "AxlPassword": "Secret-2"})]
    world.forget()
    assert not world.run(Servers, GRANTED)["changed"]


def test_without_a_record_readable_servers_stay_and_voice_mail_is_written_again(world):
    connected(world)
    (world.folder / "us_expc" / "written.json").unlink()
    result = world.run(Servers)
    assert world.writes() == [] and [p["object"] for p in result["pending"]] == ["Unity Connection server us-cuc-pub.ent-pa.com"]
    world.run(Servers, GRANTED)
    assert [what[1] for what in world.writes()] == ["UcxnConfigDelete", "UcxnConfigAdd"]


def test_voice_mail_by_rest_where_the_release_has_it(world):
    world.c.offers["/controller/server/ucxn"] = world.c.offers[IMP]
    world.c.rows["/controller/server/ucxn"] = []
    world.run(Servers, GRANTED)
    assert world.writes()[2] == ("c", "POST", "/controller/server/ucxn", VOICE_MAIL)


def test_a_resource_without_verification_is_not_used(world):
    world.c.offers[IMP] = {"methods": ["get", "post", "delete"], "keys": {k: v for k, v in world.c.offers[IMP]["keys"].items() if k != "TlsVerify"}}
    world.run(Servers, GRANTED)
    assert world.writes()[1] == ("c", "XMPPDiscovery", "us-imp-pub.ent-pa.com", {
        "Address": "us-imp-pub.ent-pa.com", "Axlusername": "svc-collab", "Axlpassword": "Secret-1", "CertValidationDisabled": "Off"})
    world.forget()
    assert not world.run(Servers, GRANTED)["changed"]


def test_a_certificate_that_does_not_verify_stops_before_the_deletion(world):
    connected(world)
    world.c.rows[CUCM][0]["TlsVerify"], world.cm.verifies = "Off", False
    with pytest.raises(BadServer, match=r"us-expc1 does not trust.*left as it is"):
        world.run(Servers, GRANTED)
    assert world.writes() == [] and world.cm.logins == 1


def test_a_refused_login_is_never_given_to_expressway(world):
    world.cm.refuses = True
    with pytest.raises(NodeError, match="refused"):
        world.run(Servers, GRANTED)
    assert world.writes() == [] and world.cm.logins == 1


def test_a_run_killed_between_deletion_and_addition_is_made_good_without_leave(world):
    connected(world)
    world.c.rows[CUCM][0]["TlsVerify"], world.c.kill_at = "Off", 1
    with pytest.raises(KeyboardInterrupt):
        world.run(Servers, GRANTED)
    assert world.c.rows[CUCM] == []
    world.c.kill_at = None
    world.forget()
    world.run(Servers)
    assert world.writes() == [("c", "POST", CUCM, CM)]


def test_a_lost_answer_is_read_back(world):
    world.c.fail[("POST", IMP)] = NodeError("lost", "no answer")
    with pytest.raises(NodeError, match="it was not done"):
        world.run(Servers, GRANTED)
    assert [what[2] for what in world.writes()].count(IMP) == 1


@pytest.mark.parametrize("change, message", [
    ({"fqdn": "192.0.2.9"}, "only by its full name"), ({"fqdn": "us-cm-pub"}, "only by its full name"), ({"account": {}}, "one is not set")])
def test_bad_servers_are_refused_before_anything_is_written(world, change, message):
    for name, value in change.items():
        setattr(world.cm, name, value)
    with pytest.raises(BadServer, match=message):
        world.run(Servers, GRANTED)
    assert world.writes() == []


def test_a_cluster_that_the_inventory_has_not(world):
    world.variables["collab_cm_cluster"] = "emea_cm"
    with pytest.raises(BadServer, match="must name a Unified CM cluster"):
        world.run(Servers, GRANTED)


def test_servers_of_nobody_are_told_and_left_alone(world):
    connected(world)
    world.c.rows[CUCM].append({"Publisher": "old-cm.ent-pa.com", "TlsVerify": "Off", "AxlUsername": "x", "nodes": [], "zones": []})
    world.c.rows[IMP].append({"Publisher": "us-imp-pub", "TlsVerify": "On", "AxlUsername": "svc-collab", "nodes": [], "zones": []})
    result = world.run(Servers, GRANTED)
    assert world.writes() == [] and len(result["pending"]) == 1
    assert {(f["object"], f["severity"]) for f in result["findings"]} == {
        ("Unified CM server old-cm.ent-pa.com", "high"), ("IM and Presence server us-imp-pub", "medium")}


def test_nothing_shows_the_servers(world):
    world.c.status = False
    result = world.run(Servers, GRANTED)
    assert world.writes() == FIRST[:2] and {p["id"] for p in result["pending"]} == {"expressway-uc-server", "expressway-discovery"}


# -- discovery

@pytest.mark.parametrize("pattern", ["CEOAuth %s", "CEOAuth-%s", "ceoauth %s"])
def test_sip_oauth_that_came_later_is_discovered_and_its_zones_are_proven(world, pattern):
    connected(world)
    world.cm.sql["ClusterSIPOAuthMode"], world.c.makes = "1", automatic(pattern)
    result = world.run(Servers)
    assert world.writes() == [] and len(result["pending"]) >= 1 and "SIP OAuth mode" in result["findings"][0]["message"]
    world.run(Servers, GRANTED)
    assert [what[1:3] for what in world.writes()] == [("DELETE", CUCM), ("POST", CUCM)]
    world.forget()
    result = world.run(Servers, GRANTED)
    assert not result["changed"] and result["findings"] == []


def test_before_release_14_the_ports_say_whether_sip_oauth_is_on(world):
    connected(world)
    world.cm.variables["collab_release"] = "12.5"
    assert not world.run(Servers, GRANTED)["changed"]
    world.servers["us-cm-sub2"].open, world.c.makes = {5091}, automatic("CEOAuth %s")
    assert world.run(Servers, GRANTED)["changed"]


def test_mixed_mode_and_nodes_that_came_later(world):
    connected(world)
    world.cm.sql["ClusterSecurityMode"], world.c.makes = "1", automatic("CEtls-%s")
    assert len(world.run(Servers, GRANTED, check=True)["operations"]) == 2
    world.run(Servers, GRANTED)
    world.c.rows[CUCM][0]["nodes"] = ["us-cm-sub1.ent-pa.com"]
    world.forget()
    result = world.run(Servers, GRANTED)
    assert any("us-cm-sub2.ent-pa.com is not known" in f["message"] for f in result["findings"])
    assert [what[1] for what in world.writes()] == ["DELETE", "POST"]


def test_zones_that_do_not_come_after_a_discovery_fail_the_run(world):
    world.cm.sql["ClusterSIPOAuthMode"] = "1"
    with pytest.raises(Stuck, match="us-expc1 has no zone for us-cm-sub1.ent-pa.com"):
        world.run(Servers, {**GRANTED, "timeout": 5})


def test_a_mode_that_only_ports_speak_of_is_discovered_once_and_told(world):
    connected(world)
    world.cm.variables["collab_release"], world.servers["us-cm-sub2"].open = "12.5", {5091}
    result = world.run(Servers, GRANTED)
    assert result["changed"] and "no zone for us-cm-sub1.ent-pa.com (SIP OAuth mode)" in result["pending"][0]["reason"]
    result = world.run(Servers, GRANTED)
    assert not result["changed"] and [p["id"] for p in result["pending"]] == ["expressway-automatic-zone"]


def test_a_node_that_unified_cm_knows_without_a_domain_is_not_waited_for(world):
    world.cm.sql["ClusterSecurityMode"], world.c.makes = "1", automatic("CEtls-%s")
    connected(world)
    world.c.rows[CUCM][0]["nodes"] = ["us-cm-sub1", "us-cm-sub2"]
    world.c.zones = {"CEtls-us-cm-sub1": "Failed", "CEtls-us-cm-sub2": "Failed"}
    result = world.run(Servers, GRANTED)
    assert not result["changed"] and "full names" in result["pending"][0]["what_to_do"][0]


def test_a_zone_that_fails_later_is_told_with_its_cause(world):
    world.cm.sql["ClusterSecurityMode"], world.c.makes = "1", automatic("CEtls-%s")
    connected(world)
    world.c.zones["CEtls-us-cm-sub2.ent-pa.com"] = "Failed"
    result = world.run(Servers, GRANTED)
    assert not result["changed"] and "CEtls-us-cm-sub2.ent-pa.com on us-expc1 is Failed" in result["pending"][0]["reason"]


# -- pure parts

def test_polarity_of_verification():
    assert kinds.verify_value("TlsVerify", True) == "On" and kinds.verify_value("CertValidationDisabled", True) == "Off"
    offer = {"methods": ["post"], "keys": {"Address": {}, "Username": {}, "Password": {}, "CertValidationDisabled": ON_OFF}}
    assert kinds.keys_of(offer)["verify"] == "CertValidationDisabled"
    assert kinds.from_row({"Address": "a", "CertValidationDisabled": "On"}).verify == "Off"
    assert kinds.from_row({"Address": "a", "CertValidationDisabled": "off"}).verify == "On"
    assert kinds.from_row({"Publisher": "a"}).verify is None
