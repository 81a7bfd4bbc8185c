# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a first look has found, as findings and figures."""

from __future__ import annotations

from .assumption import DIFFERS
from .assumption import HOLDS
from .assumption import NOT_SEEN

SEVERITY = {True: "info", False: "medium"}      # a reading that the collection works under as well, or one that nobody has thought of


def tell(report, node, results):
    """Everything that differs, into the report."""
    for one in results:
        if one["result"] == DIFFERS:
            report.finding("first-contact", SEVERITY[one["known"]], "%s, %s" % (node, one["row"]), "%s, %s: assumed was that %s%s. It shows: %s" % (
                one["channel"], one["request"], one["assumed"], "; the collection works under this reading, too" if one["known"] else "", one["seen"]))


def counted(results):
    """How many hold, differ and were not seen; how many of those that differ are known."""
    figures = {name: sum(one["result"] == name for one in results) for name in (HOLDS, DIFFERS, NOT_SEEN)}
    return dict(figures, known=sum(one["result"] == DIFFERS and one["known"] for one in results))
