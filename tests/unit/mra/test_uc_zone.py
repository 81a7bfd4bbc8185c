# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Unified Communications traversal zone: both ends or neither."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.expressway_uc_zone import ActionModule as Zone
from ansible_collections.collab.security.plugins.plugin_utils.expressway.uc_zone import BadZone
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from tests.unit.mra.boxes import C_ZONES
from tests.unit.mra.boxes import E_ZONES
from tests.unit.mra.boxes import ENTERPRISE
from tests.unit.mra.boxes import PUBLIC

OPTIONS = {"username": "uc-traversal", "password": "Secret-7", "granted": True, "timeout": 5}
AT_C = {"Name": "UC traversal", "SIPPort": 7001, "AuthenticationMode": "DoNotCheckCredentials", "AuthenticationUserName": "uc-traversal",
        "AuthenticationPassword": "Secret-7", "PeerAddress": ["us-expe1.ent-pa.com", "us-expe2.ent-pa.com"]}
AT_E = {"Name": "UC traversal", "SIPPort": 7001, "AuthenticationMode": "DoNotCheckCredentials", "AuthenticationUserName": "uc-traversal",
        "SIPTLSVerifySubjectName": "us-expc.ent-pa.com"}


def there(world):
    """The zone is there, and clients may be connected."""
    world.run(Zone, OPTIONS)
    world.c.single["/common/mra"]["Enabled"] = "On"
    world.forget()


def test_both_ends_from_one_definition_expressway_e_first(world):
    result = world.run(Zone, {**OPTIONS, "granted": False})
    assert world.writes() == [("c", "POST", C_ZONES, AT_C), ("e", "POST", "/common/credential", {"Name": "uc-traversal", "Password": "Secret-7"}),
                              ("e", "POST", E_ZONES, AT_E)]
    assert [o["node"] for o in result["operations"]] == ["us-expe1", "us-expe1", "us-expc1"]
    assert "Secret-7" not in str(result) and result["zone"]["subject_name"] == "us-expc.ent-pa.com"
    world.forget()
    result = world.run(Zone, OPTIONS)
    assert not result["changed"] and world.writes() == [] and result["findings"] == []
    assert all("Secret-7" not in file.read_text() for file in world.folder.rglob("*") if file.is_file())


def test_check_mode(world):
    assert len(world.run(Zone, OPTIONS, check=True)["operations"]) == 3 and world.writes() == []


@pytest.mark.parametrize("side, path, key, value, step", [
    ("c", C_ZONES, "AuthenticationMode", "CheckCredentials", "mra-zone-c-auth"), ("e", E_ZONES, "AuthenticationMode", "CheckCredentials", "mra-zone-e-auth"),
    ("e", E_ZONES, "SIPTLSVerifySubjectName", "other.ent-pa.com", "mra-zone-e-subject"), ("e", E_ZONES, "SIPPort", 7003, "mra-zone-e-auth"),
    ("c", C_ZONES, "PeerAddress", ["192.0.2.1"], "mra-zone-c-auth")])
def test_drift_is_found_and_mended_alone_and_needs_leave(world, side, path, key, value, step):
    there(world)
    box = getattr(world, side)
    wanted, box.rows[path][0][key] = box.rows[path][0][key], value
    result = world.run(Zone, {**OPTIONS, "granted": False})
    assert world.writes() == [] and [p["id"] for p in result["pending"]] == ["expressway-disruption"]
    result = world.run(Zone, OPTIONS)
    assert world.writes() == [(side, "PUT", path, {"Name": "UC traversal", key: wanted})]
    assert step in [f["step"] for f in result["findings"]] and result["impact"]


def test_a_new_password_reaches_both_ends_once(world):
    there(world)
    world.run(Zone, {**OPTIONS, "password": "Secret-8"})
    assert world.writes() == [("c", "PUT", C_ZONES, {"Name": "UC traversal", "AuthenticationPassword": "Secret-8"}),
                              ("e", "PUT", "/common/credential", {"Name": "uc-traversal", "New_Password": "Secret-8"})]
    world.forget()
    assert not world.run(Zone, {**OPTIONS, "password": "Secret-8"})["changed"]


def test_a_password_that_nobody_knows_is_written_only_where_the_zone_fails(world):
    there(world)
    for name in ("us_expc", "us_expe"):
        (world.folder / name / "written.json").unlink()
    assert not world.run(Zone, OPTIONS)["changed"]
    world.c.zone_status = "Failed"
    with pytest.raises(Stuck, match="zone UC traversal on us-expc1 is Failed.*120 seconds"):
        world.run(Zone, OPTIONS)
    assert [what[1:3] for what in world.writes()] == [("PUT", C_ZONES), ("PUT", "/common/credential")]
    world.forget()
    result = world.run(Zone, OPTIONS)                       # known now: it is not written again, and the failure is told
    assert world.writes() == [] and [p["id"] for p in result["pending"]] == ["expressway-uc-zone-down"]


