# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mobile and remote access and XMPP federation: US on X15.4, EMEA on X12.5, whose Expressways begin with certificates of the enterprise CA."""
from __future__ import annotations

import json
import re
import ssl
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import free_network
from tests.integration.edge import ADDRESSES
from tests.integration.edge import rest
from tests.integration.harness import Estate
from tests.integration.harness import Run

CLUSTERS = ("us_cm", "us_imp", "us_cuc", "us_expc", "us_expe", "emea_cm", "emea_expc", "emea_expe")
EXPRESSWAYS, US, BOTH = CLUSTERS[3:5] + CLUSTERS[6:], "us-expc1,us-expe1", "us-expc1,us-expe1,emea-expc1,emea-expe1"
SERVERS = "unified_cm:im_presence:unity_connection"
ZONES = {"c": "/controller/zone/unifiedcommunicationstraversal", "e": "/edge/zone/unifiedcommunicationstraversal"}
CUCM, IMP, ZONE = "/controller/server/cucm", "/controller/server/imp", "UC traversal"
SECRETS = ("lab-Application-0816", "lab-Traversal-0824", "lab-Expressway-0823")
CM = "us-cm-pub.ent-pa.com"


@pytest.fixture(scope="module")
def running_remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab of both regions. States: certified (the servers' certificates), ready (SIP OAuth and mixed mode, too), remote (all of it, in both regions)."""
    found = Estate(Path(tmp_path_factory.mktemp("remote")), free_network(), CLUSTERS)
    state = found.inventory / "estate.yml"
    content = yaml.safe_load(state.read_text())
    for cluster in EXPRESSWAYS:
        content["clusters"][cluster] = {**(content["clusters"].get(cluster) or {}), "certificates": "enterprise"}
    state.write_text(yaml.safe_dump(content, sort_keys=False))
    found.up()
    try:
        found.play("site.yml", "--limit", SERVERS, "--tags", "preflight,certificates,restarts").ok()
        found.save("certified")
        found.play("site.yml", "--limit", SERVERS, "--tags", "preflight,mixed_mode,sip_oauth,restarts").ok()
        found.save("ready")
        run(found, BOTH).ok()
        found.save("remote")
        yield found
    finally:
        found.down()


@pytest.fixture
def ready(running_remote: Estate) -> Estate:
    """Everything but mobile and remote access is there."""
    running_remote.load("ready")
    return running_remote


@pytest.fixture
def remote(running_remote: Estate) -> Estate:
    """Mobile and remote access works in both regions."""
    running_remote.load("remote")
    return running_remote


def run(estate: Estate, limit: str = US, *arguments: str, playbook: str = "site.yml", **variables: object) -> Run:
    """One run of the two roles."""
    return estate.play(playbook, "--limit", limit, "--tags", "mra,xmpp", *arguments, variables=variables)


def clusters(estate: Estate) -> dict[str, dict]:
    """{cluster: its status} of the Expressways."""
    return {c["name"]: c for c in json.loads(estate.lab("status", "--json"))["clusters"] if c["name"] in EXPRESSWAYS}


def works(estate: Estate, *names: str) -> None:
    """The zone is Active on all peers, every server is verified, and nothing keeps clients out."""
    for name in names:
        cluster = clusters(estate)[name]
        assert all(server["verify"] == "On" and server["verified"] for kind in cluster["servers"].values() for server in kind), cluster["servers"]
        for peer in cluster["peers"]:
            assert {zone["state"] for zone in peer["zones"] if zone["uc"]} == {"Active"} and peer["mra"] == [], peer
            assert {tunnel["Status"] for tunnel in peer["tunnels"]} == {"Active"}, peer["tunnels"]


def writes(estate: Estate, since: int) -> list[tuple[str, str]]:
    """(peer, operation) of what was written to Expressways."""
    return [(e["node"], e["operation"]) for e in estate.journal(writes=True, since=since) if "-exp" in e["node"]]


def changed_by_hand(estate: Estate, peer: str, method: str, path: str, **body: object) -> None:
    """Another administrator changes something; the other peers have it a little later."""
    rest(estate, peer, method, path, body)
    estate.lab("clock", "advance", "60")


def without_verification(estate: Estate) -> None:
    """Somebody has added Unified CM again without TLS verify."""
    changed_by_hand(estate, "us-expc1", "DELETE", CUCM, Publisher=CM)
    changed_by_hand(estate, "us-expc1", "POST", CUCM, Publisher=CM, AxlUsername="svc-collab", AxlPassword=SECRETS[0], TlsVerify="Off", AesGcm="on")


DRIFT = {
    "mra-verify-ucm": (without_verification, {("us-expc1", "DELETE " + CUCM), ("us-expc1", "POST " + CUCM)}),
    "mra-zone-c-auth": (lambda e: changed_by_hand(e, "us-expc1", "PUT", ZONES["c"], Name=ZONE, AuthenticationMode="CheckCredentials"),
                        {("us-expc1", "PUT " + ZONES["c"])}),
    "mra-zone-e-auth": (lambda e: changed_by_hand(e, "us-expe1", "PUT", ZONES["e"], Name=ZONE, AuthenticationMode="TreatAsAuthenticated", SIPPort=7003),
                        {("us-expe1", "PUT " + ZONES["e"])}),
    "mra-zone-e-subject": (lambda e: changed_by_hand(e, "us-expe1", "PUT", ZONES["e"], Name=ZONE, SIPTLSVerifySubjectName="us-expc9.ent-pa.com"),
                           {("us-expe1", "PUT " + ZONES["e"])}),
    "xmpp-security-mode": (lambda e: changed_by_hand(e, "us-expe1", "PUT", "/edge/xmpp", SecurityMode="NoTLS"), {("us-expe1", "PUT /edge/xmpp")}),
}


# -- first and second run --------------------------------------------------------------------------------------------
def test_both_regions_end_with_active_zones_and_the_second_run_writes_nothing(ready: Estate) -> None:
    """From no mobile and remote access at all, without leave: nobody is connected before the zone is there. Only federation, which comes after it, waits."""
    first = run(ready, BOTH, "-vvv", collab_disruption=[]).ok()
    works(ready, *EXPRESSWAYS)
    assert {(p["id"], p["step"]) for p in first.pending} == {("expressway-disruption", "xmpp-security-mode")}, first.pending
    kinds = clusters(ready)["us_expc"]["servers"]
    assert [len(kinds[kind]) for kind in ("cucm", "imp", "ucxn")] == [1, 1, 1]
    since = ready.mark()
    second = run(ready, BOTH).ok()
    assert {p["id"] for p in second.pending} == {"xmpp-federation-router"}
    assert writes(ready, since) == [("us-expe1", "PUT /edge/xmpp"), ("us-expc1", "PUT /common/domain")]
    since = ready.mark()
    third = run(ready, BOTH).ok()
    assert third.changed == 0 and third.pending == [] and writes(ready, since) == []
    shown = first.output + second.output + json.dumps(first.report) + "".join(f.read_text() for f in ready.workspace.rglob("*.json"))
    assert not [secret for secret in SECRETS if secret in shown]
    logins = [e for e in ready.journal() if "-exp" in e["node"] and "refused" in e["detail"]]
    assert logins == [], logins


def test_check_mode_says_what_a_run_does(ready: Estate) -> None:
    """drift.yml on the state before: the same changes of the same objects, and not one write."""
    since = ready.mark()
    said = run(ready, playbook="drift.yml").ok()
    assert ready.journal(writes=True, since=since) == [] and said.changed > 0
    done = run(ready).ok()

    def names(one: Run) -> list[tuple]:
        return [(o["node"], o["channel"], o["object"]) for o in one.operations]

    assert names(said) == names(done)


def test_automatic_zones_of_unified_cm(remote: Estate) -> None:
    """Mixed mode and SIP OAuth mode have their zones on every peer."""
    for name, node in (("us_expc", "us-cm-sub1.ent-pa.com"), ("emea_expc", "emea-cm-sub2.ent-pa.com")):
        for peer in clusters(remote)[name]["peers"]:
            assert {"CEtls-" + node, "CEOAuth " + node} <= {zone["name"] for zone in peer["zones"]}, peer["zones"]


# -- drift -----------------------------------------------------------------------------------------------------------
def test_drift_is_found_and_mended(remote: Estate) -> None:
    """Each kind is a finding of its step, waits for leave where clients would be interrupted, and is mended by the writes that it takes and no others."""
    for spoil, _expected in DRIFT.values():
        spoil(remote)
    since = remote.mark()
    found = run(remote, playbook="drift.yml").ok()
    assert set(DRIFT) <= {f["step"] for f in found.findings} and remote.journal(writes=True, since=since) == []
    waiting = run(remote, collab_disruption=[]).ok()
    assert {p["step"] for p in waiting.pending if p["id"] == "expressway-disruption"} == {
        "mra-verify-ucm", "mra-zone-c-auth", "mra-zone-e-auth"}
    assert writes(remote, since) == [("us-expe1", "PUT /edge/xmpp")], "its security mode interrupts nobody, all else does"
    run(remote).ok()
    assert set(writes(remote, since)) == set().union(*(expected for _spoil, expected in DRIFT.values()))
    works(remote, "us_expc", "us_expe")
    assert run(remote).ok().changed == 0


@pytest.mark.parametrize("change", [{"AuthenticationMode": "CheckCredentials"}, {"SIPTLSVerifySubjectName": "us-expc9.ent-pa.com"}], ids=("policy", "subject"))
def test_only_what_differs_is_written(remote: Estate, change: dict) -> None:
    """One key of the zone at Expressway-E: the PUT holds that one."""
    changed_by_hand(remote, "us-expe1", "PUT", ZONES["e"], Name=ZONE, **change)
    done = run(remote).ok()
    assert [set(o["arguments"]) for o in done.operations] == [{"Name", *change}]
    works(remote, "us_expe")


def test_partners_with_webex_messenger(remote: Estate) -> None:
    """TLS optional, and no client-side certificates asked for."""
    changed_by_hand(remote, "us-expe1", "PUT", "/edge/xmpp", RequireClientSideSecurityCertificates="On")
    wanted = {"expressway_xmpp_federation_security_mode": "optional"}
    done = run(remote, **wanted).ok()
    assert {"xmpp-security-mode", "xmpp-client-cert"} <= {f["step"] for f in done.findings}
    page = json.loads(rest(remote, "us-expe1", "GET", "/edge/xmpp"))
    assert (page["SecurityMode"], page["RequireClientSideSecurityCertificates"]) == ("TLSOptional", "Off")
    assert run(remote, **wanted).ok().changed == 0


def test_domain_flags_that_were_taken_away(remote: Estate) -> None:
    """Both roles want services of the same domain: each mends its own."""
    changed_by_hand(remote, "us-expc1", "PUT", "/common/domain", Name="ent-pa.com", EdgeXmpp="Off", XmppFederation="Off")
    since = remote.mark()
    assert run(remote).ok().changed == 2
    assert writes(remote, since) == [("us-expc1", "PUT /common/domain")] * 2
    assert json.loads(rest(remote, "us-expc1", "GET", "/common/domain"))[0]["XmppFederation"] == "On"


def test_what_a_server_was_is_kept_when_it_is_added_again(remote: Estate) -> None:
    """Settings that are none of ours stay."""
    without_verification(remote)
    run(remote).ok()
    row = json.loads(rest(remote, "us-expc1", "GET", CUCM))[0]
    assert row["TlsVerify"] == "On" and row["AesGcm"] == "on"


def test_sip_oauth_that_comes_later_is_discovered(running_remote: Estate) -> None:
    """Discovery is static: Unified CM is discovered anew once its modes have changed, and only then."""
    running_remote.load("certified")
    run(running_remote, "us-expc1").ok()
    assert not [z for z in clusters(running_remote)["us_expc"]["peers"][0]["zones"] if z["name"].startswith(("CEOAuth", "CEtls"))]
    running_remote.play("site.yml", "--limit", "us-cm-pub", "--tags", "preflight,mixed_mode,sip_oauth,restarts").ok()
    since = running_remote.mark()
    waiting = run(running_remote, "us-expc1", collab_disruption=[]).ok()
    assert writes(running_remote, since) == [] and any("SIP OAuth mode" in f["message"] for f in waiting.findings)
    run(running_remote, "us-expc1").ok()
    assert writes(running_remote, since) == [("us-expc1", "DELETE " + CUCM), ("us-expc1", "POST " + CUCM)]
    works(running_remote, "us_expc")
    assert run(running_remote, "us-expc1").ok().changed == 0


def test_a_password_changed_by_hand_shows_as_a_zone_that_fails(remote: Estate) -> None:
    """No interface shows a password: the zone's failure is told with what to do, and doing that mends it."""
    changed_by_hand(remote, "us-expe1", "PUT", "/common/credential", Name="uc-traversal", New_Password="lab-Other-1")
    remote.lab("clock", "advance", "300")
    told = run(remote).ok()
    assert told.changed == 0 and ["expressway-uc-zone-down"] == [p["id"] for p in told.pending] and "written.json" in str(told.pending)
    for name in ("us_expc", "us_expe"):
        (remote.workspace / name / "written.json").unlink()
    run(remote).ok()
    works(remote, "us_expc", "us_expe")


def test_a_new_password_reaches_both_ends(remote: Estate) -> None:
    """Changed in the inventory: written once at each end."""
    since = remote.mark()
    new = {"collab_traversal_password": "lab-Traversal-new-2"}
    assert run(remote, collab_disruption=[], **new).ok().changed == 0
    run(remote, **new).ok()
    assert writes(remote, since) == [("us-expe1", "PUT /common/credential"), ("us-expc1", "PUT " + ZONES["c"])]
    works(remote, "us_expc", "us_expe")
    assert run(remote, **new).ok().changed == 0


# -- what stops a run before it writes -------------------------------------------------------------------------------
def mra(**changes: object) -> dict:
    """collab_expressway with some of its values changed."""
    return {"collab_expressway": {"mra": {"domains": ["ent-pa.com"], "zone": ZONE, "port": 7001, "username": "uc-traversal", **changes}}}


@pytest.mark.parametrize(("variables", "words"), [
    (mra(domains=["ent pa.com"]), ("domains:", "is no name of a domain", "nothing was written")),
    (mra(port=5061), ("port:", "5061", "nothing was written")),
    (mra(zone="z" * 51), ("zone:", "1 to 50", "nothing was written")),
    ({"collab_traversal_password": ""}, ("password", "nothing was written")),
    ({"collab_cm_cluster": "nowhere"}, ("collab_cm_cluster", "nowhere")),
    ({"collab_edge_cluster": "nowhere"}, ("collab_edge_cluster", "nowhere"))], ids=lambda one: str(one)[:40])
def test_bad_input_is_refused(remote: Estate, variables: dict, words: tuple) -> None:
    """Clear words, and nothing written."""
    since = remote.mark()
    run(remote, **variables).refused(*words)
    assert remote.journal(writes=True, since=since) == []


def test_a_subject_name_that_no_certificate_has_leaves_both_ends_alone(ready: Estate) -> None:
    """The zone could never work: it is pending, with the reason."""
    since = ready.mark()
    told = run(ready, **mra(subject_name="us-expc9.ent-pa.com")).ok()
    assert not [w for w in writes(ready, since) if "zone" in w[1] or "credential" in w[1]]
    reason = next(p["reason"] for p in told.pending if p["id"] == "expressway-uc-certificates")
    assert all(peer in reason for peer in ("us-expc1", "us-expc2")) and "us-expc9.ent-pa.com" in reason


def test_a_wrong_password_of_a_server_is_tried_once_and_not_by_expressway(ready: Estate) -> None:
    """One refused login in a run, at Unified CM, and Expressway-C is not told the password."""
    since = ready.mark()
    run(ready, collab_application_password="lab-Wrong-1").refused("us-cm-pub", "svc-collab")
    assert not [w for w in writes(ready, since) if "server" in w[1]]
    refused = [(e["node"], e["channel"]) for e in ready.journal(since=since) if "refused" in e["detail"]]
    assert refused == [("us-cm-pub", "serviceability")]


def test_a_server_whose_certificate_has_another_name_is_left_alone(remote: Estate) -> None:
    """What Expressway-C would not take is not asked of it; what is there stays."""
    hosts = remote.inventory / "hosts.yml"
    before = hosts.read_text()
    content = yaml.safe_load(before)
    content["all"]["children"]["unified_cm"]["children"]["us_cm"]["hosts"]["us-cm-pub"]["collab_fqdn"] = "us-cm-other.ent-pa.com"
    since = remote.mark()
    try:
        hosts.write_text(yaml.safe_dump(content, sort_keys=False))
        run(remote).refused("us-cm-other.ent-pa.com cannot be added with TLS verify On", "does not carry the name", "left as it is")
    finally:
        hosts.write_text(before)
    assert writes(remote, since) == []


# -- killed, lost, refused -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("after", [1, 6, 10, 12])
def test_a_killed_run_is_finished_by_the_next(ready: Estate, after: int) -> None:
    """Killed after so many writes; the next run has no leave to disturb anybody, and needs none."""
    ready.play_and_kill(after, "site.yml", "--limit", US, "--tags", "mra,xmpp")
    run(ready).ok()
    works(ready, "us_expc", "us_expe")
    since = ready.mark()
    assert run(ready).ok().changed == 0 and writes(ready, since) == []


def test_killed_between_deletion_and_addition(remote: Estate) -> None:
    """The server is away: the next run adds it, leave or not."""
    without_verification(remote)
    remote.play_and_kill(1, "site.yml", "--limit", US, "--tags", "mra,xmpp")
    run(remote, collab_disruption=["services"]).ok()
    works(remote, "us_expc", "us_expe")


def test_lost_answers_are_read_back_and_nothing_is_sent_twice(ready: Estate) -> None:
    """Each write was done and its answer lost: the run goes on from what is there."""
    lost = ["POST " + CUCM, "PUT /common/mra", "POST " + ZONES["e"], "POST " + ZONES["c"], "POST /common/credential", "PUT /edge/xmpp"]
    for operation in lost:
        ready.fault(channel="expressway_api", operation=operation, phase="after", action="reset", times=1)
    since = ready.mark()
    run(ready).ok()
    assert [rule["struck"] for rule in json.loads(ready.lab("fault", "list"))] == [1] * len(lost)
    sent = writes(ready, since)
    assert len(set(sent)) == len(sent) and set(lost) <= {operation for _peer, operation in sent}
    works(ready, "us_expc", "us_expe")


# -- releases that differ --------------------------------------------------------------------------------------------
WORLDS = [
    {"expressway_uc_zone_needs_mra": "yes", "expressway_value_case": "mixed", "expressway_oauth_zone_name": "dash", "expressway_tls_verify_default": "Off",
     "expressway_registrations_key": "Registrations", "expressway_zone_status": "left_out", "expressway_raml": "nested", "expressway_cli_verbs": "spaced"},
    {"expressway_automatic_zone_status": "called", "expressway_ucxn_resource": "offered", "expressway_error_status": "telling",
     "expressway_xmpp_keys": "compact", "expressway_sip_shape": "object", "expressway_raml": "named",
     "expressway_subordinate_write": "overwritten", "expressway_xml_head": "blank_line"},
    {"expressway_raml": "absent", "expressway_uc_zone_needs_mra": "yes", "expressway_value_case": "mixed"},
    {"expressway_raml": "included", "expressway_server_put": "offered",
     "expressway_cli_error": "status_then_ok", "expressway_cli_quoted_choice": "refused", "expressway_cli_end": "blank",
     "expressway_configuration_xml": "absent", "expressway_json_type": "needed", "expressway_trust_reload": "restart", "expressway_cli_sessions": "one"},
]


@pytest.mark.parametrize("world", WORLDS, ids=("dashes", "compact", "undescribed", "put"))
def test_every_reading_of_the_open_facts(ready: Estate, world: dict) -> None:
    """Both regions under each: done, done once, drift mended."""
    ready.lab("variant", "set", *(word for pair in world.items() for word in pair))
    run(ready, BOTH).ok()
    works(ready, *EXPRESSWAYS)
    since = ready.mark()
    assert run(ready, BOTH).ok().changed == 0 and writes(ready, since) == []
    without_verification(ready)
    run(ready).ok()
    works(ready, "us_expc")


def test_a_server_that_can_be_changed_in_place_is(remote: Estate) -> None:
    """Where the release offers PUT nothing is deleted."""
    remote.lab("variant", "set", "expressway_server_put", "offered")
    without_verification(remote)
    since = remote.mark()
    run(remote).ok()
    assert writes(remote, since) == [("us-expc1", "PUT " + CUCM)]
    works(remote, "us_expc")


@pytest.mark.parametrize("reading", ["without_security", "absent"])
def test_federation_whose_security_cannot_be_set_is_not_switched_on(ready: Estate, reading: str) -> None:
    """Pending with the steps, not half done."""
    ready.lab("variant", "set", "expressway_xmpp_keys", reading)
    since = ready.mark()
    told = run(ready).ok()
    assert ("us-expe1", "PUT /edge/xmpp") not in writes(ready, since)
    steps = [p for p in told.pending if p["id"] == "expressway-no-interface"]
    assert {p["object"] for p in steps} == {"Security mode of us_expe", "XMPP federation support of us_expe"} and "TLSRequired" in str(steps)
    works(ready, "us_expc", "us_expe")


@pytest.mark.parametrize(("peer", "key"), [("us-expe1", "SIPTLSVerifySubjectName"), ("us-expc1", "AuthenticationPassword")])
def test_a_raml_without_a_key_of_the_zone_leaves_both_ends_alone(ready: Estate, peer: str, key: str) -> None:
    """The command line cannot make such a zone: pending for people, never half of it."""
    raml = re.sub(r'"%s"' % key, '"Another%s"' % key[:3], raw(ready, peer))
    ready.fault(node=peer, channel="expressway_api", operation="GET /api/raml", action="status", status=200, body=raml, times=0)
    since = ready.mark()
    told = run(ready).ok()
    assert not [w for w in writes(ready, since) if "zone" in w[1] or "credential" in w[1]]
    steps = next(p for p in told.pending if p["id"] == "expressway-no-interface")
    assert "7001" in str(steps["what_to_do"]) and SECRETS[1] not in str(steps)
    ready.lab("fault", "clear")
    run(ready).ok()
    works(ready, "us_expc", "us_expe")


def raw(estate: Estate, peer: str) -> str:
    """A peer's RAML."""
    login = "Basic " + b64encode(b"admin:" + SECRETS[2].encode()).decode()
    request = urllib.request.Request("https://%s.%s:20443/api/raml" % (estate.network, ADDRESSES[peer]), headers={"Authorization": login})
    context = ssl.create_default_context(cafile=str(estate.lab_directory / "ca" / "chain.pem"))
    context.check_hostname = False      # dialled by address
    with urllib.request.urlopen(request, timeout=20, context=context) as answer:
        return answer.read().decode()
