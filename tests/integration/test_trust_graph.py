# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trust graph against the lab: a healthy estate has no finding, and what another administrator misconfigures is found where it is, with the right reason.

Seeds that do not touch each other are made together and found in one run, by verify.yml, whose handshakes have to agree with what the graph expects.
tests/unit/trust_graph has more of them, on an estate in memory, among these what the lab cannot be brought to (a CA that is over).
"""
from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.administrator import ENTERPRISE_SEEDS
from tests.integration.administrator import Administrator
from tests.integration.conftest import free_network
from tests.integration.harness import Estate
from tests.integration.harness import Run
from tests.integration.test_meeting_server import Mmp

CLUSTERS = ("us_cm", "emea_cm", "us_imp", "us_cuc", "us_expc", "us_expe", "us_cube", "us_srst", "us_cms")
ANY = "us-cm-sub[12]"


@dataclass(frozen=True)
class Seed:
    """A misconfiguration, the connections that it breaks ("CLIENT SERVER PURPOSE" as a pattern), words of the finding, and (here and there) under which host it
    stands: that of what has to change, in the group publishers."""

    make: Callable[[Administrator], object]
    broken: str
    words: tuple[str, ...]
    host: str = ""


def drift(name: str) -> Callable[[Administrator], object]:
    """A drift that other tests know, too."""
    return ENTERPRISE_SEEDS[name].make


def profile(name: str, change: str, publisher: str = "us-cm-pub") -> Callable[[Administrator], object]:
    """Change a SIP trunk security profile."""
    return lambda admin: admin.at(publisher).axl("updateSipTrunkSecurityProfile", "<name>%s</name>%s" % (name, change))


def zone(publisher: str, path: str, name: str, **change: object) -> Callable[[Administrator], object]:
    """Change keys of a zone by Expressway's REST API."""
    return lambda admin: admin.at(publisher).expressway("/" + path, "PUT", {"Name": name, **change})


def parameter(name: str, value: str, publisher: str) -> Callable[[Administrator], object]:
    """Change an enterprise parameter."""
    return lambda admin: admin.at(publisher).axl("updateServiceParameter", "<processNodeName>EnterpriseWideData</processNodeName><name>%s</name>"
                                                 "<service>Enterprise Wide</service><value>%s</value>" % (name, value))


def router(name: str, *lines: str) -> Callable[[Administrator], object]:
    """Enter lines on a router."""
    return lambda admin: admin.at(name).configure(*lines)


def directory_by_address(admin: Administrator) -> object:
    """LDAP authentication calls its server by address."""
    server = "<hostName>%s.0.20</hostName><ldapPortNumber>3269</ldapPortNumber><sslEnabled>true</sslEnabled>" % admin.estate.network
    return admin.axl("updateLdapAuthentication", "<servers><server>%s</server></servers>" % server)


def plain_port_group(admin: Administrator) -> object:
    """Take the port group of voice mail back to the profile without TLS."""
    there = admin.at("us-cuc-pub")

    def listed(path: str, element: str) -> list[dict]:
        found = json.loads(there.cupi(path))[element]
        return found if isinstance(found, list) else [found]

    plain = next(one for one in listed("sipsecurityprofiles", "SipSecurityProfile") if str(one["DoTLS"]).lower() == "false")
    group = next(one for one in listed("portgroups", "PortGroup") if one["DisplayName"].startswith("PhoneSystem-1"))
    encryption = next(key for key in there.cupi("portgroups/" + group["ObjectId"]).split('"') if key.lower() == "sipenablenextgensecurity")
    return there.cupi("portgroups/" + group["ObjectId"], {"MediaSipSecurityProfileObjectId": plain["ObjectId"], "SipDoSRTP": "false", encryption: "false"})


def no_signaling(admin: Administrator) -> object:
    """Take the lines of sip-ua from a router by which it takes TLS from the first subscriber."""
    return admin.at("us-cube1").configure("sip-ua", "no crypto signaling remote-addr %s.1.2 255.255.255.255 trustpoint CUBE-Certificate" % admin.estate.network)


