"""Expressway-C and Unified CM: the neighbor zone calls the trunk's port, the trunk calls Expressway-C, and each checks the other's certificate."""

from __future__ import annotations

import pytest

from lab.expressway.links import refresh
from tests.lab import axl_lab
from tests.lab.axl_lab import Lab
from tests.lab.expressway_cli import appliance_of
from tests.lab.expressway_cli import network
from tests.lab.expressway_lab import NEIGHBOR
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import hosts
from tests.lab.expressway_lab import until
from tests.lab.expressway_sip import certificate

ZONE = {"Name": "CUCM B2B", "PeerAddress": ["us-cm-sub1.ent-pa.com"], "SIPPort": 5561, "SIPTLSVerifyMode": "On"}
CALL_MANAGER, TRUNK = "Cisco CallManager", "US_EXPRESSWAY"


def _lab(directory, release: str, number: int) -> Lab:
    net = network(number)
    variables = {**axl_lab.hosts(net), **hosts(release, ("us-expc1",), net)}
    for name in ("us-cm-sub2", "us-cm-tftp1"):
        del variables[name]
    unified_cm = {
        "callmanager_groups": [{"name": "CMG", "members": ["us-cm-sub1"]}], "device_pools": [{"name": "DP", "callmanager_group": "CMG"}],
        "licence": {"registration": "Registered", "export_control": "ALLOWED"},
        "sip_trunk_security_profiles": [{"name": "Expressway Profile", "securityMode": "Encrypted", "incomingTransport": "TLS", "outgoingTransport": "TLS",
                                         "incomingPort": 5561, "x509SubjectName": "us-expc.ent-pa.com"}],
        "trunks": [{"name": TRUNK, "security_profile": "Expressway Profile", "device_pool": "DP", "destinations": [{"address": f"{net}.31", "port": 5061}]}]}
    # What stands in for an Expressway is not there beside it: they would listen on one address.
    stand_in = {"name": "us-expc1", "unless_cluster": "us_expc", "fqdn": "us-expc1.ent-pa.com", "address": f"{net}.31", "tls": "enterprise"}
    estate = {"clusters": {"us_cm": unified_cm, "us_expc": {"certificates": "enterprise"}}, "sip_peers": [stand_in]}
    return Lab(directory, 0, speed=6000.0, estate=estate, variables=variables)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Two nodes of Unified CM with CallManager certificates of the enterprise CA, and an Expressway-C."""
    running = _lab(tmp_path_factory.mktemp("unified-cm"), "15.4", 0)
    _sign(running)
    running.snapshot("day0")
    yield running
    running.close()


def _sign(lab: Lab) -> None:
    def act() -> None:
        publisher = lab.world.node("us-cm-pub").certificates
        publisher.upload_trust(["tomcat", "CallManager"], lab.world.ca.chain_pem())
        request = publisher.generate_request("CallManager", "multi-server").csr
        publisher.upload_identity("CallManager", lab.world.ca.sign_request(request, "CollabServer").certificate)

    lab.call(act)
    lab.world.clock.advance(60)

    async def restart() -> None:
        await lab.world.node("us-cm-sub1").services.restart(CALL_MANAGER)

    lab.do(restart())


@pytest.fixture
def control(lab):
    """Expressway-C on day 0."""
    lab.restore("day0")
    return Api(lab)


def trunk(control: Api) -> str:
    """What the trunk came to, after a reset."""
    phones = control.lab.world.clusters["us_cm"].phones
    control.lab.call(lambda: phones.reset([TRUNK]))
    control.lab.do(control.lab.world.quiet())
    return next(iter(control.lab.call(lambda: phones.trunk_states()[TRUNK]).values()))


def zone(control: Api) -> tuple[str, str]:
    """State, and cause of the peer."""
    control.lab.do(refresh(control.peer))
    result = control.peer.zone_results["CUCM B2B"]
    return result.state, result.peers[0][3]


def test_both_directions(control):
    control.done("POST", NEIGHBOR, ZONE)
    assert zone(control) == ("Active", "")
    assert trunk(control) == "in service"
    found = {(entry.node, entry.operation, entry.detail.get("client")) for entry in control.lab.world.journal.entries() if entry.channel == "tls"}
    assert ("us-cm-sub1", "handshake 5561", "us-expc1.ent-pa.com") in found
    assert ("us-expc1", "handshake 5061", "us-cm-pub-ms.ent-pa.com") in found, "for real, with certificates of both"


@pytest.mark.parametrize(("different", "cause"), [
    ({"SIPPort": 5562}, "Connect failed"), ({"PeerAddress": ["us-cm-sub9.ent-pa.com"]}, "DNS resolution failed"), ({"SIPTransport": "TCP"}, "No response")])
def test_a_zone_that_does_not_reach_the_trunk(control, different, cause):
    control.done("POST", NEIGHBOR, {**ZONE, **different})
    assert zone(control) == ("Failed", cause)


def test_a_peer_by_address_cannot_be_verified(control):
    control.done("POST", NEIGHBOR, {**ZONE, "PeerAddress": [control.lab.world.node("us-cm-sub1").address]})
    assert zone(control) == ("Failed", "TLS negotiation failure")


def test_a_trunk_that_expects_another_name(control):
    control.done("POST", NEIGHBOR, ZONE)
    certificate(control.lab, "us-expc1", ["us-expc1.ent-pa.com"])
    assert "X.509 subject name" in trunk(control)


def test_a_zone_that_verifies_does_not_let_the_trunk_in_by_an_untrusted_certificate(control):
    control.done("POST", NEIGHBOR, ZONE)
    one = appliance_of(control.lab, "us-expc1")
    with_nothing = one.state.certificates.installed.certificate

    def act() -> None:
        with one.state.change(shared=False):
            one.state.certificates.listed = (with_nothing,)
            one.state.certificates.activate()

    control.lab.call(act)
    assert trunk(control) != "in service"
    assert zone(control) == ("Failed", "TLS negotiation failure")


def test_the_trunk_notices_a_change_of_expressway(control):
    control.done("POST", NEIGHBOR, ZONE)
    phones = control.lab.world.clusters["us_cm"].phones
    assert trunk(control) == "in service"
    certificate(control.lab, "us-expc1", ["other.ent-pa.com"])
    until(lambda: "X.509 subject name" in next(iter(control.lab.call(lambda: phones.trunk_states()[TRUNK]).values())))


# ---- automatic zones

def automatic(control: Api, name: str) -> str:
    """State of an automatic zone of a server that was discovered without verification."""
    account = {"AxlUsername": axl_lab.USER, "AxlPassword": axl_lab.PASSWORD}
    control.done("POST", "/controller/server/cucm", {"Publisher": "us-cm-pub.ent-pa.com", **account, "TlsVerify": "Off"})
    control.lab.do(refresh(control.peer))
    return control.peer.zone_results[name].state


@pytest.mark.parametrize(("value", "state"), [("release", "Address Resolvable"), ("called", "Active")])
def test_automatic_zones(control, value, state):
    control.lab.world.set_variant("expressway_automatic_zone_status", value)
    assert automatic(control, "CEtcp-us-cm-sub1.ent-pa.com") == state


def test_an_automatic_zone_needs_no_trunk(control):
    """Unified CM answers its OPTIONS with 503, for there is no trunk to Expressway-C; where such a neighbor would not count as alive, this zone does."""
    control.lab.world.set_variant("expressway_automatic_zone_status", "called")
    control.lab.world.set_variant("expressway_neighbor_alive", "success")
    assert automatic(control, "CEtcp-us-cm-sub1.ent-pa.com") == "Active"


def test_automatic_zones_before_14_0_2(tmp_path):
    lab = _lab(tmp_path, "12.5", 1)
    try:
        control = Api(lab)
        assert automatic(control, "CEtcp-us-cm-sub1.ent-pa.com") == "Active"
        lab.world.faults.add({"channel": "node", "node": "us-cm-sub1", "action": "never", "times": 0})
        lab.do(lab._lab.resync())
        lab.do(refresh(control.peer))
        until(lambda: (lab.do(refresh(control.peer)), control.peer.zone_results["CEtcp-us-cm-sub1.ent-pa.com"].state)[1] == "Failed")
    finally:
        lab.close()
