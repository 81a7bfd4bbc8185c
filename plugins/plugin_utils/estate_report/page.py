# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML page that needs nothing but itself."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment
from jinja2 import FileSystemLoader
from jinja2 import StrictUndefined

from . import time_line
from . import trust_picture

ABOUT = {"ok": "as it should be", "drift": "differs", "pending": "waits for a person", "failed": "failed", "changed": "was changed",
         "none": "not part of this run"}
SIGN = {"ok": "✓", "drift": "≠", "pending": "…", "failed": "✗", "changed": "Δ", "none": "·"}


def page(model):
    """The HTML text of a model (estate_report.model)."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    names = [cluster["name"] for cluster in model["clusters"]]
    return environment.get_template("page.html.j2").render(
        model=model, about=ABOUT, sign=SIGN, line=time_line.time_line(model["certificates"], names), ends=time_line.GRAVES, end=time_line.WORDS,
        grave=time_line.grave,
        picture=trust_picture.trust_picture(model["trust"] or [], names), states=trust_picture.STATES, state=trust_picture.WORDS,
        state_of=trust_picture.state_of)
