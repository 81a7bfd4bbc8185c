# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a router's configuration as they are saved and brought back: line by line within a section, and never a line that nobody of us has entered.

What is entered is saved with the whole section as it was. So what others have entered since stays whatever it is; of ours, a line that was not there goes, and
a line of the same setting that was there comes back. What belongs to certificates (crypto pki) is not brought back, and no line with a secret is.
"""

from __future__ import annotations

import re

from ..ios.changes import Change
from ..ios.changes import batch
from ..ios.config import HIDDEN
from ..ios.config import parse
from ..ios.config import without_secrets
from ..ios.router import GUARD
from ..ios.router import RUNNING
from ..ios.router import archived
from ..ios.router import show

LINES = "RouterLines"
KINDS = (LINES,)
NAME = "configuration lines"
OPENS = re.compile(r"voice (service|class|register) .*|sip-ua|sip|dial-peer voice .*|credentials|call-manager-fallback|ip address trusted list|line .*")
SEPARATOR = " / "


def written(channel, operation, arguments):
    """("update", kind, key, {section: [lines]}) of configuration lines; None where they are about certificates, or for any other request."""
    if channel != "ios_cli" or operation != "configure":
        return None
    found, path = {}, ()
    for step in arguments["steps"]:
        line = step["line"]
        if (not path and line.startswith("crypto ")) or step.get("paste"):
            return None
        if line == "exit":
            path = path[:-1]
        elif OPENS.fullmatch(line):
            path = (*path, line)
        else:
            found.setdefault(SEPARATOR.join(path), []).append(line)
    found = {section: kept for section, lines in found.items() if (kept := [line for line in lines if clean(line)])}
    return ("update", LINES, {"name": NAME}, found) if found else None


def together(earlier, later):
    """{section: [lines]} of two times that lines were entered."""
    return {section: list(dict.fromkeys([*earlier.get(section, ()), *later.get(section, ())])) for section in {**earlier, **later}}


def clean(line):
    """Whether a line holds no secret."""
    return HIDDEN not in without_secrets(line)


def read(node, _kind, _key, like):
    """{section: its lines now that are about the same settings, without secrets; None where there is no such section}. like: {section: [lines]}."""
    root = parse(show(node, RUNNING, True))
    found = {}
    for section, lines in like.items():
        path, settings = path_of(section), {setting_of(line) for line in lines}
        there = root.under(*path) is not None
        found[section] = [line for line in root.lines(*path) if clean(line) and setting_of(line) in settings] if there else None
    return found


def back(before, entered, now):
    """(lines to enter, lines to take away) so that what was entered is undone. before, now: lines of the section; entered: ours, in any order."""
    settings = {setting_of(line) for line in entered}
    add = [line for line in before if line not in now and setting_of(line) in settings]
    replaced = {setting_of(line) for line in add}
    return add, [line for line in now if line in entered and line not in before and setting_of(line) not in replaced]


def judge(before, entered, present):
    """{section: [what is to be entered]} of the sections that were there before."""
    found = {}
    for section, lines in before.items():
        if lines is not None and present.get(section) is not None:
            add, remove = back(lines, entered[section], present[section])
            if add or remove:
                found[section] = Change(path_of(section), add, remove).commands()
    return found


def write(node, _kind, _key, elements):
    """Enter what undoes it, all at once; a router that has an archive takes it back by itself where it loses us."""
    root = parse(show(node, RUNNING))
    lines = batch([Change(path_of(section), commands) for section, commands in elements.items()])
    node.ask("ios_cli", "configure", steps=[{"line": line} for line in lines], guard=GUARD if archived(root) else None)


def described(_act, _kind):
    """{channel, operation} of a write, as a report has them."""
    return {"channel": "ios_cli", "operation": "configure"}


def path_of(section):
    """The lines that lead to a section."""
    return tuple(section.split(SEPARATOR)) if section else ()


def setting_of(line):
    """What a line is about: its first words, which another line that takes its place has as well."""
    words = line.removeprefix("no ").split()
    return tuple(words[:3 if words[0] == "voice-class" else 2])
