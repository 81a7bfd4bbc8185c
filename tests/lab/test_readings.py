"""The other readings of the facts that certificates, TLS and modes rest on: each one really changes what the lab does."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from lab.ucm import x509
from lab.ucm.refused import Refused

CALL_MANAGER = "Cisco CallManager"


async def connect(node, port: int, lab=None) -> ssl.SSLObject:
    """A finished handshake, with the enterprise CA's client certificate when `lab` is given. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if lab is not None:
        context.load_cert_chain(lab.directory / "ca" / "client.pem", lab.directory / "ca" / "client.key")
    reader, writer = await asyncio.open_connection(node.address, port, ssl=context)
    writer.write(b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TLS x\r\nCSeq: 1 OPTIONS\r\n\r\n")
    if port != 8443:
        # In TLS 1.3 a refusal comes only with the first answer.
        await reader.readuntil(b"\r\n\r\n")
    found = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    return found


async def signed(lab, unit: str) -> str:
    """A certificate of the enterprise CA for the publisher alone. Gives its fingerprint."""
    node = lab.world.node("us-cm-pub").certificates
    node.upload_trust(["tomcat", "CallManager"], lab.world.ca.chain_pem())
    certificate = lab.world.ca.sign_request(node.generate_request(unit, "multi-server").csr, "CollabServer").certificate
    node.upload_identity(unit, certificate)
    lab.world.clock.advance(120)
    return x509.fingerprint(certificate)


def with_reading(run_lab, name: str, value: str, scenario, **options):
    """Run a scenario under a reading, from day 0 on."""

    async def whole(lab):
        lab.world.set_variant(name, value)
        for node in lab.world.nodes():
            node.listeners.close()
        await lab.resync()
        return await scenario(lab)

    return run_lab(whole, **options)


@pytest.mark.parametrize(("value", "allowed"), [("required", False), ("optional", True)])
def test_5061_without_client_certificate(run_lab, value, allowed):
    async def scenario(lab):
        try:
            await connect(lab.world.node("us-cm-sub1"), 5061)
        except (ssl.SSLError, asyncio.IncompleteReadError):
            return False
        return True

    assert with_reading(run_lab, "sip_tls_client_certificate", value, scenario) is allowed


@pytest.mark.parametrize(("value", "version"), [("1.2", "TLSv1.2"), ("1.3", "TLSv1.3")])
def test_highest_tls_version(run_lab, value, version):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        await signed(lab, "CallManager")
        return (await connect(node, 8443)).version(), (await connect(node, 5061, lab)).version()

    assert with_reading(run_lab, "tls_highest_version", value, scenario) == (version, version)


@pytest.mark.parametrize(("choice", "kind"), [("0", "RSA"), ("1", "EC")])
def test_whose_certificate_a_client_of_tls_1_3_gets(run_lab, choice, kind):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        node.cluster.set_parameter("tls_ciphers", choice)
        node.tls.started(CALL_MANAGER)
        await signed(lab, "CallManager")
        served = await connect(node, 5061, lab)
        key = x509.load(ssl.DER_cert_to_PEM_cert(served.getpeercert(binary_form=True))).public_key()
        return served.version(), type(key).__name__.startswith(kind)

    assert with_reading(run_lab, "tls_highest_version", "1.3", scenario) == ("TLSv1.3", True)


@pytest.mark.parametrize(("value", "at_once"), [("live", True), ("restart", False)])
def test_when_trust_counts(run_lab, value, at_once):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        await signed(lab, "CallManager")
        try:
            await connect(node, 5061, lab)
            before = True
        except (ssl.SSLError, asyncio.IncompleteReadError):
            before = False
        await node.services.restart(CALL_MANAGER)
        await connect(node, 5061, lab)
        return before

    assert with_reading(run_lab, "callmanager_trust_reload", value, scenario) is at_once


@pytest.mark.parametrize(("value", "at_once"), [("restart", False), ("immediate", True)])
def test_when_a_call_manager_certificate_is_served(run_lab, value, at_once):
    async def scenario(lab):
        new = await signed(lab, "CallManager")
        return x509.fingerprint(lab.world.node("us-cm-sub1").certificates.served("sip").certificate) == new

    assert with_reading(run_lab, "callmanager_certificate_activation", value, scenario) is at_once


@pytest.mark.parametrize(("value", "sent"), [("leaf", 1), ("without_root", 2), ("with_root", 3)])
def test_what_is_sent_with_a_certificate(run_lab, value, sent):
    from lab.ucm.tls import chain_text

    async def scenario(lab):
        await signed(lab, "tomcat")
        node = lab.world.node("us-cm-pub")
        return chain_text(node, node.certificates.identity("tomcat")).count("BEGIN CERTIFICATE")

    assert with_reading(run_lab, "served_chain", value, scenario) == sent


@pytest.mark.parametrize(("value", "accepted"), [("CallManager-trust", False), ("tomcat-trust", True)])
def test_trust_store_of_5091(run_lab, value, accepted):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        lab.world.node("us-cm-pub").certificates.upload_trust("tomcat", lab.world.ca.chain_pem())
        lab.world.clock.advance(120)
        lab.world.clusters["us_cm"].security.enable_sip_oauth(lab.world.node("us-cm-pub"))
        await node.services.restart(CALL_MANAGER)
        try:
            await connect(node, 5091, lab)
        except (ssl.SSLError, asyncio.IncompleteReadError):
            return False
        return True

    assert with_reading(run_lab, "sip_oauth_trust", value, scenario) is accepted


def test_5090_may_ask_for_a_certificate_but_needs_none(run_lab):
    async def scenario(lab):
        lab.world.clusters["us_cm"].security.enable_sip_oauth(lab.world.node("us-cm-pub"))
        node = lab.world.node("us-cm-sub1")
        await node.services.restart(CALL_MANAGER)
        await connect(node, 5090)
        with pytest.raises((ssl.SSLError, asyncio.IncompleteReadError)):
            await connect(node, 5090, lab)

    with_reading(run_lab, "sip_oauth_onprem_client_certificate", "optional", scenario)


@pytest.mark.parametrize(("value", "reached"), [("cluster", 4), ("local", 1)])
def test_trust_uploaded_on_a_subscriber(run_lab, value, reached):
    async def scenario(lab):
        lab.world.node("us-cm-sub2").certificates.upload_trust("tomcat", lab.world.ca.root_pem())
        lab.world.clock.advance(120)
        return sum(lab.world.ca.root_pem() in [entry.certificate for entry in node.certificates.trust("tomcat")] for node in lab.world.nodes())

    assert with_reading(run_lab, "trust_upload_on_subscriber", value, scenario) == reached


@pytest.mark.parametrize(("value", "name"), [("cn", "Enterprise_Issuing_CA_1.pem"), ("cn_serial", "Enterprise_Issuing_CA_1_{serial}.pem")])
def test_names_of_trust_files(run_lab, value, name):
    async def scenario(lab):
        issuing = x509.to_pem(lab.world.ca.issuing)
        entry = lab.world.node("us-cm-pub").certificates.upload_trust("tomcat", issuing)[0]
        return entry.filename == name.format(serial=x509.serial(issuing))

    assert with_reading(run_lab, "trust_file_name", value, scenario)


def test_the_other_text_of_a_missing_request(run_lab):
    async def scenario(lab):
        with pytest.raises(Refused) as caught:
            lab.world.node("us-cm-pub").certificates.upload_identity("tomcat", lab.world.ca.root_pem())
        return caught.value.text

    assert with_reading(run_lab, "csr_missing_text", "upload", scenario).endswith("tomcat.der could not be uploaded.")


def test_mixed_mode_without_capf_may_succeed_with_a_ctl_that_lacks_it(run_lab):
    async def scenario(lab):
        ctl = lab.world.clusters["us_cm"].security.set_mixed_mode(lab.world.node("us-cm-pub"))
        return [record for record in ctl.records if "CAPF" in record.functions]

    assert with_reading(run_lab, "mixed_mode_without_capf", "accept", scenario) == []


def test_sip_oauth_may_not_look_at_the_login_flow(run_lab):
    async def scenario(lab):
        cluster = lab.world.clusters["us_cm"]
        cluster.set_parameter("oauth_refresh_login_flow", "0")
        cluster.security.enable_sip_oauth(cluster.publisher)
        return cluster.security.oauth

    assert with_reading(run_lab, "oauth_refresh_parameter", "unchecked", scenario)
