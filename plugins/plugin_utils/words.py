# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers and lists in messages that are about thousands of things."""

from __future__ import annotations


def many(number, noun="phone", plural="s"):
    """"1 phone", "2 phones"."""
    return "%d %s%s" % (number, noun, "" if number == 1 else plural)


def some(names, most=5):
    """The first names, and how many more there are."""
    names = list(names)
    return ", ".join(names[:most]) + (" and %d more" % (len(names) - most) if len(names) > most else "")
