"""The running configuration: a tree of lines, which is written line by line and printed in the device's own order, without defaults.

`Section` is a mode with its lines; a line that opens a mode has a section below it. Plain data throughout, so that snapshots and rollbacks copy it.
Which lines there are, in which order they are printed and what their defaults are: lab.ios.modes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

from lab.ios.grammar import Match
from lab.ios.grammar import understand
from lab.ios.modes import MODES
from lab.ios.modes import Rule


@dataclass
class Section:
    """The lines of one mode, by key."""

    mode: str
    lines: dict[str, Line] = field(default_factory=dict)

    def get(self, key: str) -> Line | None:
        """A line by its key, in full words."""
        return self.lines.get(key)

    def starting(self, head: str) -> list[Line]:
        """Lines whose text begins with these words."""
        return [line for line in self.lines.values() if line.text == head or line.text.startswith(head + " ")]

    def has(self, text: str) -> bool:
        """Whether a line stands here, word by word."""
        return any(line.text == text for line in self.lines.values())

    def value(self, head: str) -> str:
        """What follows these words, "" where there is no such line."""
        return next((line.text[len(head) + 1:] for line in self.starting(head)), "")

    def below(self, key: str) -> Section | None:
        """The section that a line opens, None where it is not there."""
        line = self.lines.get(key)
        return None if line is None else line.section


@dataclass
class Line:
    """text: as printed. syntax: of its rule, which gives its place. section: what it opens."""

    text: str
    syntax: str
    section: Section | None = None


def rules(mode: str, release: float) -> list[Rule]:
    """The lines that a mode knows in a release."""
    return [rule for rule in MODES[mode].rules if rule.since <= release < rule.until]


def write(section: Section, rule: Rule, match: Match, release: float) -> Section | None:
    """Take a line; gives the section that it opens."""
    key = match.key_text
    if rule.mode:
        line = section.lines.get(key)
        if line is None:
            line = section.lines[key] = Line(match.text, rule.syntax, Section(rule.mode))
            for text, since in MODES[rule.mode].initial:
                if release >= since:
                    _put(line.section, text, release)
        return line.section
    if rule.on_by_default or match.text == rule.default:
        section.lines.pop(key, None)
    else:
        # A line that is replaced keeps its place.
        section.lines[key] = Line(match.text, rule.syntax)
    return None


def _put(section: Section, text: str, release: float) -> None:
    """A line that the device writes by itself."""
    off = text.startswith("no ")
    known = rules(section.mode, release)
    match = understand(text.removeprefix("no "), [rule.syntax for rule in known], off)
    if off:
        remove(section, known[match.number], match, release)
    else:
        write(section, known[match.number], match, release)


def remove(section: Section, rule: Rule, match: Match, release: float, to_default: bool = False) -> None:
    """Take back a line (`no`, `default`). What is not there is no error."""
    key = match.key_text
    if rule.on_by_default and not to_default:
        section.lines[key] = Line(f"no {key}", rule.syntax)
        return
    section.lines.pop(key, None)
    for text, since in MODES[section.mode].initial:
        if release >= since and text.startswith(f"{key} "):
            _put(section, text, release)


def ordered(section: Section) -> list[Line]:
    """Lines in the order of the device."""
    place = {rule.syntax: number for number, rule in enumerate(MODES[section.mode].rules)}
    return sorted(section.lines.values(), key=lambda line: place[line.syntax])


def printed(section: Section, depth: int = 0) -> Iterator[str]:
    """Lines of a section and all below."""
    for line in ordered(section):
        ending = " " if line.text.startswith(TRAILING) else ""
        yield " " * depth + line.text + ending
        if line.section is not None:
            yield from printed(line.section, depth + 1)


# Lines that are printed with a blank at their end (ios.md 2).
TRAILING = ("sip-ua", "crypto signaling")


def paragraphs(section: Section, insertions: dict[str, list[str]]) -> Iterator[str]:
    """The whole configuration between its head and its end. insertions: {syntax: lines} that stand where a rule's lines would (certificate chains)."""
    by_rule: dict[str, list[Line]] = {}
    for line in ordered(section):
        by_rule.setdefault(line.syntax, []).append(line)
    for rule in MODES[section.mode].rules:
        found = by_rule.get(rule.syntax, ())
        for line in found:
            yield line.text + (" " if line.text.startswith(TRAILING) else "")
            if line.section is not None:
                yield from printed(line.section, 1)
                yield "!"
        if found and not rule.mode and not rule.joins:
            yield "!"
        yield from insertions.get(rule.syntax, ())


def copied(section: Section) -> Section:
    """A copy that does not change with it."""
    return copy.deepcopy(section)


def walk(section: Section) -> Iterable[Line]:
    """All lines, at any depth."""
    for line in section.lines.values():
        yield line
        if line.section is not None:
            yield from walk(line.section)
