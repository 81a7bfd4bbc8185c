# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trust graph on estates in memory: the healthy one, and each seeded misconfiguration with the connections that it breaks and the reason that is given."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import CLIENT_AUTH
from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import SERVER_AUTH
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph import facts
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.graph import judge
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.graph import name
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.graph import table
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.insisting import BreaksConnections
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.insisting import insist
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.proved import beside

from .healthy import BOTH
from .healthy import CAS
from .healthy import ISSUING
from .healthy import NOW
from .healthy import PUBLIC
from .healthy import ROOT
from .healthy import estate
from .healthy import leaf
from .healthy import make

REPOSITORY = Path(__file__).parents[3]
PHONE = "udt-encrypted.ent-pa.com"
STRANGER = "Other CA"


@dataclass(frozen=True)
class Seed:
    """One misconfiguration: what is done to the estate, the connections that fail by it as {"CLIENT -> SERVER:PORT"}, words of the explanation."""

    make: Callable
    broken: set
    words: tuple
    today: str = "fails"
    planned: str = ""       # what they are when site.yml has run, where it matters here
    id: str = ""


def shows(name, *units, **more):
    """A node shows another certificate."""
    def change(found):
        node = found.nodes[name]
        for unit in units:
            node.shown[unit] = leaf(more.get("fqdn", node.fqdn), *more.get("names", ()), **{k: v for k, v in more.items() if k not in ("fqdn", "names")})
    return change


def forgets(name, store, *certificates):
    """A trust store lacks certificates."""
    def change(found):
        node = found.nodes[name]
        node.stores[store] = tuple(one for one in node.stores[store] if one not in certificates)
    return change


def trunk(name, cluster="us_cm", **values):
    """Other settings of a trunk or its profile."""
    def change(found):
        trunks = found.clusters[cluster].says["trunks"]
        trunks[name] = replace(trunks[name], **values)
    return change


def zone(cluster, kind, **values):
    """Other settings of a zone."""
    return lambda found: found.clusters[cluster].says["zones"][kind].update(values)


def says(cluster, **values):
    """Other settings of a cluster."""
    return lambda found: found.clusters[cluster].says.update(values)


def node_says(name, **values):
    """Other settings of a node."""
    return lambda found: found.nodes[name].says.update(values)


def server_off(found):
    """Expressway-C discovers Unified CM without looking at its certificate."""
    found.clusters["us_expc"].says["servers"][0]["verify"] = False


def by_address(found):
    """Expressway-C has discovered Unified CM by its address."""
    found.clusters["us_expc"].says["servers"][0]["address"] = "192.0.2.1"


def ldap_name(found):
    """The agreement names the directory server by its short name."""
    found.clusters["us_cm"].says["ldap"]["US_AD"][0]["name"] = "192.0.2.99"


def ldap_plain(found):
    """The agreement goes back to the port without TLS."""
    found.clusters["us_cm"].says["ldap"]["US_AD"][0].update(port=389, tls=False)


def ldap_stranger(found):
    """The directory server has a certificate of a CA that nobody knows."""
    found.outside[("ldap1.ent-pa.com", 636)] = leaf("ldap1.ent-pa.com", issuer=STRANGER)


def ca_is_over(found):
    """The issuing CA's certificate has expired, everywhere."""
    old = make("Enterprise Issuing CA", issuer="Enterprise Root CA", ca=True, days=20)
    node = found.nodes["us-cube1"]
    node.stores["trustpoints"] = (ROOT, old)


def srst(**values):
    """Other settings of the SRST reference."""
    return lambda found: found.clusters["us_cm"].says["srst"][0].update(values)


