# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What is known of the LDAP servers: the modules that judge them take the same options, so that they judge alike."""

    DOCUMENTATION = r"""
options:
  servers:
    description:
      - What cannot be derived about LDAP servers. Needed only for a server that is dialled by an address, or that takes TLS on a port of its own.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: The server as it stands in the agreement.
        type: str
        required: true
      server_name:
        description: Name that its certificate has to carry. By default what the agreement dials.
        type: str
      port:
        description:
          - Port on which it takes LDAP over TLS. By default 636 in the place of 389, and 3269 in the place of 3268 (a global catalog).
          - The guide prints 3268 for a global catalog over TLS, which is its plain port. V(3268) and V(389) are taken as 3269 and 636, with a warning.
        type: int
  ca_file:
    description:
      - PEM file with the certificates of the CA that issued the LDAP servers' certificates; a server's self-signed certificate is its own.
      - By default the C(ca_file) of the connection (C(collab_ca_file) in the inventory).
    type: path
  ocsp:
    description: Whether the cluster checks the LDAP servers' certificates by OCSP, for which they have to be in tomcat-trust themselves.
    type: bool
    default: false
"""
