# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One rollback of a cluster: what was saved is compared with what is there, and what is still as we wrote it is written back, the last change first."""

from __future__ import annotations

from functools import cached_property

from ansible.errors import AnsibleActionFail

from ..asking import DeviceTime
from ..asking import axl
from ..ios.router import SAVE
from ..operations import bulk
from ..operations.phone_batches import Batches
from ..operations.phone_batches import cut
from ..operations.phone_ledger import PhoneLedger
from ..operations.waiting import pauses_of
from ..owed import Owed
from ..phone_profile_steps import phones_of
from ..reconcile import Step
from ..reconcile import reconcile
from ..resources.objects import rows
from ..resources.objects import text
from ..resources.srst import pools_of
from ..resources.srst import pools_request
from ..sip_trunk_service import Service
from ..sip_trunk_steps import OWED
from ..sip_trunk_steps import owed_resets
from ..words import many
from ..words import some
from . import axl_objects
from . import ios_lines
from . import journal
from . import unity_objects
from . import ways
from .kinds import BY_PERSON
from .kinds import row_of
from .past import fold

TRUNK, PROFILE, PHONE_PROFILE, PHONE, SRST = "SipTrunk", "SipTrunkSecurityProfile", "PhoneSecurityProfile", axl_objects.PHONE, "Srst"
REMOVE_ALL = "all"
BATCH = 50
GONE = "A phone that is gone for good has to be deleted from Unified CM before the next run. "


