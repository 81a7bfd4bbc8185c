# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was expected of a connection beside what handshakes proved. Pure: rows in, rows out."""
from __future__ import annotations

from .connection import FAILS
from .connection import HOLDS
from .connection import UNKNOWN

PROVED, FAILED, REFUSED, NOT_TRIED = "proved", "failed", "refused", "-"


def beside(rows, handshakes):
    """Puts the verdict of the handshake with each connection's server into its row (`proved`); returns where the two disagree, as {object, message}.

    A handshake from here shows what the server itself shows. So it disagrees where it failed and the connection is expected to hold, and where it was proved
    and the connection is expected to fail by the server's own certificate. A server that only refused the client certificate of the handshake has shown what
    it had to; whom it trusts, the graph has of its own.
    """
    seen = {(one["node"], one["port"]): one for one in handshakes}
    found = {}
    for row in rows:
        shake = seen.get((row["server_node"], row["port"]))
        row["proved"] = shake["verdict"] if shake else NOT_TRIED
        if shake is None or row["today"] == UNKNOWN:
            continue
        where = "%s port %s" % (row["server_node"], row["port"])
        refused = shake.get("client") == REFUSED and len(shake["problems"]) == 1       # what else the server showed was right
        if row["today"] == HOLDS and shake["verdict"] == FAILED and not refused:
            found[where] = "the connection from %s is expected to hold, and the handshake failed: %s" % (
                row["client_node"] or row["client"], "; ".join(shake["problems"]))
        elif row["today"] == FAILS and not row["served"] and shake["verdict"] == PROVED:
            found[where] = "the connection from %s is expected to fail (%s), and the handshake proved what is served" % (
                row["client_node"] or row["client"], "; ".join(row["problems"]))
    return [{"object": where, "message": message} for where, message in found.items()]
