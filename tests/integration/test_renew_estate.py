# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""renew.yml beyond the platforms: Expressways, routers, Meeting Servers and management servers are listed, renewed, gone on with and left alone."""
from __future__ import annotations

import datetime
import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.integration.conftest import free_network
from tests.integration.edge import public_ca
from tests.integration.edge import served
from tests.integration.edge import trusted
from tests.integration.harness import Estate
from tests.integration.harness import Run

SHORT_LIVED = {"collab_enterprise_ca": {"method": "adcs", "template": "ShortLived"}}
BY_A_PERSON = {"collab_public_ca": {"method": "folder"}}
EDGE = "us_expc:us_expe"
PEERS = ("us-expc1", "us-expc2", "us-expe1", "us-expe2")


def due(run: Run) -> set[tuple[str, str]]:
    """(host, certificate) of what a run found to end soon."""
    return {(f["host"], f["object"]) for f in run.findings if f["id"] == "certificate-ends"}


def written(estate: Estate, since: int, operation: str) -> list[str]:
    """Nodes that one operation was made on since then, in order."""
    return [e["node"] for e in estate.journal(writes=True, since=since) if operation in e["operation"]]


def nothing_more(estate: Estate, limit: str, variables: dict) -> None:
    """Another run finds nothing due, and writes nothing."""
    since = estate.mark()
    run = estate.play("renew.yml", "--limit", limit, variables=variables).ok()
    assert due(run) == set() and run.changed == 0
    assert estate.journal(writes=True, since=since) == []


# -- Expressways -------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def _edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Expressways whose certificates end soon: those of C by a template for 20 days, those of E by the public CA for a few months."""
    found = Estate(Path(tmp_path_factory.mktemp("renew_edge")), free_network(), ("us_cm", "us_expc", "us_expe"))
    with found.running():
        certificates = ("site.yml", "--limit", EDGE, "--tags", "preflight,certificates")
        found.play(*certificates, variables={**SHORT_LIVED, **BY_A_PERSON}).ok()
        public_ca(found, "us_expe", "both")
        found.play(*certificates, variables={**SHORT_LIVED, **BY_A_PERSON}).ok()
        found.save("ends-soon")
        yield found


@pytest.fixture
def edge(_edge: Estate) -> Estate:
    """The same, as it was."""
    _edge.load("ends-soon")
    return _edge


def test_expressways_peer_after_peer_and_by_a_person_where_one_has_to_sign(edge: Estate) -> None:
    """What the enterprise CA issues is renewed at once, the primary peer last; what a public CA issues waits for a person first."""
    assert [line for line in edge.play("renew.yml", "--check", "--limit", EDGE).ok().output.split("\n") if "us_expc" in line and "due" in line]
    old, since = {peer: served(edge, peer) for peer in PEERS}, edge.mark()
    all_due = {**BY_A_PERSON, "collab_renew_days": 200}
    run = edge.play("renew.yml", "--limit", EDGE, variables=all_due).ok()
    assert due(run) == {("us-expc1", "server"), ("us-expe1", "server")}
    assert written(edge, since, "POST /certs/server") == ["us-expc2", "us-expc1"] == written(edge, since, "restart")
    assert {p["object"] for p in run.pending if p["id"] == "signature-by-hand"} == {"server-us-expe1", "server-us-expe2"}
    assert {peer for peer in PEERS if served(edge, peer) != old[peer]} == {"us-expc1", "us-expc2"}

    since = edge.mark()
    waiting = edge.play("renew.yml", "--limit", "us_expe", variables=all_due).ok()
    assert waiting.changed == 0 and edge.journal(writes=True, since=since) == []
    public_ca(edge, "us_expe", "both")
    run = edge.play("renew.yml", "--limit", "us_expe", variables=all_due).ok()
    assert written(edge, since, "POST /certs/server") == ["us-expe2", "us-expe1"]
    assert "4 of 4 handshakes prove what they should" in run.output
    assert all(served(edge, peer) != old[peer] for peer in PEERS)
    nothing_more(edge, EDGE, BY_A_PERSON)


