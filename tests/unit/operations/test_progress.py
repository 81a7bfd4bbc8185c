# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long wait says now and then what is still missing, and no more often than that."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import QUIET
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Waiting


def waited(seconds: float) -> list[str]:
    """The lines that a wait of so many seconds shows, with a look every five."""
    now, lines = [0.0], []

    def look() -> None:
        if now[0] < seconds:
            raise Waiting("not registered are %d of 40" % (seconds - now[0]))

    def sleep(pause: float) -> None:
        now[0] += pause

    Pauses(5.0, sleep, lambda: now[0], lines.append).until(look, 900, lambda missing: missing)
    return lines


def test_a_short_wait_says_nothing() -> None:
    """Most waits are short."""
    assert waited(QUIET - 5) == []


def test_a_long_one_says_what_is_missing_by_then() -> None:
    """One line each QUIET seconds, with what the newest look found."""
    assert waited(QUIET * 3 - 10) == [
        "waiting for 30 s, 900 s at most: not registered are 50 of 40", "waiting for 60 s, 900 s at most: not registered are 20 of 40"]