class Rollback:
    """One task. args: the module's options."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        if action.workspace is None:
            raise AnsibleActionFail("collab_workspace is not set: what was there before is saved there, so nothing can be brought back")
        self.saved = journal.entries(action.workspace, action.cluster)
        found, self.lost = fold(journal.since(self.saved, args["since"]))
        self.pasts, self.excluded = [p for p in found if p.name not in args["exclude"]], [p for p in found if p.name in args["exclude"]]
        self.owed, self.ledger = Owed(action.workspace, action.cluster), PhoneLedger(action.workspace, action.cluster, "apply")
        self.port_groups, self.state, self.obstacles = unity_objects.PortGroups(action, self.owed), {}, {}

    def run(self, check):
        """Compare, say what cannot be brought back, write back the rest. Raises what stops it, with everything that was done in the report."""
        known = [self.read()]
        self.describe(known[0])
        self.irreversible()
        trunks = sorted({past.name for past in self.pasts if past.kind == TRUNK}) if self.granted("trunks") else []
        service = Service(self.action, [name for name in trunks if self.wants(name, known[0])], self.args["registration_timeout"], check)
        try:
            reconcile(self.report, check, lambda: known.pop() if known else self.read(), self.plan)
            self.in_service(service)
            self.phones(check)
        finally:
            self.report.add(saved_runs=journal.runs(self.saved), objects=[
                {"kind": past.kind, "name": past.name, "node": past.node, "state": self.state.get(past.id, "excluded")}
                for past in self.pasts + self.excluded])

    # -- looking -----------------------------------------------------------------------------------------------------
    def read(self):
        """[what each object has now, None where it is not there], in the order of self.pasts."""
        phones = axl_objects.phones(self.node(next(p for p in self.pasts if p.kind == PHONE))) if any(p.kind == PHONE for p in self.pasts) else {}
        return [phones.get(past.name) if past.kind == PHONE else ways.read(self.node(past), past.kind, past.key, past.after) for past in self.pasts]

    def node(self, past):
        """The node that an object was changed on."""
        return self.action.nodes[past.node]

    @cached_property
    def when(self):
        """The cluster's own clock."""
        return DeviceTime(self.action.publisher)

    def granted(self, word):
        """Whether this run may disturb that."""
        return word in self.args["granted"]

    def wants(self, trunk, now):
        """Whether a trunk is written back, or owes its reset."""
        return trunk in owed_resets(self.owed) or any(past.name == trunk and past.kind == TRUNK and present is not None and self.back(past, present)
                                                      for past, present in zip(self.pasts, now, strict=True))

    def back(self, past, present):
        """The elements that are written back in this run; {} where others have changed the object since, or where the run may not disturb it."""
        if past.id in self.obstacles:
            return {}
        back, foreign = past.judge(present)
        if foreign and past.name in self.args["overwrite"]:
            return {**back, **{element: past.before[element] for element in foreign}}
        return {} if foreign else back

    def obstructed(self, past, present):
        """Whether something stands against writing it back, which is said."""
        reason = ways.obstacle(self.node(past), past.kind, past.key, self.back(past, present))
        if reason:
            self.obstacles[past.id] = reason
            self.report.pending("rollback-not-possible", "%s: %s on %s" % (row_of(past.kind).label, past.name, past.node), reason, [BY_PERSON])
        return bool(reason)

    def removes(self, past):
        """Whether an object that was added is to be removed."""
        return past.name in self.args["remove"] or REMOVE_ALL in self.args["remove"]

    def held(self, past):
        """The word that is not granted and would have to be, or None."""
        word = row_of(past.kind).disturbs
        return None if not word or self.granted(word) else word

    def describe(self, now):
        """The state of each object, and a finding for each that is not as it was."""
        waiting = {}
        for past, present in zip(self.pasts, now, strict=True):
            label, state = row_of(past.kind).label, "as before"
            if past.added:
                state = "not there" if present is None else "to be removed" if self.removes(past) else "added, left"
                if state == "to be removed" and self.held(past):
                    state = "pending"
                    waiting.setdefault(self.held(past), []).append(past.name)
                if state == "added, left":
                    self.report.finding("rollback-added", "info", past.name, "%s: it was not there before, and is left. Nothing is deleted unless it is named "
                                        "(rollback_remove)" % label)
            elif present is None:
                state = "gone"
                self.report.finding("rollback-gone", "medium", past.name, "%s: it is not there any more, so it is not brought back" % label)
            else:
                back, foreign = past.judge(present)
                new = sorted(element for element, before in past.before.items() if before is None and present.get(element) is not None)
                if new:
                    self.report.finding("rollback-added", "info", "%s on %s" % (past.name, past.node), "%s: %s: not there before, and left. Nothing is deleted"
                                        % (label, ", ".join(new)))
                if foreign and past.name not in self.args["overwrite"]:
                    state = "changed by others"
                    self.report.finding(
                        "rollback-changed-since", "medium", past.name, "%s: somebody has changed %s since, so it is left alone. To bring back what was "
                        "there before, name it in rollback_overwrite" % (label, ", ".join(sorted(foreign))), before=foreign, after=past.before)
                elif (back or foreign) and self.obstructed(past, present):
                    state = "cannot be brought back"
                elif back or foreign:
                    state = "to be brought back"
                    self.report.finding("rollback", "info", past.name, "%s: %s" % (label, ", ".join(sorted({**back, **foreign}))),
                                        before=present, after=self.back(past, present))
                    if self.held(past):
                        state = "pending"
                        waiting.setdefault(self.held(past), []).append(past.name)
            self.state[past.id] = state
        for word, names in waiting.items():
            self.report.pending("rollback-not-granted", some(names, 20), "to bring it back disturbs %s, and this run may not" % word, [
                "Run again in a window with '%s' in collab_disruption." % word])

    def irreversible(self):
        """What was changed and cannot be brought back."""
        for kind, names in self.lost.items():
            row = row_of(kind)
            self.report.pending("rollback-not-possible", "%s: %s" % (row.label, some(names, 20)), row.reason, row.advice)

    # -- doing -------------------------------------------------------------------------------------------------------
    def plan(self, now):
        """The writes, the last change first; what is removed comes at the end, when nothing uses it any more."""
        steps, removals, changed, debts = [], [], [], owed_resets(self.owed)
        for past, present in zip(self.pasts, now, strict=True):
            if past.added:
                if present is not None and self.removes(past) and not self.held(past):
                    changed.append(past)
                    removals.append(Step(description=self.description(past, "remove"), apply=self.write(past, "remove", {}), before="there",
                                         after="not there", impact=self.impact(past)))
                continue
            back = {} if present is None or self.held(past) else self.back(past, present)
            if back:
                changed.append(past)
                steps.append(Step(description={**self.description(past, "update"), **back}, apply=self.write(past, "update", back),
                                  before={element: present[element] for element in back}, after=back, impact=self.impact(past)))
            if past.kind == TRUNK and (back or past.name in debts) and present is not None and self.granted("trunks"):
                steps.append(Step(description={"node": past.node, "channel": "axl", "operation": "resetSipTrunk", "object": past.name},
                                  apply=self.reset(past), impact=[{"node": past.node, "kind": "trunk_reset", "what": past.name}]))
        resets = self.port_groups.steps(changed, self.pasts) if self.granted("trunks") else []
        return steps + removals + resets

    def description(self, past, act):
        return {"node": past.node, **ways.described(act, past.kind), "object": past.name}

    def impact(self, past):
        """What it disturbs to bring it back: as much as the change did."""
        return [one for one in past.impact if one["kind"] == "service_restart" or past.kind != TRUNK]

    def write(self, past, act, elements):
        """The function that writes; what it owes is written down before."""
        def apply():
            reason, alone = "%s was brought back to what it was before" % past.name, row_of(past.kind).alone
            restarts = [one for one in past.impact if one["kind"] == "service_restart"]
            for one in restarts:
                self.owed.add(one["what"], [one["node"]], 0 if alone else self.when(), reason)
            if past.kind == ios_lines.LINES:
                self.owed.add(SAVE, [past.node], 0, reason)
            if past.kind == unity_objects.OBJECT:
                self.port_groups.owe(past, self.when(), reason)
            if act == "update":
                for trunk in self.trunks(past):
                    self.owed.add(OWED + trunk, [past.node], self.when(), reason)
                phones = self.users(past)
                if phones:
                    self.ledger.owe(phones)
            ways.write(self.node(past), act, past.kind, past.key, elements)
            for one in restarts if alone else ():
                self.owed.settle(one["what"], one["node"])
        return apply

    def reset(self, past):
        def apply():
            axl(self.node(past), ("resetSipTrunk", {"name": past.name}))
            self.owed.settle(OWED + past.name, past.node)
        return apply

    def trunks(self, past):
        """The trunks that have to be reset for it to take effect."""
        if past.kind == PROFILE:
            listed = rows(axl(self.node(past), ("listSipTrunk", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "securityProfileName": ""}})),
                          "sipTrunk")
            return [text(row.get("name")) for row in listed if text(row.get("securityProfileName")) == past.name]
        return [past.name] if past.kind == TRUNK else []

    def users(self, past):
        """The phones that have to be told for it to take effect."""
        if past.kind == PHONE:
            return [past.name]
        if past.kind == PHONE_PROFILE:
            return phones_of(self.node(past), past.name)
        if past.kind == SRST and any(one["kind"] == "phone_reset" for one in past.impact):
            pools = pools_of(axl(self.node(past), pools_request())).get(past.name, ())
            return sorted(row["name"] for row in bulk.read(self.node(past), ("name", "devicePoolName")) if row.get("devicePoolName") in pools)
        return []

    def in_service(self, service):
        """Wait for the trunks; one that stays down is said, and the rest of the rollback goes on."""
        try:
            service.wait()
        except AnsibleActionFail as e:
            self.report.finding("rollback-trunk-down", "high", ", ".join(service.names), "%s. Its far end may still be as the run left it: see what could not "
                                "be brought back" % e.message)

    def phones(self, check):
        """Tell the phones of what was brought back, in batches."""
        names = [past.name for past in self.pasts if past.kind == PHONE and self.state[past.id] == "to be brought back"]
        names = sorted({*names, *self.ledger.owes, *self.ledger.told} if self.pasts else ())
        if not names:
            return
        if not self.granted("phones"):
            self.report.pending("phones-not-granted", many(len(names)), "they have to be told of their new configuration, and this run may not disturb "
                                "phones: %s" % some(names), ["Add 'phones' to collab_disruption for a run inside a maintenance window."])
            return
        pools = {}
        for row in bulk.read(self.action.publisher, ("name", "devicePoolName")):
            if row["name"] in names:
                pools.setdefault(row.get("devicePoolName") or "", []).append(row["name"])
        batches = cut(pools, BATCH)
        work = Batches(self.action, pauses_of(self.action), self.ledger, "apply", self.args["registration_timeout"])
        if check:
            work.foresee(batches)
        else:
            work.run(batches, GONE)
