# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which peer of its cluster an Expressway is, by its own word, and which one is the primary.

Zones, domains, servers, policies and most other settings replicate from the primary. On another peer they are refused or, worse, taken and lost at the next
replication (expressway.md 4.5, 7): so nothing shared is written before the peer itself has said that it is the primary.
"""
from __future__ import annotations

from dataclasses import dataclass

from .documents import below
from .documents import entries
from .documents import text

PRIMARY = ("ConfigurationPrimary", "ConfigurationMaster")       # the second until X12.5 and beyond, where the command line had not been renamed


class NotPrimary(Exception):
    """Shared settings may not be written to this peer. Nothing was written."""


@dataclass(frozen=True)
class Membership:
    """What a peer says of its cluster. name: of the cluster; peers: {number: address}, {} where it stands alone; primary: number or None; names: its own."""

    name: str
    peers: dict
    primary: int | None
    names: tuple

    @property
    def number(self):
        """Which of the peers it is itself; None where it stands alone or is none of them."""
        own = {name.lower().rstrip(".") for name in self.names if name}
        return next((number for number, address in sorted(self.peers.items()) if address.lower().rstrip(".") in own), None)


def membership(node):
    """The Membership of a peer: by its configuration document, else by the command line."""
    document = node.ask("expressway_api", "witness", document="configuration")
    if document and below(document, "Alternates") is not None:
        return _from_document(node, document)
    settings = node.ask("expressway_cli", "configuration", path="Alternates")
    return _from_settings(node, {**settings, **node.ask("expressway_cli", "configuration", path="IP DNS")})


def require_primary(node):
    """The Membership of a peer that says it is the primary of its cluster, or stands alone. Raises NotPrimary."""
    found = membership(node)
    if not found.peers:
        return found
    listed = ", ".join("%d %s" % pair for pair in sorted(found.peers.items()))
    if found.number is None:
        raise NotPrimary("%s is in a cluster of these peers: %s. None of them has its name (%s), so it cannot be told whether it is the primary. Correct "
                         "collab_fqdn or ansible_host. Nothing was written" % (node.name, listed, ", ".join(dict.fromkeys(n for n in found.names if n))))
    if found.number != found.primary:
        raise NotPrimary("%s is peer %d of its cluster, and the primary is peer %s (%s). Settings that all peers share are written to the primary only: "
                         "on another one they are lost at the next replication. Give the role primary in collab_roles to that peer. Nothing was written"
                         % (node.name, found.number, found.primary or "unknown", found.peers.get(found.primary, "not listed")))
    return found


def primary_of(action):
    """The Node that shared settings of the task's cluster are written to: the primary peer by the inventory, and by its own word. Raises NotPrimary."""
    require_primary(action.publisher)
    return action.publisher


def _names(node, host, domain):
    return (str(node.fqdn or ""), str(node.host or ""), "%s.%s" % (host, domain) if host and domain else host)


def _from_document(node, document):
    peers = {int(one.get("@item", 1)): text(one, "Address") for one in entries(document, "Alternates", "Peer")}
    primary = next((text(document, "Alternates", key) for key in PRIMARY if text(document, "Alternates", key)), "")
    return Membership(text(document, "Alternates", "Cluster", "Name"), {n: a for n, a in peers.items() if a}, int(primary) if primary.isdigit() else None,
                      _names(node, text(document, "IP", "DNS", "Hostname"), text(document, "IP", "DNS", "Domain", "Name")))


def _from_settings(node, settings):
    known = {key.lower(): value for key, value in settings.items()}
    peers = {number: known.get("alternates peer %d address" % number, "") for number in range(1, 7)}
    primary = next((known["alternates %s" % key.lower()] for key in PRIMARY if known.get("alternates %s" % key.lower())), "")
    return Membership(known.get("alternates cluster name", ""), {n: a for n, a in peers.items() if a}, int(primary) if primary.isdigit() else None,
                      _names(node, known.get("ip dns hostname", ""), known.get("ip dns domain name", "")))
