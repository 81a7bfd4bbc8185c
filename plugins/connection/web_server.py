# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: web_server
author: collab.security maintainers (!UNKNOWN)
short_description: Server of which nothing is asked but what it serves
version_added: 1.0.0
description:
  - For products without an interface for their certificates (Meeting Management, Prime Collaboration Provisioning) and for TMS, whose Windows is reached by
    other means. The only thing done is TLS handshakes, to see which certificate is served.
extends_documentation_fragment:
  - collab.security._node
options:
  fqdn:
    description: Name that the server's certificate is verified against. By default the name in the inventory and O(domain).
    type: str
    vars:
      - name: collab_fqdn
  https_port:
    description: Port of the web interface.
    type: int
    default: 443
    vars:
      - name: collab_https_port
"""

from ansible_collections.collab.security.plugins.plugin_utils.node import NodeConnection


class Connection(NodeConnection):
    """See DOCUMENTATION."""

    transport = "collab.security.web_server"
