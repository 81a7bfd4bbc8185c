# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running configuration as a tree of lines, and back as text without what is secret or bulky. Source: ios.md 1.2 and 2."""

from __future__ import annotations

import re

COMMENT = re.compile(r"^\s*!|^\s*$|^Building configuration|^Current configuration\b|^Load for |^Time source ")
HEX = re.compile(r"[0-9A-F]{2,8}( [0-9A-F]{2,8})*", re.IGNORECASE)
# What follows these words is nobody's business: replaced wherever a configuration is shown.
SECRET = re.compile(r"(?<![-\w])(?<!crypto )(password|secret|key|key-string|community|credentials|authentication|pre-shared-key|passphrase|md5|sha|auth|priv|"
                    r"pin)(?= \S).*")
CERTIFICATE_CHAIN, HIDDEN = "crypto pki certificate chain", "<hidden>"


class Section:
    """One line and what stands under it. line: "" for the whole; children: list of Section, in the device's order."""

    def __init__(self, line, children=None):
        self.line, self.children = line, children or []

    def under(self, *path):
        """The section at a path of lines, or None."""
        found = self
        for line in path:
            found = next((child for child in found.children if child.line == line), None)
            if found is None:
                return None
        return found

    def lines(self, *path):
        """The lines directly under a path, [] where it does not exist."""
        found = self.under(*path)
        return [child.line for child in found.children] if found else []

    def sections(self, pattern):
        """[(match, section)] of the children whose line matches a regular expression as a whole."""
        regex = re.compile(pattern)
        return [(m, child) for child in self.children if (m := regex.fullmatch(child.line))]

    def value(self, pattern, *path):
        """First group of the first line under a path that matches as a whole, or None."""
        regex = re.compile(pattern)
        return next((m.group(1) for line in self.lines(*path) if (m := regex.fullmatch(line))), None)

    def every(self):
        """(path of lines above, line) of everything under it."""
        for child in self.children:
            yield (), child.line
            for above, line in child.every():
                yield (child.line, *above), line

    def copy(self):
        """A tree of its own."""
        return Section(self.line, [child.copy() for child in self.children])


def parse(text):
    """The tree of a running configuration. Depth is by leading blanks; comments, blank lines and banners are left out."""
    root = Section("")
    open_at, banner = [(-1, root)], None
    for raw in text.replace("\r", "").split("\n"):
        if banner is not None:
            banner = None if banner in raw else banner
            continue
        if COMMENT.match(raw):
            continue
        line, depth = raw.strip(), len(raw) - len(raw.lstrip())
        started = re.match(r"banner \S+ (\^C|\S)(.*)", line)
        if started and depth == 0:
            banner = None if started[1] in started[2] else started[1]
            continue
        if line == "quit" and depth:            # the end of a certificate
            continue
        while open_at[-1][0] >= depth:
            open_at.pop()
        child = Section(line)
        open_at[-1][1].children.append(child)
        open_at.append((depth, child))
    return root


def release(root):
    """(major, minor) as the first line says, (0, 0) where it does not."""
    found = re.match(r"(\d+)\.(\d+)", root.value(r"version (\S+)") or "")
    return (int(found[1]), int(found[2])) if found else (0, 0)


def shown(section, depth=0):
    """A tree as text, for people: certificates as a word, secrets not at all."""
    out = []
    for child in section.children:
        if HEX.fullmatch(child.line) and depth > 1:
            continue
        out.append(" " * depth + SECRET.sub(lambda m: m[1] + " " + HIDDEN, child.line))
        out += shown(child, depth + 1)
    return out


def without_secrets(line):
    """A configuration line as it may be shown."""
    return SECRET.sub(lambda m: m[1] + " " + HIDDEN, line)


def part(root, headers):
    """The sections with these lines (first of a path), as text, in the device's order."""
    return "\n".join(shown(Section("", [child for child in root.children if child.line in headers]))) + "\n"
