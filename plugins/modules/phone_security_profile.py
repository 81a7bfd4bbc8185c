#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: phone_security_profile
short_description: Phone security profiles of the type Universal Device Template
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Keeps the phone security profiles of Table 7-13 of the guide. Encrypted, TLS, RSA keys of 2048 bits or more, and by profile the mode for CAPF,
    TFTP encryption and OAuth.
  - Type and protocol are copied from the cluster's own built-in profile C(Universal Device Template - Model-independent Security Profile).
    They cannot be changed later; a profile of the same name with another type is a finding and left alone.
  - A larger key than asked for is no difference.
  - Only what differs is written. Where a changed profile has phones, each of them has to be told of its new configuration. They are written down in the
    workspace before the change, and M(collab.security.phone_security) tells them.
extends_documentation_fragment:
  - collab.security._attributes
options:
  profiles:
    description: The profiles.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the profile. In FQDN form where mobile and remote access endpoints use it.
        type: str
        required: true
      description:
        description: Description of the profile; left alone where not given.
        type: str
      authentication_mode:
        description: How a phone proves itself to CAPF.
        type: str
        required: true
        choices:
          - By Null String
          - By Authentication String
          - By Existing Certificate (precedence to LSC)
          - By Existing Certificate (precedence to MIC)
      tftp_encrypted_config:
        description: Whether the phone's configuration file is encrypted.
        type: bool
        default: false
      oauth:
        description: Whether OAuth authentication is enabled (Jabber).
        type: bool
        default: false
      key_size:
        description: Bits of the RSA key.
        type: int
        choices: [2048, 3072, 4096]
        default: 2048
notes:
  - Needs C(collab_workspace) where a profile with phones is changed.
seealso:
  - module: collab.security.phone_security
"""

EXAMPLES = r"""
- name: The profiles of Table 7-13
  collab.security.phone_security_profile:
    profiles:
      - name: UDT-Encrypted-LSC-TFTPenc.ent-pa.com
        authentication_mode: By Existing Certificate (precedence to LSC)
        tftp_encrypted_config: true
      - name: UDT-Encrypted-LSC.ent-pa.com
        authentication_mode: By Existing Certificate (precedence to LSC)
      - name: UDT-Encrypted-NullString.ent-pa.com
        authentication_mode: By Null String
      - name: UDT-Jabber-SIPOAuth
        authentication_mode: By Null String
        oauth: true
"""

RETURN = r"""

before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
  sample: {}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "addPhoneSecurityProfile", "object": "UDT-Jabber-SIPOAuth", "arguments": {}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: []
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "phone-security-profile", "severity": "high", "object": "UDT-Encrypted-LSC.ent-pa.com", "step": "psp-encrypted", "table": "7-13"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
