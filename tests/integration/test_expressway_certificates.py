# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of Expressway peers: US on X15.4 (C by the enterprise CA, E by its own ACME), EMEA on X12.5 (E by a person, for both usages)."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import free_network
from tests.integration.edge import a_root
from tests.integration.edge import command
from tests.integration.edge import issuer
from tests.integration.edge import names
from tests.integration.edge import public_ca
from tests.integration.edge import rest
from tests.integration.edge import served
from tests.integration.edge import trusted
from tests.integration.edge import usages
from tests.integration.harness import Estate
from tests.integration.harness import Run
from tests.integration.test_secrets import KEY
from tests.integration.test_secrets import left_in

US, EMEA, ALL = "us_expc:us_expe", "emea_expc:emea_expe", "expressway"
PROFILES = {"UDT-Encrypted-LSC-TFTPenc.ent-pa.com", "UDT-Encrypted-LSC.ent-pa.com", "UDT-Encrypted-NullString.ent-pa.com"}
PROFILES_PLAY = """
- hosts: publishers:&unified_cm
  gather_facts: false
  roles: [collab.security.phone_security_profiles]
"""
NEW_PROFILE = """  vars:
    phone_security_profiles_list:
      - {name: Warehouse.ent-pa.com, authentication_mode: By Null String}
"""
MRA = {"collab_expressway": {"mra": {"domains": ["ent-pa.com"]}}}
# Readings other than the lab's own, the first and the second of each.
READINGS = {
    "expressway_acme_resource": ["absent"], "expressway_csr_cn": ["cluster_name"], "expressway_csr_delete": ["absent"],
    "expressway_csr_names": ["prefixed", "both"], "expressway_error_status": ["telling"], "expressway_json_type": ["needed"],
    "expressway_pem_line_ends": ["crlf"], "expressway_pem_type": ["text/plain"], "expressway_raml": ["included", "absent"],
    "expressway_root_upload": ["replaces_temporary"], "expressway_served_chain": ["file"], "expressway_trust_reload": ["restart"],
    "expressway_upload_chain": ["checked"], "expressway_upload_text": ["telling"], "expressway_upload_usage": ["always"],
    "expressway_xml_head": ["blank_line"], "expressway_configuration_xml": ["absent"], "expressway_cli_verbs": ["spaced", "both"],
    "expressway_cli_end": ["blank", "stars"], "expressway_cli_error": ["status_then_ok", "text"], "expressway_cli_done": ["blank_ok", "end_ok"],
    "expressway_cli_output_quotes": ["text_only"], "expressway_cli_quoted_choice": ["refused"], "public_ca_usage": ["server", "both"],
}
AUTOMATED = 'xCommand ACMESettingsWrite AcmeManaged: Automated RenewKey: Retain RenewalSchedule: \'[{"day": "Sunday", "time": "02:00"}]\''
CAS = ["Enterprise Issuing CA 1", "Enterprise Root CA", "Example Trust Issuing CA 1", "Example Trust Root CA"]


