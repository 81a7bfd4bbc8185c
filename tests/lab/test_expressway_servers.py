"""Unified Communications servers of Expressway-C: it really asks Unified CM, IM and Presence and Unity Connection, and checks their certificates."""

from __future__ import annotations

import pytest
from cryptography import x509

from tests.lab.axl_lab import PASSWORD
from tests.lab.axl_lab import USER
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import until
from tests.lab.expressway_lab import with_servers

CUCM, IMP, UCXN = "/controller/server/cucm", "/controller/server/imp", "/controller/server/ucxn"
ACCOUNT = {"AxlUsername": USER, "AxlPassword": PASSWORD}
UNIFIED_CM = {"Publisher": "us-cm-pub.ent-pa.com", **ACCOUNT, "TlsVerify": "On"}
PRESENCE = {"Publisher": "us-imp-pub.ent-pa.com", **ACCOUNT, "TlsVerify": "On"}
UNITY = {"Publisher": "us-cuc-pub.ent-pa.com", **ACCOUNT, "TlsVerify": "On"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The lab itself."""
    running = with_servers(tmp_path_factory.mktemp("expressway"))
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def api(lab):
    """The primary Expressway-C on day 0."""
    lab.restore("day0")
    lab.world.unknown, lab.world.clock.speed = 0, 6000.0
    return Api(lab)


def trusting(api: Api, *nodes: str) -> Api:
    """The same, with the (self-signed) tomcat certificates of nodes among its trusted CAs."""
    for name in nodes or ("us-cm-pub", "us-imp-pub", "us-cuc-pub"):
        pem = api.lab.call(lambda name=name: api.lab.world.node(name).certificates.served("https").certificate)
        assert api.upload("/certs/root", pem).status_code == 200
    return api


def automatic(api: Api) -> list[tuple[str, str, int, bool]]:
    """The automatic zones: name, transport, port, TLS verify."""
    return [(zone.name, zone.transport, zone.port, zone.tls_verify) for zone in api.peer.zones() if zone.automatic]


def test_unified_cm_is_discovered(api):
    since = len(api.lab.world.journal)
    trusting(api).done("POST", CUCM, UNIFIED_CM)
    row = api.get(CUCM)
    assert row == [{"Publisher": "us-cm-pub.ent-pa.com", "AxlUsername": USER, "TlsVerify": "On", "AesGcm": "off", "SipUpdateForSessionRefresh": "off",
                    "IcePassthrough": "off"}], "the recorded keys, no password"
    assert automatic(api) == [("CEtcp-us-cm-sub1.ent-pa.com", "TCP", 5060, False)]
    asked = [(entry.node, entry.operation) for entry in api.lab.world.journal.entries(since) if entry.channel == "axl"]
    assert asked == [("us-cm-pub", "getCCMVersion"), ("us-cm-pub", "executeSQLQuery"), ("us-cm-pub", "executeSQLQuery")], "over its real AXL"
    assert api.lab.world.unknown == 0
    other = Api(api.lab, "us-expc2")
    until(lambda: api.peer.cluster.in_step(other.peer))
    assert automatic(other) == automatic(api)


def test_what_came_of_it_shows_in_xml_and_status(api):
    trusting(api).done("POST", CUCM, UNIFIED_CM)
    text = api.send("GET", "/status.xml").text
    assert "<CUCM item=\"1\">" in text and "CEtcp-us-cm-sub1.ent-pa.com" in text
    status = api.lab.call(api.lab._lab.status)
    cluster = next(one for one in status["clusters"] if one["name"] == "us_expc")
    assert cluster["servers"]["cucm"] == [{"publisher": "us-cm-pub.ent-pa.com", "verify": "On", "verified": True, "nodes": ["us-cm-sub1.ent-pa.com"]}]


@pytest.mark.parametrize(("reading", "name"), [("space", "CEOAuth us-cm-sub1.ent-pa.com"), ("dash", "CEOAuth-us-cm-sub1.ent-pa.com")])
def test_modes_are_seen_when_it_is_discovered_anew(api, reading, name):
    api.lab.world.set_variant("expressway_oauth_zone_name", reading)
    trusting(api).done("POST", CUCM, UNIFIED_CM)
    cluster = api.lab.world.clusters["us_cm"]

    def secure():
        cluster.set_parameter("ClusterSecurityMode", "1")
        cluster.security._set_oauth(True)

    api.lab.call(secure)
    assert len(automatic(api)) == 1, "what was read is static"
    api.done("DELETE", CUCM, {"Publisher": "us-cm-pub.ent-pa.com"})
    assert automatic(api) == []
    api.done("POST", CUCM, UNIFIED_CM)
    assert automatic(api) == [
        ("CEtcp-us-cm-sub1.ent-pa.com", "TCP", 5060, False), ("CEtls-us-cm-sub1.ent-pa.com", "TLS", 5061, True), (name, "TLS", 5091, True)]


@pytest.mark.parametrize("reading", ["absent", "offered"])
def test_or_by_put(api, reading):
    api.lab.world.set_variant("expressway_server_put", reading)
    api.done("POST", CUCM, {**UNIFIED_CM, "TlsVerify": "Off"})
    trusting(api)
    api.lab.call(lambda: api.lab.world.clusters["us_cm"].set_parameter("ClusterSecurityMode", "1"))
    change = {"Publisher": "us-cm-pub.ent-pa.com", "TlsVerify": "On"}
    if reading == "absent":
        assert api.send("PUT", CUCM, change).status_code == 404 and len(automatic(api)) == 1
        return
    api.done("PUT", CUCM, change)
    assert api.get(CUCM)[0]["TlsVerify"] == "On" and [zone[3] for zone in automatic(api)] == [False, True]


# ---- what fails

def test_a_certificate_that_nobody_trusts(api):
    words = api.refused("POST", CUCM, UNIFIED_CM)
    assert words.startswith("CommandError: TLS negotiation failed") and api.get(CUCM) == []
    assert "self" in words


def test_trust_is_each_peers_own(api):
    trusting(Api(api.lab, "us-expc2"))
    api.refused("POST", CUCM, UNIFIED_CM)


def test_a_certificate_with_another_name(api):
    trusting(api)
    assert "us-cm-pub" in api.refused("POST", CUCM, {**UNIFIED_CM, "Publisher": "us-cm-pub"})


def test_an_address_that_is_no_name(api):
    trusting(api)
    address = api.lab.world.node("us-cm-pub").address
    assert "FQDN" in api.refused("POST", CUCM, {**UNIFIED_CM, "Publisher": address})
    api.done("POST", CUCM, {**UNIFIED_CM, "Publisher": address, "TlsVerify": "Off"})


@pytest.mark.parametrize(("path", "body"), [(CUCM, UNIFIED_CM), (IMP, PRESENCE)])
def test_an_account_that_is_refused(api, path, body):
    trusting(api)
    assert api.refused("POST", path, {**body, "AxlPassword": "wrong"}) == "CommandError: Authentication failed"


def test_servers_that_do_not_answer(api):
    assert "not known" in api.refused("POST", CUCM, {**UNIFIED_CM, "Publisher": "nobody.ent-pa.com"})
    api.lab.world.faults.add({"channel": "node", "node": "us-cm-pub", "action": "never", "times": 0})
    api.lab.do(api.lab._lab.resync())
    assert api.refused("POST", CUCM, UNIFIED_CM) == "CommandError: Socket Error: Connection refused"


def test_a_server_is_there_once(api):
    trusting(api).done("POST", CUCM, UNIFIED_CM)
    api.refused("POST", CUCM, UNIFIED_CM)


def test_a_subordinate_asks_nobody(api):
    since = len(api.lab.world.journal)
    Api(api.lab, "us-expc2").refused("POST", CUCM, UNIFIED_CM)
    assert not [entry for entry in api.lab.world.journal.entries(since) if entry.channel == "axl"]


def test_without_verification_it_is_discovered_but_the_traffic_server_would_not_have_it(api):
    api.done("POST", CUCM, {**UNIFIED_CM, "TlsVerify": "Off"})
    assert api.peer.table("cucm")["us-cm-pub.ent-pa.com"]["verified"] is False


@pytest.mark.parametrize("reading", ["On", "Off"])
def test_verification_that_is_not_mentioned(api, reading):
    api.lab.world.set_variant("expressway_tls_verify_default", reading)
    body = {key: value for key, value in UNIFIED_CM.items() if key != "TlsVerify"}
    if reading == "On":
        api.refused("POST", CUCM, body)
    else:
        api.done("POST", CUCM, body)
        assert api.get(CUCM)[0]["TlsVerify"] == "Off"


# ---- IM and Presence, Unity Connection

def test_presence_brings_its_chat_aliases_into_requests(api):
    trusting(api).done("POST", IMP, PRESENCE)
    assert api.get(IMP) == [{"Publisher": "us-imp-pub.ent-pa.com", "AxlUsername": USER, "TlsVerify": "On"}]
    api.done("POST", "/certs/generate_csr", {"Additional_FQDNS": ["us-expc.ent-pa.com"]})
    csr = x509.load_pem_x509_csr(api.send("GET", "/certs/generate_csr").content)
    names = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert names == ["us-expc1.ent-pa.com", "us-expc.ent-pa.com", "conference-1-standalonecluster.ent-pa.com", "conference-2-standalonecluster.ent-pa.com"]
    assert api.lab.world.unknown == 0


@pytest.mark.parametrize("reading", ["absent", "offered"])
def test_unity_connection(api, reading):
    api.lab.world.set_variant("expressway_ucxn_resource", reading)
    if reading == "absent":
        assert api.send("POST", UCXN, UNITY).status_code == 404
        return
    api.refused("POST", UCXN, UNITY)
    trusting(api).done("POST", UCXN, UNITY)
    assert api.peer.table("ucxn")["us-cuc-pub.ent-pa.com"]["nodes"] == ("us-cuc-pub", "us-cuc-sub")
    assert api.refused("POST", UCXN, {**UNITY, "Publisher": "us-cuc-sub.ent-pa.com", "AxlPassword": "x", "TlsVerify": "Off"}).endswith("failed")


def test_expressway_e_has_no_servers(api):
    assert Api(api.lab, "us-expe1").send("GET", CUCM).status_code == 404
