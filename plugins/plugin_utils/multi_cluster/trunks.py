# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP trunks between clusters of the inventory, both ends switched in one step (guide: Multi-Cluster Considerations; Tables 7-11 and 7-12).

Decided by the same plans as every other trunk (resources/trunk_plan.py): each end's profile gets the names of the certificates that the other end's nodes
serve on their secure port, once they have proven themselves. An end is switched only together with all the trunks that it talks to.
"""
from __future__ import annotations

from functools import cached_property

from ..asking import DeviceTime
from ..reconcile import reconcile
from ..sip_trunk_service import Service
from ..sip_trunk_steps import hold
from ..sip_trunk_steps import owed_resets
from ..sip_trunk_steps import profile_findings
from ..sip_trunk_steps import profile_steps
from ..sip_trunk_steps import trunk_findings
from ..sip_trunk_steps import trunk_state
from ..sip_trunk_steps import trunk_steps
from ..sip_trunks import own_end
from ..sip_trunks import read_profiles
from ..sip_trunks import read_trunks
from ..sip_trunks import replan
from ..sip_trunks import survey_for
from .clusters import together
from .links import components
from .links import dialled
from .links import nodes_of_others

STEP = "mc-trunks"


class End:
    """One cluster's side: its trunks to the others. view: the action as seen from its publisher."""

    def __init__(self, view, args):
        self.view, self.args, self.report, self.name = view, args, view.report, view.cluster
        self.owed, self.when = view.owed, DeviceTime(view.publisher)
        others = nodes_of_others(view)
        asked, excluded = view.var("collab_sip_trunks"), view.var("collab_sip_trunks_excluded", [])
        wanted = {spec["name"]: spec for spec in asked or ()}
        listed = read_trunks(view.publisher)
        self.dials = {name: dialled(trunk, others) for name, trunk in listed.items() if dialled(trunk, others)}
        self.left_alone = [name for name in self.dials if name in excluded or (asked and name not in wanted)]
        specs = [self.spec(wanted.get(name, {"name": name}), listed[name]) for name in self.dials if name not in self.left_alone]
        self.found = survey_for(view, {**args, "trunks": specs, "exclude": []}) if specs else None

    def spec(self, said, trunk):
        """A trunk as the trunk modules take it; each far end that is a node of the inventory has to prove that node's name."""
        ends = {one["address"].lower(): one for one in said.get("far_ends") or ()}
        known = [{"server_name": str(node.fqdn), **ends.pop(address.lower(), {}), "address": address} for address, (_cluster, node)
                 in self.dials[trunk["name"]].items()]
        return {**said, "peer": said.get("peer") or "intercluster", "far_ends": [*known, *ends.values()]}

    @cached_property
    def own(self):
        """What is wrong with the cluster's own end, looked at once."""
        return own_end(self.view, self.args["ca_file"])

    @property
    def debts(self):
        """Resets that its trunks owe: {trunk: reason}."""
        return {name: reason for name, reason in owed_resets(self.owed).items() if name in self.dials}

    def prepare(self, check):
        """The secure profiles, which disturb no trunk by being there; then the plans by what is there."""
        for plan in self.found.profile_plans.values():
            profile_findings(self.report, plan)
        known = [self.found.profiles]

        def steps(profiles):
            return profile_steps(self.view.publisher, replan(self.found, self.args["suffix"], profiles=profiles).profile_plans, self.owed, self.when)

        profiles = reconcile(self.report, check, lambda: known.pop() if known else read_profiles(self.view.publisher), steps)
        self.found = replan(self.found, self.args["suffix"], profiles=profiles)

    def read(self):
        """Its trunks as they are now."""
        fresh = read_trunks(self.view.publisher, list(self.found.trunk_plans))
        return {**self.found.trunks, **{name: fresh[name] for name in self.found.trunk_plans}}