@pytest.fixture(scope="module")
def running_edges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with the Expressways of both regions and what they ask at Unified CM, whose phone security profiles are there."""
    found = Estate(Path(tmp_path_factory.mktemp("edges")), free_network(), ("us_cm", "us_expc", "us_expe", "emea_cm", "emea_expc", "emea_expe"))
    found.up()
    try:
        (found.directory / "profiles.yml").write_text(PROFILES_PLAY)
        found.play(str(found.directory / "profiles.yml")).ok()
        found.save("profiles")
        yield found
    finally:
        found.down()


@pytest.fixture
def edges(running_edges: Estate) -> Estate:
    """The Expressways as they are installed."""
    running_edges.load("profiles")
    return running_edges


def run(estate: Estate, limit: str, *arguments: str, **variables: object) -> Run:
    """One run of the role on some clusters."""
    return estate.play("site.yml", "--limit", limit, "--tags", "preflight,certificates", *arguments, variables={**MRA, **variables})


def writes(estate: Estate, since: int) -> list[tuple[str, str]]:
    """(peer, operation) of what was written to Expressways."""
    return [(e["node"], e["operation"]) for e in estate.journal(writes=True, since=since) if "-exp" in e["node"]]


def secured(estate: Estate) -> None:
    """Both regions with their certificates; kept for the tests that begin there."""
    if (estate.directory / "workspace-certified").exists():
        estate.load("certified")
        return
    run(estate, ALL).ok()
    public_ca(estate, "emea_expe", "both")
    run(estate, "emea_expe").ok()
    estate.save("certified")


def test_first_and_second_run(edges: Estate) -> None:
    """Foreseen in check mode; requested, signed, installed, served by every peer; one peer away at a time; the second run writes nothing."""
    since = edges.mark()
    check = run(edges, ALL, "--check", "--diff").ok()
    assert writes(edges, since) == [] and check.changed > 0
    assert {"expc-trust-enterprise", "expc-trust-public", "expe-trust-enterprise", "expe-trust-public", "exp-trust-temporary", "exp-csr"} <= {
        f["step"] for f in check.findings}

    first = run(edges, ALL).ok()
    waiting = [p for p in first.pending if p["id"] == "signature-by-hand"]
    assert {p["object"] for p in waiting} == {"server-emea-expe1", "server-emea-expe2"} and {p["step"] for p in waiting} == {"expe-sign"}
    for peer in ("us-expc1", "us-expc2", "emea-expc1", "emea-expc2"):
        region = peer.split("-")[0]
        for port in (20443, 5061):
            certificate = served(edges, peer, port)
            assert names(certificate) == {peer + ".ent-pa.com", region + "-expc.ent-pa.com"} | PROFILES
            assert issuer(certificate) == "Enterprise Issuing CA 1" and usages(certificate) == {"serverAuth", "clientAuth"}
    for peer in ("us-expe1", "us-expe2"):
        for port in (20443, 5061):
            certificate = served(edges, peer, port)
            assert names(certificate) == {peer + ".ent-pa.com", "ent-pa.com"}
            assert issuer(certificate) == "Example Trust Issuing CA 1" and usages(certificate) == {"serverAuth"}
    assert {p["object"].split("on ")[1] for p in first.pending if p["id"] == "temporary-ca"} == {
        "us-expc1", "us-expc2", "us-expe1", "us-expe2", "emea-expc1", "emea-expc2", "emea-expe1", "emea-expe2"}

    public_ca(edges, "emea_expe", "both")
    run(edges, "emea_expe").ok()
    for peer in ("emea-expe1", "emea-expe2"):
        assert names(served(edges, peer)) == {peer + ".ent-pa.com", "ent-pa.com"} and usages(served(edges, peer, 5061)) == {"serverAuth", "clientAuth"}
    for peer in ("us-expc1", "us-expe2", "emea-expc2", "emea-expe1"):
        assert trusted(edges, peer) == CAS

    restarts = [peer for peer, what in writes(edges, since) if "restart" in what]
    for cluster in ("us-expc", "emea-expc", "emea-expe"):
        assert [peer for peer in restarts if peer.startswith(cluster)] == [cluster + "2", cluster + "1"]

    since = edges.mark()
    second = run(edges, ALL).ok()
    assert second.changed == 0 and second.operations == [] and writes(edges, since) == []
    assert {f["id"] for f in second.findings} == {"temporary-ca", "certificate-server-only"}
    proof = edges.play("verify.yml", "--limit", ALL).ok()
    assert proof.output.count("4 of 4 handshakes prove what they should") == 4
    edges.save("certified")


def test_what_drifts_is_found_and_mended(edges: Estate) -> None:
    """A phone security profile more, a partner's CA, a certificate that somebody else installed: each is found in check mode, and only that is mended."""
    secured(edges)
    (edges.directory / "profiles.yml").write_text(PROFILES_PLAY + NEW_PROFILE)
    edges.play(str(edges.directory / "profiles.yml"), "--limit", "us_cm").ok()
    partner = edges.directory / "partner.pem"
    partner.write_text(a_root("Partner Root"))
    rest(edges, "us-expe2", "POST", "/certs/generate_csr", {"Additional_FQDNS": ["other.ent-pa.com"], "KeyLength": 2048, "DigestAlgorithm": "sha256"})
    (edges.directory / "other.csr").write_text(rest(edges, "us-expe2", "GET", "/certs/generate_csr"))
    edges.lab("public-ca", "sign", str(edges.directory / "other.csr"), "--usage", "both", "--out", str(edges.directory / "other.pem"))
    rest(edges, "us-expe2", "POST", "/certs/server", pem=(edges.directory / "other.pem").read_text())

    variables = {"collab_partner_ca_files": [str(partner)]}
    since = edges.mark()
    check = run(edges, US, "--check", "--diff", **variables).ok()
    assert writes(edges, since) == []
    found = {(f["step"], f["object"]) for f in check.findings if f["id"] in ("certificate-names", "ca-not-trusted")}
    assert found == {("expc-san-profiles", "server certificate of us-expc1"), ("expc-san-profiles", "server certificate of us-expc2"),
                     ("expe-san-domains", "server certificate of us-expe2"), ("expe-trust-partners", "trusted CAs of us-expe1"),
                     ("expe-trust-partners", "trusted CAs of us-expe2")}
    run(edges, US, **variables).ok()
    for peer in ("us-expc1", "us-expc2"):
        assert names(served(edges, peer, 5061)) == {peer + ".ent-pa.com", "us-expc.ent-pa.com", "Warehouse.ent-pa.com"} | PROFILES
    assert names(served(edges, "us-expe2", 5061)) == {"us-expe2.ent-pa.com", "ent-pa.com"}
    assert trusted(edges, "us-expe1") == trusted(edges, "us-expe2") == sorted([*CAS, "Partner Root"]) and trusted(edges, "us-expc1") == CAS
    assert ("us-expe1", "POST /certs/server") not in writes(edges, since), "its certificate was right"

    since = edges.mark()
    assert run(edges, US, **variables).ok().changed == 0 and writes(edges, since) == []


