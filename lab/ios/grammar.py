"""How IOS reads a line: words may be shortened as far as they stay unique, and what is wrong is pointed at.

Notation of a syntax: plain words are keywords; `<n:1-99>` a number, `<ip>` an IPv4 address, `<w>` any word, `<t>` the rest of the line; `{a|b c}` one of
several, `[x]` may be left out; what stands before ` / ` is the line's key (what `no` needs, and what a second line of the same key replaces).
Sources: ios.md 2 ("IOS accepts unique abbreviations but never prints them"), dlg_* transcripts for the three messages.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

SLOT = re.compile(r"<(\w+)(?::(\d+)-(\d+))?>")
TOKEN = re.compile(r"<[^>]+>|[{}|\[\]/]|[^\s{}|\[\]<>]+")
REST = "<t>"


class Invalid(Exception):
    """column: of the first character that fits nothing, counted from the line's first."""

    def __init__(self, column: int) -> None:
        super().__init__(f"invalid at {column}")
        self.column = column


class Incomplete(Exception):
    """The line ends too early."""


class Ambiguous(Exception):
    """A shortened word fits several keywords."""


@dataclass(frozen=True)
class Word:
    """A word of a typed line and the column where it begins; rest: the line from here."""

    text: str
    column: int
    rest: str


@dataclass(frozen=True)
class Match:
    """A line understood. number: which of the syntaxes; words: in full; key: how many of them are the key."""

    number: int
    words: tuple[str, ...]
    key: int

    @property
    def text(self) -> str:
        """The line in full words."""
        return " ".join(self.words)

    @property
    def key_text(self) -> str:
        """Its key."""
        return " ".join(self.words[:self.key])


def words(line: str) -> list[Word]:
    """A line in words, with columns."""
    return [Word(found[0], found.start(), line[found.start():].rstrip()) for found in re.finditer(r"\S+", line)]


@lru_cache(maxsize=4096)
def forms(syntax: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    """All plain sequences of a syntax: (tokens, how many are the key)."""
    tokens = TOKEN.findall(syntax)
    found, rest = _sequence(tokens, 0, ())
    if rest != len(tokens):
        raise ValueError(f"{syntax}: unbalanced")
    result = []
    for sequence in found:
        key = sequence.index("/") if "/" in sequence else len(sequence)
        result.append((tuple(token for token in sequence if token != "/"), key))
    return tuple(dict.fromkeys(result))


def _sequence(tokens: list[str], at: int, ends: tuple[str, ...]) -> tuple[list[tuple[str, ...]], int]:
    found: list[tuple[str, ...]] = [()]
    while at < len(tokens) and tokens[at] not in ends:
        token = tokens[at]
        if token in "{[":
            close = "}" if token == "{" else "]"
            choices: list[tuple[str, ...]] = [()] if token == "[" else []
            at += 1
            while True:
                part, at = _sequence(tokens, at, ("|", close))
                choices += part
                at += 1
                if tokens[at - 1] == close:
                    break
            found = [head + tail for head in found for tail in choices]
        else:
            found = [(*head, token) for head in found]
            at += 1
    return found, at


def _fits(token: str, typed: str) -> str | None:
    """A typed word as it stands in full, None where it does not fit."""
    slot = SLOT.fullmatch(token)
    if slot is None:
        return token if token.lower().startswith(typed.lower()) else None
    kind = slot[1]
    if kind == "n":
        return str(int(typed)) if typed.isascii() and typed.isdigit() and int(slot[2]) <= int(typed) <= int(slot[3]) else None
    if kind == "ip":
        try:
            return str(ipaddress.IPv4Address(typed))
        except ValueError:
            return None
    return typed


def _common(token: str, typed: str) -> int:
    """How many characters of a typed word are good for a token."""
    if SLOT.fullmatch(token):
        return 0
    count = 0
    for one, other in zip(token.lower(), typed.lower(), strict=False):
        if one != other:
            break
        count += 1
    return count


def understand(line: str, syntaxes: Iterable[str], to_key: bool = False) -> Match:
    """The syntax that a line fits. to_key: it may end where the key ends, or anywhere behind (the form after `no`).

    Raises Invalid, Incomplete, Ambiguous.
    """
    typed = words(line)
    best: list[tuple[int, Match, tuple[str, ...]]] = []
    unfinished: set[str] = set()
    column = typed[0].column if typed else 0
    for number, syntax in enumerate(syntaxes):
        for tokens, key in forms(syntax):
            result = _walk(typed, tokens, key, to_key)
            if isinstance(result, int):
                column = max(column, result)
            elif result is None:
                unfinished.add(tokens[len(typed) - 1] if typed else "")
            else:
                exact = sum(2 if word == token else 1 if not SLOT.fullmatch(token) else 0 for word, token in zip((w.text for w in typed), tokens, strict=False))
                best.append((exact, Match(number, result, min(key, len(result))), tokens))
    if best:
        highest = max(exact for exact, _match, _tokens in best)
        top = [match for exact, match, _tokens in best if exact == highest]
        if len({match.words for match in top}) > 1:
            raise Ambiguous
        return top[0]
    if unfinished or not typed:
        if len(unfinished) > 1 and typed[-1].text not in unfinished and not any(SLOT.fullmatch(token) for token in unfinished):
            raise Ambiguous
        raise Incomplete
    raise Invalid(column)


def _walk(typed: list[Word], tokens: tuple[str, ...], key: int, to_key: bool) -> tuple[str, ...] | int | None:
    """The words in full, or the column that fails, or None where the line ends too early."""
    result: list[str] = []
    for place, token in enumerate(tokens):
        if place >= len(typed):
            return tuple(result) if to_key and place >= key else None
        if token == REST:
            return (*result, typed[place].rest)
        full = _fits(token, typed[place].text)
        if full is None:
            return typed[place].column + _common(token, typed[place].text)
        result.append(full)
    return tuple(result) if len(typed) <= len(tokens) else typed[len(tokens)].column
