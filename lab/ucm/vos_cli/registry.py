"""The table of commands: which words a command begins with, on which products, and whether it reads or writes."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.world import IM_PRESENCE
from lab.core.world import PRIME_DEPLOYMENT
from lab.core.world import UNIFIED_CM
from lab.core.world import UNITY_CONNECTION

if TYPE_CHECKING:
    from lab.ucm.vos_cli.shell import Shell

Kind = str | Callable[[list[str]], str]
Handler = Callable[["Shell", list[str]], Awaitable[None]]
ALL = frozenset({UNIFIED_CM, IM_PRESENCE, UNITY_CONNECTION, PRIME_DEPLOYMENT})


class Failure(Exception):
    """A command that failed: the device prints the text, then `Executed command unsuccessfully` (vos.md 1.1)."""


@dataclass(frozen=True)
class Command:
    """words: how the command begins. kind: read or write, or a function of the arguments that tells. products: which have it."""

    words: tuple[str, ...]
    handler: Handler
    kind: Kind
    products: frozenset[str]


COMMANDS: dict[tuple[str, ...], Command] = {}


def command(words: str, kind: Kind, products: Iterable[str] = ALL) -> Callable[[Handler], Handler]:
    """Register a handler for the command that begins with these words. The longest match wins."""

    def register(handler: Handler) -> Handler:
        parts = tuple(words.split())
        COMMANDS[parts] = Command(parts, handler, kind, frozenset(products))
        return handler

    return register


def find(words: list[str], product: str) -> tuple[Command, list[str]] | None:
    """The product's command with the longest matching beginning, and the words after it; None when there is none."""
    for length in range(len(words), 0, -1):
        match = COMMANDS.get(tuple(words[:length]))
        if match and product in match.products:
            return match, words[length:]
    return None


def no_arguments(shell: Shell, arguments: list[str]) -> None:
    """Refuse words that the command does not know. Raises Failure."""
    if arguments and shell.world.refuses("cli_unknown_argument"):
        raise Failure(f"Invalid argument: {' '.join(arguments)}")