def other_trust_of_web_bridge(admin: Administrator) -> object:
    """Web Bridge of one node trusts no Call Bridge any more."""
    with Mmp(admin.estate, "us-cms2") as mmp:
        return mmp.say("webbridge3 disable", "webbridge3 c2w trust none", "webbridge3 enable")


def plain_mode(admin: Administrator) -> object:
    """EMEA leaves mixed mode."""
    return admin.at("emea-cm-pub").cli("utils ctl set-cluster non-secure-mode", "y")


# What does not touch each other, found by one run.
ROUNDS = {
    "names, ports and verification": {
        "trunk profile expects another name": Seed(
            drift("trunk profile expects another name"), rf"({ANY} us-cms\d|us-cms\d {ANY}) calls over trunk US_CMS",
            ("other.ent-pa.com", "X.509 subject of the profile 'CMS SIP Trunk Profile - TLS'", "tag trunks")),
        "trunk calls voice mail on the plain port": Seed(
            drift("trunk back on the plain port"), rf"{ANY} us-cuc-\w+ calls over trunk US_UNITY", ("trunk US_UNITY calls port 5060", "listens on port 5061")),
        "trunk listens where the routers do not call": Seed(
            profile("CUBE SIP Trunk Profile - TLS", "<incomingPort>5071</incomingPort>"), rf"us-cube\d {ANY} calls over trunk US_CUBE",
            ("dial-peer", "calls port 5061", "trunk US_CUBE listens on port 5071")),
        "neighbor zone does not verify": Seed(
            drift("neighbor zone does not verify Unified CM"), rf"(us-expc\d {ANY}|{ANY} us-expc\d) calls over trunk US_EXPRESSWAY_B2B",
            ("TLS verify of the neighbor zone 'Unified CM B2B' is Off", "tag b2b"), "us-expc1"),
        "traversal zone of mobile access expects another name": Seed(
            drift("traversal zone expects another name"), r"us-expc\d us-expe\d mobile and remote access",
            ("TLS verify subject name of the zone 'UC traversal'", "other.ent-pa.com")),
        "traversal zone of business-to-business expects another name": Seed(
            zone("us-expe1", "edge/zone/traversalserver", "B2B traversal", SIPTLSVerifySubjectName="elsewhere.ent-pa.com"),
            r"us-expc\d us-expe\d business-to-business", ("TLS verify subject name of the zone 'B2B traversal'", "elsewhere.ent-pa.com")),
        "phone profile that Expressway-C does not name": Seed(
            drift("phone profile whose name Expressway-C lacks"), rf"us-expc\d {ANY} registration of phones by mobile",
            ("udt-encrypted-new.ent-pa.com", "the phone security profile", "expressway_certificate")),
        "intercluster trunk expects another name": Seed(
            profile("ICT SIP Trunk Profile - TLS", "<x509SubjectName>nobody.ent-pa.com</x509SubjectName>", "emea-cm-pub"),
            rf"({ANY} emea-cm-sub\d calls over trunk EMEA_ICT|emea-cm-sub\d {ANY} calls over trunk US_ICT)",
            ("nobody.ent-pa.com", "X.509 subject of the profile 'ICT SIP Trunk Profile - TLS'")),
        "LDAP authentication by address": Seed(
            directory_by_address, r"us-cm-pub [\d.]+ LDAP Authentication of us_cm", ("LDAP agreement LDAP Authentication", "looks for")),
    },
    "trust and certificates": {
        "EMEA's tomcat-trust forgot the root": Seed(
            drift("root gone from a store of release 12.5"),
            r"(emea-cm-\w+ us-cm-\w+ (ILS|LBM)|us-cm-\w+ emea-cm-\w+ (ILS|LBM)|emea-cm-pub us-ldap1\S* )",
            ("tomcat-trust of emea-cm-pub", "lacks the root CA"), "emea-cm-pub"),
        "certificate of a router is over": Seed(
            drift("certificate of a CUBE is over"), rf"({ANY} us-cube2|us-cube2 {ANY}) calls over trunk US_CUBE",
            ("certificate of us-cube2", "expired", "ios_certificate"), "us-cube2"),
        "router takes no TLS from a node": Seed(
            no_signaling, r"us-cm-sub1 us-cube1 calls over trunk US_CUBE", ("takes no TLS from us-cm-sub1", "sip-ua has no trustpoint")),
        "Web Bridge trusts no Call Bridge": Seed(
            other_trust_of_web_bridge, r"us-cms\d us-cms2 web clients in conferences",
            ("the Call Bridges that Web Bridge trusts of us-cms2 lacks the root CA", "meeting_server_certificate")),
        "Expressway-C discovered Unified CM without verification": Seed(
            drift("Unified CM discovered without verification"), r"us-expc\d us-cm-pub discovery", ("TLS verify of the server us-cm-pub.ent-pa.com is Off",)),
    },
    "what all trunks rest on": {
        "CallManager-trust forgot the root": Seed(
            drift("enterprise root gone from a trust store"),
            rf"({ANY} (us|emea)-\S+|(us|emea)-\S+ {ANY}) calls over trunk|us-expc\d {ANY} registration (of phones by|by OAuth and) mobile",
            ("CallManager-trust of us-cm-sub1", "lacks the root CA", "trust_store"), "us-cm-pub"),
    },
    "in the clear": {
        "trunk profile without encryption": Seed(
            profile("CMS SIP Trunk Profile - TLS", "<securityMode>Non Secure</securityMode><incomingTransport>TCP+UDP</incomingTransport>"
                    "<outgoingTransport>TCP</outgoingTransport><incomingPort>5060</incomingPort>"), rf"({ANY} us-cms\d|us-cms\d {ANY}) calls over trunk US_CMS",
            ("in the clear today", "does not make it speak TLS", "US_CMS")),
        "router calls without TLS": Seed(
            drift("CUBE calls Unified CM without TLS"), rf"us-cube1 {ANY} calls over trunk US_CUBE",
            ("in the clear today", "dial-peer 101 of us-cube1 does not call", "by TLS")),
        "port group of voice mail without TLS": Seed(
            plain_port_group, rf"({ANY} us-cuc-\w+|us-cuc-\w+ {ANY}) calls over trunk US_UNITY", ("no port group of us_cuc speaks TLS", "tag voice_mail"),
            "us-cuc-pub"),
        "directory agreement without TLS": Seed(
            drift("directory agreement without TLS"), r"emea-cm-pub us-ldap1\S* EMEA_AD", ("the agreement EMEA_AD calls us-ldap1.ent-pa.com:389 without TLS",)),
        "SRST reference is not secure": Seed(
            lambda admin: admin.axl("updateSrst", "<name>US_BRANCH_SRST</name><isSecure>false</isSecure>"),
            r"(us-cm-pub us-branch1 certificate|phones behind US_BRANCH_SRST us-branch1 registration)", ("US_BRANCH_SRST is not secure", "tag srst")),
        "LBM of EMEA is insecure": Seed(
            parameter("LBMSecurityMode", "0", "emea-cm-pub"), r"emea-cm-\w+ us-cm-\w+ LBM", ("LBM security mode of emea_cm is Insecure",)),
        "EMEA is not in mixed mode": Seed(
            plain_mode, r"phones with LSCs emea-cm-sub\d registration", ("emea_cm is not in mixed mode", "tag mixed_mode")),
    },
}


