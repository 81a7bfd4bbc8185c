"""The table of xCommands: verb, parameters in the manual's notation, who has it, and what it does; and how a typed verb is found in it.

A verb is kept as its words ("Zone Add"); it is typed joined (ZoneAdd) or spaced (Zone Add), as the variant says.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from lab.expressway.catalogue import BadValue
from lab.expressway.certificates import Refused
from lab.expressway.cli import forms
from lab.expressway.cli.forms import Failure
from lab.expressway.cli.notation import Kind
from lab.expressway.cli.notation import Misfit
from lab.expressway.cli.notation import kind
from lab.expressway.cli.words import Line
from lab.expressway.cli.words import Value
from lab.expressway.servers import Undiscovered
from lab.expressway.state import Subordinate

if TYPE_CHECKING:
    from lab.expressway.state import Peer

# Gets the parameters that were given, by name; gives the lines of its result.
Handler = Callable[["Peer", dict[str, str]], Awaitable["list[str] | None"]]
PARAMETER = re.compile(r"(\w+)(\(r\))?: (<.+?>)(?:\s+|$)")
SPACED_FROM = 15.0
CHANNEL = "expressway_cli"


@dataclass(frozen=True)
class Parameter:
    """One parameter. required: (r) in the manual."""

    name: str
    required: bool
    kind: Kind


@dataclass(frozen=True)
class Command:
    """words: the verb. products: "CE", "C" or "E". since: the first release."""

    words: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    handler: Handler
    writes: bool
    products: str
    since: float

    @property
    def joined(self) -> str:
        """The verb in one word."""
        return "".join(self.words)

    def parameter(self, name: str) -> Parameter | None:
        """A parameter by its name in any case, or by its place ("#0")."""
        if name.startswith("#"):
            return self.parameters[int(name[1:])] if int(name[1:]) < len(self.parameters) else None
        return next((one for one in self.parameters if one.name.lower() == name.lower()), None)


COMMANDS: list[Command] = []


def command(verb: str, parameters: str = "", writes: bool = True, products: str = "CE", since: float = 0.0) -> Callable[[Handler], Handler]:
    """Register a handler. parameters: `Name(r): <S: 1, 50> Type: <A/B>`, as in the manual."""

    def register(handler: Handler) -> Handler:
        found = tuple(Parameter(name, bool(required), kind(notation)) for name, required, notation in PARAMETER.findall(parameters))
        COMMANDS.append(Command(tuple(verb.split()), found, handler, writes, products, since))
        return handler

    return register


def offered(peer: Peer) -> list[Command]:
    """The commands that a peer has."""
    return [one for one in COMMANDS if peer.appliance.product[-1].upper() in one.products and peer.appliance.major >= one.since]


def spellings(peer: Peer, one: Command) -> list[str]:
    """How a verb may be typed."""
    way = peer.world.variant("expressway_cli_verbs")
    if way == "release":
        way = "spaced" if peer.appliance.major >= SPACED_FROM else "joined"
    return {"joined": [one.joined], "spaced": [" ".join(one.words)], "both": [one.joined, " ".join(one.words)]}[way]


def find(peer: Peer, line: Line) -> tuple[Command, tuple[str, ...]] | None:
    """The command that a line begins with, and the words after its verb (the name of the first parameter among them)."""
    typed = [word.lower() for word in line.words]
    best: tuple[Command, int] | None = None
    for one in offered(peer):
        for spelling in spellings(peer, one):
            words = spelling.lower().split()
            if typed[: len(words)] == words and (best is None or len(words) > best[1]):
                best = one, len(words)
    return (best[0], line.words[best[1]:]) if best else None


def verb_of(peer: Peer, line: Line) -> str:
    """The verb of a line, as results name it; "" where there is none."""
    found = find(peer, line) if line.group == "xcommand" else None
    return found[0].joined if found else ""


def operation(peer: Peer, line: Line) -> tuple[str, str]:
    """(operation for journal and faults, read or write)."""
    found = find(peer, line)
    if found is None:
        return " ".join(("xCommand", *line.words)), "read"
    one, rest = found
    return f"xCommand {one.joined}", "write" if one.writes and not _asks_usage(one, line, rest) else "read"


def _asks_usage(one: Command, line: Line, rest: tuple[str, ...]) -> bool:
    return line.asks or (any(each.required for each in one.parameters) and not rest and not line.values)


async def answer(peer: Peer, line: Line, detail: dict[str, Any]) -> str:
    """What is printed. detail: of the journal's entry, gets the parameters that are no secret. Raises Failure."""
    if not line.words:
        return forms.usage("xCommand", [(spellings(peer, one)[0], "") for one in offered(peer)])
    found = find(peer, line)
    if found is None:
        peer.world.note_unknown(peer.appliance, CHANNEL, " ".join(("xCommand", *line.words)))
        if not peer.world.refuses("expressway_cli_unknown"):
            return forms.result("", [])
        raise Failure(f"Command not recognised: {' '.join(line.words)}")
    one, rest = found
    if _asks_usage(one, line, rest):
        parameters = [(each.name + ("(r)" if each.required else ""), each.kind.text) for each in one.parameters]
        return forms.usage(f"xCommand {spellings(peer, one)[0]}", parameters)
    values = _values(peer, one, line, rest)
    detail["parameters"] = {name: value for name, value in values.items() if not one.parameter(name).kind.is_secret}
    try:
        lines = await one.handler(peer, values)
    except (BadValue, Refused, Subordinate, Undiscovered) as problem:
        raise Failure(str(problem)) from problem
    return forms.result(one.joined, lines or [])


def _values(peer: Peer, one: Command, line: Line, rest: tuple[str, ...]) -> dict[str, str]:
    bare = rest[:-1] if line.named else rest
    # The manual has `ACME Reset execute` and `Certs Command csr_create ...`: a value without its name, or a name without its colon.
    words = [word for word in bare if one.parameter(word) is None]
    given = {**{f"#{at}": Value(word) for at, word in enumerate(words)}, **line.values}
    result: dict[str, str] = {}
    for name, value in given.items():
        parameter = one.parameter(name)
        if parameter is not None:
            result[parameter.name] = _checked(peer, parameter, value)
        elif peer.world.refuses("expressway_cli_unknown"):
            peer.world.note_unknown(peer.appliance, CHANNEL, f"xCommand {one.joined} {name}")
            raise Failure(f"{name}: no such parameter")
    missing = [each.name for each in one.parameters if each.required and not result.get(each.name)]
    if missing and peer.world.refuses("expressway_cli_missing"):
        raise Failure(f"Missing parameter: {', '.join(missing)}")
    return {**dict.fromkeys(missing, ""), **result}


def _checked(peer: Peer, parameter: Parameter, value: Value) -> str:
    if value.quote == "missing":
        raise Failure(f"{parameter.name}: a value is missing")
    try:
        if parameter.kind.choices and value.quote and peer.world.variant("expressway_cli_quoted_choice") == "refused":
            raise Misfit("must not stand in quotation marks")
        return parameter.kind.canonical(value.text)
    except Misfit as misfit:
        if peer.world.refuses("expressway_cli_value"):
            raise Failure(f"{parameter.name}: {misfit}") from misfit
        return value.text
