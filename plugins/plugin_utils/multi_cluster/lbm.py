# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LBM Security Mode of all clusters: Mixed everywhere before it is Secure anywhere, each step with the restarts of its hubs (axl.md 2.8).

A Secure hub talks to no Insecure one, a Mixed one to both. So as long as one cluster is Insecure, none is made Secure; and a step counts only when
the hubs have restarted. What was reached is read from the clusters, so an interrupted run is gone on with.
"""
from __future__ import annotations

from ..asking import DeviceTime
from ..asking import axl
from ..operations import estate
from ..operations.restarts import Restarts
from ..pki.restarts import LBM
from ..reconcile import Step
from ..reconcile import reconcile
from ..resources import parameters
from ..resources.objects import rows
from ..resources.objects import text
from .clusters import together
from .clusters import untrusted

LABEL, STEP, VARIABLE = "LBM Security Mode", "mc-lbm-secure", "collab_lbm_security_mode"
LEVELS = ("insecure", "mixed", "secure")
SHOWN = {"insecure": "Insecure", "mixed": "Mixed", "secure": "Secure"}


class LbmMode:
    """One run of the module over all clusters. pauses: waiting.Pauses."""

    def __init__(self, action, args, pauses, check):
        self.action, self.args, self.pauses, self.check, self.report = action, args, pauses, check, action.report
        self.levels, self.specs, self.names = {}, {}, {}

    def run(self):
        """Returns the report."""
        self.views = together(self.action, self.args["clusters"], STEP)
        known = [self.known(view) for view in self.views.values()]      # each, so that one report says all that is lacking
        if known and all(known):
            self.levels = self.read()
            self.describe()
            goal = LEVELS.index(self.args["mode"].lower())
            if self.possible(goal):
                for stage in range(1, goal + 1):
                    self.bring_to(stage)
        self.report.add(modes={cluster: SHOWN.get(level, level) for cluster, level in self.levels.items()})
        return self.report

    def known(self, view):
        """Whether the parameter's name and its three stored values are confirmed for this cluster, and there; pending otherwise."""
        spec = self.args["parameter"] or view.var(VARIABLE) or {}
        there = parameters.read_all(axl(view.publisher, parameters.list_request(parameters.ENTERPRISE)))
        stored = {str(word).lower(): str(value) for word, value in (spec.get("stored_values") or {}).items()}
        name = spec.get("name")
        if name and spec.get("confirmed") and name in there and set(LEVELS) <= set(stored):
            self.specs[view.cluster] = {"name": name, "stored": {level: stored[level] for level in LEVELS}}
            return True
        found = ", ".join("%s (now %r)" % (one, there[one]["value"]) for one in parameters.candidates(LABEL, there)) or "none found"
        reason = ("the cluster has no parameter called %s" % name if name and spec.get("confirmed") and name not in there
                  else "its internal name and how Insecure, Mixed and Secure are stored are not confirmed, and nothing is written on a guess")
        view.report.pending("lbm-parameter-unconfirmed", LABEL, reason, [
            "Candidates on this cluster: %s." % found,
            "Find out which one follows '%s' on the page System > Enterprise Parameters, and how each of the three words is stored." % LABEL,
            "Then set %s: {name: ..., confirmed: true, stored_values: {insecure: ..., mixed: ..., secure: ...}}." % VARIABLE], step=STEP)
        return False

    def read(self):
        """{cluster: level, or the stored value where it is none of the three}."""
        out = {}
        for cluster, view in self.views.items():
            spec = self.specs[cluster]
            value = parameters.read_all(axl(view.publisher, parameters.list_request(parameters.ENTERPRISE)))[spec["name"]]["value"]
            out[cluster] = next((level for level in LEVELS if parameters.matching(value, spec["stored"][level])), value)
        return out

    def describe(self):
        """A finding for each cluster that is not where it has to be."""
        for cluster, level in self.levels.items():
            if level != self.args["mode"].lower():
                self.views[cluster].report.finding("lbm-security-mode", "high" if level == "insecure" else "medium", LABEL, "it is %s and has to be %s" % (
                    SHOWN.get(level, repr(level)), self.args["mode"]), step=STEP, before=SHOWN.get(level, level), after=self.args["mode"])

    def possible(self, goal):
        """Whether this run may go on: all levels understood, all hubs trusted, services granted. Says why not."""
        for cluster, level in self.levels.items():
            if level not in LEVELS:
                self.views[cluster].report.pending("lbm-value-unknown", LABEL, "%r is stored, which is none of the three values that were confirmed" % level,
                                                   ["Correct stored_values in %s." % VARIABLE], step=STEP)
        if not set(self.levels.values()) <= set(LEVELS):
            return False
        if all(level == LEVELS[goal] for level in self.levels.values()) and not any(view.owed.items(LBM) for view in self.views.values()):
            return False
        wrong = [] if self.check else [reason for view in self.views.values() for reason in untrusted(view, None, self.hubs(view))]
        if wrong:
            self.report.pending("lbm-tomcat", LABEL, "the hubs would not trust each other: %s" % "; ".join(wrong), [
                "Give the nodes their tomcat certificate from the enterprise CA and restart Tomcat (roles certificates and service_restarts), then run again."],
                step=STEP)
            return False
        if not self.args["granted"]:
            self.report.pending("lbm-not-granted", LABEL, "it makes the hubs of all clusters restart, and this run may not disturb services",
                                ["Run again in a window with 'services' in collab_disruption."], step=STEP)
            return False
        return True

    def bring_to(self, stage):
        """Every cluster to at least this level, and its hubs restarted. A failure ends the task: nothing goes beyond this level then."""
        def plan(levels):
            return [self.step(cluster, LEVELS[stage]) for cluster, level in levels.items() if LEVELS.index(level) < stage]

        known = [self.levels]
        reconcile(self.report, self.check, lambda: known.pop() if known else self.read(), plan)
        self.levels = {cluster: LEVELS[max(stage, LEVELS.index(level))] for cluster, level in self.levels.items()}
        for view in self.views.values():
            self.restarts(view).run([LBM], True, self.check)
        self.report.extra.pop("owed", None)

    def restarts(self, view):
        return Restarts(view, self.pauses, self.args["timeout"], self.args["timeout"])

    def step(self, cluster, level):
        """The write that brings one cluster to a level."""
        view, spec = self.views[cluster], self.specs[cluster]
        operation, arguments = parameters.update_request(spec["name"], parameters.ENTERPRISE, spec["stored"][level])
        hubs = [node.name for node in self.hubs(view)]

        def apply():
            for node in self.hubs(view):                        # a start of this very second would look like one after the change
                self.restarts(view).settled(node, LBM)
            view.owed.add(LBM, hubs, DeviceTime(view.publisher)(), "%s was set to %s" % (LABEL, SHOWN[level]))
            axl(view.publisher, (operation, arguments))

        return Step(description={"node": view.publisher.name, "channel": "axl", "operation": operation, "object": view.report.called(LABEL),
                                 "name": spec["name"], "value": SHOWN[level]},
                    apply=apply, before=SHOWN[self.levels[cluster]], after=SHOWN[level],
                    impact=[{"node": name, "kind": "service_restart", "what": LBM} for name in hubs])

    def hubs(self, view):
        """The nodes of a cluster that are LBM hubs; all of them where none says so."""
        if view.cluster not in self.names:
            listed = rows(axl(view.publisher, ("listProcessNode", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "lbmHubGroup": ""}})),
                          "processNode")
            found = [estate.inventory_name(view.nodes, text(row.get("name"))) for row in listed if text(row.get("lbmHubGroup"))]
            self.names[view.cluster] = [name for name in view.nodes if name in found] or list(view.nodes)
        return [view.nodes[name] for name in self.names[view.cluster]]