def test_expressways_trust_the_successor_of_a_ca_before_one_of_them_has_a_new_certificate(edge: Estate) -> None:
    """Both clusters have it before the first request is made; each peer of C restarts once for both."""
    file, since = edge.directory / "successor.pem", edge.mark()
    file.write_text((edge.lab_directory / "ca" / "chain.pem").read_text() + successor())
    run = edge.play("renew.yml", "--limit", EDGE, variables={**BY_A_PERSON, "collab_ca_file": str(file), "collab_renew_days": 2600}).ok()
    assert {("us-expc1", "trusted CAs"), ("us-expe1", "trusted CAs")} <= due(run)
    assert all({"Successor Root CA", "Successor Issuing CA"} <= set(trusted(edge, peer)) for peer in PEERS)
    done = [e["operation"] for e in edge.journal(writes=True, since=since)]
    assert max(i for i, what in enumerate(done) if "/certs/root" in what) < min(i for i, what in enumerate(done) if "generate_csr" in what)
    assert [peer for peer in written(edge, since, "restart") if "expc" in peer] == ["us-expc2", "us-expc1"]


def test_killed_in_the_middle_of_expressways(edge: Estate) -> None:
    """Killed after each of its first writes: together the runs install one certificate on each peer, and every restart is made."""
    since, killed = edge.mark(), 0
    while killed < 8 and edge.play_and_kill(1, "renew.yml", "--limit", "us_expc"):
        killed += 1
    assert killed >= 3, "too few kills to mean anything"
    edge.play("renew.yml", "--limit", "us_expc").ok()
    assert sorted(written(edge, since, "POST /certs/server")) == ["us-expc1", "us-expc2"]
    nothing_more(edge, "us_expc", {})
    edge.play("verify.yml", "--limit", "us_expc").ok()


# -- routers, Meeting Servers, management servers, and their Unified CM cluster -------------------------------------------------
REST = "us_cm:us_srst:us_cube:us_cms:us_cmm:us_pcd"
ROUTERS = {"us-branch1": "SRST-Certificate", "us-cube1": "CUBE-Certificate", "us-cube2": "CUBE-Certificate"}
NO_WINDOW = {"collab_disruption": ["services", "trunks", "phones"]}


@pytest.fixture(scope="module")
def _rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """All of them as the guide wants them, by a template for 20 days."""
    found = Estate(Path(tmp_path_factory.mktemp("renew_rest")), free_network(), tuple(REST.split(":")))
    with found.running():
        found.play(variables={**SHORT_LIVED, "meeting_server_renew_before_days": 5}).ok()      # or databases would wait for certificates that last
        found.save("ends-soon")
        yield found


@pytest.fixture
def rest(_rest: Estate) -> Estate:
    """The same, as they were."""
    _rest.load("ends-soon")
    return _rest


def trustpoints(estate: Estate) -> dict[str, list[str]]:
    """{router: trustpoints with a certificate of its own}."""
    found = json.loads(estate.lab("status", "--json"))
    return {one["name"]: sorted(name for name in one["trustpoints"] if name.partition("-C")[0] in ("SRST", "CUBE"))
            for cluster in found["clusters"] for one in cluster.get("routers", ())}


def shared(estate: Estate) -> set[x509.Certificate]:
    """What the Meeting Servers serve at Web Admin."""
    return {x509.load_pem_x509_certificate(ssl.get_server_certificate((f"{estate.network}.9.{number}", 20443)).encode()) for number in (21, 22, 23, 24)}


