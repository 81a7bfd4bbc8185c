"""ACME on Expressway-E: signing, deployment without a restart, renewal; pebble as the referee of its client."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import ssl
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.core.keys import key_pem
from lab.core.keys import load_key
from lab.expressway import acme
from lab.expressway.acme_client import Client
from lab.expressway.certificates import Refused
from lab.ucm import x509 as lab_x509
from tests.lab.axl_lab import Lab
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import hosts
from tests.lab.expressway_lab import network
from tests.lab.expressway_lab import until
from tests.lab.test_public_ca import public_hosts

PENDING, DEPLOY, CSR = "/certs/acme/pendingcert", "/certs/acme/pendingcert/deploy", "/certs/generate_csr"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Expressway-E, and the public CA."""
    net = network()
    variables = {**hosts("15.4", ("us-expe1", "us-expe2", "us-expc1"), net), **public_hosts(net)}
    estate = {"clusters": {}, "public_dns": {"ent-pa.com": ["us-expe1", "us-expe2"], "collab-edge.ent-pa.com": [f"{net}.98:20080"]}}
    running = Lab(tmp_path_factory.mktemp("acme"), 0, speed=6000.0, estate=estate, variables=variables)
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def edge(lab):
    """The primary Expressway-E on day 0, with an account at the provider."""
    lab.restore("day0")
    lab.world.unknown = 0
    api = Api(lab, "us-expe1")
    lab.call(lambda: acme.accept(api.peer, "uc-operations@ent-pa.com", "Accepted"))
    return api


