# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption of voice mail: port group and trunk change together or not at all, under every reading of what CUPI does, and whatever fails on the way."""
from __future__ import annotations

import json
import re
import socket

import pytest

from tests.integration.administrator import Administrator
from tests.integration.harness import Estate
from tests.integration.harness import Run

ONLY = ("site.yml", "--tags", "voice_mail")
TRUNK, GROUP = "US_UNITY", "PhoneSystem-1"
# Variants that the switch works under, in another reading.
WORKING = {
    "cupi_nge_field": "SIPEnableNextGenSecurity", "cupi_reset": "101", "cupi_json_single": "list", "cupi_json_numbers": "strings",
    "cupi_last_page": "repeated", "cupi_error_body": "plain", "cupi_encryption_check": "accepted", "cuc_itl": "optional",
    "cuc_itl_mixed_mode": "not_needed", "cuc_itl_store": "tomcat-trust", "cuc_sip_trust": "tomcat-trust", "cli_cuc_status": "word",
    "cli_cuc_cluster_status": "short",
}
# Readings under which the port group cannot be secured by CUPI, and what the run says of it.
BY_HAND = [
    ({"cupi_nge_write": "ignored"}, "does not take 'Enable Next Generation Encryption'"),
    ({"cupi_nge_field": "absent"}, "no field for 'Enable Next Generation Encryption'"), ({"cupi_port_group_writes": "ignored"}, "does not take"),
    ({"cupi_port_group_writes": "refused", "cupi_error_body": "empty"}, "does not take"),
    ({"cupi_profile_shown": "hidden"}, "no field for 'SIP Security Profile'"),
]


@pytest.fixture(scope="session")
def _prepared(running_voice_mail: Estate) -> str:
    """Name of the state in which all is done but what disturbs trunks."""
    running_voice_mail.load("day0")
    running_voice_mail.play(variables={"collab_disruption": ["services", "phones"]}).ok()
    running_voice_mail.save("prepared")
    return "prepared"


@pytest.fixture
def prepared(running_voice_mail: Estate, _prepared: str) -> Estate:
    """Encryption is on and both sides trust each other; port group and trunk still speak plain SIP."""
    running_voice_mail.load(_prepared)
    return running_voice_mail


@pytest.fixture(scope="session")
def _joined(running_voice_mail: Estate, _prepared: str) -> str:
    """Name of the state in which all is done."""
    running_voice_mail.load(_prepared)
    running_voice_mail.play().ok()
    running_voice_mail.save("joined")
    return "joined"


@pytest.fixture
def joined(running_voice_mail: Estate, _joined: str) -> Estate:
    """Both clusters as the guide wants them."""
    running_voice_mail.load(_joined)
    return running_voice_mail


def turn(estate: Estate, variants: dict[str, str]) -> None:
    """Set variants."""
    estate.lab("variant", "set", *(word for pair in variants.items() for word in pair))


def group(estate: Estate) -> dict:
    """The port group as CUPI shows it."""
    found = json.loads(Administrator(estate, "us-cuc-pub").cupi("portgroups"))["PortGroup"]
    return found[0] if isinstance(found, list) else found


def answers(estate: Estate, port: int) -> bool:
    """Whether the Unity Connection publisher listens on a port, which shows the profile that is in force."""
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex((estate.network + ".4.1", port)) == 0


def trunk_profile(estate: Estate) -> str:
    """Security profile of the trunk."""
    found = re.search("<securityProfileName[^>]*>([^<]*)<", Administrator(estate).axl("getSipTrunk", "<name>%s</name>" % TRUNK))
    assert found
    return found[1]


def in_service(estate: Estate) -> bool:
    """Whether the trunk and the port group carry calls, on every node. Trunks ask again a minute after a change, so the lab's clock is moved."""
    estate.lab("clock", "advance", "120")
    clusters = {one["name"]: one for one in json.loads(estate.lab("status", "--json"))["clusters"]}
    states = [*clusters["us_cm"]["trunks"][TRUNK].values(), *clusters["us_cuc"]["port_groups"][GROUP].values()]
    return set(states) == {"in service"}


def secure(estate: Estate) -> bool:
    """Whether both ends are secured. None of them alone is: that fails the test."""
    ends = answers(estate, 5061), trunk_profile(estate).endswith(" - TLS")
    assert len(set(ends)) == 1, "half switched: port group secure %s, trunk secure %s" % ends
    return ends[0]


def writes(estate: Estate, since: int) -> list[str]:
    """Operations on port group and trunk, in their order."""
    found = [(e["operation"], str(e["detail"].get("object", ""))) for e in estate.journal(writes=True, since=since)]
    return [operation.split("/")[0].strip() if operation.startswith("PUT") else operation for operation, name in found
            if name in (GROUP, TRUNK) or operation.startswith("addSipTrunkSecurityProfile")]


