# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of a Unified CM cluster as routers know them: which of them call, and by which addresses."""

from __future__ import annotations

import ipaddress

from ansible.errors import AnsibleActionFail

from ..errors import NodeError

CALLS = "call_processing"


def members(action, cluster):
    """[Node] of a Unified CM cluster of the inventory."""
    if not cluster or cluster not in action.task_vars["groups"]:
        raise AnsibleActionFail("collab_cm_cluster of %s must name the inventory group of the Unified CM cluster that it works with; it is %r"
                                % (action.where, cluster))
    return [action.node_of(str(name)) for name in action.task_vars["groups"][cluster]]


def callers(action, cluster):
    """[Node] of those that process calls: by their role, all where none has it."""
    found = members(action, cluster)
    return [node for node in found if CALLS in node.roles] or found


def address_of(node):
    """The IPv4 address by which a router knows a node: collab_sip_address, else what is dialled here."""
    name = str(node.variables.get("collab_sip_address") or node.host)
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError:
        pass
    try:
        return node.ask("names", "ipv4", name=name)
    except NodeError as e:
        if e.kind != "refused":
            raise
        raise AnsibleActionFail("the IPv4 address of a host is not known: a router is told addresses. Set collab_sip_address of it (%s)" % e) from None
