# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running configuration shows, and what is to be entered so that another value is in force. Pure data.

Lines are compared by what they bring about: a line that is not shown may be in force by default, one setting may have several spellings, and one that is no
concern of ours is never looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field


@dataclass
class Change:
    """What differs in one section, and the lines that put it right.

    path     lines of the sections, outermost first; () for the top
    add      lines to enter
    remove   lines that are shown and have to go
    message  what differs, for people; step of the guide; severity
    """

    path: tuple
    add: list = field(default_factory=list)
    remove: list = field(default_factory=list)
    message: str = ""
    step: str | None = None
    severity: str = "high"

    @property
    def name(self):
        """How the section is called in a report."""
        return " / ".join(self.path) or "global"

    def commands(self):
        """The lines below the section's own: what replaces others first, so that no moment is without it."""
        return list(self.add) + [no(line) for line in self.remove]


def no(line):
    """The line that takes a line away."""
    return line[3:] if line.startswith("no ") else "no " + line


def setting(root, path, forms, want, default=None, **words):
    """A Change where what is in force for one setting is not `want`, else None.

    forms    regular expression for all lines that say something about it, without a leading "no "
    want     the line that has to be in force; None: none of them
    default  the line that is in force where none is shown; None: nothing is
    """
    regex = re.compile("(no )?(%s)" % forms)
    lines = [line for line in root.lines(*path) if regex.fullmatch(line)]
    in_force = lines or ([default] if default else [])
    if in_force == ([want] if want else []):
        return None
    if want is None:
        return Change(path, [], lines, **words)
    if want in lines:
        return Change(path, [], [line for line in lines if line != want], **words)
    return Change(path, [want], [], **words)        # most lines take the place of others; what does not go by that is removed once it is seen to stay


def entries(root, path, forms, want, same, authoritative, **words):
    """A Change for a list of lines of which each stands for itself, else None.

    same           (line) -> what two spellings of one entry have in common
    authoritative  whether entries that are not wanted have to go
    """
    regex = re.compile(forms)
    lines = [line for line in root.lines(*path) if regex.fullmatch(line)]
    known, wanted = {same(line) for line in lines}, {same(line) for line in want}
    add = [line for line in want if same(line) not in known]
    remove = [line for line in lines if same(line) not in wanted] if authoritative else []
    return Change(path, add, remove, **words) if add or remove else None


def batch(changes):
    """The configuration lines of many changes, in order: sections are entered and left by their own words, those that follow each other once."""
    out, inside = [], ()
    for change in changes:
        if change.path != inside:
            out += [*["exit"] * len(inside), *change.path]
            inside = change.path
        out += change.commands()
    return out + ["exit"] * len(inside)


def predicted(root, changes):
    """The tree as it would be after the changes (as far as can be said without the router)."""
    after = root.copy()
    for change in changes:
        at = after
        for line in change.path:
            found = at.under(line)
            if found is None:
                found = type(root)(line)
                at.children.append(found)
            at = found
        gone = set(change.remove) | {no(line) for line in change.add}
        at.children = [child for child in at.children if child.line not in gone]
        at.children += [type(root)(line) for line in change.add if line not in {child.line for child in at.children}]
    return after