def nothing_left(estate: Estate) -> Run:
    """A whole second run, which changes and writes nothing."""
    since = estate.mark()
    run = estate.play().ok()
    assert run.changed == 0, run.output[-4000:]
    assert estate.journal(writes=True, since=since) == []
    return run


def test_without_leave_both_ends_stay(prepared: Estate) -> None:
    """Where trunks may not be disturbed nothing of the switch is done, and the run says what is missing; voice mail goes on."""
    assert not secure(prepared) and in_service(prepared)
    since = prepared.mark()
    run = prepared.play(*ONLY, variables={"collab_disruption": ["services", "phones"]}).ok()
    assert run.changed == 0 and writes(prepared, since) == []
    assert any(GROUP in item["object"] and "may not disturb trunks" in item["reason"] for item in run.pending), run.pending


def test_both_ends_in_one_step(prepared: Estate) -> None:
    """The trunk's profile first, then the port group and its reset, and the trunk when the secure port serves; the second run does nothing."""
    since = prepared.mark()
    prepared.play(*ONLY).ok()
    order = writes(prepared, since)
    assert order.index("PUT") < order.index("updateSipTrunk") < order.index("resetSipTrunk"), order
    assert secure(prepared) and in_service(prepared)
    since = prepared.mark()
    again = prepared.play(*ONLY).ok()
    assert again.changed == 0 and prepared.journal(writes=True, since=since) == []


def test_all_in_one_run(running_voice_mail: Estate) -> None:
    """From day 0, under the other reading of everything that the step works under; the second run does nothing, and the ports are proven."""
    running_voice_mail.load("day0")
    turn(running_voice_mail, WORKING)
    running_voice_mail.play().ok()
    assert secure(running_voice_mail) and in_service(running_voice_mail)
    nothing_left(running_voice_mail)
    proven = running_voice_mail.play("verify.yml").ok()
    assert "us-cuc-sub" in proven.output and "5061" in proven.output


def test_check_mode_writes_nothing(prepared: Estate) -> None:
    """Check mode foresees both ends and writes neither."""
    since = prepared.mark()
    run = prepared.play(*ONLY, "--check", "--diff").ok()
    foreseen = {operation["operation"] for operation in run.operations}
    assert {"PUT portgroups", "updateSipTrunk", "resetSipTrunk"} <= foreseen, foreseen
    assert prepared.journal(writes=True, since=since) == []


def test_drift(joined: Estate) -> None:
    """Either end changed by hand is found by drift.yml and mended with what it needs."""
    nothing_left(joined)
    admin = Administrator(joined, "us-cuc-pub")
    admin.cupi("portgroups/" + group(joined)["ObjectId"], {"SipDoSRTP": "false"})
    Administrator(joined).axl("updateSipTrunk", "<name>%s</name><srtpAllowed>false</srtpAllowed>" % TRUNK)
    since = joined.mark()
    drift = joined.play("drift.yml")
    assert {GROUP, TRUNK} <= {str(finding["object"]) for finding in drift.findings}, drift.findings
    assert joined.journal(writes=True, since=since) == []
    joined.play().ok()
    assert set(writes(joined, since)) <= {"PUT", "updateSipTrunk", "resetSipTrunk"}
    assert group(joined)["SipDoSRTP"] == "true" and in_service(joined)
    nothing_left(joined)


def test_no_value_resets_a_port_group(prepared: Estate) -> None:
    """The restart of Connection Conversation Manager does it, if services may be disturbed; otherwise both ends are as they were."""
    turn(prepared, {"cupi_reset": "none"})
    run = prepared.play(*ONLY, variables={"collab_disruption": ["trunks"]})
    run.refused("did not begin", "put back", "was not touched")
    assert not secure(prepared) and in_service(prepared)
    prepared.play(*ONLY).ok()
    assert secure(prepared) and in_service(prepared)
    assert prepared.play(*ONLY).ok().changed == 0


