"""Automated protection: an address that fails to log in too often is kept out for a while (expressway.md 1.1, 4.5; categories from status.xml).

Thresholds are open (expressway.md 7 (9)). Each peer counts for itself, and each category by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant

if TYPE_CHECKING:
    from lab.expressway.state import Peer

CATEGORIES = ("apache-auth", "ssh-auth", "web-auth")
WINDOW, BAN = 600.0, 300.0
variant("expressway_ban_after", ("5", "2"), "5", "expressway.md 7 (9)", "how many failed logins within ten minutes keep an address out for five")
refusal("expressway_ban", "expressway.md 1.1", "connections of an address that has failed to log in too often")


class Intrusion:
    """The failures of one peer: {(category, address): when each is forgotten}."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._failures: dict[tuple[str, str], list[float]] = {}
        self._until: dict[tuple[str, str], float] = {}

    def failed(self, category: str, address: str) -> None:
        """A login was refused."""
        clock, key = self._peer.world.clock, (category, address)
        recent = [end for end in self._failures.get(key, ()) if end > clock.epoch()] + [clock.after(WINDOW)]
        self._failures[key] = recent
        if len(recent) >= int(self._peer.world.variant("expressway_ban_after")):
            self._until[key] = clock.after(BAN)
            self._failures[key] = []

    def banned(self, category: str, address: str) -> bool:
        """Whether an address is kept out now."""
        return self._until.get((category, address), 0.0) > self._peer.world.clock.epoch() and self._peer.world.refuses("expressway_ban")

    def counts(self) -> dict[str, tuple[int, int]]:
        """{category: (addresses that are kept out now, recent failures)}."""
        now = self._peer.world.clock.epoch()
        return {name: (sum(end > now for (word, _address), end in self._until.items() if word == name),
                       sum(end > now for (word, _address), ends in self._failures.items() if word == name for end in ends)) for name in CATEGORIES}

    def save(self) -> dict:
        """State for a snapshot."""
        return {"failures": self._failures, "until": self._until}

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        self._failures, self._until = state["failures"], state["until"]
