# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cluster of Expressway in a task, what of it is in use, and what may be changed because of that.

Zones, domains, mobile and remote access and XMPP federation restart the XCP router when they change (id:63597530258), and clients cannot connect while
servers are discovered anew (id:63293541382). Nobody is disturbed before there is a Unified Communications traversal zone: until then nothing needs leave.
"""
from __future__ import annotations

from dataclasses import dataclass

from ansible.errors import AnsibleActionFail

from ..device_action import publisher_among
from ..errors import NodeError
from ..reconcile import Step
from . import keys
from .cluster import primary_of
from .documents import below

C, E = "expressway_c", "expressway_e"
ZONES = {C: "/controller/zone/unifiedcommunicationstraversal", E: "/edge/zone/unifiedcommunicationstraversal"}
MRA = "/common/mra"
XCP = "Cisco XCP router: clients of mobile and remote access and XMPP federation reconnect"


@dataclass
class Change(Step):
    """A step that may disturb what is in use."""

    disturbs: bool = False


class Side:
    """One Expressway cluster. peers: {inventory name: Node}; primary: the one that shared settings are read from and written to."""

    def __init__(self, action):
        self.action, self.name, self.product, self.peers = action, action.cluster, action.var("collab_product"), action.nodes
        self.primary = primary_of(action)

    def offers(self, path):
        """What the release's API says of a resource, or None."""
        return self.primary.ask("expressway_api", "offers", path=path)

    def rows(self, path):
        """The objects of a resource; None where the release does not offer it."""
        return self.primary.ask("expressway_api", "read", path=path) if self.offers(path) else None

    def impact(self, what=XCP):
        """What a disturbing step costs: on all peers."""
        return [{"node": name, "kind": "service_restart", "what": what} for name in self.peers]

    def in_use(self):
        """Whether clients may be connected by mobile and remote access: it is on, and there is a zone for them. What cannot be read counts as yes."""
        rows, zones = self.rows(MRA), self.rows(ZONES[self.product])
        on = keys.value_of(next(iter(rows), {}), ("Enabled",)) if rows is not None else configured(self.primary, "CollaborationEdge Enabled")
        return not keys.same(on, "Off") and zones != []


def edge_of(action):
    """The action as seen from the primary of the Expressway-E cluster in front of this Expressway-C (collab_edge_cluster)."""
    name, groups = action.var("collab_edge_cluster"), action.task_vars["groups"]
    if not name or name not in groups:
        raise AnsibleActionFail("collab_edge_cluster of %s must name the inventory group of the Expressway-E cluster in front of it; it is %r"
                                % (action.where, name))
    return action.seen_from(publisher_among([action.node_of(str(host)) for host in groups[name]], name).name)


def allowed(report, plan, granted, in_use):
    """The plan without the steps that would disturb what is in use and may not: those become findings, and pending."""
    def without(actual):
        out = []
        for step in plan(actual):
            if not getattr(step, "disturbs", False) or granted or not in_use:
                out.append(step)
                continue
            if step.finding:
                report.finding(**step.finding)
            report.pending("expressway-disruption", step.description["object"],
                           "changing it would interrupt mobile and remote access, and this run may not disturb services",
                           ["Run again in a maintenance window with 'services' in collab_disruption."], step=(step.finding or {}).get("step"))
        return out

    return without


def witness(node, document):
    """/status.xml or /configuration.xml of a peer as nested dicts; {} where it is not served."""
    return node.ask("expressway_api", "witness", document=document) or {}


def configured(node, path):
    """The value of an xConfiguration path ("SIP TLS Mode"): by the XML document where it has it, else by the command line; None where neither has it."""
    found = below(witness(node, "configuration"), *path.split())
    if isinstance(found, str):
        return found
    try:
        values = node.ask("expressway_cli", "configuration", path=path)
    except NodeError as e:
        if e.kind not in ("refused", "absent"):
            raise
        return None
    return next((value for key, value in values.items() if key.lower() == path.lower()), None)
