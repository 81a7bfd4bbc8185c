#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: meeting_server_encryption
short_description: Encryption of a Meeting Server's calls, media and signalling
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Brings C(sipMediaEncryption) of every call leg profile to O(media), sees to it that the system has one, and C(sipControlEncryption) of every outbound
    rule that
    leads to the Unified CM cluster to C(encrypted).
  - A rule is changed only when its far end proves itself by TLS. Rules to elsewhere are left alone, and found if they may signal in the clear.
extends_documentation_fragment:
  - collab.security._attributes
options:
  media:
    description:
      - V(optional) encrypts the media of every endpoint that can, and lets the others in, as the guide describes it (the lock icon tells the difference).
      - V(required) refuses the others.
    type: str
    choices: [optional, required]
    default: optional
  proxies:
    description:
      - Names or addresses that stand for the Unified CM cluster in an outbound rule. By default those of the hosts of C(collab_cm_cluster).
    type: list
    elements: str
    default: []
  ca_file:
    description: PEM file with the enterprise CA's certificates, which far ends are verified against.
    type: path
    required: true
  client_certificate:
    description: Client certificate to offer to far ends (PEM file).
    type: path
  client_key:
    description: Key of O(client_certificate).
    type: path
  granted:
    description: Whether calls may be disturbed (V(trunks) in C(collab_disruption)).
    type: bool
    default: false
seealso:
  - module: collab.security.meeting_server_certificate
"""

EXAMPLES = r"""
- name: Encrypt the calls
  collab.security.meeting_server_encryption:
    media: optional
    ca_file: "{{ collab_ca_file }}"
    granted: "{{ 'trunks' in collab_disruption }}"
"""

RETURN = r"""
profiles:
  description: The call leg profiles as they are now, C(node), C(id) and C(sipMediaEncryption).
  returned: success
  type: list
  elements: dict
rules:
  description: The outbound rules as they are now.
  returned: success
  type: list
  elements: dict
proxies:
  description: What stands for the Unified CM cluster.
  returned: success
  type: list
  elements: str
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
"""