CUBE = {"us-cm-sub1 -> us-cube1:5061", "us-cube1 -> us-cm-sub1:5061"}
UNITY = {"us-cm-sub1 -> us-cuc-pub:5061", "us-cuc-pub -> us-cm-sub1:5061"}
CMS = {"us-cm-sub1 -> us-cms1:5061", "us-cms1 -> us-cm-sub1:5061"}
B2B = {"us-cm-sub1 -> us-expc1:5061", "us-expc1 -> us-cm-sub1:5561"}
ICT = {"us-cm-sub1 -> emea-cm-sub1:5061", "emea-cm-sub1 -> us-cm-sub1:5061"}
MRA_PHONES = {"us-expc1 -> us-cm-sub1:5061"}
MRA_OAUTH = {"us-expc1 -> us-cm-sub1:5091"}
TRAVERSAL = {"us-expc1 -> us-expe1:7001", "us-expc1 -> us-expe1:7002"}
EDGE_TO_CM = {"us-expc1 -> us-cm-pub:8443", "us-expc1 -> us-imp-pub:8443", "us-expc1 -> us-cm-sub1:5061", "us-expc1 -> us-cm-sub1:5091"} | B2B
LSC = {"phones with LSCs -> us-cm-sub1:5061", "phones with LSCs -> us-cm-sub1:2443"}
DATABASE = {"us-cms1 -> us-cms2:5432", "us-cms2 -> us-cms1:5432"}
SEEDS = {
    "subject of the trunk profile names nobody": Seed(
        trunk("US_CMS", subjects=frozenset({"other.ent-pa.com"})), CMS, ("other.ent-pa.com", "X.509 subject", "US_CMS", "cms.ent-pa.com")),
    "subject of the trunk profile is empty": Seed(trunk("US_CUBE", subjects=frozenset()), CUBE, ("setting is empty", "X.509 subject")),
    "trunk profile lost its encryption": Seed(trunk("US_CUBE", encrypted=False), CUBE, ("does not make it speak TLS", "US_CUBE", "tag trunks"), "plain"),
    "trunk leaves by TCP": Seed(trunk("US_UNITY", outgoing_tls=False), UNITY, ("transport TLS", "US_UNITY"), "plain"),
    "trunk calls the plain port": Seed(
        trunk("US_UNITY", destinations=(("192.0.2.31", 5060),)), {"us-cm-sub1 -> us-cuc-pub:5060"}, ("calls port 5060", "listens on port 5061")),
    "trunk listens where the neighbor zone does not call": Seed(
        trunk("US_B2B", port=5061), {"us-expc1 -> us-cm-sub1:5061"}, ("calls port 5561", "listens on port 5061", "neighbor zone")),
    "neighbor zone calls another port": Seed(
        zone("us_expc", "neighbor", port=5562), {"us-expc1 -> us-cm-sub1:5561"}, ("calls port 5562", "trunk US_B2B listens on port 5561")),
    "neighbor zone does not verify": Seed(zone("us_expc", "neighbor", verify=False), B2B, ("TLS verify of the neighbor zone 'CM' is Off",)),
    "neighbor zone speaks TCP": Seed(
        zone("us_expc", "neighbor", tls=False), {"us-expc1 -> us-cm-sub1:5561"}, ("neighbor zone 'CM'", "does not call us-cm-sub1 by TLS"), "plain"),
    "router's dial-peer without TLS": Seed(
        node_says("us-cube1", dial_peers={"us-cm-sub1": [(101, False, 5060)]}), {"us-cube1 -> us-cm-sub1:5061"}, ("dial-peer 101", "ios_sip_tls"), "plain"),
    "router's dial-peer on another port": Seed(
        node_says("us-cube1", dial_peers={"us-cm-sub1": [(101, True, 5071)]}), {"us-cube1 -> us-cm-sub1:5061"}, ("dial-peer 101", "calls port 5071")),
    "router has no trustpoint for a node": Seed(
        node_says("us-cube1", no_trustpoint={"us-cm-sub1": "us-cube1 takes no TLS from us-cm-sub1: sip-ua has no trustpoint for it"}),
        {"us-cm-sub1 -> us-cube1:5061"}, ("sip-ua has no trustpoint", "ios_sip_tls")),
    "router lacks the issuing CA": Seed(forgets("us-cube1", "trustpoints", ISSUING), CUBE, ("trustpoints of us-cube1", "lacks the intermediate CA")),
    "router's CA is over": Seed(ca_is_over, CUBE, ("not valid", "expired", "trustpoints of us-cube1")),
    "router's certificate is over": Seed(shows("us-cube1", "sip", days=20), CUBE, ("expired", "us-cube1", "ios_certificate")),
    "router's certificate is self-signed": Seed(shows("us-cube1", "sip", issuer=None), CUBE, ("self-signed", "CallManager-trust")),
    "router's certificate is for another name": Seed(
        shows("us-cube1", "sip", fqdn="cube.other.com"), CUBE, ("cube.other.com", "looks for us-cube1.ent-pa.com", "X.509 subject")),
    "router's certificate is for servers only": Seed(
        shows("us-cube1", "sip", uses=(SERVER_AUTH,)), {"us-cube1 -> us-cm-sub1:5061"}, ("may not be used by a TLS client", "Client Authentication")),
    "Call Bridge's certificate is for clients only": Seed(
        shows("us-cms1", "callbridge", names=("cms.ent-pa.com",), uses=(CLIENT_AUTH,)), {"us-cm-sub1 -> us-cms1:5061"},
        ("may not be used by a TLS server", "callbridge")),
    "root gone from CallManager-trust": Seed(
        forgets("us-cm-sub1", "callmanager", ROOT), CUBE | UNITY | CMS | B2B | ICT | MRA_PHONES | MRA_OAUTH | LSC,
        ("CallManager-trust of us-cm-sub1", "lacks the root CA", "trust_store")),
    "intermediate gone from CallManager-trust": Seed(
        forgets("us-cm-sub1", "callmanager", ISSUING), CUBE | UNITY | CMS | B2B | ICT | MRA_PHONES | MRA_OAUTH | LSC,
        ("CallManager-trust of us-cm-sub1", "lacks the intermediate CA")),
    "Unity Connection forgot the CA of CallManager": Seed(forgets("us-cuc-pub", "callmanager", ROOT), UNITY, ("CallManager-trust of us-cuc-pub", "root CA")),
    "Unity Connection's port group is plain": Seed(says("us_cuc", tls=False), UNITY, ("no port group of us_cuc speaks TLS", "tag voice_mail"), "plain"),
    "Unity Connection calls another port": Seed(
        says("us_cuc", servers=[("us-cm-sub1.ent-pa.com", 5060)]), {"us-cuc-pub -> us-cm-sub1:5061"}, ("port group of us_cuc calls port 5060",)),
    "Meeting Server may call without TLS": Seed(
        node_says("us-cms1", rules=[("us-cm-sub1.ent-pa.com", False, 5061, "the outbound rule 1 of us-cms1")]), {"us-cms1 -> us-cm-sub1:5061"},
        ("outbound rule 1", "by TLS", "meeting_server_encryption"), "plain"),
    "Call Bridge does not trust Web Bridge": Seed(forgets("us-cms2", "c2w", *CAS), {"us-cms2 -> us-cms1:9999"}, ("Web Bridge", "us-cms2", "root CA")),
    "Web Bridge does not trust a Call Bridge": Seed(
        shows("us-cms2", "callbridge", issuer=STRANGER), {"us-cms2 -> us-cms1:9999"}, ("'CN=Other CA'", "us-cms1")),
    "database client without its CA": Seed(forgets("us-cms2", "database", *CAS), DATABASE, ("CA file of the database of us-cms2",)),
    "Web Admin sends no intermediate": Seed(
        node_says("us-cms1", bundle_lacks={"webadmin": "Enterprise Issuing CA"}), {"administrators and applications -> us-cms1:8443"},
        ("without the intermediate CA Enterprise Issuing CA",)),
    "traversal ports differ": Seed(
        zone("us_expe", "uc", port=7005), {"us-expc1 -> us-expe1:7005"}, ("calls port 7001", "listens on port 7005", "one port for both ends")),
    "Expressway-E expects another name": Seed(
        zone("us_expe", "traversal_server", subject="other.ent-pa.com"), {"us-expc1 -> us-expe1:7002"}, ("TLS verify subject name", "other.ent-pa.com")),
    "traversal zone is missing on one side": Seed(
        lambda found: found.clusters["us_expe"].says["zones"].pop("traversal_server"), {"us-expc1 -> us-expe1:7002"},
        ("on Expressway-C, and Expressway-E has none",)),
    "traversal zone does not verify": Seed(
        zone("us_expc", "traversal_client", verify=False), {"us-expc1 -> us-expe1:7002"}, ("TLS verify of the zone 'B2B' is Off",)),
    "Expressway-C calls E by address": Seed(
        zone("us_expc", "traversal_client", peers=["192.0.2.51"]), {"us-expc1 -> us-expe1:7002"}, ("looks for 192.0.2.51", "full names")),
    "Expressway-C lacks the public CA": Seed(forgets("us-expc1", "trusted", PUBLIC), TRAVERSAL, ("list of trusted CAs of us-expc1", "Public CA")),
    "Expressway-E lacks the enterprise CA": Seed(forgets("us-expe1", "trusted", ROOT), TRAVERSAL, ("list of trusted CAs of us-expe1", "root CA")),
    "phone profile that Expressway-C does not name": Seed(
        says("us_cm", mra_profiles=["UDT-Encrypted.ent-pa.com", "UDT-New.ent-pa.com"]), MRA_PHONES, ("udt-new.ent-pa.com", "phone security profile")),
    "Expressway-C discovered Unified CM without verification": Seed(server_off, {"us-expc1 -> us-cm-pub:8443"}, ("TLS verify of the server", "Off")),
    "Expressway-C discovered Unified CM by address": Seed(by_address, {"us-expc1 -> us-cm-pub:8443"}, ("looks for 192.0.2.1", "discovered it by")),
    "Unified CM's tomcat is still self-signed": Seed(
        shows("us-cm-pub", "tomcat", issuer=None),
        {"administrators and applications -> us-cm-pub:8443", "us-expc1 -> us-cm-pub:8443", "us-cm-pub -> emea-cm-pub:7501",
         "emea-cm-pub -> us-cm-pub:7501"},
        ("self-signed", "us-cm-pub", "identity_certificate"), planned="holds"),
    "publisher does not trust the other cluster": Seed(
        forgets("us-cm-pub", "tomcat", ROOT), {"us-cm-pub -> emea-cm-pub:7501", "emea-cm-pub -> us-cm-pub:7501", "us-cm-pub -> ldap1.ent-pa.com:636"},
        ("tomcat-trust of us-cm-pub", "root CA"), planned="holds"),
    "LDAP without TLS": Seed(ldap_plain, {"us-cm-pub -> ldap1.ent-pa.com:389"}, ("without TLS", "US_AD", "tag ldap"), "plain"),
    "LDAP by a name that the certificate lacks": Seed(ldap_name, {"us-cm-pub -> ldap1.ent-pa.com:636"}, ("looks for 192.0.2.99", "LDAP agreement US_AD")),
    "LDAP server of another CA": Seed(ldap_stranger, {"us-cm-pub -> ldap1.ent-pa.com:636"}, ("does not have the CA 'CN=Other CA'", "tomcat-trust")),
    "cluster is not in mixed mode": Seed(says("us_cm", mixed=False), LSC | MRA_PHONES, ("not in mixed mode", "tag mixed_mode"), "plain", "holds"),
    "SIP OAuth mode is off": Seed(
        says("us_cm", oauth=False), {"Jabber and phones with OAuth tokens -> us-cm-sub1:5090", "us-expc1 -> us-cm-sub1:5091"},
        ("SIP OAuth mode of us_cm is off",), "plain", "holds"),
    "LBM in the clear": Seed(says("us_cm", lbm="insecure"), {"us-cm-sub1 -> emea-cm-sub1"}, ("LBM security mode of us_cm is Insecure",), "plain"),
    "XMPP certificate is over": Seed(shows("us-imp-pub", "cup-xmpp", days=20), {"Jabber -> us-imp-pub:5222"}, ("expired", "cup-xmpp"), planned="holds"),
    "SRST reference is not secure": Seed(
        srst(secure=False), {"phones behind BRANCH -> us-branch1:5061", "us-cm-pub -> us-branch1:2445"}, ("BRANCH is not secure", "tag srst"), "plain"),
    "SRST router does not know who issues LSCs": Seed(
        forgets("us-branch1", "trustpoints", *CAS), {"phones behind BRANCH -> us-branch1:5061"}, ("trustpoints of us-branch1",)),
    "SRST router has no certificate for phones": Seed(
        lambda found: found.nodes["us-branch1"].shown.update(credentials=None), {"us-cm-pub -> us-branch1:2445"}, ("no credentials certificate",)),
    "Expressway-E's public certificate is over": Seed(
        shows("us-expe1", "server", issuer="Public CA", days=20),
        TRAVERSAL | {"clients on the Internet -> us-expe1:8443", "administrators -> us-expe1:8443"}, ("expired", "us-expe1", "public CA"), planned="holds"),
}


