# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both clusters of Unified CM secured in one run, beside each of them alone: day 0 to the end of site.yml, each time on a lab put back to day 0."""
from __future__ import annotations

from tests.integration.harness import Estate

CLUSTERS = ("us_cm", "emea_cm")
NETWORK = "127.74"


def measure(directory, row):
    """The rows of this part. row: as in tools/bench.py."""
    estate = Estate(directory, NETWORK, CLUSTERS)
    estate.up()
    try:
        estate.save("day0")
        seconds = {}
        for name, limits in (*((cluster, ("--limit", cluster)) for cluster in CLUSTERS), ("both", ())):
            estate.load("day0")
            # What ties clusters together waits for both of them: it is no part of either one's own time.
            seconds[name] = estate.play("site.yml", "--skip-tags", "multi_cluster", *limits).ok().seconds
    finally:
        estate.down()
    return [
        *(row("%s alone, from day 0 to secured" % cluster, seconds[cluster], "s") for cluster in CLUSTERS),
        row("both at once", seconds["both"], "s", sum(seconds[cluster] for cluster in CLUSTERS), "one after the other"),
        row("both at once, in times of the slower one", seconds["both"] / max(seconds[cluster] for cluster in CLUSTERS), "x"),
    ]