def test_refused_usage_is_explained_and_changes_nothing(edges: Estate) -> None:
    """A certificate for servers only on X12.5: told at once, with what a CA still issues, before any peer is touched; the right one is taken afterwards."""
    run(edges, "emea_expe").ok()
    public_ca(edges, "emea_expe", "server")
    before, since = served(edges, "emea-expe1"), edges.mark()
    run(edges, "emea_expe").refused("nothing is uploaded", "TLS Web Client Authentication", "before X15.4", "IdenTrust", "FN74362")
    assert writes(edges, since) == [] and served(edges, "emea-expe1") == before
    public_ca(edges, "emea_expe", "both")
    run(edges, "emea_expe").ok()
    assert usages(served(edges, "emea-expe1", 5061)) == usages(served(edges, "emea-expe2", 5061)) == {"serverAuth", "clientAuth"}


def test_both_usages_may_be_insisted_on(edges: Estate) -> None:
    """With require_client_eku the ACME service of X15.4 is not asked; with warn, X12.5 gets what the CA issues, and the lack is a finding."""
    since = edges.mark()
    strict = run(edges, "us_expe", expressway_certificates_require_client_eku=True).ok()
    assert {p["id"] for p in strict.pending} == {"signature-by-hand", "temporary-ca"} and not [what for _peer, what in writes(edges, since) if "ACME" in what]
    run(edges, "emea_expe", expressway_certificates_require_client_eku="warn").ok()
    public_ca(edges, "emea_expe", "server")
    warned = run(edges, "emea_expe", expressway_certificates_require_client_eku="warn").ok()
    assert usages(served(edges, "emea-expe1")) == {"serverAuth"}
    assert {f["object"] for f in warned.findings if f["id"] == "certificate-server-only"} == {
        "server certificate of emea-expe1", "server certificate of emea-expe2"}
    run(edges, "emea_expe").ok()
    assert {p["object"] for p in edges.play("drift.yml", "--limit", "emea_expe", "--tags", "certificates", variables=MRA).ok().pending
            if p["id"] == "signature-by-hand"} == {"server-emea-expe1", "server-emea-expe2"}


def test_nothing_restarts_unless_granted(edges: Estate) -> None:
    """Everything is prepared; the next run that may restart the peers does the rest, and asks the CA for nothing again."""
    since = edges.mark()
    prepared = run(edges, "us_expc", collab_disruption=[]).ok()
    assert {p["object"] for p in prepared.pending if p["id"] == "restart-not-granted"} == {"us-expc1", "us-expc2"}
    assert not [what for _peer, what in writes(edges, since) if "server" in what or "restart" in what]
    run(edges, "us_expc").ok()
    signed = [e for e in edges.journal(writes=True, since=since) if e["channel"] == "certsrv"]
    assert len(signed) == 2 and issuer(served(edges, "us-expc1", 5061)) == "Enterprise Issuing CA 1"


def test_a_pending_request_of_somebody_else_is_left_alone(edges: Estate) -> None:
    """It stays unless its replacement is asked for, and where the API cannot discard it, even then."""
    rest(edges, "us-expc1", "POST", "/certs/generate_csr", {"Additional_FQDNS": ["other.ent-pa.com"], "KeyLength": 2048, "DigestAlgorithm": "sha256"})
    theirs = rest(edges, "us-expc1", "GET", "/certs/generate_csr")
    first = run(edges, "us_expc").ok()
    assert [p["object"] for p in first.pending if p["id"] == "request-differs"] == ["request on us-expc1"]
    assert rest(edges, "us-expc1", "GET", "/certs/generate_csr") == theirs and issuer(served(edges, "us-expc2")) == "Enterprise Issuing CA 1"

    edges.lab("variant", "set", "expressway_csr_delete", "absent")
    assert [p["id"] for p in run(edges, "us_expc", expressway_certificates_replace_request=True).ok().pending if p["id"] == "request-differs"]
    assert rest(edges, "us-expc1", "GET", "/certs/generate_csr") == theirs
    edges.lab("variant", "set", "expressway_csr_delete", "offered")
    run(edges, "us_expc", expressway_certificates_replace_request=True).ok()
    assert names(served(edges, "us-expc1", 5061)) == {"us-expc1.ent-pa.com", "us-expc.ent-pa.com"} | PROFILES