@pytest.fixture(scope="module")
def _estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with a cluster of nearly everything."""
    found = Estate(Path(tmp_path_factory.mktemp("graph")), free_network(), CLUSTERS)
    with found.running():
        yield found


@pytest.fixture(scope="module")
def _healthy(_estate: Estate) -> str:
    """Name of the state that a run leaves, with the certificates of the public CA that a person has signed meanwhile."""
    _estate.play().ok()
    if _estate.sign():
        _estate.play().ok()
    _estate.save("healthy")
    return "healthy"


@pytest.fixture
def healthy(_estate: Estate, _healthy: str) -> Estate:
    """The estate as the guide wants it."""
    _estate.load(_healthy)
    return _estate


def graph(run: Run) -> dict:
    """The result of the graph's task."""
    return next(task["result"] for task in run.report["tasks"] if "connections" in (task.get("result") or {}))


def called(row: dict) -> str:
    """A connection as the seeds name it."""
    return "%s %s %s" % (row["client_node"] or row["client"], row["server_node"] or row["server"], row["purpose"])


def of_graph(run: Run) -> list[dict]:
    """The findings of the graph."""
    return [one for one in run.findings if " -> " in one["object"]]


def test_before_anything_is_changed(_estate: Estate) -> None:
    """As installed nearly nothing holds and all of it will; what the operator says wrongly is found before a run has brought it about. Nothing is written."""
    _estate.load("day0")
    since = _estate.mark()
    rows = graph(_estate.play("trust.yml").ok())["connections"]
    assert {row["today"] for row in rows} >= {"fails", "plain"}
    assert {called(row) for row in rows if row["planned"] not in ("holds", "not there")} == set()
    trunks = [{"name": "US_CMS", "peer": "cms", "subject_names": ["wrong.ent-pa.com"]}, {"name": "US_CUBE", "peer": "ios", "incoming_port": 5072},
              {"name": "US_UNITY", "peer": "unity"}, {"name": "US_EXPRESSWAY_B2B", "peer": "expressway", "incoming_port": 5599}]
    run = _estate.play("trust.yml", "--limit", "us_cm", variables={"collab_sip_trunks": trunks}).ok()
    found = {one["object"].partition(" (and")[0]: one["message"] for one in of_graph(run) if one["id"].startswith("planned-")}
    wrong = {row["purpose"] for row in graph(run)["connections"] if row["planned"] == "fails"}
    assert wrong == {"calls over trunk US_CMS", "calls over trunk US_CUBE", "calls over trunk US_EXPRESSWAY_B2B"}
    for words in (("wrong.ent-pa.com", "X.509 subject"), ("calls port 5061", "listens on port 5072"), ("calls port 5561", "listens on port 5599")):
        assert any(all(word in message for word in words) for message in found.values()), found
    assert all("correct the inventory" in message for message in found.values())
    assert _estate.journal(writes=True, since=since) == []


