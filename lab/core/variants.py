"""Facts that no source settles, each as a switch (design.md 10).

A module that rests on such a fact registers it here at import time and asks `world.variant(name)` at run time. The default is the
likelier reading; tests run under every value.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """name: lower_snake; values: all readings; default: one of them; source: sheet section that leaves it open; about: one sentence."""

    name: str
    values: tuple[str, ...]
    default: str
    source: str
    about: str = ""


VARIANTS: dict[str, Variant] = {}


def variant(name: str, values: tuple[str, ...], default: str, source: str, about: str = "") -> Variant:
    """Register an unsure fact. Raises ValueError when the name is taken with another meaning or the default is no value."""
    entry = Variant(name, tuple(values), default, source, about)
    if default not in entry.values:
        raise ValueError(f"variant {name}: default {default!r} is none of its values")
    if VARIANTS.setdefault(name, entry) != entry:
        raise ValueError(f"variant {name} is registered twice")
    return entry
