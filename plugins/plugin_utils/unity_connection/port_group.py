# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port group's security by CUPI: written and read back, put back where it did not stick, reset and waited for (vos.md 4).

Public documents contradict each other on whether port groups can be written at all, and none says how a reset is asked for. So each write is read back;
fields that a release ignores are remembered in the workspace, so that the next run does not write in vain; and a reset is asked for in either of
the two ways that the field's values suggest.
"""
from __future__ import annotations

import json

from ..errors import NodeError
from ..files import write_json
from ..operations.waiting import Stuck
from ..operations.waiting import Waiting
from ..resources import unity_connection as cuc
from . import reading

OWED = "reset:portgroup:"


class Ignored(Exception):
    """Fields were written and do not read as written; all that had been written was put back. fields: which; reason: the product's words, if any."""

    def __init__(self, fields, reason=""):
        super().__init__(reason or "written, and read back as before")
        self.fields, self.reason = list(fields), str(self)


class Memory:
    """What the interface of this release is known to ignore: <workspace>/<cluster>/port_group_ignored.json. A new release is asked anew."""

    def __init__(self, workspace, cluster, release):
        self.path, self.release = workspace / cluster / "port_group_ignored.json" if workspace else None, str(release or "")

    def read(self, name):
        """(fields, reason) of a port group that were written in vain before; ([], "") where none is known."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))[name] if self.path else {}
            known = [field for field in found["fields"] if field in cuc.FIELDS] if found.get("release") == self.release else []
            return known, str(found.get("reason", "")) if known else ""
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return [], ""

    def write(self, name, ignored):
        """Remember an Ignored."""
        if self.path:
            write_json(self.path, {name: {"fields": ignored.fields, "reason": ignored.reason, "release": self.release}})

    def forget(self):
        """Nothing is ignored, as it turned out."""
        if self.path:
            self.path.unlink(missing_ok=True)


class PortGroup:
    """One port group of a cluster in one task. node: the publisher; owed: the cluster's debts; when: the node's clock."""

    def __init__(self, node, name, owed, when, pauses, report):
        self.node, self.name, self.owed, self.when, self.pauses, self.report = node, name, owed, when, pauses, report
        self.group = reading.group(node, cuc.value(cuc.choose(reading.groups(node), name), "ObjectId"))
        self.path = "portgroups/%s" % cuc.value(self.group, "ObjectId")

    def fresh(self):
        """Read it again."""
        self.group = self.node.ask("cupi", "get", path=self.path)
        return self.group

    @property
    def reset_owed(self):
        """Whether a reset is owed, by our own record or because the product says that one is required."""
        return bool(self.owed.items(OWED + self.name)) or cuc.value(self.group, cuc.RESET) == cuc.REQUIRED

    def owe(self, reason):
        """Write down that the port group has to be reset, before the change that makes it so."""
        self.owed.add(OWED + self.name, [self.node.name], self.when(), reason)

    def write(self, changes):
        """Write fields and read them back. Raises Ignored when one did not stick: then what had been is there again.

        A user that may not write (HTTP 403) says nothing about the release: that is an error, to be mended and tried again.
        """
        before, reason = {field: cuc.value(self.group, field) for field in changes}, ""
        try:
            self.put(changes)
        except NodeError as e:
            if e.kind != "refused" or (e.detail or {}).get("status") == 403:
                raise
            reason = str(e)
        left = self.left(changes)
        taken = {field: was for field, was in before.items() if field not in left}
        if left and taken:
            self.put(taken)
            if self.left(taken):
                raise Stuck("Unity Connection took %s of port group '%s' but not %s, and the former values could not be put back: %s. The trunk was not "
                            "touched. Set them by hand on the page of the port group." % (
                                ", ".join(taken), self.name, ", ".join(left), ", ".join("%s %s" % pair for pair in taken.items())))
        if left:
            raise Ignored(left, reason)

    def put(self, changes):
        """One PUT, recorded. A lost answer is no error: what became of it is read back by whoever wrote."""
        self.record(changes)
        try:
            self.node.ask("cupi", "update", path=self.path, body=cuc.group_body(self.group, changes))
        except NodeError as e:
            if e.kind != "lost":
                raise

    def record(self, changes):
        """The write in the report, done or to be done."""
        self.report.operation(self.node.name, "cupi", "PUT portgroups", self.name, **changes)

    def left(self, changes):
        """Fields that do not read as they were written."""
        return [field for field, _was, _wanted in cuc.group_differences(self.fresh(), changes)]

    # reset

    def reset(self, timeout):
        """Ask for a reset and wait until it is over. Raises Stuck when it does not begin or does not end."""
        self.idle(timeout, "An earlier reset of")
        for asked in (cuc.RUNNING, cuc.REQUIRED):
            self.report.operation(self.node.name, "cupi", "PUT portgroups", self.name, **{cuc.RESET: asked})
            try:
                self.node.ask("cupi", "update", path=self.path, body=cuc.group_body(self.group, {cuc.RESET: asked}))
            except NodeError as e:
                if e.kind not in ("lost", "refused"):
                    raise
            if cuc.value(self.fresh(), cuc.RESET) != cuc.REQUIRED:
                break
        else:
            raise Stuck("the reset of port group '%s' did not begin: its ResetStatusEnum stays %s" % (self.name, cuc.REQUIRED))
        self.idle(timeout, "The reset of")

    def idle(self, timeout, what):
        """Wait while a reset is under way."""
        def look():
            if cuc.value(self.fresh(), cuc.RESET) == cuc.RUNNING:
                raise Waiting("it is in progress")

        self.pauses.until(look, timeout, lambda missing: (
            "%s port group '%s' did not end within %d s: %s (ResetStatusEnum %s). Look at Telephony Integrations > Port Group in Unity Connection "
            "Administration; a restart of Connection Conversation Manager ends it" % (what, self.name, timeout, missing, cuc.RUNNING)))

    def settle(self):
        """The reset is done and has been seen to count."""
        self.owed.settle(OWED + self.name, self.node.name)
