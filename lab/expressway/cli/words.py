"""One line of the Expressway's command line, taken apart.

`xConfiguration Zones Zone 3 Neighbor SIP Port: 5061` is a path and a value; `xCommand ZoneAdd ZoneName: "UK" Type: Neighbor` a verb and its
parameters. Values stand in double or in single quotes, or are one word; inside double quotes a JSON object keeps its own (the manual's
example of RenewalSchedule). Source: RM150 (xConfiguration, xCommand; single quotes), expressway.md 2.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field

GROUPS = ("xconfiguration", "xcommand", "xstatus", "xhistory", "xfeedback")
SHORTEST = 3
QUOTES = "\"'"


class BadLine(ValueError):
    """The line is no command; the text says why."""


@dataclass(frozen=True)
class Value:
    """A parameter's text, and the quote it stood in ("" = none)."""

    text: str
    quote: str = ""


@dataclass(frozen=True)
class Line:
    """group: one of GROUPS. words: path or verb, with the name of the first parameter at its end when `named`.

    values: by parameter name ("#0" for one without); a path's own value stands under its last word. asks: the line ends with `?`.
    """

    group: str
    words: tuple[str, ...]
    values: dict[str, Value] = field(default_factory=dict)
    named: bool = False
    asks: bool = False


def group_of(word: str) -> str | None:
    """The group that a first word means: case does not count, and `xconf` will do (id:32195382478 has `xstat`)."""
    lowered = word.lower()
    found = [group for group in GROUPS if group.startswith(lowered)] if len(lowered) >= SHORTEST else []
    return found[0] if len(found) == 1 else None


def take_apart(text: str) -> Line:
    """A typed line. Raises BadLine."""
    first, _, rest = text.strip().partition(" ")
    group = group_of(first.rstrip("?"))
    if group is None:
        raise BadLine(f"{first}: no such command")
    words: list[str] = []
    values: dict[str, Value] = {}
    name, named = "", False
    rest = rest.strip()
    asks = first.endswith("?")
    while rest:
        if rest == "?":
            asks = True
            break
        if name or rest[0] in QUOTES:
            value, rest = _value(rest)
            if not name and not words:
                raise BadLine("a value without a name")
            values[name or f"#{len(values)}"] = value
            name = ""
            continue
        word, rest = _word(rest)
        if word.endswith(":"):
            name = word[:-1]
            if not values:
                words.append(name)
                named = True
            if rest == "?":
                asks = True
                break
            if not rest:
                values[name] = Value("", "missing")
        elif values:
            raise BadLine(f"{word}: a parameter needs a colon")
        else:
            words.append(word)
    return Line(group, tuple(words), values, named, asks)


def _word(rest: str) -> tuple[str, str]:
    match = re.match(r"[^\s:]+:?", rest)
    if match is None:
        raise BadLine(f"{rest[:20]}: no name here")
    return match[0], rest[match.end():].lstrip()


def _value(rest: str) -> tuple[Value, str]:
    quote = rest[0] if rest[0] in QUOTES else ""
    if not quote:
        word, _, after = rest.partition(" ")
        return Value(word), after.strip()
    # A closing quote is followed by the end or by the next parameter; one inside JSON is not.
    for match in re.finditer(re.escape(quote), rest[1:]):
        after = rest[match.end() + 1:]
        if _closes(rest[1 : match.start() + 1], after):
            return Value(rest[1 : match.start() + 1], quote), after.strip()
    raise BadLine("a quotation mark is missing")


def _closes(inside: str, after: str) -> bool:
    if inside.count("{") != inside.count("}"):
        return False
    return not after.strip() or re.match(r"\s+(\?|[A-Za-z][\w.-]*\s*:|[\"'])", after) is not None