class InterclusterTrunks:
    """One run of the module over all clusters."""

    def __init__(self, action, args, check):
        self.action, self.args, self.check, self.report = action, args, check, action.report

    def run(self):
        """Returns the report."""
        views = together(self.action, self.args["clusters"], STEP)
        ends = {cluster: End(view, self.args) for cluster, view in views.items()}
        self.ends = {cluster: end for cluster, end in ends.items() if end.found}
        for end in self.ends.values():
            end.prepare(self.check)
        self.plans = {(cluster, name): plan for cluster, end in self.ends.items() for name, plan in end.found.trunk_plans.items()}
        for (cluster, _name), plan in self.plans.items():
            trunk_findings(self.ends[cluster].report, plan, self.ends[cluster].debts)
        self.held = self.holds(ends)
        for (cluster, name), (reason, advice) in self.held.items():
            self.ends[cluster].report.pending("intercluster-trunk", name, reason, advice, step=STEP)
        self.switch()
        self.report.add(trunks=[{"cluster": cluster, **trunk_state(plan, self.held.get((cluster, name)))} for (cluster, name), plan in self.plans.items()])
        return self.report

    # -- what is held back -------------------------------------------------------------------------------------------
    def holds(self, ends):
        """{(cluster, trunk): (reason, advice)}: its own reason, or that of an end that has to be switched with it."""
        backs = {key: self.back(key, ends) for key in self.plans}
        held = {}
        for key, plan in self.plans.items():
            end = self.ends[key[0]]
            reason = hold(plan, end.debts, self.args["granted"], self.check, lambda end=end: end.own)
            if not reason and plan.differences:
                reason = self.without(key, backs[key], ends)
            if reason:
                held[key] = reason
        for group in components(backs):
            first = next((key for key in group if key in held), None)
            for key in group if first else ():
                if key not in held and (self.plans[key].differences or key[1] in self.ends[key[0]].debts):
                    held[key] = ("it is switched together with %s of %s, which waits: %s" % (first[1], first[0], held[first][0]), held[first][1])
        return held

    def back(self, key, ends):
        """The trunks, of the clusters that a trunk dials, that dial this one's cluster."""
        cluster, name = key
        peers = {peer for peer, _node in ends[cluster].dials[name].values()}
        return [(peer, other) for peer in peers if peer in self.ends for other in self.ends[peer].found.trunk_plans
                if cluster in {back for back, _node in self.ends[peer].dials[other].values()}]

    def without(self, key, backs, ends):
        """(reason, advice) where a cluster at the other side has no trunk that could be switched with this one."""
        for peer in sorted({peer for peer, _node in ends[key[0]].dials[key[1]].values()}):
            if any(cluster == peer for cluster, _name in backs):
                continue
            if peer not in ends:
                return "the cluster %s at its other end is not among those of this run" % peer, ["Run with all clusters."]
            alone = [name for name in ends[peer].left_alone if key[0] in {back for back, _node in ends[peer].dials[name].values()}]
            if alone:
                return ("the trunk %s at its other end is left alone by collab_sip_trunks of %s" % (", ".join(alone), peer),
                        ["List it there, too, or exclude both ends (collab_sip_trunks_excluded)."])
            return ("%s has no SIP trunk that dials %s, so it would not take its calls by TLS" % (peer, key[0]),
                    ["Create the trunk at the other end (its destinations the call-processing nodes of %s), or exclude this one." % key[0]])
        return None

    # -- the switch --------------------------------------------------------------------------------------------------
    def switch(self):
        """Updates at both ends, then the resets, at once for all that is ready; then waits until they are in service as before."""
        names = {cluster: [name for name, plan in end.found.trunk_plans.items()
                           if (cluster, name) not in self.held and (plan.differences or name in end.debts)] for cluster, end in self.ends.items()}
        services = [Service(end.view, names[cluster], self.args["registration_timeout"], self.check) for cluster, end in self.ends.items()]
        known = [{cluster: end.found.trunks for cluster, end in self.ends.items()}]

        def plan(now):
            steps = []
            for cluster, end in self.ends.items():
                plans = replan(end.found, self.args["suffix"], trunks=now[cluster]).trunk_plans
                for step in trunk_steps(end.view.publisher, plans, end.owed, names[cluster], end.when):
                    step.description["object"] = end.report.called(step.description["object"])
                    steps.append(step)
            return sorted(steps, key=lambda step: step.description["operation"] == "resetSipTrunk")

        now = reconcile(self.report, self.check, lambda: known.pop() if known else {cluster: end.read() for cluster, end in self.ends.items()}, plan)
        for service in services:
            service.wait()
        self.plans = {(cluster, name): plan for cluster, end in self.ends.items()
                      for name, plan in replan(end.found, self.args["suffix"], trunks=now[cluster]).trunk_plans.items()}
