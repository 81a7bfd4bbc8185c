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
  - Certificates of the node are verified against O(fqdn) although O(host) is dialled. SSH host keys are checked against O(known_hosts).
  - No module can run on such a host. Plays need C(gather_facts=false), and other modules C(delegate_to=localhost).
options:
  host:
    description: Address that is dialled.
    type: str
    default: inventory_hostname
    vars:
      - name: inventory_hostname
      - name: ansible_host
  name:
    description: Name in the inventory, from which O(fqdn) is made where that is not set.
    type: str
    vars:
      - name: inventory_hostname
  domain:
    description: Domain, from which O(fqdn) is made where that is not set.
    type: str
    vars:
      - name: collab_domain
  fqdn:
    description: Name that the node's certificates are verified against. By default the name in the inventory and O(domain).
    type: str
    vars:
      - name: collab_fqdn
  cluster:
    description: Name of the cluster, the group that lists its nodes.
    type: str
    vars:
      - name: collab_cluster
  port:
    description: Port of the command line (SSH).
    type: int
    default: 22
    vars:
      - name: ansible_port
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
  password:
    description: Password of O(remote_user).
    type: str
    vars:
      - name: ansible_password
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
  ca_file:
    description: PEM file with the enterprise CA's root and intermediate certificates.
    type: path
    vars:
      - name: collab_ca_file
  pinned_certificates:
    description: Directory with C(<fqdn>.pem), certificates that are trusted by themselves until the enterprise CA's are installed.
    type: path
    vars:
      - name: collab_pinned_certificates
  known_hosts:
    description: File with the SSH host keys, in the format of OpenSSH.
    type: path
    vars:
      - name: collab_known_hosts
  cache_dir:
    description:
      - Directory for what is kept between runs to save time (the AXL schema, cut down).
      - By default C(collab.security) in E(XDG_CACHE_HOME) or C(~/.cache).
    type: path
    env:
      - name: COLLAB_CACHE_DIR
    vars:
      - name: collab_cache_dir
  command_timeout:
    description: Longest time for one request, in seconds.
    type: int
    default: 300
    vars:
      - name: ansible_command_timeout
      - name: collab_command_timeout
"""

from ansible_collections.collab.security.plugins.plugin_utils.node import NodeConnection


class Connection(NodeConnection):
    """See DOCUMENTATION."""

    transport = "collab.security.vos"
