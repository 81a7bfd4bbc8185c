# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: ios
author: collab.security maintainers (!UNKNOWN)
short_description: Router with IOS or IOS XE
version_added: 1.0.0
description:
  - The command line of a voice gateway, Cisco Unified Border Element or SRST router, over SSH. One login is kept for the whole run, by the run's session
    broker.
extends_documentation_fragment:
  - collab.security._node
  - collab.security._node.ssh
options:
  fqdn:
    description: The router's name, by which its SSH host key may be listed and its certificate is made out. By default the name in the inventory and O(domain).
    type: str
    vars:
      - name: collab_fqdn
  remote_user:
    description: User who may configure the router.
    type: str
    vars:
      - name: ansible_user
  enable_password:
    description: Password of C(enable), where the login does not end in privileged mode.
    type: str
    vars:
      - name: collab_enable_password
"""

from ansible_collections.collab.security.plugins.plugin_utils.node import NodeConnection


class Connection(NodeConnection):
    """See DOCUMENTATION."""

    transport = "collab.security.ios"
