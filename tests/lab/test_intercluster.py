"""What ties clusters together: ILS, LBM and intercluster trunks depend on both ends, and on certificates that really fit."""

from __future__ import annotations

import asyncio

import pytest
from lxml import etree

from tests.lab.intercluster_lab import CALL_MANAGER
from tests.lab.intercluster_lab import ILS
from tests.lab.intercluster_lab import LBM
from tests.lab.intercluster_lab import PASSWORD
from tests.lab.intercluster_lab import Two
from tests.lab.intercluster_lab import started
from tests.lab.intercluster_lab import started_with_a_second_spoke

GOOD, BAD = "Up to date", "Not synchronized"
FORBIDDEN = "connection failed: SIP/2.0 403 Forbidden"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The lab; snapshot day0, and trusted: tomcat and CallManager signed by the enterprise CA and loaded by everything."""
    lab = started(tmp_path_factory.mktemp("intercluster"))
    lab.snapshot("day0")
    two = Two(lab)
    for unit in ("tomcat", "CallManager"):
        two.trust(unit)
    two.restart(ILS, "us-cm-pub", "emea-cm-pub")
    for service in (LBM, CALL_MANAGER):
        two.restart(service, "us-cm-sub1", "emea-cm-sub1")
    two.settle()
    lab.snapshot("trusted")
    yield lab
    lab.close()


@pytest.fixture
def two(pair) -> Two:
    """With certificates in place, the rest as installed."""
    pair.restore("trusted")
    return Two(pair)


@pytest.fixture
def plain(pair) -> Two:
    """As installed."""
    pair.restore("day0")
    return Two(pair)


# ---- ILS

def test_ils_as_installed(plain):
    own = plain.us.ask("getIlsConfig", "<returnedTags/>").find("return/ilsConfig")
    assert {child.tag: child.text for child in own} == {
        "clusterId": "US", "lastContactTime": None, "clusterUriString": "us.ent-pa.com", "role": "Hub Cluster", "lastDataRecieved": None,
        "syncronizationStatus": GOOD}
    other = plain.us.ask("getIlsConfig", "<clusterId>EMEA</clusterId><returnedTags><role/><syncronizationStatus/></returnedTags>").find("return/ilsConfig")
    assert {child.tag: child.text for child in other} == {"role": "Spoke Cluster", "syncronizationStatus": GOOD}
    assert plain.both == (GOOD, GOOD)
    assert plain.us.fault("getIlsConfig", "<clusterId>APAC</clusterId><returnedTags/>") == (5007, "Item not valid: The specified IlsConfig was not found")


def test_ils_by_tls_and_password_on_both_ends(two):
    two.secure_ils(us={}, emea={})
    two.wait(90)
    assert two.both == (GOOD, GOOD)
    assert two.world.clusters["us_cm"].ils.in_force.use_tls and two.world.clusters["emea_cm"].ils.in_force.use_tls


@pytest.mark.parametrize("change", [
    {"us": {}}, {"emea": {}}, {"us": {}, "emea": {"password": "another"}}, {"us": {}, "emea": {"password": None}},
    {"us": {}, "emea": {"server": "emea-cm-pub.ent-pa.com"}}, {"us": {"role": "Spoke Cluster", "server": "emea-cm-pub.ent-pa.com"}, "emea": {}},
], ids=["us only", "emea only", "another password", "no password", "wrong server", "two spokes"])
def test_one_end_alone_is_out_of_step_after_the_interval(two, change):
    two.secure_ils(**change)
    two.wait(8)
    assert two.both == (GOOD, GOOD), "the last synchronisation is not yet missed"
    two.wait(90)
    assert two.both == (BAD, BAD)
    two.secure_ils(us={}, emea={})
    two.wait(1)
    assert two.both == (GOOD, GOOD)


def test_settings_count_from_the_restart(two):
    two.us.ask("updateIlsConfig", two.ils(two.us))
    two.wait(90)
    assert two.both == (GOOD, GOOD)
    two.restart(ILS, "us-cm-pub")
    two.wait(90)
    assert two.both == (BAD, BAD)


def test_or_at_once(two):
    two.world.set_variant("ils_applies", "at_once")
    two.us.ask("updateIlsConfig", two.ils(two.us))
    two.wait(90)
    assert two.both == (BAD, BAD)
    two.emea.ask("updateIlsConfig", two.ils(two.emea, "Spoke Cluster", "us-cm-pub.ent-pa.com"))
    two.wait(1)
    assert two.both == (GOOD, GOOD)


def test_tls_needs_certificates_that_the_other_trusts(plain):
    plain.secure_ils(us={}, emea={})
    plain.wait(90)
    assert plain.both == (BAD, BAD) and "TLS" in plain.lab.call(plain.world.clusters["us_cm"].ils.status)["EMEA"]
    plain.trust("tomcat")
    plain.wait(1)
    assert plain.both == (BAD, BAD), "the service has not loaded the new certificate"
    plain.restart(ILS, "us-cm-pub", "emea-cm-pub")
    plain.wait(1)
    assert plain.both == (GOOD, GOOD)


def test_a_tomcat_certificate_without_client_authentication(plain):
    plain.trust("tomcat", "WebServer")
    plain.secure_ils(us={}, emea={})
    plain.wait(90)
    assert plain.both == (BAD, BAD) and "purpose" in plain.lab.call(plain.world.clusters["us_cm"].ils.status)["EMEA"]


def test_the_service_stops(two):
    async def stop() -> None:
        await two.world.node("emea-cm-pub").services.stop(ILS)
    two.lab.do(stop())
    two.wait(90)
    assert two.both == (BAD, BAD)


def test_clusters_of_one_name(two):
    two.lab.call(lambda: two.world.clusters["emea_cm"].set_parameter("ClusterID", "US"))
    two.restart(ILS, "emea-cm-pub")
    two.wait(90)
    assert two.seen(two.us, "EMEA") == BAD


@pytest.mark.parametrize(("reading", "good"), [("words", GOOD), ("codes", "UP_TO_DATE")])
def test_words_of_the_status(two, reading, good):
    two.world.set_variant("ils_status_words", reading)
    assert two.both == (good, good)


def test_spokes_know_of_each_other_what_their_hub_relays(tmp_path):
    """And nothing any more when the one that asks has lost its hub."""
    lab = started_with_a_second_spoke(tmp_path)
    try:
        two = Two(lab)
        assert two.seen(two.emea, "APAC") == two.seen(two.emea, "US") == two.seen(two.us, "APAC") == GOOD
        two.secure_ils(emea={"password": "another"})
        assert two.emea.fault("getIlsConfig", "<clusterId>APAC</clusterId><returnedTags/>")[0] == 5007
    finally:
        lab.close()


@pytest.mark.parametrize(("change", "words"), [
    ({"role": "Server"}, "Role 'Server' is not valid"), ({"every": "often"}, "number of minutes"), ({"every": "0"}, "number of minutes"),
    ({"role": "Spoke Cluster"}, "needs a registration server"), ({"tls": False, "password": None}, "must be selected"), ({"password": ""}, "is required"),
], ids=["role", "words", "zero", "server", "nothing", "password"])
def test_settings_of_ils_that_are_refused(two, change, words):
    before = two.world.clusters["us_cm"].ils.stored
    code, text = two.us.fault("updateIlsConfig", two.ils(two.us, **change))
    assert code == 5003 and words in text and two.world.clusters["us_cm"].ils.stored == before


@pytest.mark.parametrize("missing", ["activateIls", "activatedServers", "useTls", "usePassword"])
def test_all_nine_elements_are_needed(two, missing):
    content = etree.fromstring(f"<x>{two.ils(two.us)}</x>")
    content.remove(content.find(missing))
    code, _text = two.us.fault("updateIlsConfig", "".join(etree.tostring(child, encoding="unicode") for child in content))
    assert code == 5000


def test_an_empty_password_may_be_the_one_that_there_is(two):
    two.world.set_variant("ils_empty_password", "kept")
    two.secure_ils(us={"password": ""}, emea={"password": ""})
    two.wait(1)
    assert two.both == (GOOD, GOOD) and two.world.clusters["us_cm"].ils.stored.password == PASSWORD


def test_the_password_is_nowhere_to_be_read(two):
    since = len(two.world.journal)
    two.us.ask("updateIlsConfig", two.ils(two.us, password="secret-1234"))
    entry = two.world.journal.entries(since, writes=True)[-1]
    assert (entry.operation, entry.detail["role"], entry.detail["useTls"]) == ("updateIlsConfig", "Hub Cluster", True)
    assert "secret-1234" not in str(two.world.journal.entries()) + repr(two.world.clusters["us_cm"].ils.stored)
    assert "secret-1234" not in etree.tostring(two.us.ask("getIlsConfig", "<returnedTags/>"), encoding="unicode")


def test_a_snapshot_holds_ils_and_lbm(two):
    two.secure_ils(us={})
    two.lab.snapshot("half")
    two.lab.restore("trusted")
    assert two.both == (GOOD, GOOD)
    two.lab.restore("half")
    two.wait(90)
    assert two.both == (BAD, BAD)


# ---- LBM

def lbm(two: Two, us: str = "", emea: str = "", restart: bool = True) -> str:
    """Set modes, restart the hubs, and tell what they come to."""
    for axl, node, mode in ((two.us, "us-cm-sub1", us), (two.emea, "emea-cm-sub1", emea)):
        if mode:
            value = str(("Insecure", "Mixed", "Secure").index(mode))
            axl.ask("updateServiceParameter", "<processNodeName>EnterpriseWideData</processNodeName><name>LBMSecurityMode</name>"
                    f"<service>Enterprise Wide</service><value>{value}</value>")
            if restart:
                two.restart(LBM, node)
    seen = two.lab.call(lambda: [two.world.clusters[name].lbm.status() for name in ("us_cm", "emea_cm")])
    assert seen[0]["us-cm-sub1"]["emea-cm-sub1"] == seen[1]["emea-cm-sub1"]["us-cm-sub1"], "both ends see the same"
    return seen[0]["us-cm-sub1"]["emea-cm-sub1"]


@pytest.mark.parametrize(("us", "emea", "outcome"), [
    ("Insecure", "Insecure", "connected"), ("Mixed", "Insecure", "connected"), ("Insecure", "Mixed", "connected"), ("Mixed", "Mixed", "connected by TLS"),
    ("Mixed", "Secure", "connected by TLS"), ("Secure", "Secure", "connected by TLS"), ("Secure", "Insecure", "one is Secure, the other Insecure")])
def test_modes_of_lbm(two, us, emea, outcome):
    assert lbm(two, us, emea) == outcome


def test_the_mode_counts_from_the_restart_of_a_hub(two):
    assert lbm(two, "Secure", "Insecure", restart=False) == "connected"
    two.restart(LBM, "us-cm-sub1")
    assert lbm(two).startswith("one is Secure")


def test_secure_lbm_needs_certificates_that_the_other_trusts(plain):
    assert lbm(plain, "Secure", "Mixed").startswith("TLS: ")
    assert lbm(plain, "Mixed", "Mixed") == "connected"


def test_lbm_hubs_can_be_found_by_axl(plain):
    asked = "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/><lbmHubGroup/></returnedTags>"
    rows = plain.us.ask("listProcessNode", asked).iter("processNode")
    assert {row.findtext("name"): row.findtext("lbmHubGroup") for row in rows} == {
        "EnterpriseWideData": "", "us-cm-pub.ent-pa.com": "", "us-cm-sub1.ent-pa.com": "LBM"}
    group = plain.us.ask("getLbmHubGroup", "<name>LBM</name>").find("return/lbmHubGroup")
    assert group.findtext("member2") == "emea-cm-sub1.ent-pa.com" and group.findtext("members/member/lbmAssignedServices") == "us-cm-sub1.ent-pa.com"


# ---- trunks between clusters

def secure(two: Two, side: str, subjects: str) -> None:
    """Secure one end of the intercluster trunks and reset it."""
    def change() -> None:
        cluster = two.world.clusters[f"{side}_cm"]
        db = cluster.db
        tls = db.enum("typetransport", "TLS")
        db.run("update securityprofile set tkdevicesecuritymode=?, tktransport=?, tktransport_out=?, incomingport=5061, x509subjectname=? where name=?",
               db.enum("typedevicesecuritymode", "Encrypted"), tls, tls, subjects, "ICT Profile")
        db.run("update siptrunkdestination set port=5061")
        cluster.phones.reset([{"us": "EMEA_ICT", "emea": "US_ICT"}[side]])
    two.lab.call(change)
    two.settle()


def trunks(two: Two) -> tuple[str, str]:
    """What both ends' connections came to."""
    found = two.lab.call(lambda: [list(two.world.clusters[name].phones.trunk_states().values()) for name in ("us_cm", "emea_cm")])
    return found[0][0].popitem()[1], found[1][0].popitem()[1]