def test_healthy():
    """Every connection holds, now and later, and nothing is found."""
    rows, findings = judge(estate())
    assert findings == []
    assert {(row["today"], row["planned"]) for row in rows} == {("holds", "holds")}
    assert len(rows) > 40
    assert {"SIP TLS", "SCCP TLS", "HTTPS", "XMPP", "LDAPS", "SIP OAuth", "CAPF", "C2W", "ILS TLS", "LBM TLS"} <= {row["protocol"] for row in rows}


@pytest.mark.parametrize("word", SEEDS)
def test_seed(word):
    """A misconfiguration breaks just its connections, and the finding says which and why."""
    seed, found = SEEDS[word], estate()
    seed.make(found)
    rows, findings = judge(found)
    wrong = {name(row) for row in rows if row["today"] != "holds"}
    assert wrong == seed.broken
    assert {row["today"] for row in rows if name(row) in wrong and row["today"] != "holds"} == {seed.today}
    assert {row["planned"] for row in rows if row["today"] != "holds"} == {seed.planned} or not seed.planned
    fitting = [one for one in findings if all(word.lower() in one["message"].lower() for word in seed.words)]
    assert fitting, "\n".join(one["message"] for one in findings)
    assert fitting[0]["object"].partition(" (and")[0] in seed.broken
    assert all(one["object"].partition(" (and")[0] in seed.broken for one in findings)


