"""Secure SRST: the certificate of a router's credential service, and the configuration files that tell phones of it."""

from __future__ import annotations

import base64
import ssl

import pytest
import requests
from lxml import etree

from lab.core.control import Control
from tests.lab.axl_lab import ESTATE
from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab
from tests.lab.axl_lab import network

ROUTER = f"{network(9)}.81"
ENCRYPTED = {"phoneType": "Universal Device Template", "protocol": "Protocol Not Specified", "transportType": "TLS", "deviceSecurityMode": "Encrypted"}
PHONE = "SEP0011AABB0001"


@pytest.fixture(scope="module")
def srst_lab(tmp_path_factory):
    """A lab with a branch router, in mixed mode, its phones in an encrypted profile."""
    part = {**ESTATE["clusters"]["us_cm"], "srst": [{"name": "US_SRST", "address": ROUTER}, {"name": "US_LOST", "address": f"{network(9)}.99"}],
            "device_pools": [{"name": "US_DP_1", "callmanager_group": "US_CMG_1", "srst": "US_SRST"}],
            "phone_security_profiles": [{**ENCRYPTED, "name": "Plain file"}, {**ENCRYPTED, "name": "Encrypted file", "tftpEncryptedConfig": True}],
            "phones": [{"name": PHONE, "model": "Cisco 8845", "device_pool": "US_DP_1", "security_profile": "Plain file", "settings": {"webAccess": 0}},
                       {"name": "SEP0011AABB0002", "model": "Cisco 8845", "device_pool": "US_DP_1", "security_profile": "Encrypted file"}]}
    lab = Lab(tmp_path_factory.mktemp("srst-lab"), 8, speed=3000, estate={
        "clusters": {"us_cm": part}, "srst_routers": [{"name": "us-branch1", "fqdn": "us-branch1.ent-pa.com", "address": ROUTER}]})
    publisher = lab.world.node("us-cm-pub")

    async def secure() -> None:
        await publisher.services.activate("Cisco Certificate Authority Proxy Function")
        lab.cluster.security.set_mixed_mode(publisher)
        for node in lab.cluster.nodes.values():
            for service in ("Cisco Tftp", "Cisco CallManager"):
                if node.services.running(service):
                    await node.services.restart(service)
        lab.cluster.phones.reset()
        await lab.world.quiet()

    lab.do(secure(), 60)
    lab.snapshot("ready")
    yield lab
    lab.close()


@pytest.fixture
def axl(srst_lab):
    """A client of the publisher, the lab as it was."""
    srst_lab.restore("ready")
    return Axl(srst_lab)


def file_of(axl: Axl, name: str) -> requests.Response:
    """A phone's configuration file from the TFTP node."""
    session = requests.Session()
    session.trust_env = False
    return session.get(f"http://{axl.lab.world.node('us-cm-tftp1').address}:6970/{name}", timeout=20)


def told(axl: Axl) -> tuple[str, str]:
    """(isSecure, base64 of the certificate) that the phone is told of its router."""
    device = etree.fromstring(file_of(axl, f"{PHONE}.cnf.xml").content)
    return device.findtext("devicePool/srstInfo/isSecure"), device.findtext(".//certificate") or ""


def press(axl: Axl, reference: str = "US_SRST") -> str:
    """What the page's button does."""
    return axl.lab.do(Control(axl.lab._lab).do_srst("us_cm", reference))["certificate"]


def served() -> str:
    """Base64 of the certificate that the router serves."""
    return base64.b64encode(ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((ROUTER, 2445)))).decode()


def secure(axl: Axl) -> None:
    """Mark the reference secure, as AXL can, and have the phones take it."""
    axl.ask("updateSrst", "<name>US_SRST</name><isSecure>true</isSecure>")
    axl.lab.do(axl.lab.world.quiet())


def take(axl: Axl) -> None:
    """Apply the reference to its phones."""
    axl.ask("applySrst", "<name>US_SRST</name>")
    axl.lab.do(axl.lab.world.quiet())


def test_axl_makes_a_reference_secure_and_the_button_fetches(axl):
    assert told(axl) == ("false", "")
    secure(axl)
    take(axl)
    assert told(axl) == ("true", ""), "marked secure, but nobody has taken the certificate"
    press(axl)
    assert told(axl) == ("true", ""), "phones are told at their reset"
    take(axl)
    assert told(axl) == ("true", served())


def test_axl_may_fetch_by_itself(axl):
    axl.lab.world.set_variant("srst_fetch", "on_update")
    secure(axl)
    take(axl)
    assert told(axl) == ("true", served())
    axl.ask("updateSrst", "<name>US_SRST</name><isSecure>false</isSecure>")
    take(axl)
    assert told(axl) == ("false", "")
    axl.ask("updateSrst", "<name>US_SRST</name><ipAddress>127.0.0.9</ipAddress><isSecure>true</isSecure>")
    axl.lab.do(axl.lab.world.quiet())
    assert any("credential service of US_SRST" in entry.operation for entry in axl.journal()), "nobody is there, and AXL has answered already"


def test_the_certificate_may_stand_elsewhere_in_the_file(axl):
    axl.lab.world.set_variant("srst_certificate_place", "beside")
    secure(axl)
    press(axl)
    take(axl)
    device = etree.fromstring(file_of(axl, f"{PHONE}.cnf.xml").content)
    assert device.findtext("srst/certificate") == served() and device.find("devicePool/srstInfo/certificate") is None


def test_the_button_says_when_nobody_answers(axl):
    with pytest.raises(Exception, match="cannot be asked"):
        press(axl, "US_LOST")
    with pytest.raises(Exception, match="US_NONE"):
        press(axl, "US_NONE")


def test_a_cluster_that_is_not_in_mixed_mode_tells_phones_nothing(axl):
    secure(axl)
    press(axl)
    axl.lab.call(lambda: axl.lab.cluster.security.set_non_secure_mode(axl.lab.world.node("us-cm-pub")))
    axl.ask("resetSrst", "<name>US_SRST</name>")
    axl.lab.do(axl.lab.world.quiet())
    assert told(axl) == ("false", "")


def test_files_hold_settings_and_an_encrypted_one_next_to_nothing(axl):
    device = etree.fromstring(file_of(axl, f"{PHONE}.cnf.xml").content)
    assert (device.findtext("vendorConfig/webAccess"), device.findtext("commonConfig/webAccess"), device.findtext("deviceSecurityMode")) == ("0", "1", "3")
    partial = etree.fromstring(file_of(axl, "SEP0011AABB0002.cnf.xml").content)
    assert partial.findtext("fullConfig") == "False" and partial.findtext("encrConfig") == "true" and partial.find("devicePool") is None
    assert file_of(axl, "SEPNOBODY.cnf.xml").status_code == file_of(axl, f"{PHONE}.cnf.xml.enc.sgn").status_code == 404
    assert {entry.channel for entry in axl.journal()[-4:]} == {"tftp"}


def test_the_file_port_is_tftps(axl):
    async def stop() -> None:
        await axl.lab.world.node("us-cm-tftp1").services.stop("Cisco Tftp")

    axl.lab.do(stop())
    with pytest.raises(requests.exceptions.ConnectionError):
        file_of(axl, f"{PHONE}.cnf.xml")
