# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module reports: changes, operations, impact, findings and what is pending. Pure data."""

from __future__ import annotations

SEVERITIES = ("high", "medium", "low", "info")
IMPACTS = ("service_restart", "trunk_reset", "phone_reset")


class Report:
    """Collects what one task found and did.

    before, after   dicts {object: value} for the diff: only what differs
    demand          function(operations, impacts) that raises for what may not be done, None: everything may (see plan/guard.py)
    under_way       impact (arguments of impact()) of the write that is being made
    Every difference is a finding, in check mode and otherwise. changed means: an operation was (or in check mode would be) sent.
    """

    def __init__(self):
        self.before, self.after, self.extra = {}, {}, {}
        self.operations, self.impacts, self.findings, self.pendings, self.under_way = [], [], [], [], []
        self.demand = None

    def operation(self, node, channel, operation, object, **arguments):
        """Something that was sent (in check mode: would be sent) to a device and changes it."""
        self.operations.append(self._described(node, channel, operation, object, **arguments))

    def permit(self, description, impacts):
        """Raises where a plan is applied that does not have this operation. description: arguments of operation(); impacts: list of arguments of impact()."""
        if self.demand is not None:
            self.demand([self._described(**description)], impacts)

    def _described(self, node, channel, operation, object, **arguments):
        return {"node": node, "channel": channel, "operation": operation, "object": self.called(object), "arguments": arguments}

    def finding(self, id, severity, object, message, step=None, table=None, before=None, after=None, owner=None):
        """One difference. id: stable word for programs; step: id in the guide's list of steps; table: the guide's table; owner: {host, role} of what mends it,
        where that is not the task that has found it.
        """
        if severity not in SEVERITIES:
            raise ValueError("severity must be one of %s, not %r" % (", ".join(SEVERITIES), severity))
        finding = {"id": id, "severity": severity, "object": self.called(object), "message": message, "step": step, "table": table, "before": before,
                   "after": after, **(owner or {})}
        if finding not in self.findings:
            self.findings.append(finding)

    def pending(self, id, object, reason, what_to_do, step=None):
        """Something that this run prepared and could or may not do. what_to_do: list of sentences for the operator."""
        pending = {"id": id, "object": self.called(object), "reason": reason, "what_to_do": list(what_to_do), "step": step}
        if pending not in self.pendings:
            self.pendings.append(pending)

    def impact(self, node, kind, what):
        """What applying it disturbs: kind is one of IMPACTS, what names the service, trunk or phones."""
        if kind not in IMPACTS:
            raise ValueError("kind of impact must be one of %s, not %r" % (", ".join(IMPACTS), kind))
        impact = {"node": node, "kind": kind, "what": what}
        if impact not in self.impacts:
            self.impacts.append(impact)

    def called(self, object):
        """How an object is called in the report."""
        return str(object)

    def leave(self):
        """What would have been done is not: only the findings stand."""
        self.operations.clear()
        self.impacts.clear()
        self.before, self.after = {}, {}

    def add(self, **values):
        """More keys for the task's result."""
        self.extra.update(values)

    @property
    def changed(self):
        """Whether an operation was recorded."""
        return bool(self.operations)

    def result(self):
        """The task's result: changed, before, after, diff, operations, impact, findings, pending, and what was added."""
        diff = {"before": self.before, "after": self.after} if self.before != self.after else {}
        return dict(self.extra, changed=self.changed, before=self.before, after=self.after, diff=diff, operations=self.operations, impact=self.impacts,
                    findings=self.findings, pending=self.pendings)


class Part(Report):
    """The part of a report that is about one of several clusters: it goes into the whole, with the cluster's name beside each object."""

    def __init__(self, whole, cluster):
        self.before, self.after, self.extra = whole.before, whole.after, whole.extra
        self.operations, self.impacts, self.findings, self.pendings = whole.operations, whole.impacts, whole.findings, whole.pendings
        self.demand = whole.demand
        self.under_way, self.cluster = whole.under_way, cluster

    def called(self, object):
        """The object's name, and its cluster's."""
        return "%s (%s)" % (object, self.cluster)
