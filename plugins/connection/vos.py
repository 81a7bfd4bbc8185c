# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: vos
author: collab.security maintainers (!UNKNOWN)
short_description: Node of Unified CM, IM and Presence or Unity Connection
version_added: 1.0.0
description:
  - All channels of a node behind one connection. AXL, Serviceability, the certificate API, CUPI and the command line are opened on first
    use and kept for the whole run, by the run's session broker.
extends_documentation_fragment:
  - collab.security._node
  - collab.security._node.ssh
  - collab.security._node.https
options:
  https_port:
    description: Port of AXL and Serviceability.
    type: int
    default: 8443
    vars:
      - name: collab_https_port
  platform_port:
    description: Port of the certificate API and, on Unity Connection, of CUPI.
    type: int
    default: 443
    vars:
      - name: collab_platform_port
  remote_user:
    description: Administrator of the platform, for the command line and the certificate API.
    type: str
    vars:
      - name: ansible_user
  application_user:
    description: Application user, for AXL and Serviceability; on Unity Connection for CUPI.
    type: str
    vars:
      - name: collab_application_user
  application_password:
    description: Password of O(application_user).
    type: str
    vars:
      - name: collab_application_password
  cache_dir:
    description:
      - Directory for what is kept between runs to save time (the AXL schema, cut down).
      - By default C(collab.security) in E(XDG_CACHE_HOME) or C(~/.cache).
    type: path
    env:
      - name: COLLAB_CACHE_DIR
    vars:
      - name: collab_cache_dir
"""

from ansible_collections.collab.security.plugins.plugin_utils.node import NodeConnection


class Connection(NodeConnection):
    """See DOCUMENTATION."""

    transport = "collab.security.vos"
