# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of Expressway: to what it has discovered, between Expressway-C and -E, and of clients on the Internet."""
from __future__ import annotations

from ..pki.products import EXPRESSWAY_C
from ..pki.products import EXPRESSWAY_E
from .ends import between
from .ends import known
from .ends import own_name
from .ends import proof
from .ends import to_node
from .ends import to_outside
from .needs import Names
from .needs import Setting
from .needs import by
from .needs import same_port
from .unified_cm import modes

B2B, MRA = "business-to-business calls", "mobile and remote access"
B2B_MEND, MRA_MEND = by("expressway_b2b", "b2b", "expressway_b2b"), by("expressway_mra", "mra", "expressway_uc_zone")
SERVER_MEND = by("expressway_mra", "mra", "expressway_uc_servers")
PROFILES_MEND = by("expressway_certificates", "certificates", "expressway_certificate_request",
                   what="the certificates of Expressway-C with the names of all profiles in use")
STEPS = {"unified_cm": "mra-verify-ucm", "im_presence": "mra-verify-imp", "unity_connection": "mra-verify-cuc"}


def connections(estate):
    """[Connection] of all of them."""
    found = []
    for cluster in [*estate.of(EXPRESSWAY_C), *estate.of(EXPRESSWAY_E)]:
        for node in estate.members(cluster):
            found.append(to_node("administrators", node, node.web, "HTTPS", "web access", [to_outside(
                estate, node, "server", "their browser", own_name(node), known(estate, node))], step="exp-upload"))
    for cluster in estate.of(EXPRESSWAY_C):
        found += servers(estate, cluster)
        found += phones(estate, cluster)
        if cluster.edge in estate.clusters:
            edge = estate.clusters[cluster.edge]
            found += traversal(estate, cluster, edge, MRA, "uc", "uc", MRA_MEND, ("mra-zone-c-auth", "mra-zone-e-subject"))
            found += traversal(estate, cluster, edge, B2B, "traversal_client", "traversal_server", B2B_MEND,
                               ("b2b-traversal-c-port", "b2b-traversal-e-subject"))
    for cluster in estate.of(EXPRESSWAY_E):
        if cluster.says.get("mra"):
            found += [to_node("clients on the Internet", node, 8443, "HTTPS", MRA, [to_outside(
                estate, node, "server", "clients", own_name(node), known(estate, node), "what they trust (collab_public_ca_file)")], step="expe-sign")
                for node in estate.members(cluster)]
    return found


def servers(estate, cluster):
    """What Expressway-C asks the servers that it has discovered: each peer verifies them by the name that they are listed by."""
    found = []
    for one in cluster.says.get("servers", ()):
        server = estate.at(one["address"])
        if server is None:
            continue
        for peer in estate.members(cluster):
            verify = Setting(one["verify"], "TLS verify of the server %s is Off, so anybody could stand in for it" % one["address"],
                             SERVER_MEND.of(cluster.name),
                             STEPS.get(server.product), "not-verified")
            named = Names((one["address"].lower(),), "the address that Expressway-C has discovered it by", SERVER_MEND.of(cluster.name),
                          STEPS.get(server.product))
            found.append(between(peer, server, server.web, "HTTPS", "discovery for " + MRA, [
                verify, proof(estate, server, "tomcat", peer, "trusted", names=named)], step=STEPS.get(server.product)))
    return found


def phones(estate, cluster):
    """Registrations by mobile and remote access: Expressway-C shows its certificate for their phones, in which Unified CM looks for the profile."""
    cm, found = estate.clusters.get(cluster.cm), []
    if cm is None or not cluster.says.get("mra"):
        return found
    profiles = tuple(name.lower() for name in cm.says.get("mra_profiles", ()))
    named = Names(profiles, "the name of the phone security profile", PROFILES_MEND.of(cluster.name), "expc-san-profiles", each=True) if profiles else None
    for peer in estate.members(cluster):
        for node in estate.members(cm, "call_processing"):
            full = own_name(node, "the zone CEtls that Expressway-C made of it")
            mixed, oauth = modes(cm)
            if cm.says.get("mixed") is not None:
                found.append(between(peer, node, 5061, "SIP TLS", "registration of phones by " + MRA, [
                    mixed, proof(estate, node, "callmanager", peer, "trusted", names=full), proof(estate, peer, "server", node, "callmanager", True, named)],
                    True, "trust-ucm-callmanager"))
            if cm.says.get("oauth") is not None:
                found.append(between(peer, node, 5091, "SIP OAuth", "registration by OAuth and " + MRA, [
                    oauth, proof(estate, node, "tomcat", peer, "trusted", names=full), proof(estate, peer, "server", node, "callmanager", True)],
                    True, "expc-trust-enterprise"))
    return found


def traversal(estate, c_cluster, e_cluster, purpose, c_kind, e_kind, mend, steps):
    """A traversal zone, from each peer of Expressway-C to each of Expressway-E: mutual, with a port and names that both ends have to agree on."""
    of_c, of_e = c_cluster.says.get("zones", {}).get(c_kind), e_cluster.says.get("zones", {}).get(e_kind)
    if of_c is None and of_e is None:
        return []
    needs, mend = [], mend.of(c_cluster.name)       # its role runs for Expressway-C, and does both sides
    if None in (of_c, of_e):
        there, lacks = ("Expressway-C", "Expressway-E") if of_c else ("Expressway-E", "Expressway-C")
        needs.append(Setting(False, "the traversal zone for %s is on %s, and %s has none" % (purpose, there, lacks), mend, steps[0], "no-zone"))
    else:
        needs.append(same_port(("the zone '%s' of Expressway-C" % of_c["name"], "the zone '%s' of Expressway-E" % of_e["name"]), of_c["port"], of_e["port"],
                               mend.also(", with one port for both ends in collab_expressway"), steps[0]))
        for zone in (of_c, of_e):
            needs.append(Setting(zone["tls"], "the zone '%s' does not speak TLS" % zone["name"], mend, steps[0], plain=True))
            needs.append(Setting(zone["verify"], "TLS verify of the zone '%s' is Off, so anybody could stand in for the other side" % zone["name"], mend,
                                 steps[0], "not-verified"))
    subject = (of_e or {}).get("subject")
    named = Names((subject.lower(),), "the TLS verify subject name of the zone '%s'" % of_e["name"], mend.also(
        ", with the cluster's name (collab_cluster_name) or traversal_subject"), steps[1]) if subject else None
    found = []
    for client in estate.members(c_cluster):
        for server in estate.members(e_cluster):
            peers = (of_c or {}).get("peers")
            dialled = next((peer for peer in peers or () if peer.lower() in server.words), None)
            if peers is not None and dialled is None:
                continue
            by = Names(((dialled or server.fqdn).lower(),), "the peer address in the zone '%s'" % (of_c or of_e)["name"],
                       mend.also(", with peers by their full names"), steps[0])
            ends = [proof(estate, server, "server", client, "trusted", names=by), proof(estate, client, "server", server, "trusted", True, named)]
            found.append(between(client, server, (of_e or of_c)["port"], "SIP TLS", purpose, [*needs, *ends], True, steps[0]))
    return found
