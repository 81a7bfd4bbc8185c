# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Toll fraud on Unified CM, judged (guide, Toll Fraud Mitigation): who reaches the PSTN that should not. Reads only; nothing is all clear that was not read."""
from __future__ import annotations

from ..errors import NodeError
from ..operations import estate
from ..resources.dial_plan import NO_PARTITION
from ..resources.objects import boolean
from ..sip_trunks import read_trunks
from ..unity_connection.voice_mail_trunk import left_to_unity
from .dial_plan import DialPlan

SPACES = (("inbound", "calling search space"), ("rerouting", "rerouting calling search space"))
CDR = "CdrEnabled"


class BadNames(Exception):
    """Names of the operator's that the cluster does not have; the message says which and what it has."""


class Audit:
    """One run of the module. action: DeviceAction; args: its options."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.plan = DialPlan(action.publisher, [*args["pstn_trunks"], *args["pstn_gateways"]], args["pstn_partitions"])
        self.spaces = {}

    def run(self):
        """Judge everything; what could not be read is a finding of its own."""
        self.check_names()
        self.known = bool(self.args["pstn_trunks"] or self.args["pstn_gateways"] or self.args["pstn_partitions"])
        if not self.known:
            self.report.pending("pstn-not-named", "PSTN", "neither the trunks to PSTN gateways nor the partitions of PSTN route patterns are named, so whether "
                                "a trunk reaches them cannot be told", ["Name the trunks in collab_pstn_trunks (or the partitions in collab_pstn_partitions)."],
                                step="tf-inbound-css")
        for judge in (self.inbound, self.voice_mail, self.auto_registration, self.codes, self.records):
            try:
                judge()
            except NodeError as e:
                if e.kind != "refused":
                    raise
                step = {"inbound": "tf-inbound-css", "voice_mail": "tf-cuc-css", "auto_registration": "tf-autoregistration", "codes": "tf-optional",
                        "records": "tf-cdr"}[judge.__name__]
                self.report.finding("toll-fraud-unreadable", "medium", self.action.cluster, "could not be read, so nothing is said about it: %s" % e, step=step)
        for device in sorted(self.plan.strangers):
            self.report.finding("pstn-unknown-gateway", "medium", device, "calls are routed to it, it is no SIP trunk, and nobody says whether it leads to "
                                "the PSTN (collab_pstn_gateways, or collab_pstn_partitions)", step="tf-inbound-css")
        pstn = self.plan.__dict__.get("pstn")       # None where it was not asked for, or could not be read
        self.report.add(pstn=dict(sorted(pstn.items())) if pstn is not None else None, spaces=self.spaces)

    def check_names(self):
        """Trunks and partitions of the operator's have to be there."""
        asked = [*self.args["pstn_trunks"], *self.args["inbound_trunks"], *self.args["voice_mail_trunks"]]
        unknown = sorted({name for name in asked if name not in self.plan.trunks})
        if unknown:
            raise BadNames("the cluster has no SIP trunk called %s; it has %s" % (", ".join(unknown), ", ".join(sorted(self.plan.trunks)) or "none"))
        named = [*self.args["pstn_partitions"], *self.args["voice_mail_partitions"], *(one["partition"] for one in self.args["restricted_patterns"])]
        unknown = sorted({name for name in named if name and name != NO_PARTITION and name not in self.plan.schedules}) if any(named) else []
        if unknown:
            raise BadNames("the cluster has no partition called %s; it has %s" % (", ".join(unknown), ", ".join(sorted(self.plan.schedules)) or "none"))

    # trunks

    def inbound(self):
        """No PSTN partition within reach of a trunk that the PSTN or the internet comes in by."""
        for name in dict.fromkeys([*self.args["pstn_trunks"], *self.args["inbound_trunks"]]) if self.known else ():
            self.trunk(name, "tf-inbound-css", self.reachable)

    def voice_mail(self):
        """Only the required partitions within reach of the trunks to voice mail; without a list of them, no PSTN partition."""
        mine = left_to_unity(self.action)
        names = sorted({*self.args["voice_mail_trunks"], *(mine(read_trunks(self.action.publisher)) if mine else ())})
        allowed = {*self.args["voice_mail_partitions"], NO_PARTITION}
        judge = (lambda partitions: {one: [] for one in partitions if one not in allowed}) if self.args["voice_mail_partitions"] else self.reachable
        for name in names if self.known or self.args["voice_mail_partitions"] else ():
            self.trunk(name, "tf-cuc-css", judge)

    def reachable(self, partitions):
        """{partition: patterns} of the PSTN among these."""
        return {one: self.plan.pstn[one] for one in partitions if one in self.plan.pstn}

    def trunk(self, name, step, judge):
        """Both spaces of one trunk."""
        self.spaces[name] = {}
        for kind, words in SPACES:
            space = self.plan.trunks[name][kind]
            partitions = self.plan.space(space)
            self.spaces[name][kind] = {"space": space, "partitions": partitions}
            wrong = judge(partitions)
            if wrong:
                self.report.finding("toll-fraud-reach", "high", name, "its %s %s reaches %s" % (
                    words, "'%s'" % space if space else "is not set, and still", _reached(wrong)), step=step, before=sorted(wrong))

    def auto_registration(self):
        """Phones that nobody knows must not reach the PSTN."""
        for found in self.plan.auto_registration():
            spaces = found["spaces"] or {"no calling search space": ""}
            wrong = {what: self.reachable(self.plan.space(space)) for what, space in spaces.items()} if self.known else {}
            for what, partitions in wrong.items():
                if partitions:
                    message = "auto-registration is on, and its phones reach %s by the %s" % (_reached(partitions), what)
                    self.report.finding("toll-fraud-autoregistration", "high", found["manager"], message, step="tf-autoregistration", before=sorted(partitions))
            if not any(wrong.values()):
                self.report.finding("autoregistration-on", "low" if self.known else "medium", found["manager"], "auto-registration is on%s" % (
                    ", with calling search spaces that do not reach the PSTN" if self.known else ""), step="tf-autoregistration")

    # options, records

    def codes(self):
        """Route patterns for which the operator wants authorization codes or a time schedule."""
        listed = {(one["pattern"], one["partition"]): one for one in self.plan.patterns} if self.args["restricted_patterns"] else {}
        for wanted in self.args["restricted_patterns"]:
            name = "%s in %s" % (wanted["pattern"], wanted["partition"] or NO_PARTITION)
            found = listed.get((wanted["pattern"], wanted["partition"] if wanted["partition"] != NO_PARTITION else ""))
            if found is None:
                self.report.finding("route-pattern-missing", "medium", name, "the cluster has no such route pattern", step="tf-optional")
                continue
            if wanted["authorization_code"] and not found["authorization"]:
                self.report.finding("route-pattern-authorization", "medium", name, "it asks for no forced authorization code", step="tf-optional",
                                    before="false", after="true")
            if wanted["time_schedule"] and not self.plan.schedules.get(found["partition"]):
                self.report.finding("route-pattern-schedule", "medium", name, "its partition has no time schedule", step="tf-optional")

    def records(self):
        """Call detail records are written on every call-processing node, and somebody reads them."""
        values = {}
        for where, name, value in self.plan.parameters:
            if name == CDR:
                node = estate.inventory_name(self.action.nodes, where)
                if node:
                    values[node] = value
        for node in self.action.nodes.values():
            if "call_processing" not in node.roles:
                continue
            if node.name not in values:
                self.report.finding("cdr-unreadable", "medium", node.name, "the cluster lists no service parameter %s for it, so whether it writes call detail "
                                    "records is not known" % CDR, step="tf-cdr")
            elif not boolean(values[node.name]):
                self.report.finding("cdr-off", "medium", node.name, "it writes no call detail records (service parameter %s is %s)" % (CDR, values[node.name]),
                                    step="tf-cdr", before=values[node.name], after="T")
        if not self.args["cdr_monitor"]:
            self.report.pending("cdr-monitor", "call detail records", "nobody is named who watches them; no interface of the cluster shows that", [
                "Have call detail records watched for calls to expensive destinations and at unusual times, and name who or what does in collab_cdr_monitor."],
                step="tf-cdr")


def _reached(partitions):
    """Partitions with an example of what is in them, for people."""
    return ", ".join("%s%s" % (name, " (%s)" % ", ".join(patterns[:3]) if patterns else "") for name, patterns in sorted(partitions.items()))
