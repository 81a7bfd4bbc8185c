# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection of the graph, and what becomes of it."""
from __future__ import annotations

from dataclasses import dataclass

from .needs import PLAIN

HOLDS, FAILS, IN_CLEAR, UNKNOWN = "holds", "fails", "plain", "unknown"


@dataclass(frozen=True)
class Connection:
    """client, server: who, for people; client_node, server_node: their inventory names, None for what is no node of ours; purpose: which call or registration
    it carries; needs: what has to hold for it; unread: why one of its ends could not be read, or "". step: of the guide."""

    client: str
    server: str
    client_node: str | None
    server_node: str | None
    port: int
    protocol: str
    mutual: bool
    purpose: str
    needs: tuple
    step: str | None = None
    unread: str = ""

    @property
    def key(self):
        """What makes it the same connection in another judgement."""
        return (self.purpose, self.client, self.server, self.protocol)

    @property
    def name(self):
        """Its name for people."""
        return "%s: %s to %s port %s" % (self.purpose, self.client, self.server, self.port)

    def problems(self, now):
        """[Problem], each once."""
        return list(dict.fromkeys(problem for need in self.needs for problem in need.problems(now)))


def verdict(connection, problems):
    """What becomes of a connection with these problems."""
    if connection.unread:
        return UNKNOWN
    if any(problem.id == PLAIN for problem in problems):
        return IN_CLEAR
    return FAILS if problems else HOLDS
