# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAPF's online CA mode: a phone's LSC issued by the enterprise CA is the proof; what is not confirmed or not proven keeps all of it from being written."""
from __future__ import annotations

import json

import pytest

from tests.integration.harness import SPEED
from tests.integration.harness import Estate

PASSWORD = "lab-Enrol-4711"
SETTINGS = {"hostname": "us-ca.ent-pa.com", "template": "CollabServer", "username": r"ENT-PA\svc-collab-enrol"}
NAMES = {  # the lab's own inventions
    "Certificate Issuer to Endpoint": "CertificateIssuerToEndpoint", "Online CA Type": "OnlineCAType", "Online CA Hostname": "OnlineCAHostname",
    "Online CA Port": "OnlineCAPort", "Online CA Template": "OnlineCATemplate", "Online CA Username": "OnlineCAUsername",
    "Online CA Password": "OnlineCAPassword"}
STORED = {"Certificate Issuer to Endpoint": "1", "Online CA Type": "0"}
CONFIRMED = [{"label": label, "name": name, "confirmed": True, "stored_value": STORED.get(label)} for label, name in NAMES.items()]
# In this order, the issuer last; the type is right on day 0.
ORDER = ["OnlineCAHostname", "OnlineCAPort", "OnlineCATemplate", "OnlineCAUsername", "OnlineCAPassword", "CertificateIssuerToEndpoint"]
CAPF = "Cisco Certificate Authority Proxy Function"


def variables(**more: object) -> dict:
    """What an operator says of the online CA."""
    return {"collab_capf_online_ca": SETTINGS, "collab_capf_online_ca_password": PASSWORD, "collab_capf_parameters": CONFIRMED, **more}


def play(estate: Estate, *arguments: str, tags: str = "online_ca", **more: object):
    """One run of this part. The variables come from a file: a command line is no place for a password."""
    return estate.play("site.yml", "--tags", tags, *said(estate, **more), *arguments)


def said(estate: Estate, **more: object) -> tuple[str, str]:
    """Arguments that hand the variables over."""
    file = estate.directory / "online_ca.json"
    file.write_text(json.dumps(variables(**more)))
    return "-e", "@%s" % file


def parameters(estate: Estate, since: int) -> list[str]:
    """The parameters that were written since then."""
    return [e["detail"]["parameter"] for e in estate.journal(writes=True, since=since) if e["operation"] == "updateServiceParameter"]


def capf_restarts(estate: Estate, since: int) -> int:
    """How often CAPF was restarted."""
    return len([e for e in estate.journal(writes=True, since=since) if e["operation"] == "soapDoControlServices" and e["detail"].get("object") == CAPF])


def test_phones_get_their_lsc_from_the_ca(certified: Estate) -> None:
    """All of it in one run, and a second one that finds nothing to do; no password anywhere."""
    since = certified.mark()
    run = play(certified, "-vvvv", "--diff", tags="online_ca,phones").ok()
    assert parameters(certified, since) == ORDER
    came_to = json.loads(certified.lab("status", "--json"))["clusters"][0]["online_ca"]
    assert "issued by" in came_to and "Enterprise Issuing CA" in came_to
    assert {row["step"] for row in run.findings} >= {
        "onlineca-trust-capf", "onlineca-host-port", "onlineca-template", "onlineca-credentials", "onlineca-issuer-type", "onlineca-enrollment-service",
        "onlineca-restart-capf"}
    assert not [p for p in run.pending if str(p["step"]).startswith("onlineca")]
    left = run.output + "".join(file.read_text() for file in certified.workspace.rglob("*") if file.is_file())
    assert PASSWORD not in left
    since = certified.mark()
    again = play(certified).ok()
    assert again.changed == 0 and certified.journal(writes=True, since=since) == []
    assert not [p for p in again.pending if str(p["step"]).startswith("onlineca")]


