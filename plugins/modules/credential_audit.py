#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: credential_audit
short_description: Password and PIN policies of Unified CM and Unity Connection
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Compares the credential policies of Unified CM, or the authentication rules of Unity Connection, with limits. The guide asks for complex password and PIN
    policies and names no figures; the defaults here are ours, and meant to be replaced by your own.
  - It only reads.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  failed_logons:
    description: Most failed logons before an account is locked. An unlimited number is always too many.
    type: int
    default: 5
  lockout_minutes:
    description: Shortest lockout. A lockout that only an administrator ends is always long enough.
    type: int
    default: 15
  minimum_length:
    description: Shortest password or PIN that may be allowed.
    type: int
    default: 6
  history:
    description: Fewest former passwords or PINs that must not be used again.
    type: int
    default: 5
  refuse_trivial:
    description: Whether trivial passwords and PINs have to be refused.
    type: bool
    default: true
  exclude:
    description: Policies that are left out, by name.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Compare the policies with ours
  collab.security.credential_audit:
    failed_logons: 3
    minimum_length: 8
"""

RETURN = r"""
policies:
  description: The policies as they were read.
  returned: success
  type: dict
  sample: {"Default Credential Policy": {"failed_logons": "3", "lockout_minutes": "30", "minimum_length": "8"}}
findings:
  description: What is wrong, or could not be read, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "credential-policy", "severity": "medium", "object": "Default Credential Policy", "step": "credential-policy", "before": "0", "after": "5"}]
pending:
  description: What only a person can do or say, and why.
  returned: always
  type: list
  elements: dict
  sample: []
"""