def test_tunnels_and_servers_are_part_of_the_proof(world):
    there(world)
    world.e.tunnels = "Failed"
    assert "the tunnel of us-expe1 to far is Failed" in world.run(Zone, OPTIONS)["pending"][0]["reason"]


@pytest.mark.parametrize("spoil, words", [
    (lambda w: setattr(w.c.nodes["us-expc2"], "certificate", ENTERPRISE.issue("us-expc2.ent-pa.com")), "us-expc2 does not carry the TLS verify subject name"),
    (lambda w: setattr(w.e.nodes["us-expe2"], "certificate", PUBLIC.issue("other.ent-pa.com")), "us-expe2 does not carry its name"),
    (lambda w: setattr(w.c.nodes["us-expc1"], "trusted", [ENTERPRISE.pem]), "us-expc1 does not trust what signed the certificate of us-expe1"),
    (lambda w: setattr(w.e.nodes["us-expe2"], "trusted", [PUBLIC.pem]), "us-expe2 does not trust what signed the certificate of us-expc1"),
    (lambda w: setattr(w.c.nodes["us-expc1"], "certificate", None), "us-expc1 shows no server certificate")])
def test_certificates_that_would_fail_leave_both_ends_alone(world, spoil, words):
    spoil(world)
    result = world.run(Zone, OPTIONS)
    assert world.writes() == [] and [p["id"] for p in result["pending"]] == ["expressway-uc-certificates"] and words in result["findings"][0]["message"]


def test_unified_cm_that_does_not_trust_expressway_c_is_a_finding(world):
    world.cm.trust = [PUBLIC.pem]
    result = world.run(Zone, OPTIONS)
    assert {f["object"] for f in result["findings"] if f["id"] == "expressway-untrusted"} == {"tomcat-trust of us_cm", "CallManager-trust of us_cm"}


@pytest.mark.parametrize("side, key", [("c", "AuthenticationPassword"), ("c", "PeerAddress"), ("e", "SIPTLSVerifySubjectName"), ("e", "AuthenticationMode")])
def test_a_key_that_is_not_offered_leaves_both_ends_alone_with_the_steps(world, side, key):
    box, path = (world.c, C_ZONES) if side == "c" else (world.e, E_ZONES)
    box.offers[path] = {**box.offers[path], "keys": {k: v for k, v in box.offers[path]["keys"].items() if k != key}}
    result = world.run(Zone, OPTIONS)
    assert world.writes() == [] and [p["id"] for p in result["pending"]] == ["expressway-no-interface"]
    assert "have zone UC traversal with port 7001" in result["pending"][0]["what_to_do"][-1] and "Secret-7" not in str(result)


def test_another_zone_on_the_port_is_refused(world):
    world.e.rows[E_ZONES].append({"Name": "Other", "SIPPort": 7001})
    world.c.rows[C_ZONES].append({"Name": "Old", "SIPPort": 7005, "PeerAddress": ["US-EXPE1.ent-pa.com"]})
    with pytest.raises(BadZone, match="'Other' of us_expe has port 7001 already; zone 'Old' of us_expc leads to the same"):
        world.run(Zone, OPTIONS)
    assert world.writes() == []


@pytest.mark.parametrize("change, words", [
    ({"port": 5061}, "port"), ({"port": 80}, "port"), ({"zone": ""}, "zone"), ({"zone": "z" * 51}, "zone"), ({"password": ""}, "password"),
    ({"subject_name": "s" * 129}, "subject_name"), ({"username": ""}, "username")])
def test_bad_options_are_refused_before_anything_is_asked(world, change, words):
    with pytest.raises(BadZone, match=words):
        world.run(Zone, {**OPTIONS, **change})
    assert world.writes() == []


def test_peers_have_to_be_names(world):
    world.e.nodes["us-expe2"].fqdn = "192.0.2.2"
    with pytest.raises(BadZone, match="named by FQDN"):
        world.run(Zone, OPTIONS)
    assert world.writes() == []


def test_a_run_killed_at_any_write_is_made_good(world):
    for at in range(3):
        world.c.kill_at = world.e.kill_at = None
        world.c.rows[C_ZONES], world.e.rows[E_ZONES], world.e.credentials = [], [], {}
        world.forget()
        (world.e if at < 2 else world.c).kill_at = at % 2
        with pytest.raises(KeyboardInterrupt):
            world.run(Zone, OPTIONS)
        world.c.kill_at = world.e.kill_at = None
        world.run(Zone, OPTIONS)
        assert (world.c.rows[C_ZONES], world.e.rows[E_ZONES]) == ([AT_C], [AT_E]) and world.e.credentials == {"uc-traversal": "Secret-7"}
