# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and writing back an object, whatever product it is of."""

from __future__ import annotations

from ..asking import axl
from . import axl_objects
from . import ios_lines
from . import web_objects


def read(node, kind, key, like):
    """The elements of `like` as the object has them now, in the form in which they are written; None where it is not there."""
    if kind in web_objects.WAYS:
        return web_objects.read(node, kind, key, like)
    if kind == ios_lines.LINES:
        return ios_lines.read(node, like)
    return axl_objects.read(node, kind, key, like)


def write(node, act, kind, key, elements):
    """Write elements back, or remove what was added."""
    if kind in web_objects.WAYS:
        web_objects.write(node, kind, key, elements)
    elif kind == ios_lines.LINES:
        ios_lines.write(node, elements)
    else:
        axl(node, (act + kind, {**key, **elements}))


def described(act, kind):
    """{channel, operation} of that, as a report has them."""
    if kind == ios_lines.LINES:
        return {"channel": "ios_cli", "operation": "configure"}
    way = web_objects.WAYS.get(kind)
    return {"channel": way.channel, "operation": way.operation} if way else {"channel": "axl", "operation": act + kind}
