"""Mobile and remote access and XMPP federation on Expressway-E: ports, SSH tunnels, and what extended key usage means in each release."""

from __future__ import annotations

import socket
import subprocess

import pytest

from lab.expressway import mra
from lab.expressway.links import refresh
from tests.lab.expressway_cli import Cli
from tests.lab.expressway_cli import appliance_of
from tests.lab.expressway_cli import hang_up
from tests.lab.expressway_cli import started
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import until
from tests.lab.expressway_sip import ESTATE
from tests.lab.expressway_sip import Pair
from tests.lab.expressway_sip import certificate
from tests.lab.expressway_sip import client_files
from tests.lab.expressway_sip import openssl

HEAD = ("<?xml version='1.0'?><stream:stream to='{}' xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
        "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>")


def _one_each(lab) -> Pair:
    """Mobile and remote access on, with a zone between the first peers."""
    for name in ("us-expc1", "us-expe1"):
        Api(lab, name).done("PUT", "/common/mra", {"Enabled": "On"})
    return Pair(lab, "uc", {"PeerAddress": ["us-expe1.ent-pa.com"]})


@pytest.fixture(scope="module", params=["15.4", "15.5", "15.3", "12.5"])
def every(request, tmp_path_factory):
    """One Expressway-C and one Expressway-E of a release."""
    running = started(tmp_path_factory.mktemp("mra"), request.param, ("us-expc1", "us-expe1"), estate=ESTATE)
    running.snapshot("day0")
    running.release = request.param
    yield running
    running.close()


@pytest.fixture(scope="module")
def latest(tmp_path_factory):
    """The same of X15.5."""
    running = started(tmp_path_factory.mktemp("latest"), "15.5", ("us-expc1", "us-expe1"), estate=ESTATE, number=1)
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def day0(every):
    """Day 0."""
    every.restore("day0")
    every.world.unknown = 0
    yield every
    hang_up(every)


@pytest.fixture
def new(latest):
    """Day 0 of X15.5."""
    latest.restore("day0")
    yield latest
    hang_up(latest)


def tunnels(lab, name: str = "us-expc1") -> list[dict]:
    """The rows of a peer, freshly looked at."""
    peer = appliance_of(lab, name).state
    lab.do(refresh(peer))
    return list(peer.tunnels)


def problems(lab) -> list[str]:
    """What keeps clients out."""
    peer = appliance_of(lab, "us-expc1").state
    lab.do(refresh(peer))
    return lab.call(lambda: mra.problems(peer))


# ---- tunnels and extended key usage

def test_tunnels_stand_where_certificates_fit(day0):
    assert tunnels(day0) == []
    pair = _one_each(day0)
    pair.becomes("Active")
    assert tunnels(day0) == [{"Peer": "us-expe1.ent-pa.com", "Status": "Active"}]
    assert tunnels(day0, "us-expe1") == [{"Peer": "us-expc1.ent-pa.com", "Status": "Active"}]
    assert problems(day0) == []
    Api(day0, "us-expe1").done("PUT", "/common/mra", {"Enabled": "Off"})
    until(lambda: tunnels(day0)[0]["Status"] == "Failed")
    assert problems(day0) == ["no SSH tunnel to us-expe1.ent-pa.com"]
    assert "SSH tunnel failure" in pair.control.send("GET", "/status.xml").text
    assert '       Cause: "Connect failed"' in Cli(day0).done("xStatus CollaborationEdge Tunnels")


def test_an_edge_for_servers_only(day0):
    """The zone stands; before X15.4 Expressway-C looks at the usage of what signs SERVICE requests."""
    _one_each(day0)
    certificate(day0, "us-expe1", profile="server")
    old = day0.release in ("15.3", "12.5")
    until(lambda: problems(day0) == (["the certificate of us-expe1.ent-pa.com is not for client authentication"] if old else []))
    assert tunnels(day0)[0]["Status"] == "Active"


def test_a_control_for_servers_only(day0):
    pair = _one_each(day0)
    pair.becomes("Active")
    certificate(day0, "us-expc1", profile="server")
    until(lambda: pair.result().state == "Failed")
    assert pair.result().peers[0][3] == "TLS negotiation failure" and tunnels(day0)[0]["Status"] == "Failed"


def test_x15_5_can_leave_the_usage_of_callers_unchecked(new):
    pair = _one_each(new)
    certificate(new, "us-expc1", profile="server")
    assert pair.result().state == "Failed"
    Cli(new, "us-expe1").done("xConfiguration SIP TLS Certificate ExtendedKeyUsage Checking Mode: Off")
    new.world.clock.advance(121)
    until(lambda: pair.result().state == "Active")
    assert tunnels(new) == [{"Peer": "us-expe1.ent-pa.com", "Status": "Failed", "Cause": "TLS negotiation failure"}], "but not of tunnels"
    assert problems(new) == ["no SSH tunnel to us-expe1.ent-pa.com"]


def test_x15_5_shows_its_client_certificate(new):
    pair = _one_each(new)
    certificate(new, "us-expc1", profile="server", also_client=False)
    pair.becomes("Active")
    assert tunnels(new)[0]["Status"] == "Active"


