"""Snapshots of the whole estate: everything that `World.keep` knows, by name, in memory.

Listeners stay open: TLS contexts are looked up at each handshake, so the restored certificates are served at once.
"""

from __future__ import annotations

import pickle
import re
from typing import Any

from lab.core.world import World


class Snapshots:
    """The snapshots of one running lab; they go with it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._held: dict[str, dict[str, Any]] = {}

    def names(self) -> list[str]:
        """All snapshots there are."""
        return sorted(self._held)

    def take(self, name: str) -> None:
        """Remember the estate as it is now. Raises ValueError for a name that is no plain word."""
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
            raise ValueError("a snapshot's name may hold letters, digits, dot, dash and underscore")
        # Pickled unless it says that it is safe to share: what is held must not change with the estate.
        self._held[name] = {
            key: kept.save() if kept.shared else pickle.dumps(kept.save(), pickle.HIGHEST_PROTOCOL) for key, kept in self._world.kept.items()
        }

    async def restore(self, name: str) -> None:
        """Bring the estate back. Raises KeyError for an unknown name. What was under way ends; restarts that the snapshot holds resume."""
        held = self._held[name]
        await self._world.end_tasks()
        for key, kept in self._world.kept.items():
            if key in held:
                kept.load(held[key] if kept.shared else pickle.loads(held[key]))
