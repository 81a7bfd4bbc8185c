# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All clusters of the inventory."""

from __future__ import annotations


def all_clusters(action):
    """[{name, product, release, hosts}] in the inventory's order. hosts: those of the group publishers, on which the plays run for the cluster."""
    found = {}
    for host in action.task_vars["groups"]["publishers"]:
        variables = action.node_of(str(host)).variables
        name = str(variables.get("collab_cluster"))
        found.setdefault(name, {"name": name, "product": str(variables.get("collab_product") or "unified_cm"),
                                "release": str(variables.get("collab_release") or ""), "hosts": []})["hosts"].append(str(host))
    return list(found.values())
