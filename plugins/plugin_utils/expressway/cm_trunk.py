# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unified CM's trunk to Expressway-C belongs to the neighbor zone at its other end: what the one calls is what the other listens on (Tables 7-11 and 7-18)."""
from __future__ import annotations

from dataclasses import dataclass

from .b2b import neighbor_port

VARIABLE = "collab_expressway"


@dataclass(frozen=True)
class Behind:
    """One Expressway-C cluster of a Unified CM cluster. settings: its `b2b`; nodes: its peers."""

    cluster: str
    settings: dict
    nodes: tuple

    @property
    def names(self):
        """Everything that a trunk may dial its peers by, in lower case; the cluster's name, too."""
        found = {value for node in self.nodes for value in (node.name, node.fqdn, node.host, node.variables.get("collab_cluster_name")) if value}
        return {str(value).lower() for value in found}

    def leads_here(self, trunk, spec):
        """Whether a trunk's destinations are peers of this cluster, or its far ends carry their names."""
        dialled = {one["address"].lower() for one in trunk.get("destinations") or ()}
        carried = {str(one.get("server_name") or one["address"]).lower() for one in spec.get("far_ends") or ()}
        return bool((dialled | carried) & self.names)


def settings_of(variables):
    """What a host's variables say of business-to-business calls; {} where nothing."""
    return variables.get("expressway_b2b_settings") or (variables.get(VARIABLE) or {}).get("b2b") or {}


def clusters_behind(action, cm_cluster):
    """[Behind] of the Expressway-C clusters that have a neighbor zone towards a Unified CM cluster."""
    found = {}
    for name in action.task_vars["groups"].get("expressway", ()):
        node = action.node_of(str(name))
        if node.variables.get("collab_product") == "expressway_c" and node.variables.get("collab_cm_cluster") == cm_cluster:
            found.setdefault(node.variables.get("collab_cluster"), []).append(node)
    behind = [Behind(cluster, settings_of(nodes[0].variables), tuple(nodes)) for cluster, nodes in found.items()]
    return [one for one in behind if one.settings.get("neighbor_zone")]


def with_neighbor_ports(action):
    """(trunks, specs) -> specs, in which each trunk to Expressway-C has the neighbor zone's port as incoming port, unless the operator gave one."""
    behind = clusters_behind(action, action.cluster)

    def complete(trunks, specs):
        return {name: {**spec, **_said(trunks[name], spec, behind)} for name, spec in specs.items()}
    return complete


def _said(trunk, spec, behind):
    found = next((one for one in behind if one.leads_here(trunk, spec)), None)
    if found is None:
        return {}
    return {"peer": spec.get("peer") or "expressway", "incoming_port": spec.get("incoming_port") or neighbor_port(found.settings)}
