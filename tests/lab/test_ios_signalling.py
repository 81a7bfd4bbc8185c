"""SIP of routers: which ports are open, which certificate a caller gets and what is asked of it, whom the router calls, and Unified CM's trunk on top."""

from __future__ import annotations

import subprocess

import pytest
from cryptography.hazmat.primitives import serialization

from lab.ios import calling
from lab.ios import signalling
from tests.lab.ios_lab import Person
from tests.lab.ios_lab import appliance
from tests.lab.ios_lab import authenticated
from tests.lab.ios_lab import enrolled
from tests.lab.ios_lab import hang_up
from tests.lab.ios_lab import network
from tests.lab.ios_lab import prepared
from tests.lab.ios_lab import started
from tests.lab.ios_lab import with_unified_cm

SUB = f"{network(1)}.2"
CUBE = f"{network(1)}.91"
TRUNK = {"sip_trunk_security_profiles": [
    {"name": "CUBE TLS", "securityMode": "Encrypted", "incomingTransport": "TLS", "outgoingTransport": "TLS", "incomingPort": 5061,
     "x509SubjectName": "us-cube1.ent-pa.com"}],
    "trunks": [{"name": "US_CUBE", "security_profile": "CUBE TLS", "device_pool": "US_DP_1", "destinations": [{"address": CUBE, "port": 5061}]}]}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Two nodes of Unified CM with a trunk by TLS, and a router in the clear."""
    running = with_unified_cm(tmp_path_factory.mktemp("ios-sip"), more=TRUNK)
    running.do(running.world.quiet())
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def person(lab, tmp_path):
    """Somebody at us-cube1."""
    lab.restore("day0")
    someone = Person(lab, tmp_path)
    yield someone
    hang_up(lab)


def listening(person: Person) -> dict[int, str]:
    """Open ports."""
    return {port: protocol for port, protocol in person.appliance.doors.listening().items() if protocol != "ssh"}


def openssl(person: Person, *options: str, port: int = 5061, source: str = SUB) -> str:
    """What stock OpenSSL says of a port."""
    command = ["openssl", "s_client", "-connect", f"{person.appliance.address}:{port}", "-bind", source, *options]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=20, check=False)
    return done.stdout + done.stderr


def caller(person: Person, tmp_path, trusted: bool = True) -> list[str]:
    """Options for a client that has a certificate, of the enterprise CA or of its own."""
    folder = person.lab._lab.directory / "ca"
    if trusted:
        return ["-cert", str(folder / "client.pem"), "-key", str(folder / "client.key")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "k"), "-out", str(tmp_path / "c"), "-subj", "/CN=stranger"]
    subprocess.run(command, check=True, capture_output=True)
    return ["-cert", str(tmp_path / "c"), "-key", str(tmp_path / "k")]


def secured(person: Person, *more: str) -> str:
    """us-cube1 by TLS towards Unified CM; gives its certificate. Leaves the person in EXEC."""
    pem = enrolled(person)
    person.run("end")
    person.configure("sip-ua", f"crypto signaling remote-addr {SUB} 255.255.255.255 trustpoint CUBE", "dial-peer voice 101 voip", "session transport tcp tls",
                     "srtp", *more)
    return pem


def trusting(lab, person: Person) -> None:
    """Unified CM trusts the enterprise CA, and the router Unified CM's own certificate."""
    node = lab.world.node("us-cm-sub1")
    root, issuing = (one.public_bytes(serialization.Encoding.PEM).decode() for one in (lab.world.ca.root, lab.world.ca.issuing))
    lab.call(lambda: [node.certificates.upload_trust("CallManager-trust", pem) for pem in (root, issuing)])
    own = lab.call(lambda: node.certificates.served("sip").certificate)
    prepared(person, "SUB1")
    authenticated(person, own, "SUB1")
    person.run("end")


# ---- ports

def test_ports_follow_the_configuration(person):
    assert listening(person) == {5060: "sip"}
    person.configure("sip-ua", "crypto signaling default trustpoint CUBE")
    assert listening(person) == {5060: "sip"}, "there is no certificate to show"
    enrolled(person)
    assert listening(person) == {5060: "sip", 5061: "sips"}
    person.run("sip-ua")
    person.run("no transport tcp")
    assert listening(person) == {5061: "sips"}
    person.run("no crypto signaling default")
    assert listening(person) == {}


def test_a_key_that_is_replaced_leaves_no_certificate(person):
    secured(person)
    person.run("configure terminal")
    person.run("crypto key generate rsa label CUBE modulus 2048")
    assert 5061 not in listening(person)


# ---- callers

def test_the_certificate_of_the_trustpoint_is_served(person, tmp_path):
    pem = secured(person)
    said = openssl(person, *caller(person, tmp_path), "-showcerts")
    assert pem.split("\n")[1] in said and "issuer=O = ENT-PA, CN = Enterprise Issuing CA 1" in said


