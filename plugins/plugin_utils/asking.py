# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small ways of asking a node, shared by the modules that work over AXL."""
from __future__ import annotations


def axl(node, request):
    """Sends one (operation, arguments), as resources/ makes them, and gives the reply as plain data."""
    operation, arguments = request
    return node.ask("axl", "call", operation=operation, arguments=arguments)


class DeviceTime:
    """The node's own clock, asked once: seconds since 1970 by the Date header of its answer."""

    def __init__(self, node):
        self.node, self.seen = node, None

    def __call__(self):
        if self.seen is None:
            self.seen = int(self.node.ask("serviceability", "status", services=["Cisco CallManager"])["date"])
        return self.seen
