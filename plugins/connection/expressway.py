# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: expressway
author: collab.security maintainers (!UNKNOWN)
short_description: Peer of a Cisco Expressway-C or Expressway-E cluster
version_added: 1.0.0
description:
  - All channels of a peer behind one connection. The REST API and the command line are opened on first use and kept for the whole run, by the
    run's session broker. The first refused login ends what the run does with that account, because Expressway bans an address that fails often.
extends_documentation_fragment:
  - collab.security._node
  - collab.security._node.ssh
  - collab.security._node.https
options:
  https_port:
    description: Port of web administration and of the REST API.
    type: int
    default: 443
    vars:
      - name: collab_https_port
  remote_user:
    description: Administrator. The command line takes C(admin) only; the account needs access to the API.
    type: str
    vars:
      - name: ansible_user
  public_ca_file:
    description: PEM file with the public CA's root and intermediate certificates, which Expressway-E's certificate is issued by.
    type: path
    vars:
      - name: collab_public_ca_file
"""

from ansible_collections.collab.security.plugins.plugin_utils.node import NodeConnection


class Connection(NodeConnection):
    """See DOCUMENTATION."""

    transport = "collab.security.expressway"