@pytest.mark.parametrize("variants, words", BY_HAND)
def test_port_group_that_takes_no_write(prepared: Estate, variants: dict[str, str], words: str) -> None:
    """Both ends stay as they were, and go on working; the next run does not write in vain; once a person has done it, the trunk follows."""
    before = group(prepared)
    turn(prepared, variants)
    run = prepared.play(*ONLY).ok()
    told = [item for item in run.pending if GROUP in item["object"]]
    assert told and words in told[0]["reason"] and "5061/TLS" in str(told[0]), run.pending
    assert not secure(prepared) and in_service(prepared)
    since = prepared.mark()
    assert prepared.play(*ONLY).ok().changed == 0 and prepared.journal(writes=True, since=since) == []

    prepared.lab("variant", "clear")
    by_tls = [one["ObjectId"] for one in json.loads(Administrator(prepared, "us-cuc-pub").cupi("sipsecurityprofiles"))["SipSecurityProfile"]
              if one["DisplayName"] == "5061/TLS"]
    admin, path = Administrator(prepared, "us-cuc-pub"), "portgroups/" + before["ObjectId"]
    admin.cupi(path, {"MediaSipSecurityProfileObjectId": by_tls[0], "SipDoSRTP": "true", "SipEnableNextGenSecurity": "true"})
    admin.cupi(path, {"ResetStatusEnum": "100"})
    prepared.lab("clock", "advance", "120")
    turn(prepared, variants)
    prepared.play(*ONLY).ok()
    assert secure(prepared) and in_service(prepared)


FAULTS = {
    "port group refused for a while": {"channel": "cupi", "operation": "PUT /portgroups/*", "action": "status", "status": 503},
    "answer of the port group lost": {"channel": "cupi", "operation": "PUT /portgroups/*", "phase": "after", "action": "reset", "times": 2},
    "trunk refused": {"channel": "axl", "operation": "updateSipTrunk*", "action": "status", "status": 500},
    "answer of the trunk lost": {"channel": "axl", "operation": "updateSipTrunk*", "phase": "after", "action": "reset"},
    "reset of the trunk lost": {"channel": "axl", "operation": "resetSipTrunk*", "phase": "after", "action": "reset"},
}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_faults(prepared: Estate, name: str) -> None:
    """Whatever fails, both ends fit each other at the end of the run, and a further run finishes."""
    prepared.fault(**FAULTS[name])
    run = prepared.play(*ONLY)
    assert "Traceback" not in run.output and "a bug in" not in run.output, run.output[-4000:]
    assert [f for f in json.loads(prepared.lab("fault", "list")) if not f["struck"]] == [], "it never struck"
    prepared.lab("fault", "clear")
    secure(prepared)
    assert in_service(prepared) or run.code == 0, run.output[-3000:]
    prepared.play(*ONLY).ok()
    assert secure(prepared) and in_service(prepared)
    assert prepared.play(*ONLY).ok().changed == 0


def test_restart_that_never_ends(prepared: Estate) -> None:
    """No reset by CUPI, and the restart instead does not end: the run says so at that node; once the service is well a further run finishes."""
    turn(prepared, {"cupi_reset": "none"})
    prepared.fault(node="us-cuc-sub", channel="services", operation="restart Connection Conversation Manager", action="never")
    run = prepared.play(*ONLY, variables={"unity_connection_reset_timeout": 4, "unity_connection_served_timeout": 4})
    run.refused("us-cuc-sub", "Connection Conversation Manager")
    secure(prepared)
    prepared.lab("fault", "clear")
    prepared.lab("variant", "clear")
    Administrator(prepared, "us-cuc-pub").cli("utils service restart Connection Conversation Manager")
    prepared.play(*ONLY).ok()
    assert secure(prepared) and in_service(prepared)


def test_killed_on_the_way(prepared: Estate) -> None:
    """Runs killed as soon as they have written once; the last one finishes, and both ends fit."""
    killed = 0
    while prepared.play_and_kill(1, *ONLY):
        killed += 1
        assert killed < 20
    assert killed
    prepared.play(*ONLY).ok()
    assert secure(prepared) and in_service(prepared)
    since = prepared.mark()
    assert prepared.play(*ONLY).ok().changed == 0 and prepared.journal(writes=True, since=since) == []


BAD = {
    "unknown port group": ({"unity_connection_port_group": "NoSuchSystem"}, ("NoSuchSystem", GROUP)),
    "unknown trunk": ({"unity_connection_trunks": ["NO_SUCH_TRUNK"]}, ("NO_SUCH_TRUNK", TRUNK)),
    "unknown Unified CM cluster": ({"collab_cm_cluster": "no_such_cm"}, ("no_such_cm",)),
    "wrong password": ({"collab_application_password": "planted-Wrong-2"}, ("collab_application_password",)),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_input(prepared: Estate, name: str) -> None:
    """It is said what is wrong, and nothing is written."""
    variables, words = BAD[name]
    since = prepared.mark()
    run = prepared.play(*ONLY, variables=variables)
    run.refused(*words)
    assert "planted-Wrong" not in run.output
    assert prepared.journal(writes=True, since=since) == []
