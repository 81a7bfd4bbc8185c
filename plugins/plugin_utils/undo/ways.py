# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file reads, writes back and removes an object, whatever product it is of. Each has read, write, described; some remove, settled, obstacle."""

from __future__ import annotations

from . import axl_objects
from . import ios_lines
from . import mmp_services
from . import unity_objects
from . import web_objects
from . import zones_by_number

OTHERS = (web_objects, zones_by_number, ios_lines, unity_objects, mmp_services)        # than Unified CM


def written(channel, operation, arguments):
    """(act, kind, key, elements) of a request that a rollback can bring back; None for any other. Not for AXL."""
    found = (way.written(channel, operation, arguments) for way in OTHERS)
    return next((one for one in found if one is not None), None)


def way_of(kind):
    """The file that knows objects of this kind."""
    return next((way for way in OTHERS if kind in way.KINDS), axl_objects)


def settled(node, kind, key, elements):
    """(key, elements) with what the request itself does not say: the object's name, what is in a file."""
    way = way_of(kind)
    return way.settled(node, kind, key, elements) if hasattr(way, "settled") else (key, elements)


def obstacle(node, kind, key, elements):
    """Why elements cannot be written back, "" where they can."""
    way = way_of(kind)
    return way.obstacle(node, kind, key, elements) if hasattr(way, "obstacle") else ""


def read(node, kind, key, like):
    """The elements of `like` as the object has them now, in the form in which they are written; None where it is not there."""
    return way_of(kind).read(node, kind, key, like)


def write(node, act, kind, key, elements):
    """Write elements back, or remove what was added."""
    way = way_of(kind)
    if act == "remove":
        way.remove(node, kind, key)
    else:
        way.write(node, kind, key, elements)


def described(act, kind):
    """{channel, operation} of that, as a report has them."""
    return way_of(kind).described(act, kind)
