"""The enterprise CA's OCSP responder, asked by `openssl ocsp`, and by the products where Certificate Revocation says so."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import urllib.error
import urllib.request

import pytest
from cryptography import x509 as c509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from lab.ca.authority import pem
from lab.core.keys import load_key
from lab.ucm import certificate_settings as settings
from lab.ucm import revocation

FROM_CERTIFICATE = settings.Revocation(enabled=True)


def leaf_of(lab, name="x.ent-pa.com"):
    return lab.world.ca.issue(load_key(lab.world.keys.rsa()).public_key(), name, [name])


async def openssl(lab, tmp_path, certificate, *options):
    """What the stock client says of a certificate, with the answer's signature checked."""
    for name, content in (("leaf", pem(certificate)), ("issuing", pem(lab.world.ca.issuing)), ("chain", lab.world.ca.chain_pem())):
        (tmp_path / f"{name}.pem").write_text(content)
    ports = next(host for host in lab.others if host.product == "adcs")
    command = ["openssl", "ocsp", "-issuer", tmp_path / "issuing.pem", "-cert", tmp_path / "leaf.pem", "-CAfile", tmp_path / "chain.pem",
               "-url", f"http://{ports.address}:{ports.ports['ocsp']}/ocsp", *options]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=20)
    return done.stdout + done.stderr


@pytest.mark.parametrize("signer", ["issuer", "delegated"])
@pytest.mark.parametrize("options", [(), ("-no_nonce",)])
def test_openssl_gets_answers_that_it_believes(run_lab, tmp_path, signer, options):
    async def scenario(lab):
        lab.world.set_variant("ocsp_signer", signer)
        leaf = leaf_of(lab)
        assert revocation.responder(leaf) == "http://us-ca.ent-pa.com:20080/ocsp"
        said = await openssl(lab, tmp_path, leaf, *options)
        assert "Response verify OK" in said and "leaf.pem: good" in said
        lab.world.ca.revoke(leaf)
        said = await openssl(lab, tmp_path, leaf, *options)
        assert "Response verify OK" in said and "leaf.pem: revoked" in said
        entries = [entry for entry in lab.world.journal.entries() if entry.channel == "ocsp"]
        assert [(entry.node, entry.operation, entry.kind, entry.detail["status"]) for entry in entries] == [
            ("us-ca", "POST /ocsp", "read", "good"), ("us-ca", "POST /ocsp", "read", "revoked")]

    run_lab(scenario, names=("us-cm-pub",))


def test_a_certificate_of_nobody_is_unknown_and_get_and_rubbish_are_answered(run_lab):
    async def scenario(lab):
        stranger = lab.world.node("us-cm-pub").certificates.identity("tomcat").certificate
        built = ocsp.OCSPRequestBuilder().add_certificate(c509.load_pem_x509_certificate(stranger.encode()), lab.world.ca.issuing, hashes.SHA1()).build()
        host = next(host for host in lab.others if host.product == "adcs")
        base = f"http://{host.address}:{host.ports['ocsp']}/ocsp"

        def get():
            asked = base64.b64encode(built.public_bytes(Encoding.DER)).decode().replace("/", "%2F").replace("+", "%2B")
            with urllib.request.urlopen(f"{base}/{asked}", timeout=10) as answer:
                yield ocsp.load_der_ocsp_response(answer.read())
            with urllib.request.urlopen(urllib.request.Request(base, b"rubbish"), timeout=10) as answer:
                yield ocsp.load_der_ocsp_response(answer.read())

        first, second = await asyncio.to_thread(lambda: list(get()))
        assert first.certificate_status is ocsp.OCSPCertStatus.UNKNOWN
        assert second.response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST
        with pytest.raises(ValueError):
            lab.world.ca.revoke(c509.load_pem_x509_certificate(stranger.encode()))

    run_lab(scenario, names=("us-cm-pub",))


