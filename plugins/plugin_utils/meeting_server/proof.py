# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Meeting Server has to serve where, for the proof by handshakes."""

from __future__ import annotations

from ..pki.products import Listener
from .reading import Server

PURPOSES = {"webadmin": "Web Admin, API", "callbridge": "SIP TLS", "xmpp": "XMPP clients", "webbridge": "Web Bridge", "webbridge3": "Web Bridge"}


def targets(node):
    """[(Listener, installed certificate or None)] of every service that is set up on a node and that the inventory gives it."""
    server, found = Server(node), []
    for status in server.statuses.values():
        if status.set_up:
            leaf = server.leaf(status.installed(status.service.slots[0])[1])
            found.append((Listener(status.service.name, status.port(node), status.service.name, PURPOSES[status.service.name], status.service.starttls), leaf))
    return found
