#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cuc_ldap
short_description: LDAP over TLS of Unity Connection, seen from outside
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Unity Connection offers no interface for its LDAP configuration that is known. The two pages (directory and authentication) are pending, with what to set
    there, until O(checked) says that a person has done it.
  - The LDAP servers that O(servers) names are proven by a handshake, so that the person does not switch to a server that is not ready. One that is not proven
    is a finding, before and after.
  - It only reads.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  servers:
    description: The LDAP servers that Unity Connection uses.
    type: list
    elements: dict
    default: []
    suboptions:
      host:
        description: Name or address that is dialled.
        type: str
        required: true
      port:
        description: Its port with TLS. Default is 636.
        type: int
      server_name:
        description: Name that its certificate has to carry. Default is O(servers[].host).
        type: str
  ca_file:
    description: PEM file with the certificates of the LDAP servers' CA. By default C(collab_ca_file).
    type: path
  in_use:
    description: Whether Unity Connection uses LDAP at all.
    type: bool
    default: true
  checked:
    description: Whether a person has set both pages as the pending steps say.
    type: bool
    default: false
seealso:
  - module: collab.security.ldap_directory
"""

EXAMPLES = r"""
- name: Unity Connection's LDAP
  collab.security.cuc_ldap:
    servers:
      - host: us-ldap1.ent-pa.com
"""

RETURN = r"""
servers:
  description: The servers, and what they have proven.
  returned: success
  type: list
  elements: dict
  sample: [{"host": "us-ldap1.ent-pa.com", "port": 636, "server_name": "us-ldap1.ent-pa.com", "proven": true, "reason": ""}]
findings:
  description: What is wrong, or could not be read, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cuc-ldap-server", "severity": "high", "object": "us-ldap1.ent-pa.com:636", "step": "cuc-ldap-directory"}]
pending:
  description: What only a person can do or say, and why.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cuc-ldap", "object": "LDAP directory of us_cuc", "reason": "...", "what_to_do": [], "step": "cuc-ldap-directory"}]
"""
