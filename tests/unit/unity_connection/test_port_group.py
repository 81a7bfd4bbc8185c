# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Port group and trunk: both ends or neither, whatever the interface or the network does."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.cuc_port_group import ActionModule as PortGroup
from ansible_collections.collab.security.plugins.action.cuc_sip_security_profile import ActionModule as Profile
from ansible_collections.collab.security.plugins.action.sip_trunk import ActionModule as Trunk
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from ansible_collections.collab.security.plugins.plugin_utils.resources.sip_trunk import BadTrunks
from ansible_collections.collab.security.plugins.plugin_utils.resources.unity_connection import BadPortGroup
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection import switch

GRANTED = {"granted": True}
SECURE = {"MediaSipSecurityProfileObjectId": "sp-tls", "SipEnableNextGenSecurity": "true", "SipDoSRTP": "true"}


def trunk(world):
    row = world.cm.row("sipTrunk", "US_UNITY")
    return row["securityProfileName"], row["srtpAllowed"]


def plain(world):
    """Both ends speak as on day 0."""
    used, srtp = trunk(world)
    return (used["_value_1"] if isinstance(used, dict) else used, srtp) == ("Unity Profile", "false") and world.unity.group["SipDoSRTP"] == "false" and (
        world.unity.group["MediaSipSecurityProfileObjectId"] == "sp-5060" and world.unity.secure() is None)


def secured(world):
    return trunk(world) == ("Unity Profile - TLS", "true") and all(world.unity.group[k] == v for k, v in SECURE.items()) and world.unity.secure() is not None


@pytest.fixture
def ready(world):
    world.run(Profile)
    world.unity.writes.clear()
    return world


def test_both_ends_in_order(ready):
    result = ready.run(PortGroup, GRANTED)
    assert secured(ready)
    assert ready.unity.writes == [("PUT", SECURE), ("PUT", {"ResetStatusEnum": "101"})]
    assert [(operation, arguments.get("name")) for operation, arguments in ready.cm.writes] == [
        ("addSipTrunkSecurityProfile", None), ("updateSipTrunk", "US_UNITY"), ("resetSipTrunk", "US_UNITY")]
    assert ready.cm.writes[0][1]["sipTrunkSecurityProfile"]["x509SubjectName"] == "us-cuc-ms.ent-pa.com"
    assert [row["channel"] for row in result["operations"]] == ["axl", "cupi", "cupi", "axl", "axl"]
    assert {row["step"] for row in result["findings"]} >= {"cuc-portgroup-profile", "cuc-portgroup-nge", "cuc-portgroup-srtp", "trunk-srtp"}
    assert ready.owed().items() == [] and ready.owed("us_cm").items() == [] and result["trunks"] == ["US_UNITY"]


def test_second_run_writes_nothing(ready):
    ready.run(PortGroup, GRANTED)
    ready.unity.writes.clear()
    ready.cm.writes.clear()
    result = ready.run(PortGroup, GRANTED)
    assert not result["changed"] and not result["findings"] and not result["pending"] and ready.writes() == []


def test_check_mode_foresees_the_same_and_writes_nothing(ready):
    foreseen = ready.run(PortGroup, GRANTED, check=True)
    assert ready.writes() == [] and ready.owed().items() == [] and plain(ready)
    done = ready.run(PortGroup, GRANTED)
    for key in ("changed", "operations", "findings", "before", "after", "impact"):
        assert foreseen[key] == done[key], key


def test_not_granted_prepares_the_profile_and_switches_nothing(ready):
    result = ready.run(PortGroup)
    assert plain(ready) and ready.unity.writes == []
    assert [operation for operation, _arguments in ready.cm.writes] == ["addSipTrunkSecurityProfile"]
    assert "may not disturb" in result["pending"][0]["reason"]


@pytest.mark.parametrize("field", sorted(SECURE))
def test_a_port_group_that_ignores_a_write_stays_as_it_was(ready, field):
    ready.unity.ignores.add(field)
    result = ready.run(PortGroup, GRANTED)
    assert plain(ready) and ready.owed().items() == []
    assert "does not take" in result["pending"][0]["reason"] and "Port Group" in result["pending"][0]["what_to_do"][0]
    ready.unity.writes.clear()
    again = ready.run(PortGroup, GRANTED)
    assert ready.unity.writes == [] and not again["changed"] and "does not take" in again["pending"][0]["reason"]
    ready.unity.ignores.clear()
    ready.run(PortGroup, {**GRANTED, "try_again": True})
    assert secured(ready)
    assert not list(ready.folder.rglob("port_group_ignored.json"))