def test_each_far_end_has_its_trustpoint(person, tmp_path):
    secured(person)
    other = f"{network(1)}.3"
    second = enrolled(person, "OTHER", "other.ent-pa.com")
    person.run("sip-ua")
    person.run(f"crypto signaling remote-addr {other} 255.255.255.0 trustpoint OTHER")
    assert "CN = us-cube1.ent-pa.com" in openssl(person, *caller(person, tmp_path))
    assert second.split("\n")[1] in openssl(person, *caller(person, tmp_path), source=other)
    person.run(f"no crypto signaling remote-addr {other} 255.255.255.0")
    assert "no peer certificate available" in openssl(person, *caller(person, tmp_path), source=other), "no trustpoint for this address"


@pytest.mark.parametrize("options", ["none", "stranger"])
def test_callers_need_a_certificate_that_leads_to_a_trustpoint(person, tmp_path, options):
    secured(person)
    given = [] if options == "none" else caller(person, tmp_path, False)
    since = len(person.lab.world.journal)
    openssl(person, *given)
    entry = next(entry for entry in person.lab.world.journal.entries(since) if entry.channel == "tls")
    assert "refused" in entry.detail
    assert "client" not in entry.detail


def test_a_certificate_may_be_asked_for_only(person):
    person.lab.world.set_variant("ios_client_certificate", "optional")
    secured(person)
    since = len(person.lab.world.journal)
    openssl(person)
    assert [entry.detail.get("refused") for entry in person.lab.world.journal.entries(since) if entry.channel == "tls"] == [None]


def test_a_trustpoint_that_wants_a_crl_validates_nobody(person, tmp_path):
    secured(person, "crypto pki trustpoint CUBE", "no revocation-check")
    assert " revocation-check crl\n" in person.run("show running-config | section trustpoint CUBE")
    since = len(person.lab.world.journal)
    openssl(person, *caller(person, tmp_path))
    assert "refused" in next(entry.detail for entry in person.lab.world.journal.entries(since) if entry.channel == "tls")


