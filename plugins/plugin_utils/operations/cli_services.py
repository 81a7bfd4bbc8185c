# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that only the command line knows: those of Unity Connection, which its Serviceability page has to itself (vos.md 3, 4).

`utils service list` says whether a service runs, and not since when. So a restart is proven by the command's own course and by the list after it.
"""
from __future__ import annotations

import re

from ..errors import NodeError
from .waiting import Stuck
from .waiting import Waiting

LINE = re.compile(r"^[ \t]*(\S[^\[\r\n]*?)[ \t]*\[(STARTED|STOPPED|STARTING|STOPPING)\][ \t]*(.*?)[ \t]*$", re.MULTILINE)


def listed(output):
    """{service: (STATE, why it is stopped)} of `utils service list`."""
    return {name: (state, rest) for name, state, rest in LINE.findall(output.replace("\r", ""))}


def read(node):
    """The services of a node as its command line lists them."""
    return listed(node.ask("vos_cli", "run", command="utils service list")["output"])


def restart(node, name, pauses, timeout):
    """Restart one service by the command line and wait until it runs. Raises Stuck. A lost answer is looked at, never sent again."""
    try:
        node.ask("vos_cli", "run", command="utils service restart %s" % name)
    except NodeError as e:
        if e.kind != "lost":
            raise Stuck("%s could not be restarted on %s: %s" % (name, node.name, e)) from None

    def look():
        state = read(node).get(name, ("not listed", ""))[0]
        if state != "STARTED":
            raise Waiting("it is %s" % state)

    pauses.until(look, timeout, lambda missing: (
        "%s on %s is not back %d s after its restart: %s. Look at the node ('utils service list' on its CLI)" % (name, node.name, timeout, missing)))
