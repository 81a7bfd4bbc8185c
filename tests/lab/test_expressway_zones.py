"""Expressway's zones, for real: traversal zones that need port, credentials, names and trust to fit, and who is let in on which SIP port."""

from __future__ import annotations

import re

import pytest

from lab.expressway.links import refresh
from tests.lab.expressway_cli import Cli
from tests.lab.expressway_cli import appliance_of
from tests.lab.expressway_cli import hang_up
from tests.lab.expressway_cli import started
from tests.lab.expressway_lab import NEIGHBOR
from tests.lab.expressway_lab import SERVER
from tests.lab.expressway_lab import UC_SERVER
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import until
from tests.lab.expressway_sip import ESTATE
from tests.lab.expressway_sip import OPTIONS
from tests.lab.expressway_sip import PASSWORD
from tests.lab.expressway_sip import Pair
from tests.lab.expressway_sip import asked
from tests.lab.expressway_sip import certificate
from tests.lab.expressway_sip import client_files
from tests.lab.expressway_sip import openssl
from tests.lab.expressway_sip import trust

SPEED = 6000.0
ACTIVE, FAILED = "Active", "Failed"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Both pairs, with certificates of the enterprise CA."""
    running = started(tmp_path_factory.mktemp("zones"), estate=ESTATE)
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def day0(lab):
    """The lab on day 0."""
    lab.restore("day0")
    lab.world.unknown, lab.world.clock.speed = 0, SPEED
    yield lab
    hang_up(lab)


def address(lab, name: str) -> str:
    """Where a peer is."""
    return appliance_of(lab, name).address


# ---- traversal zones

@pytest.mark.parametrize("kind", ["uc", "b2b"])
def test_a_pair_whose_halves_fit_is_active(day0, kind):
    pair = Pair(day0, kind)
    pair.becomes(ACTIVE)
    assert {state for _host, _port, state, _cause in pair.result().peers} == {ACTIVE}
    found = [entry for entry in day0.world.journal.entries() if entry.channel == "tls" and entry.operation == f"handshake {7001 if kind == 'uc' else 7002}"]
    assert {(entry.node, entry.detail["client"]) for entry in found} >= {("us-expe1", "us-expc1.ent-pa.com"), ("us-expe2", "us-expc1.ent-pa.com")}, "for real"
    assert day0.world.unknown == 0


@pytest.mark.parametrize(("client", "server", "cause"), [
    ({"SIPPort": 7009}, {}, "Connect failed"),
    ({"AuthenticationPassword": "wrong"}, {}, "Authentication failure"),
    ({"AuthenticationUserName": "other"}, {}, "Authentication failure"),
    ({}, {"AuthenticationUserName": "other"}, "Authentication failure"),
    ({}, {"SIPTLSVerifySubjectName": "us-expc9.ent-pa.com"}, "TLS negotiation failure"),
    ({"PeerAddress": ["nobody.ent-pa.com"]}, {}, "DNS resolution failed"),
])
def test_halves_that_do_not_fit(day0, client, server, cause):
    pair = Pair(day0, "uc", client, server)
    result = pair.result()
    assert (result.state, result.cause, {why for *_rest, why in result.peers}) == (FAILED, "System unreachable", {cause})
    assert pair.states() == (FAILED, FAILED)


def test_a_peer_by_address_has_no_name_to_verify(day0):
    pair = Pair(day0, "b2b", {"PeerAddress": [address(day0, "us-expe1")]})
    assert pair.result().peers[0][3] == "TLS negotiation failure"
    pair.control.done("PUT", pair.paths[0], {"Name": pair.name, "SIPTLSVerifyMode": "Off"})
    assert pair.result().state == ACTIVE


def test_without_verification_anybody_is_trusted_but_has_to_log_in(day0):
    for name in ("us-expc1", "us-expe1", "us-expe2"):
        certificate(day0, name, ["nobody.example.com"], issuer="self")
    pair = Pair(day0, "b2b", {"SIPTLSVerifyMode": "Off"}, {"SIPTLSVerifyMode": "Off"})
    assert pair.result().state == ACTIVE
    pair.control.done("PUT", pair.paths[0], {"Name": pair.name, "SIPTLSVerifyMode": "On"})
    assert pair.result().state == FAILED
    pair.control.done("PUT", pair.paths[0], {"Name": pair.name, "SIPTLSVerifyMode": "Off", "AuthenticationPassword": "wrong"})
    assert pair.result().peers[0][3] == "Authentication failure"


@pytest.mark.parametrize("who", ["us-expe1", "us-expc1"])
def test_both_sides_check_the_others_chain(day0, who):
    """Either side trusts its own, new CA alone."""
    pair = Pair(day0, "uc", {"PeerAddress": ["us-expe1.ent-pa.com"]})
    assert pair.result().state == ACTIVE
    certificate(day0, who, issuer="self")
    until(lambda: pair.result().state == FAILED)
    assert pair.result().peers[0][3] == "TLS negotiation failure"
    other = "us-expc1" if who == "us-expe1" else "us-expe1"
    trust(day0, other, *appliance_of(day0, other).state.certificates.listed, appliance_of(day0, who).state.certificates.installed.certificate)
    pair.becomes(ACTIVE)


def test_the_name_that_the_client_looks_for(day0):
    certificate(day0, "us-expe1", ["us-expe.ent-pa.com"])
    pair = Pair(day0)
    result = pair.result()
    assert (result.state, [why for *_rest, why in result.peers]) == (ACTIVE, ["TLS negotiation failure", ""]), "one of two is enough"


def test_a_plain_traversal_zone(day0):
    pair = Pair(day0, "b2b", {"SIPTransport": "TCP", "SIPTLSVerifyMode": "Off"}, {"SIPTransport": "TCP", "SIPTLSVerifyMode": "Off"})
    pair.becomes(ACTIVE)
    pair.control.done("PUT", pair.paths[0], {"Name": pair.name, "SIPTransport": "TLS"})
    assert pair.result().state == FAILED


def test_a_change_of_the_far_end_is_found_out_at_the_next_try(day0):
    pair = Pair(day0, "uc", {"AuthenticationUserName": "later"})
    day0.world.clock.speed = 1.0
    assert pair.result().state == FAILED
    pair.edge.done("POST", "/common/credential", {"Name": "later", "Password": PASSWORD})
    pair.edge.done("PUT", pair.paths[1], {"Name": pair.name, "AuthenticationUserName": "later"})
    assert pair.result().state == FAILED, "it tries again every 120 seconds"
    day0.world.clock.advance(121)
    assert pair.result().state == ACTIVE
    pair.edge.done("DELETE", pair.paths[1], {"Name": pair.name})
    day0.world.clock.advance(2)
    until(lambda: pair.result().peers[0][2] == FAILED)


def test_nobody_calls_while_nobody_looks(day0):
    pair = Pair(day0, "uc", {"AuthenticationUserName": "other"})
    assert pair.result().state == FAILED
    day0.do(day0.world.quiet())
    since = len(day0.world.journal)
    day0.world.clock.advance(3600)
    assert [entry for entry in day0.world.journal.entries(since) if entry.channel == "tls"] == []
    pair.result()
    assert [entry for entry in day0.world.journal.entries(since) if entry.channel == "tls"] != []


def test_a_connection_that_is_up_is_kept_until_something_changes(day0):
    pair = Pair(day0)
    pair.becomes(ACTIVE)
    day0.do(day0.world.quiet())
    pair.result()
    since = len(day0.world.journal)
    day0.world.clock.advance(3600)
    assert pair.result().state == ACTIVE
    assert [entry for entry in day0.world.journal.entries(since) if entry.channel == "tls"] == []
    pair.edge.done("PUT", pair.paths[1], {"Name": pair.name, "SIPTLSVerifySubjectName": "us-expc9.ent-pa.com"})
    until(lambda: pair.result().state == FAILED)


def test_a_peer_that_restarts_and_one_off_the_network(day0):
    pair = Pair(day0, "uc", {"PeerAddress": ["us-expe1.ent-pa.com"]})
    assert pair.result().state == ACTIVE
    day0.world.faults.add({"channel": "node", "node": "us-expe1", "action": "never", "times": 0})
    day0.do(day0._lab.resync())
    until(lambda: pair.result().state == FAILED)
    assert pair.result().peers[0][3] == "Connect failed"
    day0.world.faults.clear()
    day0.do(day0._lab.resync())
    until(lambda: pair.result().state == ACTIVE)


def test_what_is_shown(day0):
    pair = Pair(day0, "uc", {"PeerAddress": ["us-expe1.ent-pa.com", "nobody.ent-pa.com"]})
    pair.becomes(ACTIVE)
    text = pair.control.send("GET", "/getxml?location=/Status/Zones").text
    assert [re.findall(f"<{word} item=\"1\">(.*?)</{word}>", text) for word in ("Status", "Cause", "Port")] == [
        [ACTIVE, ACTIVE, FAILED], ["DNS resolution failed"], ["7001", "7001"]]
    assert "<Type item=\"1\">TraversalClient</Type>" in text, "as which Unified Communications zones report themselves"
    lines = Cli(day0, "us-expe1").done("xStatus Zones Zone 1")
    assert f'     Status: "{ACTIVE}"' in lines and any(address(day0, "us-expc1") in line for line in lines)
    other = Api(day0, "us-expc2")
    until(lambda: other.get(pair.paths[0])[0]["Status"] == ACTIVE)


# ---- who is let in

def test_the_port_of_a_traversal_server_zone(day0, tmp_path):
    Pair(day0)
    place = address(day0, "us-expe1")
    assert "SIP/2.0 401" in asked(place, 7001, *client_files(day0, tmp_path, ["us-expc.ent-pa.com"])), "the client's name; now it has to log in"
    assert asked(place, 7001) == "", "no certificate"
    assert asked(place, 7001, *client_files(day0, tmp_path, ["us-expc.ent-pa.com"], trusted=False)) == "", "a certificate of nobody"
    assert asked(place, 7001, *client_files(day0, tmp_path, ["other.ent-pa.com"])) == "", "another name"
    refused = [entry.detail["refused"] for entry in day0.world.journal.entries() if entry.node == "us-expe1" and "refused" in entry.detail]
    assert any("subject name us-expc.ent-pa.com" in why for why in refused) and len(refused) >= 3


def test_a_certificate_for_servers_only_is_none_for_a_caller(day0, tmp_path):
    Pair(day0)
    assert asked(address(day0, "us-expe1"), 7001, *client_files(day0, tmp_path, ["us-expc.ent-pa.com"], "server")) == ""


def test_ports_follow_the_configuration(day0):
    edge = appliance_of(day0, "us-expe1")
    assert day0.call(edge.doors.listening) == {20443: "https", 20022: "ssh", 5061: "sips"}
    Pair(day0)
    Pair(day0, "b2b")
    cli = Cli(day0, "us-expe1")
    cli.done("xConfiguration SIP TCP Mode: On")
    api = Api(day0, "us-expe1")
    api.done("PUT", "/common/protocol/sip/configuration", {"MutualTlsMode": "On"})
    until(lambda: day0.call(edge.doors.listening) == {20443: "https", 20022: "ssh", 5060: "sip", 5061: "sips", 5062: "sip-mtls", 7001: "sips-traversal",
                                                      7002: "sips-traversal"})
    cli.done("xConfiguration SIP Mode: Off")
    until(lambda: day0.call(edge.doors.listening) == {20443: "https", 20022: "ssh"})
    assert {row["Status"] for path in (SERVER, UC_SERVER) for row in api.get(path)} == {"Off"}


@pytest.mark.parametrize(("mode", "good"), [("Off", True), ("On", False)])
def test_mutual_tls_on_the_default_zone(day0, tmp_path, mode, good):
    Cli(day0, "us-expe1").done(f"xConfiguration Zones DefaultZone SIP TLS Verify Mode: {mode}")
    place = address(day0, "us-expe1")
    assert (asked(place, 5061) == "SIP/2.0 200 OK") == good
    assert (asked(place, 5061, *client_files(day0, tmp_path, ["partner.example.com"], trusted=False)) == "SIP/2.0 200 OK") == good
    assert asked(place, 5061, *client_files(day0, tmp_path, ["partner.example.com"])) == "SIP/2.0 200 OK"


def test_the_port_for_mutual_tls(day0, tmp_path):
    Api(day0, "us-expe1").done("PUT", "/common/protocol/sip/configuration", {"MutualTlsMode": "On"})
    place = address(day0, "us-expe1")
    until(lambda: asked(place, 5062, *client_files(day0, tmp_path, ["partner.example.com"])) == "SIP/2.0 200 OK")
    assert asked(place, 5062) == ""


def test_a_neighbors_own_name_is_asked_for_where_its_zone_verifies(day0, tmp_path):
    control, source = Api(day0), address(day0, "us-expc2")
    control.done("POST", NEIGHBOR, {"Name": "Neighbor", "PeerAddress": ["us-expc2.ent-pa.com"], "SIPTLSVerifyMode": "Off"})
    place = address(day0, "us-expc1")
    assert asked(place, 5061, source=source) == "SIP/2.0 200 OK"
    control.done("PUT", NEIGHBOR, {"Name": "Neighbor", "SIPTLSVerifyMode": "On"})
    assert asked(place, 5061, source=source) == ""
    assert asked(place, 5061, *client_files(day0, tmp_path, ["other.ent-pa.com"]), source=source) == ""
    assert asked(place, 5061, *client_files(day0, tmp_path, ["us-expc2.ent-pa.com"]), source=source) == "SIP/2.0 200 OK"
    assert asked(place, 5061) == "SIP/2.0 200 OK", "others belong to the default zone"


def test_a_default_zone_that_checks_credentials(day0):
    cli, place = Cli(day0, "us-expe1"), address(day0, "us-expe1")
    cli.done("xConfiguration Zones DefaultZone Authentication Mode: CheckCredentials")
    assert asked(place, 5061).startswith("SIP/2.0 407")
    cli.done("xConfiguration Zones DefaultZone Authentication Mode: DoNotCheckCredentials")
    assert asked(place, 5061) == "SIP/2.0 200 OK"


def test_a_new_certificate_is_served_after_the_restart(day0, tmp_path):
    one = appliance_of(day0, "us-expe1")
    before = openssl(one.address, 5061)
    api = Api(day0, "us-expe1")
    api.done("POST", "/certs/generate_csr", {"Additional_FQDNS": ["new.ent-pa.com"]})
    csr = api.send("GET", "/certs/generate_csr").text
    assert api.upload("/certs/server", day0.call(lambda: day0.world.ca.sign_request(csr, "CollabServer").certificate)).status_code == 200
    serial = re.search("-----BEGIN CERTIFICATE-----.*?-----END", before, re.DOTALL)[0]
    assert serial in openssl(one.address, 5061)
    api.restart()
    assert serial not in openssl(one.address, 5061)


def test_other_requests_are_refused_and_counted(day0):
    place = address(day0, "us-expe1")
    assert asked(place, 5061, text=OPTIONS.replace("OPTIONS", "INVITE")) == "SIP/2.0 405 Method Not Allowed" and day0.world.unknown == 1


# ---- neighbors

def test_a_neighbor_by_tcp_and_one_that_is_not_watched(day0):
    control = Api(day0)
    Cli(day0, "us-expe1").done("xConfiguration SIP TCP Mode: On")
    control.done("POST", NEIGHBOR, {"Name": "Plain", "PeerAddress": ["us-expe1.ent-pa.com"], "SIPPort": 5060, "SIPTransport": "TCP"})
    control.done("POST", NEIGHBOR, {"Name": "Unwatched", "PeerAddress": ["us-expe1.ent-pa.com"], "SIPPort": 5999, "Monitor": "No"})
    control.done("POST", NEIGHBOR, {"Name": "Nobody", "PeerAddress": ["us-expe1.ent-pa.com"], "SIPPort": 5999})
    assert [row["Status"] for row in control.get(NEIGHBOR)] == [ACTIVE, ACTIVE, FAILED]
    control.done("POST", "/common/zone/dnszone", {"Name": "DNSZone"})
    assert control.get("/common/zone/dnszone")[0]["Status"] == "On"


@pytest.mark.parametrize(("value", "state"), [("any_answer", ACTIVE), ("success", FAILED)])
def test_whether_a_refusal_is_a_sign_of_life(day0, value, state):
    day0.world.set_variant("expressway_neighbor_alive", value)
    Cli(day0, "us-expe1").done("xConfiguration Zones DefaultZone Authentication Mode: CheckCredentials")
    control = Api(day0)
    control.done("POST", NEIGHBOR, {"Name": "Edge", "PeerAddress": ["us-expe1.ent-pa.com"]})
    assert control.get(NEIGHBOR)[0]["Status"] == state


def test_a_neighbor_is_verified_by_name_and_chain(day0):
    control = Api(day0)
    control.done("POST", NEIGHBOR, {"Name": "Edge", "PeerAddress": ["us-expe1.ent-pa.com"], "SIPTLSVerifyMode": "On"})
    assert control.get(NEIGHBOR)[0]["Status"] == ACTIVE
    control.done("PUT", NEIGHBOR, {"Name": "Edge", "PeerAddress": [address(day0, "us-expe1")]})
    day0.do(refresh(control.peer))
    assert control.peer.zone_results["Edge"].peers[0][3] == "TLS negotiation failure"


def test_snapshots_keep_what_is_known_and_look_again(day0):
    pair = Pair(day0)
    pair.becomes(ACTIVE)
    day0.snapshot("active")
    pair.control.done("DELETE", pair.paths[0], {"Name": pair.name})
    day0.restore("active")
    assert pair.result().state == ACTIVE
