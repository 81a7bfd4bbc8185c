# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an assumption about a product is, and how it comes out. Pure: knows no network.

A Look is one reading request; its Assumptions are judged by the answer. Rows are those of the ledger of the simulation (docs/fidelity.md), so that what a
real node shows can be set beside what was assumed of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from ..errors import NodeError

HOLDS, DIFFERS, NOT_SEEN = "holds", "differs", "not_seen"
SHOWN = 300                     # characters of an answer that a result shows
SAID_NO = ("refused", "absent", "version")      # the node answered, and the answer is not what was assumed; any other error says nothing about it


class NotSeen(Exception):
    """This answer cannot show whether the assumption holds; the text says why."""


@dataclass
class Answer:
    """value: what the channel gave; error: NodeError, or None; wire: what went over the wire, as channels/recording.py keeps it."""

    value: object = None
    error: NodeError | None = None
    wire: list = field(default_factory=list)

    @property
    def text(self):
        """The answer as text: output of a command, or JSON."""
        if isinstance(self.value, dict) and isinstance(self.value.get("output", self.value.get("xml")), str):
            return self.value.get("output", self.value.get("xml"))
        return self.value if isinstance(self.value, str) else json.dumps(self.value, default=str)

    @property
    def raw(self):
        """All that came over the wire, requests left out."""
        return "\n".join(entry["text"] for entry in self.wire if entry["kind"] != "request")


@dataclass(frozen=True)
class Assumption:
    """row: id in the ledger; assume: one sentence; holds: Answer -> bool; known: the same for another reading that the collection works under as well.

    Where `fails` is true, the request is assumed to be refused, and holds and known are given the answer with its error.
    """

    row: str
    assume: str
    holds: Callable
    known: Callable | None = None
    fails: bool = False


@dataclass(frozen=True)
class Look:
    """One request that changes nothing. of: who is asked ("leader": the publisher or primary alone; "node": each node)."""

    channel: str
    op: str
    args: dict
    assumptions: tuple
    of: str = "node"
    releases: Callable = lambda release: True

    @property
    def request(self):
        """The request in words."""
        return self.args.get("command") or self.args.get("operation") or self.args.get("query") or self.args.get("path") or self.args.get("page") or self.op


def judge(assumption, answer):
    """(result, what was seen or why nothing was, whether it is a reading that the collection knows) of one assumption."""
    if answer.error is not None and not said_no(answer.error):
        return NOT_SEEN, str(answer.error), False
    try:
        if answer.error is None or assumption.fails:
            if assumption.holds(answer):
                return HOLDS, None, True
            if assumption.known is not None and assumption.known(answer):
                return DIFFERS, shown(answer), True
        elif assumption.known is not None and assumption.known(answer):
            return DIFFERS, shown(answer), True
    except NotSeen as e:
        return NOT_SEEN, str(e), False
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return DIFFERS, shown(answer), False            # not even of the shape that was assumed
    return DIFFERS, shown(answer), False


def said_no(error):
    """Whether an error is the node's own word about what was asked, and not about who asks, or when."""
    status = (error.detail or {}).get("status")
    return (error.kind in SAID_NO or status is not None) and status not in (401, 403, 503)


def shown(answer):
    """The beginning of an answer, for a result."""
    text = " ".join((str(answer.error) if answer.error is not None else answer.text).split())
    return text if len(text) <= SHOWN else text[:SHOWN] + " ..."


def says(pattern, flags=re.IGNORECASE | re.MULTILINE):
    """The answer's text has this."""
    compiled = re.compile(pattern, flags)
    return lambda answer: answer.error is None and compiled.search(answer.text.replace("\r", "")) is not None


def wire(pattern, flags=re.IGNORECASE | re.MULTILINE):
    """What came over the wire has this."""
    compiled = re.compile(pattern, flags)
    return lambda answer: compiled.search(answer.raw) is not None


def answers(answer):
    """The node answered at all."""
    return answer.error is None


def refused(*statuses):
    """The node refused (with one of these HTTP statuses, where any are named)."""
    def look(answer):
        return answer.error is not None and said_no(answer.error) and (not statuses or (answer.error.detail or {}).get("status") in statuses)
    return look