def usages(pem: bytes) -> set:
    """Extended key usages of a certificate."""
    return set(x509.load_pem_x509_certificate(pem).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_a_certificate_by_acme_needs_no_restart(edge):
    assert edge.send("GET", PENDING).status_code == 404
    edge.done("POST", CSR, {"Additional_FQDNS": ["ent-pa.com"]})
    edge.done("POST", PENDING)
    assert edge.send("GET", PENDING).text.startswith("-----BEGIN CERTIFICATE") and "Temporary CA" in edge.openssl()
    assert not {80, 20080} & set(edge.appliance.doors.listening()), "port 80 is open for the challenges only"
    asked = [entry.operation for entry in edge.lab.world.journal.entries() if entry.channel == "public_ca" and entry.kind == "write"]
    assert asked[0] == "POST /acme/new-account" and any(one.startswith("POST /acme/finalize/") for one in asked)
    edge.done("POST", DEPLOY)
    shown = edge.openssl()
    assert "Example Trust" in shown and shown.count("BEGIN CERTIFICATE") == 2 and edge.peer.restarts == 0
    leaf = x509.load_pem_x509_certificate(edge.send("GET", "/certs/server").content)
    assert leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == ["us-expe1.ent-pa.com", "ent-pa.com"]
    assert edge.send("GET", PENDING).status_code == 404 and edge.send("GET", CSR).status_code == 404
    assert usages(edge.send("GET", "/certs/server").content) == {ExtendedKeyUsageOID.SERVER_AUTH}, "deployment does not look at the usages"


def test_challenge_files_are_on_all_peers(edge):
    edge.lab.do(acme._publish(edge.peer.cluster, {"token": "token.print"}))
    for one in edge.peer.cluster.peers:
        site = f"http://{one.appliance.address}:20080"
        done = subprocess.run(["curl", "-s", f"{site}/.well-known/acme-challenge/token"], capture_output=True, text=True, check=True)
        assert done.stdout == "token.print"
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{site}/"], capture_output=True, text=True, check=True)
        assert done.stdout == "404"
    edge.lab.do(acme._publish(edge.peer.cluster, {}))


def test_a_name_that_leads_elsewhere(edge):
    edge.done("POST", CSR, {"Additional_FQDNS": ["collab-edge.ent-pa.com"]})
    words = edge.send("POST", PENDING).json()["Message"]
    assert words.startswith("CommandError: ") and "Connection refused" in words and edge.send("GET", PENDING).status_code == 404
    assert edge.peer.certificates.last_sign.startswith("Failed")


def test_a_request_and_terms_are_needed(edge):
    assert edge.send("POST", PENDING).status_code == 404
    edge.lab.call(lambda: acme.reset(edge.peer))
    edge.done("POST", CSR, {})
    edge.refused("POST", PENDING)
    with pytest.raises(Refused):
        edge.lab.call(lambda: acme.accept(edge.peer, "nobody", "Accepted"))


def test_what_waits_can_be_thrown_away(edge):
    edge.done("POST", CSR, {})
    edge.done("POST", PENDING)
    edge.done("DELETE", PENDING)
    assert edge.send("POST", DEPLOY).status_code == 404 and edge.send("GET", CSR).status_code == 200


def test_the_header_is_needed(edge):
    Api(edge.lab, "us-expe1", csrf=False).refused("POST", PENDING)


def test_not_on_expressway_c_and_maybe_not_at_all(edge):
    assert Api(edge.lab, "us-expc1").send("GET", PENDING).status_code == 404
    edge.lab.world.set_variant("expressway_acme_resource", "absent")
    edge.done("POST", CSR, {})
    assert edge.send("POST", PENDING).status_code == 404


@pytest.mark.parametrize("keys", ["Retain", "Rotate"])
def test_automated_renewal_replaces_the_certificate(edge, keys):
    edge.done("POST", CSR, {})
    edge.lab.world.set_variant("public_ca_usage", "both")
    edge.done("POST", PENDING)
    edge.done("POST", DEPLOY)
    edge.lab.world.set_variant("public_ca_usage", "server")
    edge.lab.call(lambda: acme.configure(edge.peer, "Automated", renew_key=keys))
    first = edge.send("GET", "/certs/server").content
    assert ExtendedKeyUsageOID.CLIENT_AUTH in usages(first)

    def later(days: int) -> bytes:
        edge.lab.call(lambda: (edge.lab.world.clock.advance(days * 86400), edge.lab.world.advanced()))
        edge.lab.do(edge.lab.world.quiet())
        return edge.send("GET", "/certs/server").content

    assert later(40) == first, "not yet"
    second = later(25)
    assert second != first and ExtendedKeyUsageOID.CLIENT_AUTH not in usages(second)
    pair = [x509.load_pem_x509_certificate(one).public_key() for one in (first, second)]
    assert (pair[0] == pair[1]) == (keys == "Retain")
    with pytest.raises(Refused):
        edge.lab.call(lambda: acme.configure(edge.peer, "Sometimes"))


def test_a_certificate_is_revoked(edge):
    edge.done("POST", CSR, {})
    edge.done("POST", PENDING)
    pem = edge.send("GET", PENDING).text
    edge.lab.do(acme.revoke(edge.peer, pem))
    assert lab_x509.load(pem).serial_number in edge.lab.world.public_ca.authority.revoked
    with pytest.raises(Refused):
        edge.lab.do(acme.revoke(edge.peer, pem))


@pytest.mark.skipif(shutil.which("pebble") is None, reason="pebble is not installed (Debian: apt install pebble)")
def test_the_client_gets_on_with_pebble(tmp_path, lab):
    ca, address = lab.world.ca, f"{network()}.97"
    key = lab.world.keys.rsa()
    leaf = lab.call(lambda: ca.issue(load_key(key).public_key(), "pebble", ["pebble", "localhost"], "server"))
    (tmp_path / "pebble.pem").write_text(lab_x509.to_pem(leaf) + lab_x509.to_pem(ca.issuing))
    (tmp_path / "pebble.key").write_text(key)
    (tmp_path / "pebble.json").write_text(json.dumps({"pebble": {
        "listenAddress": f"{address}:14000", "managementListenAddress": f"{address}:15000", "certificate": str(tmp_path / "pebble.pem"),
        "privateKey": str(tmp_path / "pebble.key"), "httpPort": 20080, "tlsPort": 20081, "ocspResponderURL": ""}}))
    environment = {**os.environ, "PEBBLE_VA_ALWAYS_VALID": "1", "PEBBLE_VA_NOSLEEP": "1"}
    process = subprocess.Popen(["pebble", "-config", str(tmp_path / "pebble.json")], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def listens() -> bool:
        with socket.socket() as sock:
            return sock.connect_ex((address, 14000)) == 0

    async def order() -> tuple[str, dict]:
        files: dict[str, str] = {}

        async def publish(given: dict[str, str]) -> None:
            files.update(given)

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=ca.root_pem())
        async with Client("https://localhost:14000/dir", (address, 14000), context, key_pem(ec.generate_private_key(ec.SECP256R1())), address) as client:
            await client.register("uc-operations@ent-pa.com")
            text = await client.certificate(csr, ["us-expe1.ent-pa.com"], publish)
            await client.revoke(text[: text.index("-----END CERTIFICATE-----") + 26])
        return text, files

    lab.restore("day0")
    edge = Api(lab, "us-expe1")
    edge.done("POST", CSR, {})
    csr = edge.send("GET", CSR).text
    try:
        until(listens)
        text, files = asyncio.run(order())
    finally:
        process.kill()
        process.wait()
    leaf = x509.load_pem_x509_certificates(text.encode())[0]
    assert "Pebble" in leaf.issuer.rfc4514_string() and len(files) == 1
