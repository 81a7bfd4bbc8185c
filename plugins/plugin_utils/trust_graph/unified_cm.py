# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of Unified CM, IM and Presence and Unity Connection but for SIP trunks: web, phones, CAPF, XMPP, LDAP, ILS and LBM."""
from __future__ import annotations

from ..pki.products import IM_PRESENCE
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from ..resources.ldap import AUTHENTICATION
from .connection import Connection
from .ends import between
from .ends import from_outside
from .ends import known
from .ends import own_name
from .ends import proof
from .ends import to_node
from .ends import to_outside
from .ends import unread
from .needs import Mend
from .needs import Names
from .needs import Setting
from .needs import by

CALLS = "call_processing"
CAPF_PORT = 3804
LDAP_MEND = by("ldap_over_ssl", "ldap", "ldap_authentication", "ldap_directory")
LBM_MEND = by("multi_cluster", "multi_cluster", "lbm_security_mode")


def connections(estate):
    """[Connection] of all of them."""
    found = []
    for cluster in [one for product in (UNIFIED_CM, IM_PRESENCE, UNITY_CONNECTION) for one in estate.of(product)]:
        for node in estate.members(cluster):
            found.append(to_node("administrators and applications", node, node.web, "HTTPS", "web access and AXL", [
                to_outside(estate, node, "tomcat", "their browser or program", own_name(node), known(estate, node))], step="upload-tomcat"))
        found += ldap(estate, cluster)
    for cluster in estate.of(UNIFIED_CM):
        found += phones(estate, cluster)
    for cluster in estate.of(IM_PRESENCE):
        found += xmpp(estate, cluster)
    return found + between_clusters(estate)


def modes(cluster):
    """(mixed mode, SIP OAuth mode), each as a Setting."""
    return (Setting(cluster.says.get("mixed"), "%s is not in mixed mode, so no phone registers by TLS with its certificate" % cluster.name,
                    by("mixed_mode", "mixed_mode", "cluster_security_mode").of(cluster.name), "mixed-set", plain=True),
            Setting(cluster.says.get("oauth"), "SIP OAuth mode of %s is off, so nothing listens on its ports" % cluster.name,
                    by("sip_oauth", "sip_oauth", "sip_oauth_mode").of(cluster.name), "sipoauth-enable", plain=True))


def phones(estate, cluster):
    """Phones: registration by LSC (SIP and SCCP) and by OAuth token, and CAPF."""
    found, publisher = [], estate.members(cluster, "publisher")[0]
    mixed, oauth = modes(cluster)
    for node in estate.members(cluster, CALLS):
        shows = to_outside(estate, node, "callmanager", "phones", store="their CTL file")
        lsc = proof(estate, publisher, "capf", node, "callmanager", names=None)
        for port, protocol in ((5061, "SIP TLS"), (2443, "SCCP TLS")):
            needs = [mixed, shows] + ([lsc] if publisher.shown.get("capf") else [])
            found.append(to_node("phones with LSCs", node, port, protocol, "registration of phones", needs, True, "mixed-set"))
        found.append(to_node("Jabber and phones with OAuth tokens", node, 5090, "SIP OAuth", "registration by OAuth", [
            oauth, to_outside(estate, node, "tomcat", "clients", own_name(node), store="what they trust")], step="sipoauth-enable"))
    if publisher.shown.get("capf"):
        found.append(to_node("phones", publisher, CAPF_PORT, "CAPF", "issue of LSCs", [to_outside(estate, publisher, "capf", "phones")], step="usage-capf"))
    return found


def xmpp(estate, cluster):
    """XMPP: clients, and federated servers where the service has a certificate for them."""
    found = []
    for node in estate.members(cluster):
        pool = known(estate, node)
        found.append(to_node("Jabber", node, 5222, "XMPP", "presence and chat", [to_outside(estate, node, "cup-xmpp", "clients", own_name(node), pool)],
                             step="upload-cup-xmpp"))
    return found


def ldap(estate, cluster):
    """LDAP of Unified CM: synchronization and authentication, from the publisher and (authentication) from every node, which has the same tomcat-trust."""
    found = []
    for agreement, servers in cluster.says.get("ldap", {}).items():
        step = "ldap-authentication-tls" if agreement == AUTHENTICATION else "ldap-directory-tls"
        for one in servers:
            for node in estate.members(cluster, "publisher")[:1]:
                host, port = one["host"], one["port"]
                needs = [Setting(one["tls"], "the agreement %s calls %s:%d without TLS" % (agreement, host, port), LDAP_MEND.of(cluster.name),
                                 step, plain=True)]
                if one["tls"]:
                    needs.append(from_outside(estate, host, port, node, "tomcat", Names((one["name"].lower(),), "the LDAP agreement %s" % agreement,
                                              Mend("the server's own name in the agreement, or a certificate for that name").of(cluster.name), step)))
                found.append(Connection(node.name, host, node.name, None, port, "LDAPS", False, "%s of %s" % (agreement, cluster.name), tuple(needs), step,
                                        unread(node)))
    return found


def between_clusters(estate):
    """ILS between publishers, and LBM between hubs: mutual, by the tomcat certificates.

    The port of ILS has no source in the sheets: it names the connection, nothing is judged by it and nothing is sent to it. LBM's is not known.
    """
    found, clusters = [], estate.of(UNIFIED_CM)
    for one in clusters:
        for other in clusters:
            if one is other:
                continue
            ends = [("ILS", 7501, estate.members(one, "publisher")[0], estate.members(other, "publisher")[0], "mc-ils-tls", [])]
            level = one.says.get("lbm")
            secure = Setting(None if level is None else level != "insecure", "LBM security mode of %s is Insecure" % one.name,
                             LBM_MEND.of(one.name), "mc-lbm-secure", plain=True)
            ends += [("LBM", None, estate.nodes[a], estate.nodes[b], "mc-lbm-secure", [secure])
                     for a in one.says.get("hubs", ()) for b in other.says.get("hubs", ())]
            for what, port, client, server, step, needs in ends:
                needs = [*needs, proof(estate, server, "tomcat", client, "tomcat"), proof(estate, client, "tomcat", server, "tomcat", client=True)]
                found.append(between(client, server, port, what + " TLS", what, needs, True, step))
    return found