def test_what_else_keeps_clients_out(new):
    Api(new).done("PUT", "/common/mra", {"Enabled": "On"})
    assert problems(new) == ["no Unified Communications traversal zone"]
    new.call(lambda: appliance_of(new, "us-expc1").state.table("cucm").update({"cm": {"Publisher": "cm", "verified": False, "TlsVerify": "Off"}}))
    assert problems(new)[1:] == ["the certificate of cm is not trusted"]
    Cli(new).done("xConfiguration EdgeConfigServer VerifyOriginServer: Off")
    assert problems(new) == ["no Unified Communications traversal zone"]


# ---- ports of Expressway-E

def test_ports_are_open_while_the_feature_is_on(new):
    edge = appliance_of(new, "us-expe1")
    api = Api(new, "us-expe1")
    assert not {8443, 5222, 5269} & set(new.call(edge.doors.listening))
    api.done("PUT", "/common/mra", {"Enabled": "On"})
    until(lambda: {8443, 5222} <= set(new.call(edge.doors.listening)))
    assert "CN = us-expe1.ent-pa.com" in openssl(edge.address, 8443)
    shown = subprocess.run(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", f"https://{edge.address}:8443/ZW50LXBhLmNvbQ/get_edge_config"],
                           capture_output=True, text=True, timeout=20, check=False)
    assert shown.stdout == "401"
    api.done("PUT", "/common/mra", {"Enabled": "Off"})
    until(lambda: not {8443, 5222} & set(new.call(edge.doors.listening)))


@pytest.fixture
def federation(new):
    """Federation on, and one domain of it."""
    Cli(new).done('xCommand DomainAdd Name: "ent-pa.com" Edgexmpp: On Xmppfederation: On')
    api = Api(new, "us-expe1")
    api.done("PUT", "/edge/xmpp", {"XmppFederation": "On"})
    until(lambda: 5269 in new.call(api.appliance.doors.listening))
    return api


def stream(api: Api, *texts: str, port: int = 5269) -> str:
    """What comes back to these texts, sent one after another."""
    with socket.create_connection((api.appliance.address, port), timeout=5) as connection:
        seen = ""
        for text in texts:
            connection.sendall(text.encode())
            while not seen.rstrip().endswith((">", "/>")) or "features" not in seen and "error" not in seen:
                data = connection.recv(65536)
                if not data:
                    return seen
                seen += data.decode()
        connection.settimeout(0.3)
        try:
            while data := connection.recv(65536):
                seen += data.decode()
        except TimeoutError:
            return seen
        return seen


@pytest.mark.parametrize(("mode", "starttls", "dialback"), [("TLSRequired", "<required/>", False), ("TLSOptional", "<starttls", True), ("NoTLS", "", True)])
def test_security_mode_of_federation(federation, mode, starttls, dialback):
    federation.done("PUT", "/edge/xmpp", {"SecurityMode": mode})
    seen = stream(federation, HEAD.format("ent-pa.com"))
    assert (starttls in seen if starttls else "starttls" not in seen) and ("<dialback" in seen) == dialback
    assert ("<required/>" in seen) == (mode == "TLSRequired")
    answer = stream(federation, HEAD.format("ent-pa.com"), "<db:result from='example.com' to='ent-pa.com'>key</db:result>")
    assert ("remote-connection-failed" if dialback else "policy-violation") in answer, "a plain stream is served unless TLS is required"


def test_a_domain_that_is_not_federated(federation):
    assert "host-unknown" in stream(federation, HEAD.format("example.com"))
    control = appliance_of(federation.lab, "us-expc1").state
    federation.lab.call(lambda: control.table("imp").update({"imp": {"Publisher": "imp", "aliases": ("chat.ent-pa.com",)}}))
    assert "features" in stream(federation, HEAD.format("chat.ent-pa.com"))


@pytest.mark.parametrize(("asked", "good"), [("Off", True), ("On", False)])
def test_client_side_certificates(federation, tmp_path, asked, good):
    federation.done("PUT", "/edge/xmpp", {"SecurityMode": "TLSRequired", "RequireClientSideSecurityCertificates": asked})
    lab = federation.lab

    def let_in(*arguments: str) -> bool:
        since = len(lab.world.journal)
        openssl(federation.appliance.address, 5269, "-starttls", "xmpp-server", "-xmpphost", "ent-pa.com", *arguments)
        (entry,) = [one for one in lab.world.journal.entries(since) if one.operation == "handshake 5269"]
        return "refused" not in entry.detail

    assert let_in() == good
    assert let_in(*client_files(lab, tmp_path, ["example.com"]))
    assert let_in(*client_files(lab, tmp_path, ["example.com"], trusted=False)) == good


def test_clients_from_outside(federation):
    federation.done("PUT", "/common/mra", {"Enabled": "On"})
    until(lambda: 5222 in federation.lab.call(federation.appliance.doors.listening))
    head = HEAD.replace("jabber:server'", "jabber:client'", 1)
    assert "<required/>" in stream(federation, head.format("ent-pa.com"), port=5222)
    assert "host-unknown" in stream(federation, head.format("example.com"), port=5222)
