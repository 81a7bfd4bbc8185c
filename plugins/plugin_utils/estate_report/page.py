# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML page that needs nothing but itself."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment
from jinja2 import StrictUndefined

SPAN = 800      # days that the time line shows; what ends later stands at its end
SOON = 30
ABOUT = {"ok": "as it should be", "drift": "differs", "pending": "waits for a person", "failed": "failed", "changed": "was changed",
         "none": "not part of this run"}
SIGN = {"ok": "✓", "drift": "≠", "pending": "…", "failed": "✗", "changed": "Δ", "none": "·"}


def page(model):
    """The HTML text of a model (estate_report.model)."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(Path(__file__).with_name("page.html.j2").read_text(encoding="utf-8"))
    return template.render(model=model, about=ABOUT, sign=SIGN, line=time_line(model["certificates"]), picture=picture(model["connections"]))


def time_line(rows):
    """[{label, days, left (percent of the time line), grave}] of certificates."""
    return [{"label": "%s:%s %s" % (row["node"], row["port"], row["purpose"]), "days": row["days"], "until": row["valid_until"][:10],
             "left": round(100 * min(max(row["days"], 0), SPAN) / SPAN, 1), "grave": "past" if row["days"] < 0 else "soon" if row["days"] < SOON else "good"}
            for row in rows]


def picture(connections):
    """{height, clusters: [{name, y, h}], ports: [{x, y, label, verdict, title}]}: each cluster a row of the ports that were looked at."""
    clusters = list(dict.fromkeys(row["cluster"] for row in connections))
    rows, ports, y = [], [], 10
    for name in clusters:
        mine = [row for row in connections if row["cluster"] == name]
        for i, row in enumerate(mine):
            ports.append({"x": 170 + (i % 4) * 190, "y": y + 12 + (i // 4) * 34, "label": "%s:%s" % (row["node"], row["port"]), "verdict": row["verdict"],
                          "title": "%s, %s, %s" % (row["purpose"], row["certificate"], "; ".join(row["problems"]) or row["protocol"])})
        height = 24 + ((len(mine) + 3) // 4) * 34
        rows.append({"name": name, "y": y, "h": height})
        y += height + 12
    return {"height": y + 4, "clusters": rows, "ports": ports}
