"""What restarts make true: served certificates, mixed mode and CTL, SIP OAuth ports, phones and trunks that follow them."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from cryptography import x509 as c509
from cryptography.hazmat.primitives import hashes

from lab.core.keys import load_key
from lab.ucm import x509
from lab.ucm.refused import Refused
from lab.ucm.security import CCM_TFTP

CAPF = "Cisco Certificate Authority Proxy Function"
CALL_MANAGER = "Cisco CallManager"


async def served(node, port: int, client: tuple[str, str] | None = None) -> str:
    """SHA-256 of the certificate a port serves. client: (certificate file, key file). Raises OSError, ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if client:
        context.load_cert_chain(*client)
    _reader, writer = await asyncio.open_connection(node.address, port, ssl=context)
    try:
        return c509.load_der_x509_certificate(writer.get_extra_info("ssl_object").getpeercert(True)).fingerprint(hashes.SHA256()).hex()
    finally:
        writer.transport.abort()


def probe(lab) -> tuple[str, str]:
    """The lab's client certificate of the enterprise CA."""
    return str(lab.directory / "ca" / "client.pem"), str(lab.directory / "ca" / "client.key")


async def sign(lab, unit: str, template: str = "CollabServer", distribution: str = "multi-server") -> str:
    """Trust the enterprise CA, request, sign, upload and wait until every node has it. Gives its fingerprint."""
    publisher = lab.world.node("us-cm-pub").certificates
    publisher.upload_trust(["tomcat", "CallManager"], lab.world.ca.chain_pem())
    certificate = lab.world.ca.sign_request(publisher.generate_request(unit, distribution).csr, template).certificate
    publisher.upload_identity(unit, certificate)
    await lab.world.clock.sleep(60)
    return x509.fingerprint(certificate)


async def restart(lab, name: str, *nodes: str) -> None:
    """Restart a service on nodes (all that run it unless told), and let devices settle."""
    for node in lab.world.nodes():
        if node.name in nodes or (not nodes and node.services.find(name).activated):
            await node.services.restart(name)
    await lab.world.quiet()


def status(lab) -> dict[str, tuple[str, str, str]]:
    """(status, node, reason) of every phone."""
    rows = lab.world.clusters["us_cm"].phones.registrations()
    return {row.name: (row.status, row.node, row.reason) for row in rows if row.device_class == "Phone"}


def secure_phones(lab, mode: str = "Encrypted", **more: str) -> None:
    """Give the phones a profile of that mode, as an administrator would."""
    db = lab.world.clusters["us_cm"].db
    db.run("update securityprofile set tkdevicesecuritymode=? where name like 'Cisco 8845%'", db.enum("typedevicesecuritymode", mode))
    for column, value in more.items():
        db.run(f"update securityprofile set {column}=? where name like 'Cisco 8845%'", value)


async def mixed_mode(lab) -> None:
    """The guide's order: CAPF, set-cluster, TFTP, CallManager."""
    publisher = lab.world.node("us-cm-pub")
    await publisher.services.activate(CAPF)
    lab.world.clusters["us_cm"].security.set_mixed_mode(publisher)
    await restart(lab, "Cisco Tftp")
    await restart(lab, CALL_MANAGER)