def test_intercluster_trunks_by_tls_both_ways(two):
    assert trunks(two) == ("in service", "in service")
    secure(two, "us", "emea-cm-pub-ms.ent-pa.com")
    outcome = trunks(two)
    assert all(one != "in service" for one in outcome), "one end alone"
    secure(two, "emea", "us-cm-pub-ms.ent-pa.com")
    assert trunks(two) == ("in service", "in service"), "the first end asks again by itself"


@pytest.mark.parametrize(("us", "emea", "outcome"), [
    ("wrong.ent-pa.com", "us-cm-sub1.ent-pa.com", ("X.509 subject name emea-cm-pub-ms.ent-pa.com is not expected", FORBIDDEN)),
    ("emea-cm-sub1.ent-pa.com", "wrong.ent-pa.com", (FORBIDDEN, "X.509 subject name us-cm-pub-ms.ent-pa.com is not expected")),
], ids=["us", "emea"])
def test_the_names_are_checked_on_both_ends(two, us, emea, outcome):
    secure(two, "us", us)
    secure(two, "emea", emea)
    assert trunks(two) == outcome


def test_a_stranger_gets_no_answer_from_a_trunk(two):
    async def ask() -> bytes:

        reader, writer = await asyncio.open_connection(two.world.node("us-cm-sub1").address, 5060)
        writer.write(b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP x\r\nCSeq: 1 OPTIONS\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        return head

    head = two.lab.do(ask())
    assert head.startswith(b"SIP/2.0 503") and b"Unable to find a device handler" in head
