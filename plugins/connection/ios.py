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
  - SSH host keys are checked against O(known_hosts).
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
    description: The router's name, by which its SSH host key may be listed and its certificate is made out. By default the name in the inventory and O(domain).
    type: str
    vars:
      - name: collab_fqdn
  cluster:
    description: Name of the cluster, the group that lists the routers that do the same work.
    type: str
    vars:
      - name: collab_cluster
  port:
    description: Port of the command line (SSH).
    type: int
    default: 22
    vars:
      - name: ansible_port
  remote_user:
    description: User who may configure the router.
    type: str
    vars:
      - name: ansible_user
  password:
    description: Password of O(remote_user).
    type: str
    vars:
      - name: ansible_password
  enable_password:
    description: Password of C(enable), where the login does not end in privileged mode.
    type: str
    vars:
      - name: collab_enable_password
  known_hosts:
    description: File with the SSH host keys, in the format of OpenSSH.
    type: path
    vars:
      - name: collab_known_hosts
  ca_file:
    description: PEM file with the enterprise CA's root and intermediate certificates.
    type: path
    vars:
      - name: collab_ca_file
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

    transport = "collab.security.ios"