def test_enough_seeds():
    """The issue asks for forty."""
    assert len(SEEDS) >= 40


def test_one_finding_for_one_reason():
    """A reason that many connections share is told once, with their number."""
    found = estate()
    found.clusters["us_cm"].says["mixed"] = False
    _rows, findings = judge(found)
    assert len(findings) == 1
    assert "and 2 more connection" in findings[0]["object"]
    assert findings[0]["severity"] == "medium"


def test_what_the_run_mends_and_what_it_does_not():
    """Trust comes with the run; a subject name that the operator gave wrongly stays, and is found before anything is changed."""
    found = estate()
    forgets("us-cm-sub1", "callmanager", ROOT)(found)
    rows, findings = judge(found)
    assert {row["planned"] for row in rows} == {"holds"}
    assert all("To mend:" in one["message"] for one in findings)
    found = estate()
    cluster = found.clusters["us_cm"]
    cluster.wanted["trunks"] = {**cluster.says["trunks"], "US_CMS": replace(cluster.says["trunks"]["US_CMS"], subjects=frozenset({"wrong.ent-pa.com"}))}
    rows, findings = judge(found)
    assert {name(row) for row in rows if row["today"] != "holds"} == set()
    assert {name(row) for row in rows if row["planned"] == "fails"} == CMS
    assert findings and all(one["id"] == "planned-name" and "wrong.ent-pa.com" in one["message"] for one in findings)