@pytest.mark.parametrize(("line", "old"), [("transport tcp tls v1.2", False), ("transport tcp tls v1.1", True), ("transport tcp tls", True)])
def test_tls_versions(person, tmp_path, line, old):
    secured(person, "sip-ua", line)
    said = openssl(person, *caller(person, tmp_path), "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert ("CN = us-cube1.ent-pa.com" in said) == old
    assert "Protocol  : TLSv1.2" in openssl(person, *caller(person, tmp_path))


@pytest.mark.parametrize(("release", "line", "spoken"), [("17.15", "", ["1_1", "1_2", "1_3"]), ("17.15", "v1.2 minimum", ["1_2", "1_3"]),
                                                         ("17.15", "v1.3", ["1_3"]), ("26.1", "", ["1_2", "1_3"]), ("26.1", "v1.1", ["1_2", "1_3"])])
def test_tls_versions_of_later_releases(tmp_path, release, line, spoken):
    lab = started(tmp_path / "lab", release, names=("us-cube1",), estate={"us_cube": {"secured": True}}, number=3)
    try:
        someone = Person(lab, tmp_path)
        said = someone.configure("sip-ua", f"transport tcp tls {line}".strip())[1]
        assert ("Invalid input" in said) == (line == "v1.1"), "26.1 has no older ones any more"
        found = [version for version in ("1", "1_1", "1_2", "1_3")
                 if "CN = us-cube1.ent-pa.com" in openssl(someone, f"-tls{version}", "-cipher", "ALL:@SECLEVEL=0", source="127.0.0.1")]
        assert found == spoken
        someone.close()
    finally:
        lab.close()


def test_a_tls_profile_says_trustpoint_ciphers_and_names(person, tmp_path):
    enrolled(person)
    person.run("end")
    person.configure("voice class tls-cipher 1", "cipher 1 ECDHE_RSA_AES128_GCM_SHA256", "voice class tls-profile 1", "trustpoint CUBE", "cipher 1",
                     "cn-san validate bidirectional", "cn-san 1 nobody.ent-pa.com", "sip-ua", "crypto signaling default tls-profile 1")
    assert "ECDHE-RSA-AES128-GCM-SHA256" in openssl(person, *caller(person, tmp_path))
    assert any("none of the names of cn-san" in entry.detail.get("refused", "") for entry in person.lab.world.journal.entries())
    person.configure("voice class tls-profile 1", "cn-san 1 probe.lab", "voice class tenant 9", "tls-profile 1", "listen-port secure 5099")
    assert listening(person)[5099] == "sips"
    since = len(person.lab.world.journal)
    assert "CN = us-cube1.ent-pa.com" in openssl(person, *caller(person, tmp_path), port=5099)
    assert [entry.detail.get("client") for entry in person.lab.world.journal.entries(since) if entry.channel == "tls"] == ["probe.lab"]


def test_a_chain_may_have_to_lead_on(lab, person):
    root, issuing = (one.public_bytes(serialization.Encoding.PEM).decode() for one in (lab.world.ca.root, lab.world.ca.issuing))
    secured(person, "crypto pki trustpoint CUBE", "chain-validation continue ROOT")
    assert " chain-validation continue ROOT\n" in person.run("show running-config | section pki trustpoint CUBE")
    assert signalling.anchors(person.router) == ()
    prepared(person, "ROOT")
    authenticated(person, root, "ROOT")
    assert set(signalling.anchors(person.router)) == {root, issuing}


# ---- the trunk, both ways

def dialled(person: Person) -> str:
    """What dial-peer 101 finds."""
    person.lab.do(calling.refresh(person.router))
    return "; ".join(person.router.outcomes["101"].values())


def test_the_router_calls_unified_cm_in_the_clear_on_day_0(person):
    assert dialled(person).endswith("503 Service Unavailable"), "no trunk of Unified CM waits there"


def test_both_ways_by_tls(lab, person):
    trunks = lab.cluster.phones.trunks
    lab.do(trunks.refresh({"US_CUBE"}))
    assert "in service" not in str(trunks.results("US_CUBE"))
    secured(person)
    assert "self-signed certificate" in dialled(person)
    trusting(lab, person)
    lab.do(lab.world.quiet())
    lab.do(trunks.refresh({"US_CUBE"}))
    assert trunks.results("US_CUBE") == {f"us-cm-sub1 -> {CUBE}:5061": "in service"}
    assert dialled(person) == "in service"
    assert "101    voip  up   up" in person.run("show dial-peer voice summary") and "active" in person.run("show dial-peer voice summary")
    text = person.run("show sip-ua connections tcp tls detail")
    assert f"Remote-Agent:{SUB}, Connections-Count:" in text and "[0.0.0.0]:5061:" in text


def test_a_far_end_that_no_trustpoint_knows(person):
    secured(person)
    assert "self-signed certificate" in dialled(person)


def test_the_name_of_the_far_end_is_checked_where_asked(lab, person):
    secured(person, "sip-ua", f"crypto signaling remote-addr {SUB} 255.255.255.255 trustpoint CUBE cn-san-validate server")
    trusting(lab, person)
    assert "does not have the name" in dialled(person)
    person.configure("dial-peer voice 101 voip", "session target dns:us-cm-sub1.ent-pa.com:5061")
    assert "does not have the name" not in dialled(person)


def test_transport_of_three_levels_and_server_groups(person):
    person.configure("dial-peer voice 101 voip", "no session transport", "voice service voip", "sip", "session transport tcp tls")
    peers = {peer.tag: peer for peer in calling.dial_peers(person.router)}
    assert (peers["101"].transport, peers["101"].hosts) == ("tcp tls", ((SUB, 5061),))
    person.configure("voice class tenant 4", "session transport tcp", "dial-peer voice 101 voip", "voice-class sip tenant 4")
    assert {peer.tag: peer.transport for peer in calling.dial_peers(person.router)}["101"] == "tcp"
    person.configure("voice class server-group 2", "ipv4 10.1.1.1 port 5080", "ipv4 10.1.1.2", "dial-peer voice 101 voip", "session transport tcp tls",
                     "no session target", "session server-group 2")
    assert {peer.tag: peer.hosts for peer in calling.dial_peers(person.router)}["101"] == (("10.1.1.1", 5080), ("10.1.1.2", 5061))


def test_client_vtp_limits_who_is_believed(lab, person):
    secured(person)
    trusting(lab, person)
    assert "TLS" not in dialled(person)
    person.configure("sip-ua", f"crypto signaling remote-addr {SUB} 255.255.255.255 trustpoint CUBE client-vtp CUBE")
    assert "self-signed certificate" in dialled(person)


def test_the_trunk_finds_out_what_changed(lab, person):
    secured(person)
    trusting(lab, person)
    lab.do(lab.world.quiet())
    trunks = lab.cluster.phones.trunks
    assert set(trunks.results("US_CUBE").values()) == {"in service"}
    person.configure("sip-ua", f"no crypto signaling remote-addr {SUB} 255.255.255.255")
    lab.do(lab.world.quiet())
    assert "in service" not in trunks.results("US_CUBE").values()


def test_a_router_that_restarts_is_away(lab, person):
    secured(person)
    person.run("write memory")
    assert person.say("reload", "[confirm]")
    person.restarted()
    assert listening(person) == {5060: "sip", 5061: "sips"} and person.router.restarts == 1


def test_a_snapshot_holds_everything(lab, person):
    pem = secured(person)
    lab.snapshot("secured")
    lab.restore("day0")
    assert listening(person) == {5060: "sip"} and "CUBE" not in person.router.pki.trustpoints()
    lab.restore("secured")
    assert listening(person) == {5060: "sip", 5061: "sips"}
    assert person.router.pki.holding("CUBE").own == pem


def test_groups_may_begin_secured(tmp_path):
    lab = started(tmp_path / "secured", estate={"us_cube": {"secured": True}, "us_srst": {"secured": True}}, number=2)
    try:
        assert appliance(lab).doors.listening() == {20022: "ssh", 5060: "sip", 5061: "sips"}
        assert appliance(lab, "us-branch1").doors.listening() == {20022: "ssh", 5060: "sip", 5061: "sips", 2445: "credentials"}
    finally:
        lab.close()
