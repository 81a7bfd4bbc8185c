# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold before a management server's certificate is prepared."""

from __future__ import annotations

from ..operations.preconditions import WARNING
from ..operations.preconditions import Note


def look(action):
    """[Note] of one server: whether it answers by TLS. One that does not stops nobody; nothing is written to it."""
    node = action.node
    seen = node.ask("tls", "probe", address=node.host, port=node.ports["https"], server_name=node.fqdn)
    if seen["chain"]:
        return []
    return [Note("not-reachable", WARNING, node.name, "%s:%s does not answer by TLS (%s). Check ansible_host and collab_https_port of %s, and that it is up"
                 % (node.host, node.ports["https"], seen["error"], node.name))]
