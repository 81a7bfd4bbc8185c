# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the estate is still as a plan saw it."""

from __future__ import annotations

import re

from .model import steps_in
from .permit import Permit

SHOWN = 10
AGE = re.compile(r"\b\d+ (days?|hours?|minutes?|seconds?)\b")      # what only time changes


def moved(plan, now, begun=(), kinds=None):
    """[sentence] about what is not as the plan saw it, empty where all is.

    plan: the plan; now: the same of the state as it is now; begun: {(host, task)} that an application of the plan which did not come to its end has begun, so
    that the state has moved by its own hand; kinds: {action: (pays, follows, derives)}.
    """
    planned, found, kinds = steps_in(plan), steps_in(now), kinds or {}
    said = ["%s: %s: the plan has it, and this run does not look at it (--limit, --tags, or it failed)" % key for key in planned if key not in found]
    said += ["%s: %s: this run looks at it, and the plan does not (--limit, --tags)" % key for key in found if key not in planned]
    for key, step in planned.items():
        if key in found:
            said += _resumed(plan, step, found[key], key in begun, kinds) if begun else _same(step, found[key])
    return said


def told(said):
    """These sentences, the first of them, for a message."""
    return "; ".join(said[:SHOWN]) + ("; and %d more" % (len(said) - SHOWN) if len(said) > SHOWN else "")


def _same(step, now):
    """Where nothing has been done yet: the same differences, the same operations."""
    out = []
    before, after = {_finding(f): f for f in step["findings"]}, {_finding(f): f for f in now["findings"]}
    for key, finding in after.items():
        if key not in before:
            was = next((f for f in step["findings"] if _about(f) == _about(finding)), None)
            out.append(_sentence(step, finding["object"], "planned with %s" % _state(was) if was else "it was right", "now %s" % _state(finding)))
    seen = {_about(f) for f in now["findings"]}
    out += [_sentence(step, f["object"], "planned with %s" % _state(f), "now this is not so any more") for key, f in before.items()
            if key not in after and _about(f) not in seen]
    if not out:
        out += [_sentence(step, op["object"], "not planned", "now %s would be sent to %s" % (op["operation"], op["node"])) for op in now["operations"]
                if op not in step["operations"]]
        out += [_sentence(step, op["object"], "planned to be sent to %s: %s" % (op["node"], op["operation"]), "now it is not needed any more")
                for op in step["operations"] if op not in now["operations"]]
    return out


def _resumed(plan, step, now, begun, kinds):
    """Where a run was killed: nothing beyond the plan, and what it had not come to is as it was."""
    permit = Permit(plan, step["host"], step["task"], *kinds.get(step["action"], (False,)))
    out = [_sentence(step, op["object"], "not planned", "now %s would be sent to %s" % (op["operation"], op["node"]))
           for op in permit.beyond(now["operations"], now["impacts"])]
    if not begun and not permit.pays and step["operations"]:
        for finding in now["findings"]:
            were = [f for f in step["findings"] if _about(f) == _about(finding)]
            if were and all(f["before"] != finding["before"] for f in were):
                out.append(_sentence(step, finding["object"], "planned with %s" % _state(were[0]), "now %s" % _state(finding)))
    return out


def _finding(finding):
    return repr((finding["id"], finding["object"], finding["severity"], AGE.sub("", finding["message"]), finding["before"], finding["after"]))


def _about(finding):
    return repr((finding["id"], finding["object"], finding["after"]))


def _state(finding):
    return "%r" % (finding["before"],) if finding["before"] is not None else finding["message"]


def _sentence(step, object, before, after):
    return "%s: %s: %s: %s, %s" % (step["host"], step["task"], object, before, after)
