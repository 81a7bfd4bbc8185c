# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory a run needs, with all processes that it starts, as Linux counts it."""
from __future__ import annotations

import threading
import time
from pathlib import Path


class Memory:
    """Peak of the proportional memory of a run: of every process that has inherited its mark."""

    def __init__(self):
        self.mark, self.peak, self.over = "BENCH_RUN=%d" % time.monotonic_ns(), 0, threading.Event()
        self.thread = threading.Thread(target=self._watch)

    @property
    def environment(self):
        """What the run has to be started with, so that its processes are known by it."""
        name, _equals, value = self.mark.partition("=")
        return {name: value}

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.over.set()
        self.thread.join()

    def _watch(self):
        while not self.over.wait(0.2):
            self.peak = max(self.peak, sum(self._of(p) for p in Path("/proc").glob("[0-9]*")))

    def _of(self, process):
        try:
            if self.mark.encode() not in (process / "environ").read_bytes():
                return 0
            return int((process / "smaps_rollup").read_text().partition("\nPss:")[2].split()[0]) * 1024
        except (OSError, IndexError):
            return 0
