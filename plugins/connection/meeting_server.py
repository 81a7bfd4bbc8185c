# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: meeting_server
author: collab.security maintainers (!UNKNOWN)
short_description: Node of Cisco Meeting Server
version_added: 1.0.0
description:
  - All channels of a node behind one connection. The command line of the MMP (SSH), its files (SFTP) and the REST API are opened on first use and kept for
    the whole run, by the run's session broker.
extends_documentation_fragment:
  - collab.security._node
  - collab.security._node.ssh
  - collab.security._node.https
options:
  https_port:
    description: Port of Web Admin, which serves the REST API.
    type: int
    default: 443
    vars:
      - name: collab_https_port
  remote_user:
    description: Administrator of the MMP.
    type: str
    vars:
      - name: ansible_user
  application_user:
    description: User of the REST API.
    type: str
    vars:
      - name: collab_application_user
  application_password:
    description: Password of O(application_user).
    type: str
    vars:
      - name: collab_application_password
"""

from ansible_collections.collab.security.plugins.plugin_utils.node import NodeConnection


class Connection(NodeConnection):
    """See DOCUMENTATION."""

    transport = "collab.security.meeting_server"
