# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a plan, each in one task of a run."""

from __future__ import annotations

from importlib import import_module

from ansible.errors import AnsibleActionFail

from ..all_clusters import all_clusters
from ..trust_graph.insisting import insist
from .compare import moved
from .compare import told
from .guard import collection_version
from .model import estate_digest
from .model import plan_of
from .model import steps_in
from .store import ANEW
from .store import BadPlan
from .store import Progress
from .store import load
from .store import save
from .text import lines_of

ACTIONS = __package__.rsplit(".", 2)[0] + ".action."


class Planning:
    """action: DeviceAction, on any host; path: file of the plan."""

    def __init__(self, action, path):
        self.action, self.path = action, path
        self.clusters = all_clusters(action)

    def save(self, report, durations, limits):
        """What the run foresaw, as a file and on the screen."""
        plan = self.now(report, durations, limits)
        save(self.path, plan)
        lines = lines_of(plan)
        for line in lines:
            self.action.say(line)
        if plan["failed"]:
            raise AnsibleActionFail("the plan is incomplete, since %d tasks failed, and cannot be applied; it is in %s, for reading" % (
                len(plan["failed"]), self.path))
        return {"path": self.path, "plan": lines, "totals": {cluster["name"]: cluster["totals"] for cluster in plan["clusters"]},
                "trust": plan["trust"]}

    def read(self):
        """Whether the file is a plan that can be applied here; before any node is asked."""
        plan = load(self.path, collection_version(), self.estate())
        granted = self.disruption()
        other = sorted(host for host, words in plan["disruption"].items() if host in granted and words != granted[host])
        if other:
            raise BadPlan("collab_plan: %s was made with collab_disruption %s for %s, which is %s now: run with the same, or %s" % (
                self.path, plan["disruption"][other[0]], other[0], granted[other[0]], ANEW))
        Progress(self.path).check()
        insist(self.action, (plan["trust"] or {}).get("breaks"))
        return {"path": self.path}

    def compare(self, report):
        """Whether the estate is as the plan saw it; before anything is written."""
        plan, begun = load(self.path, collection_version(), self.estate()), Progress(self.path).begun()
        rules = {action: rules_of(action) for action in {step["action"] for step in steps_in(plan).values()}}
        said = moved(plan, self.now(report, {}, {}), begun, rules)
        if said:
            raise BadPlan("the estate is not as the plan saw it, nothing was written%s. %s. Look at it, then %s" % (
                " by this run" if begun else "", told(said), ANEW))
        return {"path": self.path, "compared": True, "resumed": bool(begun)}

    def applied(self):
        """Note that the plan has been applied to its end."""
        Progress(self.path).finish()
        return {"path": self.path}

    def now(self, report, durations, limits):
        """What a run in check mode foresaw, as a plan."""
        return plan_of(report, self.clusters, self.estate(), collection_version(), durations, limits, self.disruption())

    def estate(self):
        """Which nodes the inventory has."""
        groups = self.action.task_vars["groups"]
        return estate_digest({cluster["name"]: [[str(host), self.action.node_of(str(host)).variables.get("collab_fqdn")]
                                                for host in groups.get(cluster["name"], cluster["hosts"])] for cluster in self.clusters})

    def disruption(self):
        """{host: what a run may disturb}."""
        return {host: sorted(self.action.node_of(host).variables.get("collab_disruption") or ()) for cluster in self.clusters for host in cluster["hosts"]}


def rules_of(action):
    """(pays, follows, derives) of a module."""
    found = import_module(ACTIONS + action).ActionModule
    return found.pays, found.follows, found.derives