def test_a_peer_that_stays_away_keeps_the_others_up(edges: Estate) -> None:
    """The run ends with the peer named, the other is not touched; when it is back, the next run does what is left."""
    edges.fault(channel="services", node="us-expc2", operation="restart", action="never")
    since = edges.mark()
    run(edges, "us_expc", expressway_certificates_timeout=4).refused("us-expc2 has not come back from its restart")
    assert [peer for peer, what in writes(edges, since) if "restart" in what or "certs/server" in what] == ["us-expc2", "us-expc2"]
    edges.load("profiles")
    run(edges, "us_expc").ok()


@pytest.mark.parametrize("cluster", ["us_expc", "us_expe"])
def test_killed_at_each_write_in_turn(edges: Estate, cluster: str) -> None:
    """Each run is killed as soon as it has written once. In the end everything is there, nothing was signed or uploaded twice, and no restart is owed."""
    since, killed = edges.mark(), 0
    while edges.play_and_kill(1, "site.yml", "--limit", cluster, "--tags", "preflight,certificates", variables=MRA):
        killed += 1
        assert killed < 60, writes(edges, since)
    assert killed >= 4, "too few kills to mean anything"
    run(edges, cluster).ok()
    for number in "12":
        peer = cluster.replace("_", "-") + number
        assert served(edges, peer, 5061) == served(edges, peer)
        assert names(served(edges, peer)) == {peer + ".ent-pa.com"} | ({"us-expc.ent-pa.com"} | PROFILES if cluster == "us_expc" else {"ent-pa.com"})
    once = [one for one in writes(edges, since) if "restart" not in one[1]]
    assert len(once) == len(set(once)), once
    assert len([e for e in edges.journal(writes=True, since=since) if e["channel"] == "certsrv"]) <= 2
    since = edges.mark()
    assert run(edges, cluster).ok().changed == 0 and writes(edges, since) == []


def test_terms_are_not_accepted_unasked(edges: Estate) -> None:
    """Without the operator's word the account stays as it is; a service that renews by itself where that would break is a finding."""
    command(edges, "emea-expe1", AUTOMATED)
    since = edges.mark()
    told = run(edges, "us_expe:emea_expe", collab_public_ca={"method": "acme", "email": "uc@ent-pa.com"}).ok()
    assert [p["object"] for p in told.pending if p["id"] == "acme-terms"] == ["ACME account of us-expe1", "ACME account of us-expe2"]
    assert {p["object"] for p in told.pending if p["id"] == "signature-by-hand"} == {"server-emea-expe1", "server-emea-expe2"}
    assert not [what for _peer, what in writes(edges, since) if "Providers" in what or "Sign" in what]
    assert ("ACME service of emea-expe1", "high") in {(f["object"], f["severity"]) for f in told.findings if f["id"] == "acme-automated"}


def test_bad_input_changes_nothing(edges: Estate) -> None:
    """A name that no certificate can carry, a key that is too short, a partner's CA on C, a file that is no CA: refused before anything is written."""
    since = edges.mark()
    leaf = edges.directory / "leaf.pem"
    leaf.write_text("-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n")
    run(edges, "us_expe", collab_expressway={"mra": {"domains": ["*.ent-pa.com"]}}).refused("'*.ent-pa.com'", "wildcard")
    run(edges, "us_expc", expressway_certificates_partner_ca_files=[str(leaf)]).refused("partners", "only Expressway-E trusts")
    run(edges, "us_expe", collab_partner_ca_files=[str(leaf)]).refused("collab_partner_ca_files", "not a readable")
    assert [one for one in writes(edges, since) if "root" not in one[1]] == []


def test_nothing_secret_is_left(edges: Estate) -> None:
    """No password, no private key in what a run says, keeps and sends."""
    done = run(edges, US, "-vvvv", "--diff").ok()
    for where, text in left_in(edges, done.output).items():
        assert "lab-Expressway-0823" not in text and "lab-Enrol-4711" not in text and KEY not in text, where


