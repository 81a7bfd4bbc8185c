"""Which command a line is: those of EXEC, and in configuration mode the lines of the open modes, from the innermost up, and what is done at once.

A command is (the line in full words, "read" or "write" for the journal, what runs it). A line that the innermost mode does not know is tried in
the modes around it, as IOS does; taken there, it leaves the inner ones.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from lab.ios.cli import actions
from lab.ios.cli import executive
from lab.ios.cli import settings
from lab.ios.grammar import Ambiguous
from lab.ios.grammar import Incomplete
from lab.ios.grammar import Invalid
from lab.ios.grammar import Match
from lab.ios.grammar import understand

if TYPE_CHECKING:
    from lab.ios.cli.shell import Shell

LEAVING = ("exit", "end", "quit")


@dataclass(frozen=True)
class Command:
    """run(shell) gives what is printed, "" or None where the command has printed by itself."""

    text: str
    kind: str
    run: Callable[[Shell], Awaitable[str | None]]


def find(shell: Shell, line: str) -> Command:
    """Raises Invalid, Incomplete, Ambiguous."""
    return _configuring(shell, line) if shell.modes else _executive(shell, line)


def _executive(shell: Shell, line: str) -> Command:
    known = [entry for entry in executive.ENTRIES if shell.privileged or not entry.privileged or not shell.world.refuses("ios_privilege")]
    known = [entry for entry in known if entry.since <= shell.router.release]
    match = understand(line, [entry.syntax for entry in known])
    entry = known[match.number]
    return Command(match.text, entry.kind, lambda shell: entry.run(shell, match))


def _configuring(shell: Shell, line: str) -> Command:
    head, _, _rest = line.strip().partition(" ")
    lowered = head.lower()
    if shell.modes[0] is not shell.router.config:
        # The configuration was rolled back under this session.
        shell.modes[:] = [shell.router.config]
    if lowered == "do":
        inner = _executive(shell, re.sub(r"^(\s*)do", r"\1  ", line, flags=re.IGNORECASE))
        return Command(f"do {inner.text}", inner.kind, inner.run)
    if lowered in LEAVING and line.strip() == head:
        return Command(lowered, "read", lambda shell: _leave(shell, lowered))
    off, to_default = lowered == "no", lowered == "default" and len(line.split()) > 1
    blanked = line.replace(head, " " * len(head), 1) if off or to_default else line
    column, incomplete, ambiguous = 0, False, False
    for depth in range(len(shell.modes) - 1, -1, -1):
        rules = settings.known(shell.router, shell.modes[depth].mode)
        deeds = [] if depth else [deed for deed in actions.ENTRIES if deed.off == off and not to_default]
        try:
            match = understand(blanked, [*(deed.syntax for deed in deeds), *(rule.syntax for rule in rules)], off or to_default)
        except Invalid as problem:
            column = max(column, problem.column)
        except Incomplete:
            incomplete = True
        except Ambiguous:
            ambiguous = True
        else:
            prefix = "no " if off else "default " if to_default else ""
            if match.number < len(deeds):
                run = partial(_deed, deed=deeds[match.number], match=match)
            else:
                run = partial(settings.take, depth=depth, rule=rules[match.number - len(deeds)], match=match, off=off, to_default=to_default)
            return Command(prefix + match.text, "write", run)
    if ambiguous:
        raise Ambiguous
    if incomplete:
        raise Incomplete
    if not shell.world.refuses("ios_unknown_line"):
        return Command(line.strip(), "write", _nothing)
    raise Invalid(column)


async def _deed(shell: Shell, deed: actions.Entry, match: Match) -> str | None:
    del shell.modes[1:]
    return await deed.run(shell, match)


async def _nothing(_shell: Shell) -> str:
    return ""


async def _leave(shell: Shell, word: str) -> str:
    if word == "end" or len(shell.modes) == 1:
        await shell.leave_config()
    else:
        shell.modes.pop()
    return ""


def filtered(text: str, pipe: str) -> str:
    """Output behind `| include`, `exclude`, `begin`, `section`, `count`."""
    word, _, pattern = pipe.strip().partition(" ")
    if not word:
        return text
    lines, look = text.splitlines(), re.compile(pattern.strip().strip('"'))
    kind = next((kind for kind in ("include", "exclude", "begin", "section", "count") if kind.startswith(word.lower())), "")
    if kind == "include":
        found = [line for line in lines if look.search(line)]
    elif kind == "exclude":
        found = [line for line in lines if not look.search(line)]
    elif kind == "begin":
        start = next((place for place, line in enumerate(lines) if look.search(line)), len(lines))
        found = lines[start:]
    elif kind == "section":
        found, inside = [], False
        for line in lines:
            if not line.startswith(" "):
                inside = bool(look.search(line))
            if inside and line != "!":
                found.append(line)
    elif kind == "count":
        found = [f"Number of lines which match regexp = {sum(bool(look.search(line)) for line in lines)}"]
    else:
        return "% Invalid filter\n"
    return "".join(f"{line}\n" for line in found)
