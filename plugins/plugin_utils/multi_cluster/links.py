# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which SIP trunks tie clusters of the inventory together, and which trunk is the other end of which."""
from __future__ import annotations

GROUP = "unified_cm"


def known_as(node):
    """The words by which a trunk may dial a node."""
    return {str(word).lower().rstrip(".") for word in (node.name, node.fqdn, node.host) if word}


def nodes_of_others(action):
    """{cluster: [nodes]} of the Unified CM clusters of the inventory but the action's own."""
    found = {}
    for name in action.task_vars["groups"].get(GROUP, ()):
        if str(name) in action.nodes:
            continue
        node = action.node_of(str(name))
        found.setdefault(node.variables.get("collab_cluster"), []).append(node)
    return found


def dialled(trunk, others):
    """{destination address: (cluster, node)} of a trunk's destinations that are nodes of other clusters."""
    words = {word: (cluster, node) for cluster, nodes in others.items() for node in nodes for word in known_as(node)}
    ends = {one["address"]: words.get(one["address"].lower().rstrip(".")) for one in trunk["destinations"]}
    return {address: end for address, end in ends.items() if end}


def left_to_multi_cluster(action):
    """(trunks as read) -> names of those that dial another cluster of the inventory.

    Both ends are switched together when all clusters are done (module intercluster_trunk), never one alone. None where there is no other cluster.
    """
    others = nodes_of_others(action)
    return (lambda trunks: sorted(name for name, trunk in trunks.items() if dialled(trunk, others))) if others else None


def components(links):
    """Groups of ends that have to be switched together. links: {end: [ends at the other side]}; ends are hashable."""
    left, out = set(links), []
    while left:
        group, todo = set(), [min(left)]
        while todo:
            end = todo.pop()
            if end not in group:
                group.add(end)
                todo += [*links.get(end, ()), *(one for one, others in links.items() if end in others)]
        out.append(sorted(group & set(links)))
        left -= group
    return out
