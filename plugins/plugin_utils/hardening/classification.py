# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call classification of the trunks to PSTN gateways: OffNet, so that an off-net call is told from one of the cluster's own (guide, Toll Fraud Mitigation)."""
from __future__ import annotations

from ..asking import DeviceTime
from ..asking import axl
from ..owed import Owed
from ..reconcile import Step
from ..reconcile import reconcile
from ..resources import dial_plan as plan_
from ..sip_trunk_service import Service
from ..sip_trunk_steps import OWED
from ..sip_trunk_steps import owed_resets
from .toll_fraud import BadNames

STEP = "tf-offnet"


class Classification:
    """One run of the module. action: DeviceAction; args: trunks, granted, registration_timeout."""

    def __init__(self, action, args):
        self.action, self.args, self.report, self.node = action, args, action.report, action.publisher
        self.owed, self.when = Owed(action.workspace, action.cluster), DeviceTime(action.publisher)

    def ensure(self, check):
        """OffNet on every named trunk, each reset after it."""
        if not self.args["trunks"]:
            self.report.pending("pstn-not-named", "PSTN trunks", "no trunk to a PSTN gateway is named", ["Name them in collab_pstn_trunks."], step=STEP)
            return
        trunks = self.read()
        unknown = sorted(set(self.args["trunks"]) - set(trunks))
        if unknown:
            raise BadNames("trunks: the cluster has no SIP trunk called %s; it has %s. Nothing was written: correct the name." % (
                ", ".join(unknown), ", ".join(sorted(trunks)) or "none"))
        self.find(trunks)
        names = self.due(trunks)
        if names and not self.args["granted"]:
            reason = "a trunk takes up its classification when it is reset, which ends what it signals then, and this run may not disturb trunks"
            self.report.pending("call-classification", ", ".join(names), reason, ["Run again in a window with 'trunks' in collab_disruption."], step=STEP)
            return
        service, known = Service(self.action, names, self.args["registration_timeout"], check), [trunks]
        reconcile(self.report, check, lambda: known.pop() if known else self.read(), self.plan)
        service.wait()

    def read(self):
        """The trunks by name."""
        return plan_.trunks(axl(self.node, plan_.TRUNKS))

    def due(self, trunks):
        """Names of those that differ, or whose reset is owed."""
        debts = owed_resets(self.owed)
        return [name for name in self.args["trunks"] if trunks[name]["location"] != plan_.OFFNET or name in debts]

    def find(self, trunks):
        for name in self.args["trunks"]:
            if trunks[name]["location"] != plan_.OFFNET:
                self.report.finding("call-classification", "high", name, "it leads to the PSTN and is classified '%s', not OffNet" % trunks[name]["location"],
                                    step=STEP, before=trunks[name]["location"], after=plan_.OFFNET)

    def plan(self, trunks):
        """Update what differs, then its reset; the reset alone where just that is owed."""
        steps = []
        for name in self.due(trunks):
            before = trunks[name]["location"]
            if before != plan_.OFFNET:
                steps.append(Step(
                    description={"node": self.node.name, "channel": "axl", "operation": "updateSipTrunk", "object": name, "networkLocation": plan_.OFFNET},
                    apply=self.update(name), before={"networkLocation": before}, after={"networkLocation": plan_.OFFNET}))
            steps.append(Step(description={"node": self.node.name, "channel": "axl", "operation": "resetSipTrunk", "object": name}, apply=self.reset(name),
                              impact=[{"node": self.node.name, "kind": "trunk_reset", "what": name}]))
        return steps

    def update(self, name):
        def apply():
            self.owed.add(OWED + name, [self.node.name], self.when(), "its call classification changed")
            axl(self.node, ("updateSipTrunk", {"name": name, "networkLocation": plan_.OFFNET}))
        return apply

    def reset(self, name):
        def apply():
            axl(self.node, ("resetSipTrunk", {"name": name}))
            self.owed.settle(OWED + name, self.node.name)
        return apply
