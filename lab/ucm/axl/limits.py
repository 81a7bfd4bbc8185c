"""The limits of AXL that bite: reply size, large queries at once, outstanding change notifications (axl.md 5, lab.md 2.5)."""
from __future__ import annotations

from typing import Any

from lab.core.refusals import refusal
from lab.ucm.axl.soap import Fault

refusal("axl_reply_size", "axl.md 5; transcripts/axl/fault_throttle_query_too_large.xml", "A reply of more than 8 MB is refused.")
refusal("axl_large_queries", "axl.md 5", "Of three large queries at once the third is refused.")
refusal("axl_change_notifications", "axl.md 5", "Writes are refused while more than 1,500 change notifications are outstanding.")

REPLY = 8 * 1024 * 1024         # bytes of one reply
TOGETHER = 2 * REPLY            # bytes of all large replies under way on a node
LARGE = 1024 * 1024             # from here on a reply counts as large
SECONDS_PER_MEGABYTE = 1.0      # virtual time a large reply is under way; the lab's own figure
OUTSTANDING = 1500              # change notifications


def too_large(rows: int, size: int) -> Fault:
    """The fault that refuses a reply of `size` bytes with `rows` rows."""
    fewer = max(1, rows * REPLY // max(size, 1) * 9 // 10)
    return Fault(-1, f"Query request too large. Total rows matched: {rows} rows. Suggestive Row Fetch: less than {fewer} rows")


class Gate:
    """Large replies under way on one node; under_way: their bytes."""

    def __init__(self, world: Any):
        self._world, self.under_way = world, 0

    async def pass_through(self, rows: int, size: int) -> None:
        """Waits as long as a large reply takes; small ones pass at once. Raises Fault."""
        if size > REPLY and self._world.refuses("axl_reply_size"):
            raise too_large(rows, size)
        if size < LARGE:
            return
        if self.under_way + size > TOGETHER and self._world.refuses("axl_large_queries"):
            raise too_large(rows, self.under_way + size)
        self.under_way += size
        try:
            await self._world.clock.sleep(size / LARGE * SECONDS_PER_MEGABYTE)
        finally:
            self.under_way -= size


class Notifications:
    """Outstanding change notifications of a cluster; they drain in virtual time. The weight of a write is the number of rows it changed."""

    def __init__(self, world: Any):
        self._world = world
        self._count, self._since = 0.0, self._now()

    def _now(self) -> float:
        return self._world.clock.epoch()

    def _work_off(self) -> None:
        now = self._now()
        self._count = max(0.0, self._count - (now - self._since) * self._world.clock.speed * self._world.drain)
        self._since = now

    @property
    def outstanding(self) -> int:
        """How many are outstanding now."""
        self._work_off()
        return int(self._count)

    def add(self, count: int) -> None:
        """More of them, after a write."""
        self._work_off()
        self._count += count

    def set(self, count: int) -> None:
        """So many, whatever there were (a restored snapshot)."""
        self._count, self._since = float(count), self._now()

    def refuse_writes(self) -> bool:
        """Whether a write must now be answered with HTTP 503."""
        return self.outstanding > OUTSTANDING and self._world.refuses("axl_change_notifications")