OWNERS = {
    "subject of the trunk profile names nobody": ("us_cm", "us-cm-sub1", "sip_trunk_encryption"),
    "trunk leaves by TCP": ("us_cuc", "us-cuc-pub", "unity_connection"),
    "neighbor zone calls another port": ("us_cm", "us-cm-sub1", "sip_trunk_encryption"),
    "neighbor zone does not verify": ("us_expc", "us-expc1", "expressway_b2b"),
    "router's dial-peer without TLS": ("us_cube", "us-cube1", "cube"),
    "router lacks the issuing CA": ("us_cube", "us-cube1", "ios_certificates"),
    "router's certificate is over": ("us_cube", "us-cube1", "ios_certificates"),
    "root gone from CallManager-trust": ("us_cm", "us-cm-sub1", "certificates"),
    "Unity Connection's port group is plain": ("us_cuc", "us-cuc-pub", "unity_connection"),
    "Meeting Server may call without TLS": ("us_cms", "us-cms1", "meeting_server"),
    "Expressway-E expects another name": ("us_expc", "", "expressway_b2b"),
    "Expressway-E lacks the enterprise CA": ("us_expe", "us-expe1", "expressway_certificates"),
    "phone profile that Expressway-C does not name": ("us_expc", "", "expressway_certificates"),
    "LDAP without TLS": ("us_cm", "", "ldap_over_ssl"),
    "LDAP server of another CA": ("us_cm", "us-cm-pub", "certificates"),
    "LDAP by a name that the certificate lacks": ("us_cm", "", ""),
    "cluster is not in mixed mode": ("us_cm", "", "mixed_mode"),
    "SRST reference is not secure": ("us_cm", "", "secure_srst"),
    "SRST router does not know who issues LSCs": ("us_srst", "us-branch1", "ios_certificates"),
    "Expressway-E's public certificate is over": ("us_expe", "us-expe1", "expressway_certificates"),
}


