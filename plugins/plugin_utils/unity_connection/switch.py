# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Port group and trunk switched to TLS, NGE and SRTP as one step: both ends, or neither.

Order: everything is read and checked, and the trunk's secure profile made. Then the port group is written, read back and reset, its secure port
seen to serve the tomcat certificate, and the trunk switched and reset. Whatever fails before the trunk has changed puts the port group back, so that the
two ends go on speaking as they did. A run that is killed in between leaves debts, and the next one goes on from what it finds.
"""
from __future__ import annotations

from ..asking import DeviceTime
from ..errors import NodeError
from ..operations import cli_services
from ..operations.waiting import Stuck
from ..operations.waiting import Waiting
from ..owed import Owed
from ..pki.restarts import CONVERSATION_MANAGER
from ..reconcile import DidNotStick
from ..reconcile import reconcile
from ..resources import unity_connection as cuc
from ..sip_trunk_service import Service
from ..sip_trunk_steps import owed_resets
from ..sip_trunk_steps import profile_findings
from ..sip_trunk_steps import profile_steps
from ..sip_trunk_steps import trunk_findings
from ..sip_trunk_steps import trunk_steps
from ..sip_trunks import read_profiles
from ..sip_trunks import read_trunks
from ..sip_trunks import replan
from . import reading
from .port_group import Ignored
from .port_group import Memory
from .port_group import PortGroup
from .readiness import Readiness
from .voice_mail_trunk import VoiceMailTrunks
from .voice_mail_trunk import serves_tomcat

TRUNK_STEP, RESET_STEP = "cuc-trunk", "cuc-portgroup-reset"
FAILURES = (Stuck, NodeError, DidNotStick)


class Switch:
    """One run of the module. action: of the Unity Connection cluster; cm: the same as seen from Unified CM's publisher; args: the options."""

    def __init__(self, action, cm, args, pauses, check):
        self.action, self.cm, self.args, self.pauses, self.check, self.report = action, cm, args, pauses, check, action.report
        self.node, self.when = action.publisher, DeviceTime(action.publisher)
        self.owed, self.cm_owed = Owed(action.workspace, action.cluster), Owed(cm.workspace, cm.cluster)
        self.memory = Memory(action.workspace, action.cluster, action.var("collab_release"))
        self.group = self.trunks = self.wanted = self.service = None

    def run(self):
        """Look, and do what is to be done and may be. Raises what stops it, with both ends as they were."""
        self.look()
        self.tell()
        if not self.changes and not self.group.reset_owed and not self.to_switch:
            self.as_wanted()
        else:
            self.act()
        self.report.add(port_group=self.state(), trunks=self.trunks.names)

    def act(self):
        """Do it, or say why not."""
        waits = Readiness(self).waits()
        if not waits:
            self.prepare()
            if not self.args["granted"]:
                waits = [("it ends calls to voice mail, and this run may not disturb trunks", ["Run again in a window with 'trunks' in collab_disruption."])]
        if waits:
            self.pend(waits)
        elif self.check:
            self.foresee()
        else:
            self.perform()

    # reading

    def look(self):
        """Read both ends; bad input stops here, before anything is written."""
        self.group = PortGroup(self.node, self.args["port_group"], self.owed, self.when, self.pauses, self.report)
        self.profile = cuc.secure_profile(reading.profiles(self.node), self.args["port"])
        self.wanted = cuc.wanted_group(cuc.value(self.profile, "ObjectId") if self.profile else "%d/TLS" % self.args["port"])
        self.changes = {field: after for field, _before, after in cuc.group_differences(self.group.group, self.wanted)}
        self.trunks = VoiceMailTrunks(self.cm, self.action.nodes, self.args)
        self.trunks.survey()

    @property
    def plans(self):
        return self.trunks.found.trunk_plans if self.trunks.found else {}

    @property
    def to_switch(self):
        """Trunks that differ from what is wanted, or whose reset is owed."""
        debts = owed_resets(self.cm_owed)
        return [name for name in self.trunks.names if self.plans[name].differences or name in debts]

    def tell(self):
        """Every difference on both ends."""
        for field, before, after in cuc.group_differences(self.group.group, self.wanted):
            step, severity, label = cuc.FIELDS[field]
            self.report.finding("cuc-port-group", severity, self.group.name, "%s is %s and has to be %s" % (
                label, before or "not set", "%d/TLS" % self.args["port"] if field == cuc.PROFILE else after), step=step, before=before, after=after)
        if self.group.reset_owed:
            self.report.finding("cuc-port-group-reset", "medium", self.group.name, "the port group has not been reset since a change", step=RESET_STEP)
        for plan in self.trunks.found.profile_plans.values() if self.trunks.found else ():
            profile_findings(self.report, plan)
        for plan in self.plans.values():
            trunk_findings(self.report, plan, owed_resets(self.cm_owed))

    def as_wanted(self):
        """Both ends are configured as wanted, as far as that can be read: the proof from outside, and what was pending is not any more."""
        waits = list(Readiness(self).interface())
        if waits:
            self.pend(waits)
        elif not self.check:
            self.memory.forget()
        for wrong in self.not_served():
            self.report.finding("cuc-port-group-not-served", "high", self.group.name, "it is configured as wanted, but %s" % wrong, step="cuc-portgroup-nge")

    def not_served(self):
        """Sentences for the nodes whose secure port does not serve the tomcat certificate."""
        found = self.action.each(self.action.nodes, lambda node: serves_tomcat(node, self.args["port"], self.args["ca_file"]))
        return [wrong for wrong in found.values() if wrong]

    def state(self):
        """The port group in the module's result."""
        found = {label: cuc.value(self.group.group, field) for field, (_step, _severity, label) in cuc.FIELDS.items()}
        return {"name": self.group.name, "reset": cuc.value(self.group.group, cuc.RESET), **found}

    # not done

    def pend(self, waits):
        """Nothing of the switch was done, and this is why."""
        what = "%s of %s and %s of %s" % (self.group.name, self.action.cluster, ", ".join(self.trunks.names) or "the trunk", self.cm.cluster)
        advice = []
        for _reason, lines in waits:
            advice += [line for line in lines if line not in advice]
        self.report.pending("cuc-port-group", what, "; ".join(reason for reason, _lines in waits), advice, step="cuc-portgroup-profile")

    def foresee(self):
        """What a run would do, in check mode."""
        if self.changes:
            self.group.record(self.changes)
            self.before_and_after()
        if self.changes or self.group.reset_owed:
            self.group.record({cuc.RESET: cuc.RUNNING})
            self.report.impact(self.node.name, "trunk_reset", "port group %s" % self.group.name)
        self.switch_trunks()

    def before_and_after(self):
        self.report.before[self.group.name] = {field: before for field, before, _after in cuc.group_differences(self.group.group, self.wanted)}
        self.report.after[self.group.name] = dict(self.changes)

    # done

    def prepare(self):
        """The trunk's secure profile: made beside the one in use, so it disturbs nothing."""
        node, when, found = self.cm.publisher, DeviceTime(self.cm.publisher), self.trunks.found
        if not found:
            return
        known = [found.profiles]

        def plan(profiles):
            return profile_steps(node, replan(found, self.args["suffix"], profiles=profiles).profile_plans, self.cm_owed, when)

        profiles = reconcile(self.report, self.check, lambda: known.pop() if known else read_profiles(node), plan)
        self.trunks.found = replan(found, self.args["suffix"], profiles=profiles)

    def perform(self):
        """The switch itself."""
        self.service = Service(self.cm, self.to_switch, self.args["registration_timeout"], False)      # as it is before anything is disturbed
        was = {field: before for field, before, _after in cuc.group_differences(self.group.group, self.wanted)}
        if self.changes and not self.write_group():
            return
        try:
            if was or self.group.reset_owed:
                self.bring_up()
            else:
                self.wait_served()
        except FAILURES as e:
            self.put_back(was, e)
        try:
            self.switch_trunks()
        except FAILURES as e:
            if self.untouched():
                self.put_back(was, e)
            raise
        self.memory.forget()
        self.service.wait()

    def write_group(self):
        """Write the port group; False where the interface does not take it, and all is as it was."""
        owed_before = bool(self.owed.items())
        self.group.owe("its security was changed")
        self.before_and_after()
        try:
            self.group.write(self.changes)
        except Ignored as e:
            self.report.after[self.group.name] = dict(self.report.before[self.group.name])
            self.memory.write(self.group.name, e)
            if not owed_before:
                self.group.settle()
            self.pend([Readiness(self).ignored(e.fields, e.reason)])
            return False
        except NodeError as e:
            if e.kind == "refused" and not owed_before:
                self.group.settle()
            raise
        return True

    def bring_up(self):
        """Reset the port group until its secure port serves the tomcat certificate; by the service where the reset does not do it."""
        self.report.impact(self.node.name, "trunk_reset", "port group %s" % self.group.name)
        self.action.say("resetting port group %s of %s" % (self.group.name, self.action.cluster))
        try:
            self.group.reset(self.args["reset_timeout"])
            self.wait_served()
        except Stuck as e:
            if cuc.value(self.group.fresh(), cuc.RESET) == cuc.RUNNING or not self.args["restart_granted"]:
                raise
            self.action.say("%s; restarting %s instead" % (e, CONVERSATION_MANAGER))
            self.restart_service()
            self.wait_served()
        self.group.settle()

    def restart_service(self):
        """Connection Conversation Manager on every node, subscribers first, one at a time."""
        for node in reversed(self.action.nodes.values()):
            self.report.operation(node.name, "vos_cli", "utils service restart %s" % CONVERSATION_MANAGER, CONVERSATION_MANAGER)
            self.report.impact(node.name, "service_restart", CONVERSATION_MANAGER)
            cli_services.restart(node, CONVERSATION_MANAGER, self.pauses, self.args["reset_timeout"])

    def wait_served(self):
        """Wait until every node's secure port serves the tomcat certificate."""
        def look():
            wrong = self.not_served()
            if wrong:
                raise Waiting("; ".join(wrong))

        self.pauses.until(look, self.args["served_timeout"], lambda missing: (
            "the port group was reset, but its secure port is not as it has to be: %s" % missing))

    def switch_trunks(self):
        """The trunks: update, then reset, as the module sip_trunk does."""
        node, names, when = self.cm.publisher, self.to_switch, DeviceTime(self.cm.publisher)
        known, found = [self.trunks.found.trunks] if self.trunks.found else [], self.trunks.found
        if not names:
            return

        def read():
            if known:
                return known.pop()
            fresh = read_trunks(node, names)
            return {**found.trunks, **{name: fresh[name] for name in names}}

        def plan(trunks):
            return trunk_steps(node, replan(found, self.args["suffix"], trunks=trunks).trunk_plans, self.cm_owed, names, when)

        reconcile(self.report, self.check, read, plan)

    def untouched(self):
        """Whether no trunk has taken its new settings. Where that cannot be read, they may have: what stopped the switch is told, and the next run goes on."""
        try:
            fresh = read_trunks(self.cm.publisher, self.trunks.names)
        except NodeError:
            return False
        return all(fresh[name]["securityProfileName"] == self.trunks.found.trunks[name]["securityProfileName"] for name in self.trunks.names)

    def put_back(self, was, error):
        """The port group as it was, so that it fits the trunk, which was not touched. Raises Stuck with what happened."""
        if not was:
            raise error
        self.action.say("putting port group %s back as it was" % self.group.name)
        self.report.after[self.group.name] = dict(self.report.before[self.group.name])
        raise Stuck("%s. The port group %s; trunk %s was not touched. Find out why, then run again." % (
            str(error).rstrip("."), self.back_to(was), ", ".join(self.trunks.names))) from None

    def back_to(self, was):
        """Write the former values, and reset where that is possible. Returns what came of it."""
        try:
            self.group.put(was)
            left = self.group.left(was)
        except FAILURES as e:
            left = [str(e)]
        if left:
            return "could not be put back (%s)" % ", ".join(left)
        if cuc.value(self.group.group, cuc.RESET) == cuc.RUNNING:
            return "was put back as it was"
        try:
            self.group.reset(self.args["reset_timeout"])
            self.group.settle()
        except FAILURES as e:
            return "was put back as it was, but not reset since (%s)" % e
        return "was put back as it was, and reset"