def asked_by(lab):
    return [(entry.detail["asked_by"], entry.detail.get("status")) for entry in lab.world.journal.entries() if entry.channel == "ocsp"]


@pytest.mark.parametrize("signer", ["issuer", "delegated"])
def test_a_node_asks_about_uploads_only_when_it_is_told_to(run_lab, signer):
    async def scenario(lab):
        lab.world.set_variant("ocsp_signer", signer)
        node = lab.world.node("us-cm-pub")
        node.certificates.upload_trust("tomcat", lab.world.ca.chain_pem())
        await lab.world.quiet()
        assert asked_by(lab) == []
        settings.put(node, "revocation", FROM_CERTIFICATE)
        node.certificates.upload_trust("CallManager", pem(leaf_of(lab)))
        await lab.world.quiet()
        assert asked_by(lab) == [("us-cm-pub", "good")]
        configured = settings.Revocation(enabled=True, source=settings.CONFIGURED, uri="http://us-ca.ent-pa.com:20080/ocsp")
        settings.put(node, "revocation", configured)
        assert await revocation.ask(node, pem(leaf_of(lab))) == "good"
        assert lab.world.unknown == 0

    run_lab(scenario, names=("us-cm-pub",))


@pytest.mark.parametrize(("uri", "outcome"), [
    ("http://nobody.ent-pa.com/ocsp", "unknown host"), ("http://us-ca.ent-pa.com:9/ocsp", "no answer"), ("http://us-ca.ent-pa.com:20080/other", "no answer")])
def test_a_responder_that_is_not_there_does_not_stop_anything(run_lab, uri, outcome):
    async def scenario(lab):
        node = lab.world.node("us-cm-pub")
        node.certificates.upload_trust("tomcat", lab.world.ca.chain_pem())
        settings.put(node, "revocation", settings.Revocation(enabled=True, source=settings.CONFIGURED, uri=uri))
        leaf = pem(leaf_of(lab))
        assert await revocation.ask(node, leaf) == outcome and not await revocation.is_revoked(node, leaf)

    run_lab(scenario, names=("us-cm-pub",))


def test_a_trunk_whose_far_end_was_revoked_stays_down(run_lab):
    def far_end_with_tls(hosts, estate):
        profile = estate["clusters"]["us_cm"]["sip_trunk_security_profiles"][0]
        profile.update(securityMode="Encrypted", incomingTransport="TLS", outgoingTransport="TLS", incomingPort=5061, x509SubjectName="us-cube1.ent-pa.com")
        estate["clusters"]["us_cm"]["trunks"][0]["destinations"][0]["port"] = 5061

    async def scenario(lab):
        cluster, world = lab.world.clusters["us_cm"], lab.world
        for store in ("tomcat", "CallManager"):
            cluster.publisher.certificates.upload_trust(store, world.ca.chain_pem())
        world.clock.advance(60)
        for node in cluster.nodes.values():
            identity = node.certificates.generate_request("CallManager")
            node.certificates.upload_identity("CallManager", world.ca.sign_request(identity.csr, "CollabServer").certificate)
            node.certificates.activate("Cisco CallManager")
        settings.put(cluster.publisher, "revocation", FROM_CERTIFICATE)

        async def outcomes():
            await cluster.phones.trunks.refresh({"US_CUBE"})
            return set(cluster.phones.trunks.results("US_CUBE").values())

        assert await outcomes() == {"in service"}
        assert {asker for asker, _status in asked_by(lab)} >= {"us-cm-sub1", "us-cm-sub2"}
        peer = next(one for one in lab.peers if one.name == "us-cube1")
        world.ca.revoke(c509.load_pem_x509_certificate(peer.chain.encode()))
        assert await outcomes() == {"TLS: certificate revoked"}
        lab.snapshots.take("revoked")
        world.ca.revoked.clear()
        await lab.restore("revoked")
        assert world.ca.revoked

    run_lab(scenario, change=far_end_with_tls)