def test_healthy(healthy: Estate) -> None:
    """No finding, every connection holds today and as planned, and every handshake agrees."""
    since = healthy.mark()
    run = healthy.play("verify.yml").ok()
    found = graph(run)
    assert of_graph(run) == [] and found["disagreements"] == 0
    assert {(row["today"], row["planned"]) for row in found["connections"]} == {("holds", "holds")}
    assert {row["proved"] for row in found["connections"]} == {"proved", "-"}
    proved = {(row["server_node"], row["port"]) for row in found["connections"] if row["proved"] == "proved"}
    assert {("us-cm-sub1", 5061), ("us-cm-sub1", 5090), ("us-cube1", 5061), ("us-cuc-pub", 5061), ("us-expe1", 7001), ("us-imp-pub", 5222)} <= proved
    assert healthy.journal(writes=True, since=since) == []


@pytest.mark.parametrize("name", ROUNDS)
def test_seeded(healthy: Estate, name: str) -> None:
    """Each seed is found with its reason at its connections, no other connection is reported, and the handshakes agree with what is expected."""
    seeds, admin = ROUNDS[name], Administrator(healthy)
    for seed in seeds.values():
        seed.make(admin)
    run = healthy.play("verify.yml")
    found = graph(run)
    broken = {called(row) for row in found["connections"] if row["today"] != "holds"}
    told = of_graph(run)
    for word, seed in seeds.items():
        mine = [one for one in told if all(part.lower() in one["message"].lower() for part in seed.words)]
        assert mine, "%s is not found: %s" % (word, "\n".join(one["message"] for one in told))
        assert not seed.host or {one["host"] for one in mine} == {seed.host}, word
        assert any(re.match(seed.broken, one) for one in broken), "%s breaks nothing: %s" % (word, sorted(broken))
    assert [one for one in sorted(broken) if not any(re.match(seed.broken, one) for seed in seeds.values())] == []
    assert found["disagreements"] == 0, [one for one in run.findings if one["id"] == "proof-disagrees"]
