"""The table of MMP commands: their first words, whether they write, in which releases they are, and what does them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.meeting_server.mmp.shell import Shell

ALWAYS = 0.0


class Failure(Exception):
    """A command that fails: the text is printed as it is."""


@dataclass(frozen=True)
class Command:
    """words: how the line begins. writes: whether it changes something (shows: not without arguments). least, most: arguments. since, before: releases."""

    words: tuple[str, ...]
    usage: str
    call: Callable[[Shell, list[str]], Awaitable[None]]
    writes: bool
    least: int
    most: int
    since: float
    before: float
    shows: bool


COMMANDS: dict[tuple[str, ...], Command] = {}


def command(words: str, usage: str = "", writes: bool = False, least: int = 0, most: int | None = None, since: float = ALWAYS, before: float = 100.0,
            shows: bool = False):
    """Register a coroutine(shell, arguments). usage: what stands behind the words; least, most: how many arguments it takes."""

    def register(call: Callable[[Shell, list[str]], Awaitable[None]]) -> Callable[[Shell, list[str]], Awaitable[None]]:
        key = tuple(words.split())
        COMMANDS[key] = Command(key, usage, call, writes, least, least if most is None else most, since, before, shows)
        return call

    return register


def take_apart(line: str) -> list[str]:
    """The words of a line; double quotes keep blanks together. Raises ValueError."""
    reader = shlex.shlex(line, posix=True, punctuation_chars=False)
    reader.whitespace_split, reader.quotes, reader.escape, reader.commenters = True, '"', "", ""
    return list(reader)


def find(words: list[str], release: float) -> tuple[Command, list[str]] | None:
    """The command with the most words that a line begins with, and its arguments; one that takes none is the whole line."""
    for count in range(min(len(words), 5), 0, -1):
        found = COMMANDS.get(tuple(word.lower() for word in words[:count]))
        if found is not None and found.since <= release < found.before and (found.most or count == len(words)):
            return found, words[count:]
    return None


def elsewhere(words: list[str]) -> bool:
    """Whether a line begins with a command of another release: refused here, but nothing that the lab has never heard of."""
    return any(find(words, one.since) for one in COMMANDS.values())


def masked(line: str) -> str:
    """A line as the journal has it."""
    return re.sub(r"(challengePassword:)\S+", r"\1***", line)