def test_what_was_set_by_hand_ends_the_pending_and_the_trunk_follows(ready):
    ready.unity.ignores.add("SipEnableNextGenSecurity")
    ready.run(PortGroup, GRANTED)
    ready.unity.group.update(SECURE)
    ready.unity.in_force = dict(ready.unity.group)
    ready.unity.group["ResetStatusEnum"] = "0"
    result = ready.run(PortGroup, GRANTED)
    assert secured(ready) and not result["pending"]


@pytest.mark.parametrize("field, label", [
    ("SipEnableNextGenSecurity", "'Enable Next Generation Encryption'"), ("MediaSipSecurityProfileObjectId", "'SIP Security Profile'")])
def test_a_release_without_the_field_is_pending_until_the_port_proves_it(ready, field, label):
    del ready.unity.group[field]
    result = ready.run(PortGroup, GRANTED)
    assert ready.writes() == [] and label in result["pending"][0]["reason"]
    ready.unity.group.update({k: v for k, v in SECURE.items() if k != field}, ResetStatusEnum="0")
    ready.unity.in_force = dict(ready.unity.group, **{field: SECURE[field]})
    result = ready.run(PortGroup, GRANTED)
    assert not result["pending"] and trunk(ready) == ("Unity Profile - TLS", "true")


def test_a_refused_write_is_pending_in_the_products_words(ready):
    ready.unity.refuses.add("SipDoSRTP")
    result = ready.run(PortGroup, GRANTED)
    assert plain(ready) and "Invalid parameter" in result["pending"][0]["reason"]


def test_a_user_that_may_not_write_is_an_error_and_nothing_is_remembered(ready, monkeypatch):
    """The release may well take the fields: once the user has the role, the next run switches."""
    def refuse(body):
        raise NodeError("refused", "CUPI PUT portgroups/pg-1: not allowed (HTTP 403)", {"status": 403})

    with monkeypatch.context() as patch:
        patch.setattr(ready.unity, "put_group", refuse)
        with pytest.raises(NodeError, match="403"):
            ready.run(PortGroup, GRANTED)
    assert not list(ready.folder.rglob("port_group_ignored.json")) and ready.owed().items() == []
    assert not ready.run(PortGroup, GRANTED)["pending"] and secured(ready)


def test_a_reset_that_never_ends_leaves_both_ends_plain(ready):
    ready.unity.reset = "never"
    with pytest.raises(Stuck, match="did not end.*put back as it was.*US_UNITY was not touched"):
        ready.run(PortGroup, {**GRANTED, "reset_timeout": 5})
    assert ready.unity.group["SipDoSRTP"] == "false" and trunk(ready)[1] == "false"
    assert ready.owed().items() != [], "the reset is still owed"
    with pytest.raises(Stuck, match="An earlier reset"):
        ready.run(PortGroup, {**GRANTED, "reset_timeout": 5})
    ready.unity.group["ResetStatusEnum"], ready.unity.reset = "0", "by running"
    ready.run(PortGroup, GRANTED)
    assert secured(ready) and ready.owed().items() == []


def test_the_other_way_to_ask_for_a_reset(ready):
    ready.unity.reset = "by required"
    ready.run(PortGroup, GRANTED)
    assert secured(ready)


def test_a_reset_that_is_not_to_be_had_is_made_by_the_service_if_granted(ready):
    ready.unity.reset = "no way"
    with pytest.raises(Stuck, match="did not begin.*put back"):
        ready.run(PortGroup, GRANTED)
    assert ready.unity.restarted == [] and ready.unity.group["SipDoSRTP"] == "false" and trunk(ready)[1] == "false"
    ready.unity.group["ResetStatusEnum"] = "0"
    result = ready.run(PortGroup, {**GRANTED, "restart_granted": True})
    assert secured(ready) and ready.unity.restarted == ["us-cuc-sub", "us-cuc-pub"]
    assert {"node": "us-cuc-sub", "kind": "service_restart", "what": "Connection Conversation Manager"} in result["impact"]


def test_a_trunk_that_is_refused_puts_the_port_group_back(ready):
    ready.cm.refuse_trunk = "updateSipTrunk"
    with pytest.raises(Stuck, match="updateSipTrunk.*put back"):
        ready.run(PortGroup, GRANTED)
    assert plain(ready)
    ready.cm.refuse_trunk = None
    ready.run(PortGroup, GRANTED)
    assert secured(ready)


def test_a_trunk_that_cannot_be_read_after_a_fault_leaves_the_fault_told(ready, monkeypatch):
    def away(node, names):
        raise NodeError("unreachable", "us-cm-pub is away")

    ready.cm.refuse_trunk = "updateSipTrunk"
    with monkeypatch.context() as patch:
        patch.setattr(switch, "read_trunks", away)
        with pytest.raises(NodeError, match="updateSipTrunk"):
            ready.run(PortGroup, GRANTED)
    ready.cm.refuse_trunk = None
    ready.run(PortGroup, GRANTED)
    assert secured(ready)


