"""Values of xCommand's parameters as the manual writes them, and what fits: <On/Off>, <1..1000>, <S: 0, 128>, <Password>, <String>, <Value> (RM150)."""

from __future__ import annotations

import re
from dataclasses import dataclass

PLAIN_SECRET = 128


class Misfit(ValueError):
    """A value that its parameter does not take; the text says why."""


@dataclass(frozen=True)
class Kind:
    """choices: in the product's spelling, () = none. low, high: of a number, or of a text's length. is_number, is_secret: what it is."""

    text: str
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 8192
    is_number: bool = False
    is_secret: bool = False

    def canonical(self, given: str) -> str:
        """A given value as it is stored. Raises Misfit."""
        if self.choices:
            for choice in self.choices:
                if choice.lower() == given.lower():
                    return choice
            raise Misfit(f"must be one of {'/'.join(self.choices)}")
        if self.is_number:
            if not re.fullmatch(r"\d{1,9}", given) or not self.low <= int(given) <= self.high:
                raise Misfit(f"must be a number from {self.low} to {self.high}")
            return str(int(given))
        if not self.low <= len(given) <= self.high:
            raise Misfit(f"must have {self.low} to {self.high} characters")
        return given


def kind(text: str) -> Kind:
    """What <...> means. Raises ValueError."""
    inside = text.strip("<>").strip()
    number = re.fullmatch(r"(\d+)\.\.(\d+)", inside)
    if number:
        return Kind(text, (), int(number[1]), int(number[2]), is_number=True)
    string = re.fullmatch(r"S:\s*(\d+),\s*(\d+)", inside)
    if string:
        return Kind(text, (), int(string[1]), int(string[2]))
    if inside == "Password":
        return Kind(text, high=PLAIN_SECRET, is_secret=True)
    if inside in ("String", "Value"):
        return Kind(text)
    if re.fullmatch(r"[\w-]+(/[\w-]+)*", inside):
        return Kind(text, tuple(inside.split("/")))
    raise ValueError(f"{text} is no notation of a value")