def test_what_belongs_together_moves_together(rest: Estate) -> None:
    """Routers keep the old trustpoint until the new one is referred to; Meeting Servers change as one, their databases in a window; the rest is for people."""
    before, since = shared(rest), rest.mark()
    run = rest.play("renew.yml", variables=NO_WINDOW).ok()
    assert due(run) >= {*ROUTERS.items(), ("us-cms1", "services"), ("us-cms1", "databases"), ("us-pcd1", "server"), ("us-cm-pub", "CallManager")}
    assert trustpoints(rest) == {router: [name + "-2"] for router, name in ROUTERS.items()}
    assert len(shared(rest)) == 1 and shared(rest) != before
    pending = {(p["host"], p["id"]) for p in run.pending}
    assert ("us-cms1", "database-cluster") in pending and ("us-cm-pub", "srst-fetch") in pending
    assert [e["operation"] for e in rest.journal(writes=True, since=since) if e["operation"].startswith("database cluster")] == []

    since = rest.mark()
    run = rest.play("renew.yml", variables=NO_WINDOW).ok()
    assert due(run) == {("us-cms1", "databases")} and run.changed == 0 and rest.journal(writes=True, since=since) == []
    rest.play("renew.yml").ok()
    assert [e for e in rest.journal(writes=True, since=since) if e["operation"].startswith("database cluster")]
    nothing_more(rest, REST, {})
    rest.play("verify.yml").ok()


def test_killed_in_the_middle_of_routers_and_meeting_servers(rest: Estate) -> None:
    """Killed again and again: the last run comes to the same end, and no key was made twice."""
    some, since, killed = "us_cube:us_cms:us_pcd", rest.mark(), 0
    while killed < 10 and rest.play_and_kill(2, "renew.yml", "--limit", some):
        killed += 1
    assert killed >= 3, "too few kills to mean anything"
    rest.play("renew.yml", "--limit", some).ok()
    assert sorted(written(rest, since, "crypto key generate")) == ["us-cube1", "us-cube2"]
    assert [trustpoints(rest)[router] for router in ("us-cube1", "us-cube2")] == [["CUBE-Certificate-2"]] * 2
    nothing_more(rest, some, {})


def test_the_successor_of_a_ca_is_everywhere_before_the_first_certificate_moves(rest: Estate) -> None:
    """The issuing CA ends; the file has its successor, of another root: no request is made and no certificate installed before every store has both."""
    file, since = rest.directory / "successor.pem", rest.mark()
    file.write_text((rest.lab_directory / "ca" / "chain.pem").read_text() + successor())
    some = "us_cm:us_cube:us_pcd"
    run = rest.play("renew.yml", "--limit", some, variables={
        "collab_ca_file": str(file), "collab_renew_days": 2600, "ios_certificates_issuer": "Enterprise Issuing CA 1"}).ok()
    assert {("us-cm-pub", "tomcat-trust"), ("us-cube1", "trustpoints"), ("us-pcd1", "tomcat-trust")} <= due(run)
    done = [(e["node"], e["operation"]) for e in rest.journal(writes=True, since=since)]
    trust = [i for i, (_node, what) in enumerate(done) if "trust/certificates" in what or "import trust" in what or re.search(r"pki authenticate TRUST", what)]
    moves = [i for i, (_node, what) in enumerate(done) if re.search(r"/csr|csr gen|pki enroll|/identity/|import own", what)]
    assert {done[i][0] for i in trust} == {"us-cm-pub", "us-cube1", "us-cube2", "us-pcd1"} == {done[i][0] for i in moves}
    assert max(trust) < min(moves)


def successor() -> str:
    """The certificates of another root, and of an issuing CA below it that outlives those of the lab."""
    now, days = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Successor %s CA" % word)]) for word in ("Root", "Issuing")]
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    made = [x509.CertificateBuilder().subject_name(name).issuer_name(names[0]).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - days).not_valid_after(now + 5000 * days).add_extension(x509.BasicConstraints(True, None), critical=True)
            .add_extension(usage, critical=True).sign(keys[0], hashes.SHA256()) for name, key in zip(names, keys, strict=True)]
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in made)
