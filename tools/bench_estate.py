# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift check of five, ten and twenty clusters in one lab, and the memory of the whole run. All have as much to find: they are as installed.

Five clusters are more than one a core on most machines; from there on the time may grow as fast as their number, and no faster.
"""
from __future__ import annotations

from tests.integration.harness import Estate
from tools.many_clusters import many_clusters
from tools.many_clusters import names
from tools.memory import Memory

COUNTS = (5, 10, 20)
NETWORK = "127.73"


def estate_of(directory, network, count):
    """An estate of `count` clusters."""
    estate = Estate(directory, network, ("us_cm",))
    many_clusters(network, estate.inventory, count)
    return estate


def drift(estate, count):
    """(seconds, peak bytes) of the drift check of the first `count` clusters."""
    with Memory() as memory:
        run = estate.play("drift.yml", "--limit", ",".join(names(count)), environment=memory.environment).ok()
    found = {host for host, counts in run.report["hosts"].items() if counts["ok"]}
    if len(found) != count or not run.findings:
        raise SystemExit("the drift check has looked at %d of %d clusters" % (len(found), count))
    return run.seconds, memory.peak


def measure(directory, row):
    """The rows of this part. row: as in tools/bench.py."""
    estate = estate_of(directory, NETWORK, max(COUNTS))
    estate.up()
    try:
        drift(estate, min(COUNTS))                      # what is cached on this machine is, from here on
        taken = {count: drift(estate, count) for count in COUNTS}
    finally:
        estate.down()
    first = taken[COUNTS[0]][0]
    return [
        *(row("drift check of %d clusters" % count, seconds, "s") for count, (seconds, _peak) in taken.items()),
        *(row("%d clusters in times of %d (%.1f at most)" % (count, COUNTS[0], count / COUNTS[0]), taken[count][0] / first, "x") for count in COUNTS[1:]),
        *(row("peak memory of the run over %d clusters (2,000 MB at most)" % count, peak / 1e6, "MB") for count, (_seconds, peak) in taken.items()),
    ]
