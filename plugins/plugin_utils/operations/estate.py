# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster is, read from the cluster: its modes, its certificates in use and installed, its CallManager groups."""

from __future__ import annotations

from ..errors import NodeError
from ..pki.facts import certificate_facts
from ..pki.holdings import Holdings
from ..pki.holdings import from_snapshot
from ..pki.pem import find_certificates
from ..pki.pem import fingerprint
from ..pki.products import UNITS
from ..pki.products import of
from ..resources.objects import rows
from ..resources.objects import text
from . import ctl
from .cli_texts import release_of

SECURITY_MODE = "ClusterSecurityMode"
SIP_OAUTH_MODE = "ClusterSIPOAuthMode"
SIP_OAUTH_ROW = 14
SIP_OAUTH_PORTS = (5091, 5090)      # what CallManager opens once it has started in the mode (vos.md 2)
API_RELEASE = 14                # the certificate API is there from this release on (vos.md 1.2)


def parameter(publisher, name):
    """The stored value of an enterprise parameter by SQL, or None where the release has no such row (vos.md 2)."""
    found = publisher.ask("axl", "sql", query="select paramname, paramvalue from processconfig where paramname = '%s'" % name)
    return text(found[0].get("paramvalue")) if found else None


def mixed(publisher):
    """Whether the cluster is in mixed mode."""
    return parameter(publisher, SECURITY_MODE) not in (None, "", "0")


def sip_oauth(publisher):
    """Whether SIP OAuth mode is on; None where the release does not say.

    An absent row is unknown, not off; and before release 14 the row may never be brought up to date, so that only a 1 says something (vos.md 2).
    """
    value = parameter(publisher, SIP_OAUTH_MODE)
    if value == "1":
        return True
    return None if value in (None, "") or not says_sip_oauth(publisher) else False


def says_sip_oauth(publisher):
    """Whether the release keeps its row of SIP OAuth mode up to date."""
    found = release_of(publisher.variables.get("collab_release", ""))
    return not found or found[0] >= SIP_OAUTH_ROW


def has_api(release):
    """Whether nodes of this release (text such as "15" or "12.5") offer the certificate API."""
    found = release_of(release)
    return bool(found and found[0] >= API_RELEASE)


def installed(node, release, units=None):
    """Holdings with the identity certificates that are installed on a node (whether or not its services serve them already).

    units: these only; by default those of the node's product.
    """
    if has_api(release):
        return from_snapshot(node.ask("certmgr", "snapshot"))
    held = Holdings()
    for unit in units or of(UNITS, node):
        try:
            output = node.ask("vos_cli", "run", command="show cert own %s" % unit)["output"]
        except NodeError as e:
            if e.kind != "refused":                              # a unit that this node does not have
                raise
            continue
        held.add_identity(unit, output)
    return held


def identity(held, unit):
    """The installed certificate of one unit as {sha256, serial, not_before (epoch), facts}, or None."""
    certificate = held.identities.get(unit.lower())
    if certificate is None:
        return None
    return {"sha256": fingerprint(certificate), "serial": certificate.serial_number,
            "not_before": int(certificate.not_valid_before_utc.timestamp()), "facts": certificate_facts(certificate)}


def within_xmpp(node, starttls):
    """Arguments of a probe where TLS begins within XMPP: how, and the XMPP domain, where that is not the nodes' own domain."""
    domain = node.variables.get("collab_presence_domain") or node.variables.get("collab_cluster_name")
    return {"starttls": starttls, "domain": domain} if starttls else {}


def served(node, port, seconds=5, starttls=None):
    """Fingerprint of the RSA certificate that a port of a node serves now. starttls: how TLS begins there (channels/tls.py).

    Returns (open, fingerprint): open False when nothing listens, fingerprint None when no certificate came.
    """
    seen = node.ask("tls", "probe", address=node.host, port=port, server_name=node.fqdn, rsa_only=True, seconds=seconds, **within_xmpp(node, starttls))
    found = find_certificates(seen["chain"][0]) if seen["chain"] else []
    return bool(seen.get("reachable", seen["chain"])), fingerprint(found[0]) if found else None


def sip_oauth_ports(nodes):
    """Whether any of these nodes has a port of SIP OAuth open."""
    return any(node.ask("tls", "probe", address=node.host, port=port, server_name=node.fqdn, seconds=5)["reachable"]
               for node in nodes for port in SIP_OAUTH_PORTS)


def read_ctl(publisher):
    """The parsed CTL file of the publisher."""
    return ctl.parse(publisher.ask("vos_cli", "run", command="show ctl")["output"])


def inventory_name(nodes, product_name):
    """The inventory name of the node that the product calls product_name (host name, FQDN or address), or None."""
    wanted = product_name.strip().lower()
    for name, node in nodes.items():
        if wanted in (name.lower(), str(node.fqdn).lower(), str(node.host).lower(), str(node.fqdn).lower().split(".", maxsplit=1)[0]):
            return name
    return None


def groups(publisher, nodes):
    """CallManager groups as {group: [inventory names, the product's own name where the inventory has none]} (axl.md 2.8)."""
    managers = rows(publisher.ask("axl", "call", operation="listCallManager", arguments={
        "searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "processNodeName": ""}}), "callManager")
    runs_on = {text(m.get("name")): text(m.get("processNodeName")) for m in managers}
    listed = rows(publisher.ask("axl", "call", operation="listCallManagerGroup", arguments={
        "searchCriteria": {"name": "%"}, "returnedTags": {"name": ""}}), "callManagerGroup")
    out = {}
    for group in listed:
        name = text(group.get("name"))
        found = rows(publisher.ask("axl", "call", operation="getCallManagerGroup", arguments={"name": name}), "callManagerGroup")
        members = rows((found[0].get("members") or {}) if found else {}, "member")
        on = [runs_on.get(text(m.get("callManagerName"))) or text(m.get("callManagerName")) for m in members]
        out[name] = [inventory_name(nodes, n) or n for n in on]
    return out
