# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that must hold before an Expressway cluster is changed: what its peers say of themselves, against the inventory. Reads only."""

from __future__ import annotations

from ..errors import NodeError
from ..operations.estate import inventory_name
from ..operations.preconditions import BLOCKER
from ..operations.preconditions import WARNING
from ..operations.preconditions import Note
from ..operations.preflight import Preflight
from . import facts
from .cluster import membership

PRODUCTS = ("expressway_c", "expressway_e")
CHANNELS = ("expressway_api", "expressway_cli")
PERMISSIVE = "40049"        # cluster TLS is not enforced: as installed, and harmless (expressway.md 4.5)


class ExpresswayPreflight(Preflight):
    """One look at an Expressway cluster."""

    def run(self):
        """Look at everything; put it into the report. Raises Stuck with all blockers when there is one."""
        self.workspace()
        self.reach(self.publisher, CHANNELS)
        self.action.each([n for n in self.action.nodes.values() if n.name != self.publisher.name], lambda node: self.reach(node, CHANNELS))
        for notes in self.action.each([n for n in self.action.nodes.values() if (n.name, CHANNELS[0]) not in self.away], self.peer).values():
            self.notes += notes
        self.tell({"licence": None})

    def open(self, node, channel):
        if channel == "expressway_api":
            self.versions[node.name] = facts.version_of(node)
        else:
            node.ask("expressway_cli", "configuration", path="Alternates")

    def running(self):
        return dict(sorted(self.versions.items()))

    def peer(self, node):
        """Notes on one peer."""
        try:
            member, alarms = membership(node), facts.alarms_of(facts.status(node))
        except NodeError as e:
            return [Note("not-readable", BLOCKER, node.name, "what %s says of its cluster cannot be read: %s" % (node.name, e))]
        notes = running(node, self.versions.get(node.name, "")) + place(node, member, self.publisher.name, self.action.nodes)
        if node.name == self.publisher.name:
            notes += called(node, member, str(self.action.var("collab_cluster_name") or ""))
        return notes + [Note("expressway-alarm", WARNING, node.name, "%s has raised an alarm: %s" % (node.name, reason))
                        for number, reason in alarms if number != PERMISSIVE]


def running(node, version):
    """The declared release against the one that runs."""
    declared = str(node.variables.get("collab_release") or "")
    if not version:
        return [Note("no-version", WARNING, node.name, "%s does not say which version it runs; collab_release (%s) is taken for it" % (node.name, declared))]
    if not facts.release(declared):
        return [Note("wrong-release", BLOCKER, node.name, "collab_release of %s must be its release, such as \"%s\"; it is %r"
                     % (node.name, ".".join(map(str, facts.release(version))), declared))]
    if facts.release(declared) != facts.release(version):
        return [Note("wrong-release", BLOCKER, node.name, "collab_release of %s is %s, and it runs %s: what a release can do and asks for follows it"
                     % (node.name, declared, version))]
    return []


def place(node, member, primary, nodes):
    """A peer's place in the cluster against the inventory."""
    if not member.peers:
        return [] if len(nodes) == 1 else [Note("no-cluster", BLOCKER, node.name, (
            "%s stands alone, and the inventory has %d peers in its cluster. Form the cluster (System > Clustering), or give each a cluster of its own"
            % (node.name, len(nodes))))]
    listed, notes = ", ".join(address for _number, address in sorted(member.peers.items())), []
    if member.number is None:
        notes.append(Note("node-not-in-cluster", BLOCKER, node.name, (
            "the cluster of %s has the peers %s, and none of them is %s. Correct collab_fqdn or ansible_host of the host, or take it out of the group"
            % (node.name, listed, " or ".join(dict.fromkeys(name for name in member.names if name))))))
    elif (member.number == member.primary) != (node.name == primary):
        notes.append(Note("wrong-primary", BLOCKER, node.name, (
            "%s is %s of its cluster by its own word, and %s by the inventory: correct collab_roles, and the group publishers"
            % ((node.name, "a subordinate peer", "the primary") if node.name == primary else (node.name, "the primary", "a subordinate peer")))))
    if node.name == primary:
        notes += [Note("node-not-in-inventory", BLOCKER, address, (
            "the cluster has the peer %s, which the inventory lacks: it would be left with the old certificates. Add it to the inventory group of the cluster"
            % address)) for _number, address in sorted(member.peers.items()) if inventory_name(nodes, address) is None]
        known = {inventory_name(nodes, address) for address in member.peers.values()}
        notes += [Note("node-not-in-cluster", BLOCKER, name, "%s is in the inventory, and %s does not list it among its peers (%s)" % (name, node.name, listed))
                  for name in nodes if name not in known and name != primary]
    own = member.names[-1]
    if own and own.lower() != str(node.fqdn).lower():
        notes.append(Note("other-name", WARNING, node.name, (
            "%s calls itself %s (System > DNS), and the inventory %s: its certificate requests and its messages carry its own word"
            % (node.name, own, node.fqdn))))
    return notes


def called(node, member, wanted):
    """The cluster's name, which certificates and subject names rest on."""
    if not wanted or not member.peers or wanted.lower() == member.name.lower():
        return []
    return [Note("wrong-cluster-name", BLOCKER, node.name, "the cluster of %s is called %s, and collab_cluster_name is %s: certificates and the subject names "
                 "of traversal zones rest on it" % (node.name, member.name or "nothing", wanted))]
