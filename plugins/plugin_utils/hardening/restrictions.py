# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restriction tables of Unity Connection: what callers and users may have it dial, class of service by class of service (guide, Toll Fraud Mitigation).

A table's patterns are tried in their order, and the first that fits decides; where none fits, the table's default does. In a pattern * stands for
any digits, none included, and ? for one (id:63254436486). Reads only.
"""
from __future__ import annotations

import re

from ..errors import NodeError
from ..resources.objects import boolean
from ..resources.unity_connection import number
from ..resources.unity_connection import value
from ..unity_connection.reading import all_rows

STEP = "tf-cuc-restriction"
# field of a class of service -> what the table is for
USES = {"XferRestrictionObjectId": "transfers", "OutcallRestrictionObjectId": "message notifications", "FaxRestrictionObjectId": "faxes"}


def fits(pattern, dialled):
    """Whether a number pattern of Unity Connection fits a dial string."""
    found = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    return re.fullmatch(found, dialled) is not None


def blocks(table, patterns, dialled):
    """(whether a table blocks a dial string, the pattern that decides it or None for the default)."""
    for row in sorted(patterns, key=lambda one: number(one, "SequenceNumber") or 0):
        if fits(value(row, "NumberPattern"), dialled):
            return boolean(value(row, "Blocked")), value(row, "NumberPattern")
    return boolean(value(table, "DefaultBlocked")), None


class Restrictions:
    """One run of the module. action: DeviceAction; numbers: dial strings that have to be blocked."""

    def __init__(self, action, numbers):
        self.action, self.numbers, self.report, self.node = action, numbers, action.report, action.publisher

    def run(self):
        """Judge the tables of every class of service."""
        if not self.numbers:
            self.report.pending("blocked-numbers", "restriction tables", "no number is named that they have to block", [
                "Name dial strings that Unity Connection must never dial in collab_blocked_numbers: an international, a premium-rate and an external "
                "number, as the tables see them, with the access code."], step=STEP)
        try:
            tables = {value(row, "ObjectId"): row for row in all_rows(self.node, "restrictiontables", "RestrictionTable")}
            used = self.used(all_rows(self.node, "coses", "Cos"))
            patterns = {key: all_rows(self.node, "restrictiontables/%s/restrictionpatterns" % key, "RestrictionPattern")
                        for key in sorted(set(used) & set(tables))}
        except NodeError as e:
            if e.kind != "refused":
                raise
            self.report.finding("restriction-tables-unreadable", "medium", self.action.cluster, "they could not be read, so nothing is said about them: %s" % e,
                                step=STEP)
            return
        for key, uses in sorted(used.items()):
            if key not in tables:
                self.report.finding("restriction-table-missing", "high", ", ".join(sorted(uses)), "their restriction table could not be read", step=STEP)
                continue
            self.judge(tables[key], patterns[key], uses)
        self.report.add(tables={value(tables[key], "DisplayName"): sorted(uses) for key, uses in used.items() if key in tables})

    @staticmethod
    def used(classes):
        """{table: {class of service and use}}."""
        found = {}
        for row in classes:
            for field, use in USES.items():
                if value(row, field):
                    found.setdefault(value(row, field), set()).add("%s of %s" % (use, value(row, "DisplayName")))
        return found

    def judge(self, table, patterns, uses):
        """The numbers that a table lets through."""
        open_ = {}
        for dialled in self.numbers:
            blocked, by = blocks(table, patterns, dialled)
            if not blocked:
                open_[dialled] = "pattern %s" % by if by else "its default"
        if open_:
            name = value(table, "DisplayName")
            self.report.finding("restriction-table", "high", name, "restriction table %s (%s) does not block %s" % (
                name, ", ".join(sorted(uses)), ", ".join("%s (%s)" % pair for pair in open_.items())), step=STEP, before=sorted(open_), after="blocked")
