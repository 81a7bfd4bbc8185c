# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The readers of collab.security.expressway_info, and what else looks at a peer as a whole. Nothing here writes."""
from __future__ import annotations

import re

from ..errors import NodeError
from .cluster import membership
from .documents import below
from .documents import entries
from .documents import text

VERSION = re.compile(r"X?(\d+)\.(\d+)(?:\.(\d+))?", re.IGNORECASE)
SERVERS = (("unified_cm", "/controller/server/cucm"), ("im_presence", "/controller/server/imp"))
SECRETS = re.compile("password|secret", re.IGNORECASE)


def status(node):
    """The status document of a peer, {} where it does not serve one."""
    return node.ask("expressway_api", "witness", document="status") or {}


def version_of(node, document=None):
    """The version that a peer runs ("X15.4.0"), "" where it does not say."""
    found = text(status(node) if document is None else document, "SystemUnit", "Software", "Version")
    if VERSION.search(found):
        return found
    try:
        values = [str(value) for row in node.ask("expressway_api", "read", path="/sysinfo") for value in row.values()]
    except NodeError as e:
        if e.kind != "absent":
            raise
        return ""
    return next((value for value in values if re.fullmatch(r"X\d+\.\d+[\w.]*", value, re.IGNORECASE)), "")


def release(version):
    """(15, 4) of "X15.4.0" or "15.4"; () of anything else."""
    found = VERSION.search(str(version))
    return (int(found[1]), int(found[2])) if found else ()


def rows(node, path):
    """The objects of a resource without what looks like a secret; [] where the release does not offer it."""
    try:
        found = node.ask("expressway_api", "read", path=path)
    except NodeError as e:
        if e.kind != "absent":
            raise
        return []
    return [{key: value for key, value in row.items() if not SECRETS.search(key)} for row in found]


def versions(action):
    """{peer: version}."""
    return action.each(action.nodes, version_of)


def cluster(action):
    """What the peers say of their cluster."""
    found = membership(action.node)
    return {"name": found.name, "primary": found.peers.get(found.primary), "peers": [address for _number, address in sorted(found.peers.items())]}


def zones(action):
    """Zones of the task's host with their state, as its status document has them."""
    return [{"name": text(one, "Name"), "type": text(one, "Type"), "status": text(one, "Status"), "cause": text(one, "Cause")}
            for one in entries(status(action.node), "Zones", "Zone")]


def alarms_of(document):
    """[(number, reason)] of the alarms in a status document."""
    return [(str(one.get("@item", "")), text(one, "Reason")) for one in entries(document, "Warnings", "Warning")]


def alarms(action):
    """{peer: [reasons]}."""
    return action.each(action.nodes, lambda node: [reason for _number, reason in alarms_of(status(node))])


def mra(action):
    """Whether mobile and remote access is on; None where the peer does not say."""
    row = next(iter(rows(action.node, "/common/mra")), {})
    said = str(row.get("Enabled", "") or below(status(action.node), "CollaborationEdge", "Enabled") or "").lower()
    return {"on": True, "true": True, "off": False, "false": False}.get(said)


def servers(action):
    """The servers that an Expressway-C has discovered: [{"kind", "address", "tls_verify"}]."""
    if action.var("collab_product") != "expressway_c":
        return []
    return [{"kind": kind, "address": row.get("Publisher", ""), "tls_verify": str(row.get("TlsVerify", "")).lower() == "on"}
            for kind, path in SERVERS for row in rows(action.node, path)]


def domains(action):
    """The domains as the API has them."""
    return rows(action.node, "/common/domain")


GATHERERS = {"versions": versions, "cluster": cluster, "zones": zones, "alarms": alarms, "mra": mra, "servers": servers, "domains": domains}