@pytest.mark.parametrize("reading", [1, 2])
def test_every_reading_of_what_is_not_published(edges: Estate, reading: int) -> None:
    """The other readings of requests, lists of CAs, uploads, chains, ACME, answers and the command line, all at once."""
    for name, values in READINGS.items():
        edges.lab("variant", "set", name, values[min(reading, len(values)) - 1])
    run(edges, US).ok()
    for peer in ("us-expc1", "us-expc2"):
        assert names(served(edges, peer, 5061)) >= {peer + ".ent-pa.com", "us-expc.ent-pa.com"} | PROFILES
    assert names(served(edges, "us-expe1", 5061)) >= {"us-expe1.ent-pa.com", "ent-pa.com"}
    since = edges.mark()
    assert run(edges, US).ok().changed == 0 and writes(edges, since) == []
    edges.play("verify.yml", "--limit", US).ok()


def test_names_of_federation(edges: Estate) -> None:
    """Federated domains on E alone, aliases of chat nodes on both sides."""
    federation = {"mra": {"domains": ["ent-pa.com"]}, "xmpp_federation": {"domains": ["im.ent-pa.com"], "chat_node_aliases": ["conference-2.ent-pa.com"]}}
    run(edges, EMEA, collab_expressway=federation).ok()
    assert names(served(edges, "emea-expc1", 5061)) == {"emea-expc1.ent-pa.com", "emea-expc.ent-pa.com", "conference-2.ent-pa.com"} | PROFILES
    public_ca(edges, "emea_expe", "both")
    run(edges, "emea_expe", collab_expressway=federation).ok()
    assert names(served(edges, "emea-expe2", 5061)) == {"emea-expe2.ent-pa.com", "ent-pa.com", "im.ent-pa.com", "conference-2.ent-pa.com"}


def test_every_port_that_is_open_is_proven(edges: Estate) -> None:
    """On Expressway-E the ports of traversal zones and of mobile and remote access, too; one that serves an old certificate fails the proof."""
    secured(edges)
    rest(edges, "us-expe1", "POST", "/common/credential", {"Name": "uc-traversal", "Password": "lab-Traversal-0824"})
    zone = {"Name": "UC", "AuthenticationUserName": "uc-traversal", "SIPPort": 7001, "SIPTLSVerifySubjectName": "us-expc.ent-pa.com"}
    rest(edges, "us-expe1", "POST", "/edge/zone/unifiedcommunicationstraversal", zone)
    rest(edges, "us-expe1", "PUT", "/common/mra", {"Enabled": "On"})
    proof = edges.play("verify.yml", "--limit", "us_expe").ok()
    assert "8 of 8 handshakes prove what they should" in proof.output, proof.output[-3000:]

    rest(edges, "us-expe2", "POST", "/certs/generate_csr", {"Additional_FQDNS": ["ent-pa.com"], "KeyLength": 2048, "DigestAlgorithm": "sha256"})
    (edges.directory / "next.csr").write_text(rest(edges, "us-expe2", "GET", "/certs/generate_csr"))
    edges.lab("public-ca", "sign", str(edges.directory / "next.csr"), "--usage", "both", "--out", str(edges.directory / "next.pem"))
    rest(edges, "us-expe2", "POST", "/certs/server", pem=(edges.directory / "next.pem").read_text())
    edges.play("verify.yml", "--limit", "us_expe").refused("4 of 8 handshakes do not prove", "the peer has not been restarted since")
    run(edges, "us_expe").ok()
    edges.play("verify.yml", "--limit", "us_expe").ok()


def test_x15_5_has_a_store_for_clients(tmp_path: Path) -> None:
    """ACME without the switch of X15.4; the certificates of the clients, whose store only its page fills, are pending; the second run writes nothing."""
    newest = Estate(tmp_path, free_network(), ("us_cm", "us_expc", "us_expe"))
    for cluster in ("us_expc", "us_expe"):
        variables = newest.inventory / "group_vars" / (cluster + ".yml")
        variables.write_text(variables.read_text().replace('"15.4"', '"15.5"'))
    newest.up()
    try:
        first = run(newest, US).ok()
        assert usages(served(newest, "us-expe2", 5061)) == {"serverAuth"} and usages(served(newest, "us-expc2", 5061)) == {"serverAuth", "clientAuth"}
        assert {p["object"] for p in first.pending if p["id"] == "client-certificate"} == {
            "client certificate of " + peer for peer in ("us-expc1", "us-expc2", "us-expe1", "us-expe2")}
        assert not [what for _peer, what in writes(newest, 0) if "client" in what or "xConfiguration" in what]
        since = newest.mark()
        assert run(newest, US).ok().changed == 0 and writes(newest, since) == []
    finally:
        newest.down()
