"""A branch router when Unified CM is down: the credential service, the phones that register there by TLS or in the clear, and toll fraud."""

from __future__ import annotations

import socket
import ssl

import pytest

from lab.core.control import Control
from lab.ucm.phones import FAIL_OVER
from tests.lab.axl_lab import Axl
from tests.lab.ios_lab import Person
from tests.lab.ios_lab import authenticated
from tests.lab.ios_lab import enrolled
from tests.lab.ios_lab import hang_up
from tests.lab.ios_lab import network
from tests.lab.ios_lab import prepared
from tests.lab.ios_lab import with_unified_cm

SECURE, PLAIN = "SEP0011AABB0001", "SEP0011AABB0003"
BRANCH = f"{network(1)}.93"
PROFILE = {"name": "Encrypted", "phoneType": "Universal Device Template", "protocol": "Protocol Not Specified", "transportType": "TLS",
           "deviceSecurityMode": "Encrypted"}
PART = {"srst": [{"name": "US_BRANCH", "address": BRANCH, "secure": True}],
        "device_pools": [{"name": "US_DP_1", "callmanager_group": "US_CMG_1", "srst": "US_BRANCH"}],
        "phone_security_profiles": [PROFILE],
        "phones": [{"name": SECURE, "model": "Cisco 8845", "device_pool": "US_DP_1", "security_profile": "Encrypted"},
                   {"name": PLAIN, "model": "Cisco 8845", "device_pool": "US_DP_1"}]}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A cluster in mixed mode with a secure phone and one in the clear, and a branch router on day 0."""
    running = with_unified_cm(tmp_path_factory.mktemp("ios-srst"), more=PART)
    publisher = running.world.node("us-cm-pub")

    async def secure() -> None:
        await publisher.services.activate("Cisco Certificate Authority Proxy Function")
        running.cluster.security.set_mixed_mode(publisher)
        for node in running.cluster.nodes.values():
            for service in ("Cisco Tftp", "Cisco CallManager"):
                if node.services.running(service):
                    await node.services.restart(service)
        running.cluster.phones.reset()
        await running.world.quiet()

    running.do(secure(), 60)
    running.snapshot("ready")
    yield running
    running.close()


@pytest.fixture
def person(lab, tmp_path):
    """Somebody at the branch router."""
    lab.restore("ready")
    someone = Person(lab, tmp_path, "us-branch1")
    yield someone
    hang_up(lab)


def secured(person: Person, *more: str) -> str:
    """Secure SRST at the router, all but the trust in phones; gives its certificate."""
    pem = enrolled(person, "SRST", "us-branch1.ent-pa.com")
    person.run("end")
    person.configure("credentials", f"ip source-address {BRANCH} port 2445", "trustpoint SRST", "sip-ua", "crypto signaling default trustpoint SRST", *more)
    return pem


def trusting_phones(lab, person: Person) -> None:
    """The roots of manufacturing certificates, as trustpoints."""
    for number, pem in enumerate(lab.world.manufacturing):
        prepared(person, f"MIC{number}")
        authenticated(person, pem, f"MIC{number}")
        person.run("end")


def fetched(lab) -> str:
    """What the button does, and phones take it; gives the certificate."""
    pem = lab.do(Control(lab._lab).do_srst("us_cm", "US_BRANCH"))["certificate"]
    Axl(lab).ask("applySrst", "<name>US_BRANCH</name>")
    lab.do(lab.world.quiet())
    return pem


def call_manager_down(lab) -> None:
    """The only CallManager stops, and phones have looked for another."""
    node = lab.world.node("us-cm-sub1")

    async def stop() -> None:
        await node.services.stop("Cisco CallManager")
        await lab.world.clock.sleep(FAIL_OVER * 2)

    lab.do(stop())
    lab.do(lab.world.quiet())


def test_the_credential_service_shows_the_trustpoints_certificate(lab, person):
    assert 2445 not in person.appliance.doors.listening()
    pem = secured(person)
    assert ssl.get_server_certificate((BRANCH, 2445)).strip() == pem.strip() == fetched(lab).strip()
    person.configure("credentials", f"ip source-address {BRANCH} port 2446")
    assert person.appliance.doors.listening()[2446] == "credentials" and "Credentials PORT: 2446" in person.run("show credentials")
    person.configure("no credentials")
    assert "credentials" not in person.appliance.doors.listening().values()


def test_phones_find_the_router_and_go_back(lab, person):
    secured(person)
    trusting_phones(lab, person)
    fetched(lab)
    call_manager_down(lab)
    assert person.router.registered == {SECURE: True, PLAIN: False} and person.router.turned_down == {}
    node = lab.world.node("us-cm-sub1")

    async def start() -> None:
        await node.services.start("Cisco CallManager")

    lab.do(start())
    lab.do(lab.world.quiet())
    assert lab.cluster.phones.registration(SECURE).status == "Registered" and person.router.registered == {}


def test_a_router_in_the_clear_takes_phones_in_the_clear(lab, person):
    call_manager_down(lab)
    assert person.router.registered == {PLAIN: False}
    assert person.router.turned_down == {SECURE: "the phone holds no certificate of the router"}


def test_the_routers_new_certificate_is_not_what_phones_hold(lab, person):
    secured(person)
    trusting_phones(lab, person)
    fetched(lab)
    person.run("configure terminal")
    new = enrolled(person, "SRST2", "us-branch1.ent-pa.com")
    for line in ("sip-ua", "crypto signaling default trustpoint SRST2", "credentials", "trustpoint SRST2", "end"):
        person.run(line)
    call_manager_down(lab)
    assert person.router.turned_down == {SECURE: "the phone holds another certificate of the router"}
    assert ssl.get_server_certificate((BRANCH, 2445)).strip() == new.strip()


def test_the_phones_certificate_needs_a_trustpoint(lab, person):
    secured(person)
    fetched(lab)
    call_manager_down(lab)
    assert person.router.turned_down == {SECURE: "the phone's certificate leads to no trustpoint"}


def test_security_policy_secure_keeps_phones_in_the_clear_out(lab, person):
    secured(person, "voice register global", "security-policy secure")
    trusting_phones(lab, person)
    fetched(lab)
    call_manager_down(lab)
    assert person.router.registered == {SECURE: True} and person.router.turned_down == {PLAIN: "only TLS is admitted"}


@pytest.mark.parametrize("lines", [("voice service voip", "sip", "no registrar server"), ("no voice register pool 1",)])
def test_a_registrar_and_a_pool_are_needed(lab, person, lines):
    person.configure(*lines)
    call_manager_down(lab)
    assert person.router.registered == {} and PLAIN in person.router.turned_down


# ---- toll fraud

def call(person: Person, source: str) -> str:
    """The status line of an answer to INVITE."""
    with socket.create_connection((BRANCH, 5060), 10, (source, 0)) as connection:
        lines = [f"INVITE sip:9011@{BRANCH} SIP/2.0", f"Via: SIP/2.0/TCP {source};branch=z9hG4bK1", "From: <sip:x@y>;tag=1", "To: <sip:9011@z>", "Call-ID: 1",
                 "CSeq: 1 INVITE", "Content-Length: 0", "", ""]
        connection.sendall("\r\n".join(lines).encode())
        return connection.recv(4096).decode().split("\r\n")[0]


def test_calls_of_strangers_are_rejected(person):
    stranger, friend = f"{network(1)}.200", f"{network(1)}.2"
    assert call(person, friend) == "SIP/2.0 404 Not Found"
    assert call(person, stranger) == "SIP/2.0 403 Forbidden"
    person.configure("voice service voip", "ip address trusted list", f"ipv4 {stranger} 255.255.255.255")
    assert call(person, stranger) == "SIP/2.0 404 Not Found"
    person.configure("voice service voip", "ip address trusted list", f"no ipv4 {stranger} 255.255.255.255", "no ip address trusted authenticate")
    assert call(person, stranger) == "SIP/2.0 404 Not Found"


def test_targets_of_dial_peers_are_trusted(person):
    stranger = f"{network(1)}.200"
    person.configure("dial-peer voice 9 voip", "session protocol sipv2", f"session target ipv4:{stranger}")
    assert call(person, stranger) == "SIP/2.0 404 Not Found"
    person.configure("dial-peer voice 9 voip", "shutdown")
    assert call(person, stranger) == "SIP/2.0 403 Forbidden"


def test_what_phones_are_told_is_what_the_router_shows(lab, person):
    pem = secured(person)
    certificate = fetched(lab)
    held = lab.cluster.phones.held(SECURE).config.srst
    assert held.secure and held.certificate.strip() == certificate.strip() == pem.strip()