def test_a_trunk_whose_reset_is_refused_is_not_turned_back_but_owed(ready):
    ready.cm.refuse_trunk = "resetSipTrunk"
    with pytest.raises(NodeError):
        ready.run(PortGroup, GRANTED)
    assert trunk(ready) == ("Unity Profile - TLS", "true") and ready.owed("us_cm").items() != []
    ready.cm.refuse_trunk = None
    ready.cm.writes.clear()
    ready.run(PortGroup, GRANTED)
    assert [operation for operation, _arguments in ready.cm.writes] == ["resetSipTrunk"] and ready.owed("us_cm").items() == []


@pytest.mark.parametrize("at", range(2))
def test_killed_at_any_write_to_unity_the_next_run_finishes(ready, at):
    ready.unity.kill_at = at
    with pytest.raises(KeyboardInterrupt):
        ready.run(PortGroup, GRANTED)
    ready.unity.kill_at = None
    ready.run(PortGroup, GRANTED)
    assert secured(ready) and ready.owed().items() == [] and not ready.run(PortGroup, GRANTED)["changed"]


@pytest.mark.parametrize("at", range(3))
def test_killed_at_any_write_to_unified_cm_the_next_run_finishes(ready, at):
    ready.cm.fail_at = at
    with pytest.raises(KeyboardInterrupt):
        ready.run(PortGroup, GRANTED)
    ready.cm.fail_at = None
    ready.run(PortGroup, GRANTED)
    assert secured(ready) and ready.owed("us_cm").items() == [] and not ready.run(PortGroup, GRANTED)["changed"]


@pytest.mark.parametrize("spoil, word", [
    (lambda w: setattr(w.unity, "encryption", "Encryption is disabled"), "encryption of Unity Connection is off"),
    (lambda w: setattr(w.cm, "mode", "0"), "mixed mode"),
    (lambda w: setattr(w.unity, "trust", []), "on us-cuc-pub lacks"),
    (lambda w: setattr(w.cm, "trust", []), "CallManager-trust on us-cm-pub lacks"),
    (lambda w: w.cm.served.clear(), "own certificate"),
    (lambda w: setattr(w.unity, "web", base_self_signed()), "us-cuc-pub"),
    (lambda w: w.owed().add("Connection Conversation Manager", ["us-cuc-sub"], 1, "encryption was enabled"), "has not restarted on us-cuc-sub"),
    (lambda w: w.cm.tables["sipTrunk"].pop(0), "no SIP trunk of us_cm dials"),
    (lambda w: w.unity.profiles.pop(), "no SIP security profile"),
])
def test_what_is_missing_is_pending_and_nothing_is_half_done(ready, spoil, word):
    spoil(ready)
    result = ready.run(PortGroup, GRANTED)
    assert ready.writes() == [] and not result["changed"]
    assert word in result["pending"][-1]["reason"], result["pending"]


def base_self_signed():
    from .conftest import base
    return base.pem("us-cuc-pub.ent-pa.com", "us-cuc-pub.ent-pa.com")


def test_bad_input_stops_before_anything(ready):
    with pytest.raises(BadPortGroup, match="PhoneSystem-9.*PhoneSystem-1"):
        ready.run(PortGroup, {**GRANTED, "port_group": "PhoneSystem-9"})
    with pytest.raises(BadTrunks, match="NO_SUCH"):
        ready.run(PortGroup, {**GRANTED, "trunks": ["NO_SUCH"]})
    with pytest.raises(BadTrunks, match="10.0.0.1.*no node"):
        ready.run(PortGroup, {**GRANTED, "trunks": ["US_CUBE"]})
    ready.unity.group["TelephonyIntegrationMethodEnum"] = "1"
    with pytest.raises(BadPortGroup, match="no SIP integration"):
        ready.run(PortGroup, GRANTED)
    assert ready.writes() == []


def test_a_trunk_that_drifts_alone_is_mended_alone(ready):
    ready.run(PortGroup, GRANTED)
    ready.unity.writes.clear()
    ready.cm.writes.clear()
    ready.cm.row("sipTrunk", "US_UNITY")["srtpAllowed"] = "false"
    ready.run(PortGroup, GRANTED)
    assert ready.unity.writes == [] and [operation for operation, _arguments in ready.cm.writes] == ["updateSipTrunk", "resetSipTrunk"]


@pytest.mark.parametrize("asked", [None, [{"name": "US_UNITY"}, {"name": "US_CUBE"}]])
def test_the_trunk_module_leaves_voice_mail_to_this_step(ready, asked):
    result = ready.run(Trunk, {"granted": True, **({"trunks": asked} if asked else {})}, cluster="us_cm")
    assert [row["name"] for row in result["trunks"]] == ["US_CUBE"] and ready.writes() == []