def test_a_new_tomcat_certificate_is_served_only_after_the_restart(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        before = await served(node, 8443)
        new = await sign(lab, "tomcat")
        assert await served(node, 8443) == before
        reader, writer = await asyncio.open_connection(node.address, 8443, ssl=_anyone())
        task = node.services.restart("Cisco Tomcat")
        await asyncio.sleep(0)
        assert node.services.find("Cisco Tomcat").status == "Stopping"
        with pytest.raises(OSError):
            await served(node, 8443)
        with pytest.raises(OSError):
            await served(node, 20443)
        assert await reader.read() == b"", "open sessions end"
        writer.transport.abort()
        await task
        assert await served(node, 8443) == await served(node, 20443) == new
        assert await served(lab.world.node("us-cm-sub2"), 8443) not in (before, new), "the other nodes still serve their own old one"
        return node.services.find("Cisco Tomcat").starts

    assert run_lab(scenario) == 2


def _anyone() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_haproxy_stands_before_tomcat(run_lab):
    """From release 14 on; nobody comes to the web pages while it is away, and Tomcat's restart does not help."""
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        before = await served(node, 8443)
        await node.services.stop("Cisco HAProxy")
        with pytest.raises(OSError):
            await served(node, 8443)
        await node.services.restart("Cisco Tomcat")
        with pytest.raises(OSError):
            await served(node, 20443)
        await node.services.start("Cisco HAProxy")
        assert await served(node, 8443) == before

    run_lab(scenario)


def test_configuration_files_come_by_the_tomcat_certificate_that_tftp_started_with(run_lab):
    """A restart of Tomcat changes nothing on 6972."""
    async def scenario(lab):
        node = lab.world.node("us-cm-tftp1")
        old = await served(node, 6972)
        new = await sign(lab, "tomcat")
        await node.services.restart("Cisco Tomcat")
        assert await served(node, 8443) == new and await served(node, 6972) == old
        await node.services.restart("Cisco Tftp")
        assert await served(node, 6972) == new
        with pytest.raises(OSError):
            await served(lab.world.node("us-cm-sub1"), 6972)

    run_lab(scenario)


@pytest.mark.parametrize(("release", "reading", "reset"), [("15", "automatic", True), ("15", "manual", False), ("12.5", "automatic", False)])
def test_phones_are_reset_when_what_they_know_the_cluster_by_changes(run_lab, release, reading, reset):
    """From release 14 on, by the product itself, unless it was told not to; tomcat's certificate is none of theirs."""
    async def scenario(lab):
        lab.world.set_variant("phone_interaction", reading)
        phones, since = lab.world.clusters["us_cm"].phones, lab.world.clock.epoch()
        await sign(lab, "tomcat")
        assert all(row.since <= since for row in phones.registrations() if row.device_class == "Phone")
        await sign(lab, "CallManager")
        await lab.world.quiet()
        rows = [row for row in phones.registrations() if row.device_class == "Phone"]
        assert {row.status for row in rows} == {"Registered"}
        return {row.since > since for row in rows}

    assert run_lab(scenario, release=release) == {reset}


def test_5061_wants_a_client_certificate_that_its_trust_store_knows(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        with pytest.raises(ssl.SSLError, match="(?i)unknown.ca"):
            await served(node, 5061, probe(lab))
        with pytest.raises(ssl.SSLError, match="(?i)handshake.failure"):
            await served(node, 5061)
        new = await sign(lab, "CallManager")
        old = await served(node, 5061, probe(lab))
        await restart(lab, CALL_MANAGER, "us-cm-sub1")
        assert old != new == await served(node, 5061, probe(lab))
        entries = [entry for entry in lab.world.journal.entries() if entry.channel == "tls"]
        assert ["refused" in entry.detail for entry in entries] == [True, True, False, False]
        assert {entry.detail["client"] for entry in entries[2:]} == {"probe.lab"}

    run_lab(scenario)


def test_a_client_certificate_without_client_authentication_is_refused(run_lab, tmp_path):
    async def scenario(lab):
        await sign(lab, "CallManager")
        key = lab.world.keys.rsa()
        leaf = lab.world.ca.issue(load_key(key).public_key(), "server.lab", ["server.lab"], "server")
        (tmp_path / "c.pem").write_text(x509.to_pem(leaf) + x509.to_pem(lab.world.ca.issuing) + key)
        with pytest.raises(ssl.SSLError, match="(?i)unsupported.certificate|handshake"):
            await served(lab.world.node("us-cm-sub1"), 5061, (str(tmp_path / "c.pem"), str(tmp_path / "c.pem")))

    run_lab(scenario)


def test_sip_oauth_opens_its_ports_with_the_restart_of_callmanager(run_lab):
    async def scenario(lab):
        security, node = lab.world.clusters["us_cm"].security, lab.world.node("us-cm-sub1")
        tomcat = await sign(lab, "tomcat")
        security.enable_sip_oauth(lab.world.node("us-cm-pub"))
        assert security.oauth and not security.oauth_in_force(node)
        with pytest.raises(OSError):
            await served(node, 5090)
        await restart(lab, CALL_MANAGER, "us-cm-sub1")
        assert await served(node, 5090) == tomcat
        with pytest.raises(ssl.SSLError):
            await served(node, 5091)
        assert await served(node, 5091, probe(lab)) == tomcat
        with pytest.raises(OSError):
            await served(lab.world.node("us-cm-sub2"), 5090)
        assert await served(node, 8443) != tomcat, "Tomcat itself has not been restarted"

    run_lab(scenario)


def _no_export(_hosts, estate):
    estate["clusters"]["us_cm"]["licence"]["export_control"] = "NOT_ALLOWED"


def _unregistered(_hosts, estate):
    estate["clusters"]["us_cm"]["licence"]["registration"] = "Unregistered"


def _unrestricted(_hosts, estate):
    estate["clusters"]["us_cm"]["unrestricted"] = True


def _no_refresh(_hosts, estate):
    estate["clusters"]["us_cm"]["parameters"] = {"Enterprise Wide": {"oauth_refresh_login_flow": "0"}}


@pytest.mark.parametrize(
    ("change", "node", "operation", "code"),
    [
        (None, "us-cm-sub1", "set_mixed_mode", "ctl_on_subscriber"),
        (None, "us-cm-pub", "set_mixed_mode", "ctl_without_capf"),
        (None, "us-cm-sub1", "set_non_secure_mode", "ctl_on_subscriber"),
        (None, "us-cm-pub", "update_ctl", "ctl_update_non_secure"),
        (_no_export, "us-cm-pub", "set_mixed_mode", "ctl_export_control"),
        (_unregistered, "us-cm-pub", "set_mixed_mode", "ctl_export_control"),
        (_unrestricted, "us-cm-pub", "set_mixed_mode", "ctl_unrestricted"),
        (None, "us-cm-sub1", "enable_sip_oauth", "oauth_on_subscriber"),
        (_no_export, "us-cm-pub", "enable_sip_oauth", "oauth_export_control"),
        (_no_refresh, "us-cm-pub", "enable_sip_oauth", "oauth_refresh_login_flow"),
    ],
)
def test_modes_have_preconditions(run_lab, change, node, operation, code):
    async def scenario(lab):
        security = lab.world.clusters["us_cm"].security
        with pytest.raises(Refused) as caught:
            getattr(security, operation)(lab.world.node(node))
        assert not security.mixed and not security.oauth and security.ctl is None
        return caught.value.code

    assert run_lab(scenario, change=change) == code


def test_to_14_the_ctl_provider_may_be_asked_for(run_lab):
    async def scenario(lab):
        publisher = lab.world.node("us-cm-pub")
        lab.world.set_variant("mixed_mode_needs_ctl_provider", "yes")
        await publisher.services.activate(CAPF)
        with pytest.raises(Refused, match="CTL Provider"):
            lab.world.clusters["us_cm"].security.set_mixed_mode(publisher)
        await publisher.services.activate("Cisco CTL Provider")
        lab.world.clusters["us_cm"].security.set_mixed_mode(publisher)

    run_lab(scenario, release="14")


def test_the_ctl_holds_each_call_manager_certificate_once(run_lab):
    async def scenario(lab):
        cluster, publisher = lab.world.clusters["us_cm"], lab.world.node("us-cm-pub")
        await mixed_mode(lab)
        functions = [record.functions for record in cluster.security.ctl.records]
        assert functions.count((CCM_TFTP,)) == 4 and ("CAPF",) in functions
        assert cluster.security.ctl.signer == publisher.certificates.identity("ITLRecovery").certificate
        await sign(lab, "CallManager")
        cluster.security.update_ctl(publisher)
        names = [record.dns_name for record in cluster.security.ctl.records if record.functions == (CCM_TFTP,)]
        assert names == [publisher.fqdn], "one certificate for all nodes stands under the publisher's name"
        cluster.security.set_non_secure_mode(publisher)
        assert cluster.security.ctl is not None and not cluster.security.mixed

    run_lab(scenario)


def test_an_encrypted_phone_registers_by_tls_in_mixed_mode(run_lab):
    async def scenario(lab):
        secure_phones(lab)
        await mixed_mode(lab)
        lab.world.clusters["us_cm"].phones.reset()
        await lab.world.quiet()
        rows = {row.name: row for row in lab.world.clusters["us_cm"].phones.registrations() if row.device_class == "Phone"}
        return {name: (row.status, row.node, row.secure) for name, row in rows.items()}

    rows = run_lab(scenario)
    assert rows["SEP0011AABB0001"] == ("Registered", "us-cm-sub1", True)
    assert rows["CSFJDOE"] == ("Registered", "us-cm-sub1", False)


def test_an_encrypted_phone_needs_a_certificate_of_its_own(run_lab):
    async def scenario(lab):
        db = lab.world.clusters["us_cm"].db
        db.run("update securityprofile set tkdevicesecuritymode=? where name like 'Cisco Unified Client%'", db.enum("typedevicesecuritymode", "Encrypted"))
        await mixed_mode(lab)
        lab.world.clusters["us_cm"].phones.reset()
        await lab.world.quiet()
        return status(lab)["CSFJDOE"]

    assert run_lab(scenario) == ("UnRegistered", "", "NoPhoneCertificate")


def test_a_ctl_without_the_certificate_in_use_keeps_phones_away_until_it_is_updated(run_lab):
    async def scenario(lab):
        secure_phones(lab)
        await mixed_mode(lab)
        lab.world.clusters["us_cm"].phones.reset()
        await lab.world.quiet()
        await sign(lab, "CallManager")
        await restart(lab, CALL_MANAGER)
        without = status(lab)
        lab.world.clusters["us_cm"].security.update_ctl(lab.world.node("us-cm-pub"))
        await lab.world.quiet()
        not_yet = status(lab)
        await restart(lab, "Cisco Tftp")
        return without, not_yet, status(lab)

    without, not_yet, healed = run_lab(scenario)
    assert without["SEP0011AABB0001"] == not_yet["SEP0011AABB0001"] == ("UnRegistered", "", "CertificateNotInCTL")
    assert without["CSFJDOE"][0] == "Registered"
    assert healed["SEP0011AABB0001"][0] == "Registered"


def test_apply_config_restarts_only_what_differs(run_lab):
    async def scenario(lab):
        cluster = lab.world.clusters["us_cm"]
        cluster.phones.apply()
        await lab.world.clock.sleep(1)
        untouched = {row[0] for row in status(lab).values()}
        secure_phones(lab)
        known = cluster.phones.apply(["SEP0011AABB0001", "CSFJDOE", "US_CUBE", "SEPNOBODY"])
        return untouched, sorted(known), {name: row[0] for name, row in status(lab).items()}

    untouched, known, after = run_lab(scenario, speed=60)
    assert untouched == {"Registered"} and known == ["CSFJDOE", "SEP0011AABB0001", "US_CUBE"]
    assert after == {"SEP0011AABB0001": "UnRegistered", "SEP0011AABB0002": "Registered", "SEP0011AABB0003": "Registered", "CSFJDOE": "Registered"}


def test_a_call_manager_that_reuses_the_tomcat_certificate(run_lab):
    def reuse(_hosts, estate):
        estate["clusters"]["us_cm"]["reuse_tomcat_certificate"] = True

    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        assert "CallManager" not in node.certificates.units()
        new = await sign(lab, "tomcat")
        lab.world.node("us-cm-pub").certificates.upload_trust("CallManager", lab.world.ca.chain_pem())
        await restart(lab, CALL_MANAGER, "us-cm-sub1")
        await mixed_mode(lab)
        assert new in lab.world.clusters["us_cm"].security.ctl.fingerprints(CCM_TFTP)
        return await served(node, 5061, probe(lab)) == new

    assert run_lab(scenario, change=reuse)


def test_phones_fail_over_and_come_back(run_lab):
    async def scenario(lab):
        first = lab.world.node("us-cm-sub1")
        assert {row[1] for row in status(lab).values()} == {"us-cm-sub1"}
        await first.services.stop(CALL_MANAGER)
        assert status(lab)["SEP0011AABB0001"][0] == "UnRegistered" or status(lab)["SEP0011AABB0001"][1] == "us-cm-sub2"
        await lab.world.quiet()
        there = {row[1] for row in status(lab).values()}
        await first.services.start(CALL_MANAGER)
        await lab.world.quiet()
        return there, {row[1] for row in status(lab).values()}

    assert run_lab(scenario) == ({"us-cm-sub2"}, {"us-cm-sub1"})


def test_an_oauth_phone_needs_the_mode_in_force(run_lab):
    async def scenario(lab):
        phones, security = lab.world.clusters["us_cm"].phones, lab.world.clusters["us_cm"].security
        secure_phones(lab, sipoauthflag="t")
        security.enable_sip_oauth(lab.world.node("us-cm-pub"))
        phones.reset(["SEP0011AABB0001"])
        await lab.world.quiet()
        before = status(lab)["SEP0011AABB0001"]
        await restart(lab, CALL_MANAGER)
        return before, status(lab)["SEP0011AABB0001"]

    before, after = run_lab(scenario)
    assert before == ("Rejected", "", "OAuthNotInForce") and after[0] == "Registered"


def secure_trunk(lab, subjects: str, name: str = "US_CUBE", profile: str = "CUBE Profile") -> None:
    """Switch a trunk's profile and destinations to TLS, as an administrator would."""
    db = lab.world.clusters["us_cm"].db
    db.run("update securityprofile set tkdevicesecuritymode=?, tktransport=?, tktransport_out=?, incomingport=5061, x509subjectname=? where name=?",
           db.enum("typedevicesecuritymode", "Encrypted"), db.enum("typetransport", "TLS"), db.enum("typetransport", "TLS"), subjects, profile)
    db.run("update siptrunkdestination set port=5061 where fksipdevice in "
           "(select s.pkid from sipdevice s join device d on d.pkid=s.fkdevice where d.name=?)", name)


async def trunk_outcomes(lab, name: str) -> set[str]:
    """Reset a trunk and give what its connections came to."""
    lab.world.clusters["us_cm"].phones.reset([name])
    await lab.world.quiet()
    return set(lab.world.clusters["us_cm"].phones.trunk_results(name).values())


def test_a_trunk_really_connects_by_tls(run_lab):
    async def scenario(lab):
        outcomes = {"plain": set(lab.world.clusters["us_cm"].phones.trunk_results("US_CUBE").values())}
        secure_trunk(lab, "us-cube1.ent-pa.com")
        outcomes["before its reset"] = set(lab.world.clusters["us_cm"].phones.trunk_results("US_CUBE").values())
        outcomes["far end not trusted"] = await trunk_outcomes(lab, "US_CUBE")
        await sign(lab, "CallManager")
        outcomes["own certificate not active"] = await trunk_outcomes(lab, "US_CUBE")
        await restart(lab, CALL_MANAGER)
        outcomes["all right"] = await trunk_outcomes(lab, "US_CUBE")
        secure_trunk(lab, "us-cube9.ent-pa.com, other")
        outcomes["other name"] = await trunk_outcomes(lab, "US_CUBE")
        secure_trunk(lab, "us-gw1.ent-pa.com", "US_GW", "Gateway Profile")
        outcomes["no TLS there"] = await trunk_outcomes(lab, "US_GW")
        return outcomes

    outcomes = run_lab(scenario)
    assert outcomes["plain"] == outcomes["before its reset"] == outcomes["all right"] == {"in service"}
    assert "issuer certificate" in outcomes["far end not trusted"].pop()
    assert "UNKNOWN_CA" in outcomes["own certificate not active"].pop()
    assert outcomes["other name"] == {"X.509 subject name us-cube1.ent-pa.com is not expected"}
    assert "connection failed" in outcomes["no TLS there"].pop()


def test_a_call_manager_certificate_without_client_authentication_breaks_trunks(run_lab):
    async def scenario(lab):
        await sign(lab, "CallManager", "WebServer")
        await restart(lab, CALL_MANAGER)
        secure_trunk(lab, "us-cube1.ent-pa.com")
        return await trunk_outcomes(lab, "US_CUBE")

    assert "UNSUPPORTED_CERTIFICATE" in run_lab(scenario).pop()


def test_a_restart_that_never_comes_back(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        lab.world.faults.add({"channel": "services", "node": "us-cm-sub1", "operation": "restart Cisco Tomcat", "action": "never"})
        await node.services.restart("Cisco Tomcat")
        stuck = node.services.find("Cisco Tomcat")
        await node.services.restart("Cisco Tomcat")
        return stuck.status, stuck.start_time, node.services.find("Cisco Tomcat").status

    assert run_lab(scenario) == ("Starting", None, "Started")


@pytest.mark.parametrize(("operation", "name", "code"), [
    ("restart", "Cisco Nothing", "service_unknown"), ("restart", CAPF, "service_not_activated"), ("activate", "Cisco Tomcat", "service_not_deployable"),
    ("deactivate", "Cisco DRF Local", "service_not_deployable"),
])
def test_services_that_cannot_be_controlled(run_lab, operation, name, code):
    async def scenario(lab):
        with pytest.raises(Refused) as caught:
            getattr(lab.world.node("us-cm-pub").services, operation)(name)
        return caught.value.code

    assert run_lab(scenario) == code


@pytest.mark.parametrize(("choice", "suite"), [("0", "ECDHE-RSA"), ("1", "ECDHE-ECDSA")])
def test_cipher_choice_for_signalling_counts_from_the_restart(run_lab, choice, suite):
    async def scenario(lab):
        await sign(lab, "CallManager")
        node = lab.world.node("us-cm-sub1")
        lab.world.clusters["us_cm"].set_parameter("tls_ciphers", choice)
        await restart(lab, CALL_MANAGER, "us-cm-sub1")
        await served(node, 5061, probe(lab))
        return lab.world.journal.entries()[-1].detail["cipher"]

    assert run_lab(scenario).startswith(suite)


def test_https_ciphers_are_rsa_only_until_told_and_restarted(run_lab):
    async def cipher(node) -> str:
        context = _anyone()
        context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        _reader, writer = await asyncio.open_connection(node.address, 8443, ssl=context)
        try:
            return writer.get_extra_info("cipher")[0]
        finally:
            writer.transport.abort()

    async def scenario(lab):
        node = lab.world.node("us-cm-pub")
        lab.world.clusters["us_cm"].set_parameter("https_ciphers", "1")
        with pytest.raises(OSError):
            await cipher(node)
        await node.services.restart("Cisco Tomcat")
        return await cipher(node)

    assert run_lab(scenario) == "ECDHE-ECDSA-AES256-GCM-SHA384"


def test_a_snapshot_holds_the_whole_estate(run_lab):
    async def scenario(lab):
        cluster, node = lab.world.clusters["us_cm"], lab.world.node("us-cm-sub1")
        before = await served(node, 8443)
        lab.snapshots.take("day0")
        secure_phones(lab)
        await sign(lab, "tomcat")
        await node.services.restart("Cisco Tomcat")
        await mixed_mode(lab)
        lab.snapshots.take("later")
        assert await served(node, 8443) != before
        await lab.restore("day0")
        assert await served(node, 8443) == before
        assert not cluster.security.mixed and cluster.security.ctl is None and not lab.world.ca.requests
        assert not lab.world.node("us-cm-pub").services.find(CAPF).activated
        await lab.restore("later")
        assert await served(node, 8443) != before and cluster.security.mixed and len(lab.world.ca.requests) == 1

    run_lab(scenario)


def test_a_restart_under_way_in_a_snapshot_goes_on(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        task = node.services.restart("Cisco Tomcat")
        await asyncio.sleep(0)
        lab.snapshots.take("middle")
        await task
        await lab.restore("middle")
        down = node.services.find("Cisco Tomcat").status
        with pytest.raises(OSError):
            await served(node, 8443)
        await lab.world.quiet()
        return down, node.services.find("Cisco Tomcat").status, bool(await served(node, 8443))

    assert run_lab(scenario) == ("Stopping", "Started", True)
