# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways through /status.xml and /configuration.xml as the channel gives them (channels/expressway_xml.py): nested dicts. Names count whatever their case."""
from __future__ import annotations


def below(document, *names):
    """What stands below these names; None where nothing does. A list on the way counts by its first entry."""
    for name in names:
        document = document[0] if isinstance(document, list) and document else document
        if not isinstance(document, dict):
            return None
        document = next((value for key, value in document.items() if key.lower() == name.lower()), None)
    return document


def entries(document, *names):
    """The entries of a list there, as dicts: none, one or many."""
    found = below(document, *names)
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def text(document, *names):
    """The text there, "" where there is none."""
    found = below(document, *names)
    return found if isinstance(found, str) else ""
