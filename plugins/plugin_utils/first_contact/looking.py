# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the looks at one node, one after the other, and says of each assumption how it came out.

A channel that cannot be opened is not tried again, and does not keep the others from being looked at.
"""

from __future__ import annotations

from ..errors import NodeError
from .assumption import NOT_SEEN
from .assumption import Answer
from .assumption import judge

CLOSED = ("unreachable", "auth")        # what a channel says that could not be opened


def contact(looks, ask, taken):
    """(results, capture) of one node.

    ask     (look) -> value; raises NodeError
    taken   () -> what went over the wire since the last call
    results: [{row, channel, request, assumed, result, seen, known}]; capture: [{channel, request, wire, error}]
    """
    results, capture, closed = [], [], {}
    for look in looks:
        answer = Answer()
        if look.channel in closed:
            answer.error = closed[look.channel]
        else:
            try:
                answer.value = ask(look)
            except NodeError as e:
                answer.error = e
            answer.wire = taken()
            capture.append({"channel": look.channel, "request": look.request, "wire": answer.wire,
                            "error": str(answer.error) if answer.error is not None else None})
            if answer.error is not None and answer.error.kind in CLOSED and not _is_there(answer.error):
                closed[look.channel] = answer.error
        for assumption in look.assumptions:
            result, seen, known = judge(assumption, answer)
            results.append({"row": assumption.row, "channel": look.channel, "request": look.request, "assumed": assumption.assume, "result": result,
                            "seen": seen, "known": known})
    return results, capture


def _is_there(error):
    """Whether a service answered all the same, such as with 404 for this one path."""
    return error.kind == "unreachable" and (error.detail or {}).get("status") is not None


def without(looks, reason):
    """The results of looks that were not made."""
    return [{"row": a.row, "channel": look.channel, "request": look.request, "assumed": a.assume, "result": NOT_SEEN, "seen": reason, "known": False}
            for look in looks for a in look.assumptions]
