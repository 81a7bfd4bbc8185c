# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs killed (SIGKILL) at each write in turn: nothing is lost, nothing is done twice, and the next run goes on from there."""
from __future__ import annotations

from collections import Counter

from tests.integration.harness import Estate

# Phones have kills of their own (test_phones.py): each of them would cost two runs here.
NO_PHONES = {"phones_rules": [{"name": "nobody", "names": ["*"], "skip": True}]}
# More runs than this means that one write is made again and again.
MOST = 150


def writes(estate: Estate, since: int) -> Counter:
    """What was written since then, and how often."""
    return Counter((e["node"], e["operation"]) for e in estate.journal(writes=True, since=since))


def test_killed_at_each_write_in_turn(estate: Estate) -> None:
    """Each run is killed as soon as it has written once. Together they write what one undisturbed run writes, and no more."""
    since = estate.mark()
    estate.play(variables=NO_PHONES).ok()
    undisturbed = writes(estate, since)

    estate.load("day0")
    since = estate.mark()
    killed = 0
    while estate.play_and_kill(1, variables=NO_PHONES):
        killed += 1
        assert killed < MOST, writes(estate, since).most_common(5)
    assert killed >= len(undisturbed) / 2, "too few kills to mean anything"

    estate.play(variables=NO_PHONES).ok()
    assert writes(estate, since) == undisturbed

    since = estate.mark()
    assert estate.play(variables=NO_PHONES).ok().changed == 0
    assert estate.journal(writes=True, since=since) == []
    assert estate.play("verify.yml").ok()
