# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of Meeting Servers, of SRST routers with their phones, and of the servers that manage the others."""
from __future__ import annotations

from ..pki.products import MEETING_SERVER
from ..pki.products import PRIME_DEPLOYMENT
from ..pki.products import UNIFIED_CM
from .ends import BY_HAND
from .ends import between
from .ends import known
from .ends import own_name
from .ends import proof
from .ends import to_node
from .ends import to_outside
from .needs import Setting
from .needs import by

SRST_MEND = by("secure_srst", "srst", "srst_reference")
BUNDLE_MEND = by("meeting_server", "certificates", "meeting_server_certificate")
DATABASE_PORT, SIP_TLS = 5432, 5061


def connections(estate):
    """[Connection] of all of them."""
    found = []
    for cluster in estate.of(MEETING_SERVER):
        found += meeting_server(estate, cluster)
    for cluster in estate.of(UNIFIED_CM):
        found += srst(estate, cluster)
    for product in (PRIME_DEPLOYMENT, *BY_HAND):
        for cluster in estate.of(product):
            found += [to_node("administrators", node, node.web, "HTTPS", "web access", [to_outside(
                estate, node, "web", "their browser", own_name(node), known(estate, node))]) for node in estate.members(cluster)]
    return found


def meeting_server(estate, cluster):
    """Web Admin and the API, Call Bridge with Web Bridge (releases from 3.0 on), and the databases."""
    found, nodes = [], estate.members(cluster)
    for node in nodes:
        if "webadmin" in node.shown:
            found.append(to_node("administrators and applications", node, node.web, "HTTPS", "Web Admin and API", [
                to_outside(estate, node, "webadmin", "their browser or program", own_name(node), known(estate, node)), *bundle(node, "webadmin")],
                step="cms-webadmin"))
    bridges = [node for node in nodes if "c2w" in node.shown]
    for client in [node for node in nodes if "callbridge" in node.shown and "c2w" in node.stores]:
        for server in bridges:
            found.append(between(client, server, server.says.get("c2w_port"), "C2W", "web clients in conferences", [
                proof(estate, server, "c2w", client, "c2w"), proof(estate, client, "callbridge", server, "call-bridges", client=True)],
                True, "cms-webbridge-trust"))
    databases = [node for node in nodes if "database_server" in node.shown]
    for server in databases:
        for client in [node for node in nodes if "database_client" in node.shown and node is not server]:
            found.append(between(client, server, DATABASE_PORT, "PostgreSQL TLS", "the database's cluster", [
                proof(estate, server, "database_server", client, "database"), proof(estate, client, "database_client", server, "database", client=True)],
                True, "cms-db-server"))
    return found


def bundle(node, service):
    """A Meeting Server sends the certificates above its own only where it has them as a bundle."""
    lacking = node.says.get("bundle_lacks", {}).get(service) or ""
    return [Setting(not lacking, "%s of %s sends its certificate without the intermediate CA %s, so clients that know only the root do not trust it" % (
        service, node.name, lacking), BUNDLE_MEND.at(node), "cms-webadmin", "missing-intermediate")]


def srst(estate, cluster):
    """Phones whose branch is cut off register at the router; Unified CM gives them its certificate, which it takes from the credential service."""
    found = []
    publisher = estate.members(cluster, "publisher")[0]
    for one in cluster.says.get("srst", ()):
        router = estate.at(one["address"])
        if router is None:
            continue
        secure = Setting(one["secure"], "the SRST reference %s is not secure, so phones register at %s without TLS" % (one["name"], router.name),
                         SRST_MEND.of(cluster.name), "srst-is-secure", plain=True)
        shows = to_outside(estate, router, "credentials", "Unified CM and phones", store="their configuration file")
        found.append(between(publisher, router, router.says.get("credential_port") or 2445, "SRST credentials", "certificate of %s for phones" % one["name"],
                             [secure, shows], step="srst-credential-server"))
        needs = [secure, to_outside(estate, router, "phones", "phones", store="their configuration file")]
        if publisher.shown.get("capf"):
            needs.append(proof(estate, publisher, "capf", router, "trustpoints"))
        found.append(to_node("phones behind %s" % one["name"], router, SIP_TLS, "SIP TLS", "registration in SRST", needs, True, "srst-trust-lsc-issuer"))
    return found
