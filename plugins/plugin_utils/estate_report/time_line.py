# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates on a time line: where each mark stands. Pure data.

Across, everything is in percent of the picture's width, so that the picture fits a phone and a sheet of paper without its text becoming smaller or larger;
down, it is in pixels. The nearer a day, the wider it is drawn (by the square root): what ends soon is what has to be told apart.
"""

from __future__ import annotations

from math import sqrt

SPAN = 800                      # days after today that are shown; what ends later stands at the end
TODAY, LAST = 9.0, 97.0         # percent; what has ended already stands left of today
ENDED = 3.5
TICKS = ((0, "today"), (30, "30 d"), (90, "90 d"), (365, "1 year"), (730, "2 years"))
GRAVES = (("past", "ended"), ("month", "ends within 30 days"), ("quarter", "ends within 90 days"), ("good", "ends later"))
WORDS = dict(GRAVES)
TOP, LANE, TEXT, MARK = 24, 46, 16, 32


def grave(days):
    """How near the end of a certificate is: past, month, quarter or good."""
    return "past" if days < 0 else "month" if days <= 30 else "quarter" if days <= 90 else "good"


def across(days):
    """Where a day stands, in percent of the width."""
    return ENDED if days < 0 else round(TODAY + (LAST - TODAY) * sqrt(min(days, SPAN) / SPAN), 2)


def time_line(certificates, clusters):
    """{height, bottom, ticks: [{x, label}], lanes: [{name, y, text, line, told, marks: [{x, y, grave, title}]}]}.

    certificates  as in the report's model          clusters  names, in the order of the lanes; one without a certificate has none
    Certificates of a cluster that end on the same day are one mark. told: how many of a lane end soon, in words, so that nothing rests on form or colour.
    """
    lanes = []
    for name in clusters:
        mine = [row for row in certificates if row["cluster"] == name]
        if mine:
            top = TOP + LANE * len(lanes)
            lanes.append({"name": name, "y": top, "text": top + TEXT, "line": top + MARK, "told": told(mine), "marks": marks(mine, top + MARK)})
    bottom = TOP + LANE * len(lanes)
    return {"height": bottom + 4, "bottom": bottom, "ticks": [{"x": across(days), "label": label} for days, label in TICKS], "lanes": lanes}


def marks(rows, y):
    """One mark a day, the last first, so that the most urgent is drawn on top."""
    by_day = {}
    for row in rows:
        by_day.setdefault(row["days"], []).append(row)
    return [{"x": across(days), "y": y, "grave": grave(days), "title": "%s, %s: %s" % (
        by_day[days][0]["valid_until"][:10], WORDS[grave(days)], ", ".join("%s:%s" % (row["node"], row["port"]) for row in by_day[days]))}
        for days in sorted(by_day, reverse=True)]


def told(rows):
    """How many end soon: "1 ended, 2 ≤ 30 d", or the first day of them all where none does."""
    graves = [grave(row["days"]) for row in rows]
    parts = ["%d %s" % (graves.count(name), words) for name, words in (("past", "ended"), ("month", "≤ 30 d"), ("quarter", "≤ 90 d"))
             if name in graves]
    return ", ".join(parts) or "first ends %s" % min(row["valid_until"] for row in rows)[:10]
