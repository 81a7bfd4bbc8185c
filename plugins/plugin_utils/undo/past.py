# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was saved to what a rollback has to look at: for each object the oldest value before and the newest after, the last change first."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from . import ios_lines
from .axl_objects import same
from .kinds import reversible


@dataclass
class Past:
    """One object since the chosen point. before: {element: value}, {} where `added`; after: {element: what we wrote last}; impact: of its changes."""

    node: str
    kind: str
    key: dict
    added: bool
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    impact: list = field(default_factory=list)
    order: int = 0

    @property
    def id(self):
        """What tells it from all others."""
        return (self.node, self.kind, *sorted(self.key.items()))

    @property
    def name(self):
        """How it is called."""
        return str(self.key.get("name") or self.key.get("path") or self.kind)

    def judge(self, present):
        """(elements to write back, elements that somebody else has changed since), each {element: value}. present: {element: value} now."""
        if self.kind == ios_lines.LINES:
            return ios_lines.judge(self.before, self.after, present), {}
        back, foreign = {}, {}
        for element, before in self.before.items():
            if same(present[element], before):
                continue
            if same(present[element], self.after[element]):
                back[element] = before
            else:
                foreign[element] = present[element]
        return back, foreign


def fold(saved):
    """([Past] that can be brought back, the last change first; {kind: [names]} of what cannot, in the order of the changes)."""
    found, lost = {}, {}
    for order, entry in enumerate(saved):
        if entry["act"] == "other" or not reversible(entry["kind"]):
            kind = entry["kind"]
            names = lost.setdefault(kind, [])
            name = "%s on %s" % (entry["key"].get("name") or entry["key"].get("path") or kind, entry["node"])
            name += " (%s)" % entry["note"] if entry.get("note") else ""
            if name not in names:
                names.append(name)
            continue
        new = Past(entry["node"], entry["kind"], entry["key"], entry["act"] == "add")
        past = found.setdefault(new.id, new)
        past.order = order
        past.impact += [one for one in entry["impact"] if one not in past.impact]
        if entry["act"] != "update" or past.added:
            continue
        past.before = {**entry["before"], **past.before}
        past.after = ios_lines.together(past.after, entry["after"]) if past.kind == ios_lines.LINES else {**past.after, **entry["after"]}
    return sorted(found.values(), key=lambda past: -past.order), lost