def test_drift_and_another_password_cost_one_write_and_one_restart(certified: Estate) -> None:
    """Whichever way a password reads."""
    play(certified).ok()
    for reading in ("encrypted", "masked", "plain"):
        certified.lab("variant", "set", "parameter_password", reading)
        play(certified).ok()                                    # the reading is new: it is told from a change by writing it once
        since = certified.mark()
        assert play(certified).ok().changed == 0 and certified.journal(writes=True, since=since) == []
        play(certified, collab_capf_online_ca_password="planted-Other-1").ok()
        assert parameters(certified, since) == ["OnlineCAPassword"] and capf_restarts(certified, since) == 1
        since = certified.mark()
        play(certified, collab_capf_online_ca={**SETTINGS, "template": "CollabPhone-" + reading}, collab_capf_online_ca_password="planted-Other-1").ok()
        assert parameters(certified, since) == ["OnlineCATemplate"] and capf_restarts(certified, since) == 1


def test_parameters_of_the_whole_cluster(certified: Estate) -> None:
    """Where CAPF's parameters are kept cluster-wide, they are found there."""
    certified.lab("variant", "set", "capf_parameters_node", "enterprise", "online_ca_name_check", "san")
    since = certified.mark()
    play(certified).ok()
    assert parameters(certified, since) == ORDER
    since = certified.mark()
    assert play(certified).ok().changed == 0 and certified.journal(writes=True, since=since) == []


@pytest.mark.parametrize("more, objects", [
    ({"collab_capf_parameters": CONFIRMED[:3]}, {"Online CA Port", "Online CA Template", "Online CA Username", "Online CA Password"}),
    ({"collab_capf_online_ca_password": ""}, {"Online CA Password"}),
    ({"collab_capf_online_ca": {**SETTINGS, "hostname": "nobody.ent-pa.com"}}, {"nobody.ent-pa.com"}),
], ids=["not confirmed", "no password", "no such server"])
def test_what_keeps_all_of_it_from_being_written(certified: Estate, more: dict, objects: set[str]) -> None:
    """No parameter is written, and the run says why."""
    since = certified.mark()
    run = play(certified, **more).ok()
    assert parameters(certified, since) == []
    assert {p["object"] for p in run.pending} >= objects and all(p["what_to_do"] for p in run.pending)


@pytest.mark.parametrize("listed, words", [
    ([{"label": "Online CA Colour"}], ("Online CA Colour", "collab_capf_parameters")),
    ([{**CONFIRMED[2], "name": "NoSuchParameter"}, *CONFIRMED[3:]], ("NoSuchParameter", "OnlineCAHostname")),
])
def test_bad_input(certified: Estate, listed: list[dict], words: tuple[str, ...]) -> None:
    """The message names the variable and what is there."""
    since = certified.mark()
    play(certified, collab_capf_parameters=listed).refused(*words)
    assert parameters(certified, since) == []


def test_killed_at_each_write_in_turn(certified: Estate) -> None:
    """Nothing twice but the password, which counts as written only when that has been noted; the issuer last, then the restart."""
    since, killed = certified.mark(), 0
    # Replies are held back a moment, so that the first kills come one a write on a fast machine too. Not for ever: the password would never be noted.
    held = len(ORDER) - 1
    certified.fault(channel="axl", operation="updateServiceParameter", phase="after", action="delay", seconds=3 * int(SPEED), times=held)
    while certified.play_and_kill(1, "site.yml", "--tags", "online_ca", *said(certified)):
        killed += 1
        assert killed < 20
    certified.lab("fault", "clear")
    play(certified).ok()
    written = parameters(certified, since)
    assert killed >= held and list(dict.fromkeys(written)) == ORDER and written[-1] == ORDER[-1]
    assert {name for name in written if written.count(name) > 1} <= {"OnlineCAPassword"}
    assert capf_restarts(certified, since) >= 1
    since = certified.mark()
    assert play(certified).ok().changed == 0 and certified.journal(writes=True, since=since) == []