@pytest.mark.parametrize("word", OWNERS)
def test_whose_change_mends_it(word):
    """A finding belongs to the cluster, and the role, that has to change something, whichever end noticed."""
    found = estate()
    SEEDS[word].make(found)
    mends = {one["mend"] for one in judge(found)[1]}
    assert {(mend.cluster, mend.node, mend.role) for mend in mends} == {OWNERS[word]}


@pytest.mark.parametrize("word", SEEDS)
def test_every_finding_has_an_owner(word):
    """A cluster of the estate, and a role that exists."""
    found = estate()
    SEEDS[word].make(found)
    for one in judge(found)[1]:
        assert one["mend"].cluster in found.clusters and (not one["mend"].role or (REPOSITORY / "roles" / one["mend"].role / "tasks").is_dir())
        assert not one["mend"].role or " of role %s (tag " % one["mend"].role in one["message"]


def outlooks(found):
    """{outlook: names of the connections} of what is found."""
    told = {}
    for one in judge(found)[1]:
        told.setdefault(one["outlook"], set()).add(one["object"].partition(" (and")[0])
    return told


def test_what_becomes_of_it():
    """Mended; not mended; broken by the run, from TLS and from the clear; not known."""
    found = estate()
    forgets("us-cm-sub1", "callmanager", ROOT)(found)
    assert set(outlooks(found)) == {"mended"}
    found = estate()
    trunk("US_CMS", subjects=frozenset({"wrong.ent-pa.com"}))(found)
    assert outlooks(found) == {"stays": {"us-cm-sub1 -> us-cms1:5061"}}
    wrong = {**found.clusters["us_cm"].says["trunks"]}
    found = estate()
    found.clusters["us_cm"].wanted["trunks"] = wrong
    assert outlooks(found) == {"breaks": {"us-cm-sub1 -> us-cms1:5061"}}
    trunk("US_CMS", encrypted=False)(found)
    assert outlooks(found) == {"breaks": {"us-cm-sub1 -> us-cms1:5061"}, "mended": {"us-cm-sub1 -> us-cms1:5061"}}
    trunk("US_CMS", subjects=frozenset({"wrong.ent-pa.com"}))(found)        # wrong already, which nothing has asked yet
    assert set(outlooks(found)) == {"breaks", "mended"}
    found.nodes["us-cms1"].unread = "timed out"
    assert outlooks(found) == {"unknown": {"us-cms1"}}


def test_a_connection_that_would_lose_its_encryption():
    """It counts as broken."""
    found = estate()
    trunks = found.clusters["us_cm"].says["trunks"]
    found.clusters["us_cm"].wanted["trunks"] = {**trunks, "US_CUBE": replace(trunks["US_CUBE"], encrypted=False)}
    assert set(outlooks(found)) == {"breaks"}


class Said:
    """An action whose operator has said something."""

    def __init__(self, **variables):
        self.variables = variables

    def var(self, name, default=None):
        return self.variables.get(name, default)


