# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was expected of a connection beside what handshakes proved. Pure: rows in, rows out."""
from __future__ import annotations

from .connection import FAILS
from .connection import IN_CLEAR
from .connection import UNKNOWN

PROVED, FAILED, NOT_TRIED = "proved", "failed", "-"


def beside(rows, handshakes, addresses):
    """Puts the verdict of the handshake with each connection's server into its row (`proved`); returns where the two disagree, as {node, object, message}.
    addresses: {node: address}, by which what a router was shown by others is told from what it shows itself.

    A handshake from here shows what the server itself shows, to whomever. So it disagrees where it failed and every connection to the port is expected to
    hold, and where it was proved and the connection is expected to fail by the server's own certificate.
    """
    seen = {(one["node"], one["port"]): one for one in handshakes if one["address"] == addresses.get(one["node"])}
    expected = {(row["server_node"], row["port"]) for row in rows if row["today"] in (FAILS, IN_CLEAR)}
    found = {}
    for row in rows:
        shake = seen.get((row["server_node"], row["port"]))
        row["proved"] = shake["verdict"] if shake else NOT_TRIED
        if shake is None or row["today"] == UNKNOWN:
            continue
        where = "%s port %s" % (row["server_node"], row["port"])
        if shake["verdict"] == FAILED and (row["server_node"], row["port"]) not in expected:
            found[where] = row["server_node"], "the connection from %s is expected to hold, and the handshake failed: %s" % (
                row["client_node"] or row["client"], "; ".join(shake["problems"]))
        elif row["today"] == FAILS and not row["served"] and shake["verdict"] == PROVED:
            found[where] = row["server_node"], "the connection from %s is expected to fail (%s), and the handshake proved what is served" % (
                row["client_node"] or row["client"], "; ".join(row["problems"]))
    return [{"node": node, "object": where, "message": message} for where, (node, message) in found.items()]
