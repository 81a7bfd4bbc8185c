# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one engine of change: read, compare, stop in check mode, write, read back. Knows no product; talks through the callables it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from .errors import NodeError


class DidNotStick(Exception):
    """What was written is not what is read back."""


@dataclass
class Step:
    """One write.

    description  of the operation, as Report.operation takes it: node, channel, operation, object and the arguments sent
    apply        callable without arguments that makes the request
    before/after value of the object for the diff (left out when both are None)
    finding      keyword arguments of Report.finding, or None
    impact       list of keyword arguments of Report.impact
    """

    description: dict
    apply: Callable
    before: object = None
    after: object = None
    finding: dict | None = None
    impact: list = field(default_factory=list)


def reconcile(report, check, read, plan, write=None):
    """Bring what `read` returns to where `plan` has nothing left to do. Returns the last thing read.

    report  Report that gets operations, findings, impact, before and after
    check   True: nothing is applied; the report says what would be
    read    () -> actual
    plan    (actual) -> list of Step, empty when all is as wanted
    write   (step) -> anything, instead of step.apply()

    A step whose answer is lost is not sent again: it is read back, and the steps go on from what is there; still missing, NodeError "lost" is raised.
    Raises DidNotStick when the plan is not empty after everything was written.
    """
    actual = read()
    steps = plan(actual)
    for step in steps:
        _describe(report, step)
    if check:
        for step in steps:
            _record(report, step)
        return actual
    if not steps:
        return actual
    while steps:
        step = steps.pop(0)
        report.permit(step.description, step.impact)
        report.under_way[:] = step.impact
        try:
            step.apply() if write is None else write(step)
        except NodeError as e:
            if e.kind != "lost":
                raise
            actual = read()
            steps = plan(actual)
            if any(s.description == step.description for s in steps):
                raise NodeError("lost", "%s; read back: it was not done. Run again" % e, e.detail) from None
        finally:
            report.under_way.clear()
        _record(report, step)
    actual = read()
    leftover = plan(actual)
    if leftover:
        raise DidNotStick("written, but not there when read back: %s" % "; ".join(_name(s) for s in leftover))
    return actual


def _describe(report, step):
    if step.finding:
        report.finding(**step.finding)


def _record(report, step):
    report.operation(**step.description)
    for impact in step.impact:
        report.impact(**impact)
    if step.before is not None or step.after is not None:
        key = report.called(step.description["object"])
        report.before.setdefault(key, step.before)
        report.after[key] = step.after


def _name(step):
    return "%s %s on %s" % (step.description["operation"], step.description["object"], step.description["node"])
