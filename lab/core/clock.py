"""The lab's clock: today's date, with durations that pass faster than in life.

Two things are kept apart. The *date* is the real one (plus what `clock advance` added), so that certificates are valid for real
clients. *Durations* (a restart of two minutes, a replication delay) are virtual: they take `virtual / speed` seconds. So a moment
in the future is always asked for with `after(virtual_seconds)`, never computed with a plain timedelta.
"""

from __future__ import annotations

import asyncio
import datetime
import time


class Clock:
    """speed: how many virtual seconds pass in a real one (1.0 = as in life)."""

    def __init__(self, speed: float = 60.0) -> None:
        if speed <= 0:
            raise ValueError("speed must be greater than 0")
        self.speed = float(speed)
        self.offset = 0.0
        self._moved: asyncio.Event | None = None

    def epoch(self) -> float:
        """The lab's present time in seconds since 1970."""
        return time.time() + self.offset

    def now(self) -> datetime.datetime:
        """The lab's present time, aware, UTC."""
        return datetime.datetime.fromtimestamp(self.epoch(), datetime.UTC)

    def after(self, virtual_seconds: float) -> float:
        """The epoch at which a virtual duration that begins now has passed."""
        return self.epoch() + virtual_seconds / self.speed

    def start_after(self, began: float) -> float:
        """The epoch that something which began to restart at `began` shows as its start: a second later at least.

        A restart takes half a minute or more in life, and dates are compared by the second: one that takes a hundredth here must not look as if it had
        been before what was done just before it.
        """
        return max(self.epoch(), began + 1)

    def elapsed(self, since_epoch: float) -> float:
        """Seconds of the lab's date since `since_epoch` (an up time, for instance); never negative."""
        return max(0.0, self.epoch() - since_epoch)

    async def sleep(self, virtual_seconds: float) -> None:
        """Wait for a virtual duration. `advance` shortens it."""
        await self.until(self.after(virtual_seconds))

    async def until(self, epoch: float) -> None:
        """Wait for a moment of the lab's date."""
        while (left := epoch - self.epoch()) > 0:
            if self._moved is None:
                self._moved = asyncio.Event()
            try:
                await asyncio.wait_for(self._moved.wait(), left)
            except TimeoutError:
                continue

    def advance(self, seconds: float) -> None:
        """Move the date forward. Whoever waits for a moment that has now passed goes on at once.

        Raises ValueError for a negative number: the products' clocks do not run backwards, and neither does ours.
        """
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self.offset += seconds
        moved, self._moved = self._moved, None
        if moved is not None:
            moved.set()
