# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names as this machine resolves them. Asked of no device: a router is told addresses where the inventory has names."""

from __future__ import annotations

import socket

from ..errors import NodeError


class Channel:
    """Look-ups. Keeps no connection."""

    def __init__(self, option):
        self.option = option

    def close(self):
        """Nothing is kept open."""

    def ipv4(self, left, name):
        """The first IPv4 address of a name, as text. Raises NodeError "refused" where it has none."""
        try:
            return str(socket.getaddrinfo(name, None, socket.AF_INET)[0][4][0])
        except OSError as e:
            raise NodeError("refused", "%s: %s" % (name, e.strerror or e), {"sent": False}) from None
