# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a device to come to a state, with a message that says what is still missing when it does not."""

from __future__ import annotations

import time

from ..errors import NodeError

# What an answer may be like while a node's web server or one of its services restarts: no connection, none in time, a 404 or 503.
AWAY = ("unreachable", "late", "lost", "refused", "busy", "version")


QUIET = 30      # seconds of a wait after which it says what is still missing, and again after as many


class Stuck(Exception):
    """A wait that ran out, or a state that no waiting will mend. The text is for the operator: what, where, what is missing, what to do."""


class Waiting(Exception):
    """Raised by a check: not there yet. The text says what is missing."""


class Pauses:
    """How long waits last and how they pause: seconds between two looks, and the clock (replaceable in tests). say: shows a line to the operator."""

    def __init__(self, seconds=5.0, sleep=time.sleep, clock=time.monotonic, say=None):
        self.seconds, self.sleep, self.clock, self.say = seconds, sleep, clock, say

    def until(self, check, timeout, fail, slower=1, longest=1):
        """Call check() until it returns without raising Waiting; its result.

        timeout: seconds; fail: function of the last missing text that gives the error's text; slower: by how much each pause is longer than the one
        before, up to longest times the first. A NodeError that a restart explains counts as waiting ("busy" with a longer pause, since the device asked
        for one); a refused login never does: it is not tried again.
        """
        start, times = self.clock(), 1
        end, shown = start + timeout, start
        while True:
            pause, times = self.seconds * times, min(times * slower, longest)
            try:
                return check()
            except Waiting as e:
                missing = str(e)
            except NodeError as e:
                if e.kind not in AWAY:
                    raise
                missing = str(e)
                pause *= 4 if e.kind == "busy" else 1
            if self.clock() + min(pause, self.seconds) > end:
                raise Stuck(fail(missing))
            if self.say is not None and self.clock() - shown >= QUIET:
                shown = self.clock()
                self.say("waiting for %d s, %d s at most: %s" % (shown - start, timeout, missing))
            self.sleep(min(pause, max(self.seconds, end - self.clock())))


def pauses_of(action):
    """The pauses of a task: collab_poll_seconds between two looks (5 where it is not set)."""
    return Pauses(float(action.var("collab_poll_seconds", 5)), say=action.say)
