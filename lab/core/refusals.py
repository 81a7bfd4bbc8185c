"""What the simulated products must refuse, by name (lab.md 5, "asymmetric trust").

Each check in the lab that turns a client down is registered here with its source and asked for through `world.refuses(name)`. The
command `mutate NAME` switches one off; a test suite that does not notice has a hole.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """name: lower_snake; source: sheet section or transcript; about: what is refused, in one sentence."""

    name: str
    source: str
    about: str


REFUSALS: dict[str, Refusal] = {}


def refusal(name: str, source: str, about: str) -> Refusal:
    """Register a must-refuse check. Raises ValueError when the name is taken with another meaning."""
    entry = Refusal(name, source, about)
    if REFUSALS.setdefault(name, entry) != entry:
        raise ValueError(f"refusal {name} is registered twice")
    return entry
