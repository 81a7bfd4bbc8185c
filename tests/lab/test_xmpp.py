"""The TLS ports of IM and Presence, asked by stock `openssl s_client` (STARTTLS) and by raw XML."""

from __future__ import annotations

import asyncio

import pytest
from cryptography import x509 as c509

from lab.ucm import x509
from tests.lab.enterprise import CM
from tests.lab.enterprise import openssl
from tests.lab.enterprise import with_products
from tests.lab.test_certificates import signed

IMP = ("us-imp-pub", "us-imp-sub1")
ROUTER = "Cisco XCP Router"
FEDERATION = "Cisco XCP XMPP Federation Connection Manager"
HEAD = b"<?xml version='1.0'?><stream:stream to='ent-pa.com' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"


def shown(output: str) -> str:
    """Fingerprint of the certificate that openssl shows, "" when there is none."""
    begin = output.find("-----BEGIN CERTIFICATE-----")
    return x509.fingerprint(x509.to_pem(c509.load_pem_x509_certificate(output[begin:].encode()))) if begin >= 0 else ""


def install(lab, unit: str) -> str:
    """A multi-server certificate of the enterprise CA for a unit of IM and Presence; gives its fingerprint."""
    node = lab.world.node("us-imp-pub").certificates
    node.upload_trust("cup-xmpp", lab.world.ca.chain_pem())
    certificate = signed(lab, node.generate_request(unit, "multi-server").csr)
    node.upload_identity(unit, certificate)
    lab.world.clock.advance(120)
    return x509.fingerprint(certificate)


async def said(node, port: int, *sent: bytes) -> bytes:
    """All that a port answers until it closes, or falls silent."""
    reader, writer = await asyncio.open_connection(node.address, port)
    answer = b""
    try:
        for text in sent:
            writer.write(text)
            answer += await asyncio.wait_for(reader.read(65536), 5)
        answer += await asyncio.wait_for(reader.read(65536), 0.3)
    except TimeoutError:
        pass
    writer.transport.abort()
    return answer


def test_clients_see_cup_xmpp_as_of_the_routers_start(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-imp-sub1")
        ask = ("-starttls", "xmpp", "-xmpphost", "ent-pa.com", "-CAfile", str(lab.directory / "ca" / "root.pem"), "-verify_return_error")
        before = await openssl(node, 5222, *ask)
        assert "self-signed certificate" in before
        new = install(lab, "cup-xmpp")
        await node.services.restart("Cisco XCP Connection Manager")
        assert "self-signed certificate" in await openssl(node, 5222, *ask), "the documented step is the Router"
        await node.services.restart(ROUTER)
        await lab.world.quiet()
        after = await openssl(node, 5222, *ask)
        assert "Verify return code: 0 (ok)" in after and shown(after) == new
        entry = lab.world.journal.entries()[-1]
        assert (entry.node, entry.channel, entry.operation) == ("us-imp-sub1", "tls", "handshake 5222")
        await node.services.stop(ROUTER)
        await lab.world.quiet()
        assert "refused" in await openssl(node, 5222, *ask)

    run_lab(scenario, names=CM, change=with_products(*IMP))


def test_federation_is_off_until_it_is_activated(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-imp-pub")
        ask = ("-starttls", "xmpp-server", "-xmpphost", "ent-pa.com")
        assert "refused" in await openssl(node, 5269, *ask)
        new = install(lab, "cup-xmpp-s2s")
        await node.services.activate(FEDERATION)
        assert shown(await openssl(node, 5269, *ask)) == new
        own = ("-cert", str(lab.directory / "ca" / "client.pem"), "-key", str(lab.directory / "ca" / "client.key"))
        assert shown(await openssl(node, 5269, *ask, *own)) == new

    run_lab(scenario, names=CM, change=with_products(*IMP))


def test_a_domain_that_is_not_hosted_gets_no_stream(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-imp-pub")
        assert not shown(await openssl(node, 5222, "-starttls", "xmpp", "-xmpphost", "other.example"))
        entry = lab.world.journal.entries()[-1]
        assert entry.detail["refused"] == "host-unknown"

    run_lab(scenario, names=CM, change=with_products(*IMP))


@pytest.mark.parametrize(("sent", "answer", "unknown"), [
    ([HEAD], b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>", 0),
    ([HEAD, b"<auth/>"], b"<policy-violation", 1),
    ([HEAD, b"</stream:stream>"], b"</stream:features>", 0),
    ([HEAD.replace(b"jabber:client", b"jabber:server")], b"<invalid-namespace", 0),
    ([b"GET / HTTP/1.1\r\n\r\n"], b"<not-well-formed", 0),
    ([HEAD, b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"], b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", 0),
], ids=["offer", "before TLS", "end", "wrong port", "no XML", "proceed"])
def test_what_the_stream_answers(run_lab, sent, answer, unknown):
    async def scenario(lab):
        return await said(lab.world.node("us-imp-pub"), 5222, *sent), lab.world.unknown

    got, count = run_lab(scenario, names=CM, change=with_products("us-imp-pub"))
    assert answer in got and count == unknown


@pytest.mark.parametrize(("port", "certificate", "accepted"), [(5061, False, True), (5062, True, True), (5062, False, False)])
def test_sip_proxy_by_tls(run_lab, port, certificate, accepted):
    async def scenario(lab):
        node = lab.world.node("us-imp-pub")
        node.certificates.upload_trust("cup", lab.world.ca.chain_pem())
        own = ("-cert", str(lab.directory / "ca" / "client.pem"), "-key", str(lab.directory / "ca" / "client.key")) if certificate else ()
        output = await openssl(node, port, *own)
        return shown(output) == x509.fingerprint(node.certificates.identity("cup").certificate), "alert" not in output, lab.world.journal.entries()[-1].detail

    served, finished, detail = run_lab(scenario, names=CM, change=with_products("us-imp-pub"))
    assert served and finished is accepted and ("refused" in detail) is not accepted


def test_the_presence_trunk_reaches_the_sip_proxy(run_lab):
    def change(hosts, estate):
        with_products(*IMP)(hosts, estate)
        estate["clusters"]["us_cm"]["trunks"].append({"name": "US_IMP", "security_profile": "Gateway Profile", "device_pool": "US_DP_1",
                                                      "destinations": [{"address": hosts["us-imp-pub"]["ansible_host"], "port": 5060}]})

    async def scenario(lab):
        return set(lab.status()["clusters"][0]["trunks"]["US_IMP"].values())

    assert run_lab(scenario, names=CM, change=change) == {"in service"}
