# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Expressway cluster is beside, as the inventory says it: its Unified CM cluster, the Expressways before or behind it, and their names. Asks no box."""
from __future__ import annotations

from ansible.errors import AnsibleActionFail

from .b2b import zones_of_c
from .b2b import zones_of_e

PRODUCTS = ("expressway_c", "expressway_e")


def product(action):
    """The product of the task's host: expressway_c or expressway_e."""
    found = action.var("collab_product")
    if found not in PRODUCTS:
        raise AnsibleActionFail("%s is no Expressway: its collab_product is %r, none of %s" % (action.where, found, ", ".join(PRODUCTS)))
    return found


def members(action, group, variable):
    """[Node] of an inventory group that `variable` of the task's host names; [] where it names none."""
    if not group:
        return []
    if group not in action.task_vars["groups"]:
        raise AnsibleActionFail("%s of %s must name the inventory group of a cluster; it is %r" % (variable, action.where, group))
    return [action.node_of(str(name)) for name in action.task_vars["groups"][group]]


def unified_cm(action):
    """[Node] of the call processing nodes of the Unified CM cluster behind this Expressway-C."""
    nodes = members(action, action.var("collab_cm_cluster"), "collab_cm_cluster")
    return [node for node in nodes if "call_processing" in node.roles] or nodes


def edge(action):
    """[Node] of the Expressway-E cluster before this Expressway-C."""
    return members(action, action.var("collab_edge_cluster"), "collab_edge_cluster")


def controllers(action):
    """{cluster: [Node]} of the Expressway-C clusters behind this Expressway-E cluster."""
    found = {}
    for name in action.task_vars["groups"].get("expressway", ()):
        node = action.node_of(str(name))
        if node.variables.get("collab_product") == "expressway_c" and node.variables.get("collab_edge_cluster") == action.cluster:
            found.setdefault(node.variables.get("collab_cluster"), []).append(node)
    return found


def subject(action):
    """The one cluster name of the Expressway-C behind this Expressway-E; None where there is none, or more than one."""
    names = {node.variables.get("collab_cluster_name") or node.fqdn for nodes in controllers(action).values() for node in nodes}
    return names.pop() if len(names) == 1 else None


def wanted(action, settings):
    """[Zone] of business-to-business calls of the task's cluster. settings: the operator's `b2b` of that cluster."""
    if product(action) == "expressway_c":
        return zones_of_c(settings, [node.fqdn for node in unified_cm(action)] if settings.get("neighbor_zone") else [],
                          [node.fqdn for node in edge(action)] if settings.get("traversal_zone") else [])
    return zones_of_e(settings, subject(action) if settings.get("traversal_zone") else None)
