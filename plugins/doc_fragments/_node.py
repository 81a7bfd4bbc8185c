# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What connections have in common: any host of the inventory; SSH, HTTPS: what is added where it is logged in to by SSH, and where it serves HTTPS."""

    DOCUMENTATION = r"""
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
  command_timeout:
    description: Longest time for one request, in seconds.
    type: int
    default: 300
    vars:
      - name: ansible_command_timeout
      - name: collab_command_timeout
notes:
  - No module can run on such a host. Plays need C(gather_facts=false), and other modules C(delegate_to=localhost).
"""

    SSH = r"""
options:
  cluster:
    description: Name of the cluster, the group that lists its members.
    type: str
    vars:
      - name: collab_cluster
  port:
    description: Port of SSH.
    type: int
    default: 22
    vars:
      - name: ansible_port
  password:
    description: Password of O(remote_user).
    type: str
    vars:
      - name: ansible_password
  ca_file:
    description: PEM file with the enterprise CA's root and intermediate certificates.
    type: path
    vars:
      - name: collab_ca_file
  known_hosts:
    description: File with the SSH host keys, in the format of OpenSSH.
    type: path
    vars:
      - name: collab_known_hosts
notes:
  - SSH host keys are checked against O(known_hosts).
"""

    HTTPS = r"""
options:
  fqdn:
    description: Name that the certificates of the host are verified against. By default the name in the inventory and O(domain).
    type: str
    vars:
      - name: collab_fqdn
  pinned_certificates:
    description: Directory with C(<fqdn>.pem), certificates that are trusted by themselves until a CA's are installed.
    type: path
    vars:
      - name: collab_pinned_certificates
notes:
  - Certificates of the host are verified against O(fqdn) although O(host) is dialled.
"""