@pytest.mark.parametrize(("value", "stopped"), [(None, True), ("false", True), (False, True), ("true", False), (True, False)])
def test_no_run_breaks_what_works_unless_it_may(value, stopped):
    """One variable lets it; without anything broken it is not asked."""
    action = Said(**({} if value is None else {"collab_accept_broken_connections": value}))
    broken = [{"cluster": "us_cm", "object": "a -> b:%d" % port, "message": "it fails."} for port in range(7)]
    insist(action, [])
    if stopped:
        with pytest.raises(BreaksConnections, match=r"nothing was changed\. us_cm: a -> b:0: it fails; .*and 2 more.*collab_accept_broken_connections=true"):
            insist(action, broken)
    else:
        insist(action, broken)


def test_a_certificate_that_is_still_to_come():
    """It is judged by its names and by the CA that is going to issue it."""
    found = estate()
    node = found.nodes["us-cm-sub1"]
    node.shown["callmanager"] = leaf(node.fqdn, issuer=None)
    rows, _findings = judge(found)
    assert {row["planned"] for row in rows} == {"holds"}
    node.comes["callmanager"] = facts.Wanted(("other.ent-pa.com",), frozenset(BOTH), CAS)
    rows, findings = judge(found)
    assert "fails" in {row["planned"] for row in rows}
    assert any(one["id"].startswith("planned-") for one in findings)


def test_node_that_was_not_read():
    """Its connections are unknown, and no reason is made up for them."""
    found = estate()
    found.nodes["us-cube1"].unread = "timed out"
    rows, findings = judge(found)
    assert {name(row) for row in rows if row["today"] == "unknown"} == CUBE
    assert [(one["id"], one["object"]) for one in findings] == [("not-read", "us-cube1")]
    assert "timed out" in findings[0]["message"]


def test_limited_to_a_cluster():
    """Only connections with an end in it."""
    rows, _findings = judge(estate(), {"us_cube"})
    assert {name(row) for row in rows} == CUBE


def test_beside_handshakes():
    """A failed handshake contradicts a connection that holds; a proved one contradicts a server's certificate that does not."""
    addresses = {name: node.address for name, node in estate().nodes.items()}

    def shake(node, port, verdict, *problems):
        return {"node": node, "address": addresses[node], "port": port, "verdict": verdict, "problems": list(problems)}

    rows, _findings = judge(estate())
    assert beside(rows, [shake("us-cm-sub1", 5061, "proved")], addresses) == []
    assert {row["proved"] for row in rows if row["server_node"] == "us-cm-sub1" and row["port"] == 5061} == {"proved"}
    assert {row["proved"] for row in rows if row["server_node"] == "us-cm-sub1" and row["port"] == 2443} == {"-"}
    differ = beside(rows, [shake("us-cm-sub1", 5061, "failed", "nothing listens")], addresses)
    assert [one["object"] for one in differ] == ["us-cm-sub1 port 5061"]
    assert "nothing listens" in differ[0]["message"]
    found = estate()
    node_says("us-cube1", no_trustpoint={"us-cm-sub1": "sip-ua has no trustpoint for it"})(found)
    assert beside(judge(found)[0], [shake("us-cube1", 5061, "failed", "sip-ua has no trustpoint for one of them")], addresses) == []
    assert beside(rows, [{**shake("us-cm-sub1", 5061, "failed", "of another server"), "address": "192.0.2.200"}], addresses) == []
    found = estate()
    shows("us-imp-pub", "cup-xmpp", days=20)(found)
    rows, _findings = judge(found)
    assert [one["object"] for one in beside(rows, [shake("us-imp-pub", 5222, "proved")], addresses)] == ["us-imp-pub port 5222"]
    assert beside(rows, [shake("us-imp-pub", 5222, "failed", "expired")], addresses) == []
    assert "PROVED" in table(rows, True)[0] and "PROVED" not in table(rows)[0]


def test_certificate_not_valid_yet():
    """A certificate of tomorrow fails today."""
    found = estate()
    found.nodes["us-cube1"].shown["sip"] = facts.shown(make("us-cube1.ent-pa.com", (), "Enterprise Issuing CA", start=2))
    _rows, findings = judge(found)
    assert any("not valid before" in one["message"] for one in findings)
    assert found.now == NOW
