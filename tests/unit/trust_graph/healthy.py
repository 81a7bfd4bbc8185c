# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A healthy estate in memory: two Unified CM clusters, and one of everything else, with certificates of a root and an intermediate CA."""
from __future__ import annotations

import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import CLIENT_AUTH
from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import SERVER_AUTH
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph import facts

NOW = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
BOTH = (SERVER_AUTH, CLIENT_AUTH)


@functools.cache
def key(name):
    """A key by name."""
    return ec.generate_private_key(ec.SECP256R1())


@functools.cache
def make(common, names=(), issuer=None, uses=BOTH, ca=False, days=800, start=-30):
    """A certificate, signed by the key of the CA `issuer` (None: by its own)."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])
    by = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer or common)])
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(by).public_key(key(common).public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(NOW + datetime.timedelta(days=start)).not_valid_after(NOW + datetime.timedelta(days=start + days))
               .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    if uses and not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in uses]), critical=False)
    return builder.sign(key(issuer or common), hashes.SHA256())


ROOT = make("Enterprise Root CA", ca=True, days=4000)
ISSUING = make("Enterprise Issuing CA", issuer="Enterprise Root CA", ca=True, days=3000)
PUBLIC = make("Public CA", ca=True, days=4000)
CAS = (ROOT, ISSUING)


def leaf(fqdn, *names, issuer="Enterprise Issuing CA", **more):
    """What a node shows."""
    return facts.shown(make(fqdn, (fqdn, *names), issuer, **more))


def node(name, cluster, product, number, units, stores, roles=(), issuer="Enterprise Issuing CA", names=()):
    """One node: units that all show one certificate with its name, and stores that have all CAs."""
    fqdn = name + ".ent-pa.com"
    shows = leaf(fqdn, *names, issuer=issuer)
    cas = (PUBLIC,) if product == "expressway_e" else CAS
    wanted = facts.Wanted((fqdn, *names), frozenset(BOTH), cas)
    return facts.NodeFacts(name, cluster, product, fqdn, "192.0.2.%d" % number, roles, 8443, dict.fromkeys(units, shows),
                           {store: (*CAS, PUBLIC) if store == "trusted" else CAS for store in stores}, {}, {store: CAS for store in stores},
                           dict.fromkeys([unit for unit in units if unit != "capf"], wanted))


def trunk(name, port, far, *subjects):
    """A secure trunk to one far end."""
    return facts.Trunk(name, name + " Profile", True, True, True, port, frozenset(subjects), ((far, 5061),))


def estate():
    """The Estate, new each time."""
    out = facts.Estate(NOW)
    vos, phone = ("tomcat", "callmanager"), "UDT-Encrypted.ent-pa.com"
    nodes = [
        node("us-cm-pub", "us_cm", "unified_cm", 1, (*vos, "capf"), vos, ("publisher",)),
        node("us-cm-sub1", "us_cm", "unified_cm", 2, vos, vos, ("call_processing",)),
        node("emea-cm-pub", "emea_cm", "unified_cm", 11, (*vos, "capf"), vos, ("publisher",)),
        node("emea-cm-sub1", "emea_cm", "unified_cm", 12, vos, vos, ("call_processing",)),
        node("us-imp-pub", "us_imp", "im_presence", 21, ("tomcat", "cup-xmpp"), ("tomcat", "cup-xmpp"), ("publisher",)),
        node("us-cuc-pub", "us_cuc", "unity_connection", 31, ("tomcat",), vos, ("publisher",)),
        node("us-expc1", "us_expc", "expressway_c", 41, ("server",), ("trusted",), ("primary",), names=("us-expc.ent-pa.com", phone.lower())),
        node("us-expe1", "us_expe", "expressway_e", 51, ("server",), ("trusted",), ("primary",), issuer="Public CA"),
        node("us-cube1", "us_cube", "ios", 61, ("sip",), ("trustpoints",), ("cube",)),
        node("us-branch1", "us_srst", "ios", 62, ("sip", "phones", "credentials"), ("trustpoints",), ("srst",)),
        node("us-cms1", "us_cms", "meeting_server", 71, ("webadmin", "callbridge", "c2w", "database_server", "database_client"),
             ("c2w", "call-bridges", "database"), ("primary", "callbridge", "webbridge", "database"), names=("cms.ent-pa.com",)),
        node("us-cms2", "us_cms", "meeting_server", 72, ("webadmin", "callbridge", "database_server", "database_client"), ("c2w", "database"),
             ("callbridge", "database"), names=("cms.ent-pa.com",)),
        node("us-cmm1", "us_cmm", "meeting_management", 81, ("web",), (), ("primary",)),
    ]
    for one in nodes:
        out.nodes[one.name] = one
        cluster = out.clusters.setdefault(one.cluster, facts.ClusterFacts(one.cluster, one.product, [], cas=(*CAS, PUBLIC)))
        cluster.nodes.append(one.name)
        cluster.cm = "us_cm"
    us, emea = out.clusters["us_cm"], out.clusters["emea_cm"]
    us.says = {"mixed": True, "oauth": True, "mra_profiles": [phone], "hubs": ["us-cm-sub1"], "lbm": "secure",
               "ldap": {"US_AD": [{"host": "ldap1.ent-pa.com", "port": 636, "tls": True, "name": "ldap1.ent-pa.com"}]},
               "srst": [{"name": "BRANCH", "address": "192.0.2.62", "secure": True}],
               "trunks": {one.name: one for one in (
                   trunk("US_CUBE", 5061, "192.0.2.61", "us-cube1.ent-pa.com"), trunk("US_UNITY", 5061, "192.0.2.31", "us-cuc-pub.ent-pa.com"),
                   trunk("US_CMS", 5061, "192.0.2.71", "cms.ent-pa.com"), trunk("US_B2B", 5561, "192.0.2.41", "us-expc.ent-pa.com"),
                   trunk("EMEA_ICT", 5061, "192.0.2.12", "emea-cm-sub1.ent-pa.com"))}}
    us.wanted = {"mixed": True, "oauth": True}
    emea.says = {"mixed": True, "oauth": True, "hubs": ["emea-cm-sub1"], "lbm": "secure",
                 "trunks": {"US_ICT": trunk("US_ICT", 5061, "192.0.2.2", "us-cm-sub1.ent-pa.com")}}
    out.outside[("ldap1.ent-pa.com", 636)] = leaf("ldap1.ent-pa.com")
    out.clusters["us_cuc"].says = {"tls": True, "servers": [("us-cm-sub1.ent-pa.com", 5061)]}
    edge_c, edge_e = out.clusters["us_expc"], out.clusters["us_expe"]
    edge_c.edge = "us_expe"

    def zone(name, port, **more):
        return {"name": name, "port": port, "tls": True, "verify": True, "peers": None, "subject": None, **more}

    edge_c.says = {"mra": True, "servers": [{"address": name + ".ent-pa.com", "verify": True} for name in ("us-cm-pub", "us-imp-pub")], "zones": {
        "neighbor": zone("CM", 5561, peers=["us-cm-sub1.ent-pa.com"]), "uc": zone("UC", 7001, peers=["us-expe1.ent-pa.com"]),
        "traversal_client": zone("B2B", 7002, peers=["us-expe1.ent-pa.com"])}}
    edge_e.says = {"mra": True, "zones": {"uc": zone("UC", 7001, subject="us-expc.ent-pa.com"),
                                          "traversal_server": zone("B2B", 7002, subject="us-expc.ent-pa.com")}}
    out.nodes["us-cube1"].says = {"dial_peers": {"us-cm-sub1": [(101, True, 5061)]}}
    out.nodes["us-cms1"].says = {"rules": [("us-cm-sub1.ent-pa.com", True, 5061, "the outbound rule 1 of us-cms1")], "c2w_port": 9999}
    return out
