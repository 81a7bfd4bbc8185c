#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_call_policy
short_description: Call policy of Expressway-E against toll fraud
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Has the call policy of an Expressway-E cluster decided by local CPL (the guide's Table 7-3), and compares what was set with the box's XML document.
  - No interface but the web page has the rules. They are pending, with the exact steps, until O(rules_checked) says that a person has set them.
  - A policy service that somebody has chosen is reported, and never replaced.
extends_documentation_fragment:
  - collab.security._attributes
options:
  rules:
    description: The rules that the report tells a person to set.
    type: list
    elements: dict
    default: [{source: DefaultZone, pattern: '9.*', action: Reject}]
    suboptions:
      source:
        description: The zone that the calls come from.
        type: str
        default: DefaultZone
      pattern:
        description: Regular expression of the destinations.
        type: str
        required: true
      action:
        description: What becomes of such calls.
        type: str
        choices: [Reject, Allow]
        default: Reject
  rules_checked:
    description: Whether a person has set the rules and tried them.
    type: bool
    default: false
seealso:
  - module: collab.security.expressway_b2b
  - module: collab.security.toll_fraud_audit
"""

EXAMPLES = r"""
- name: Refuse calls from outside to the PSTN
  collab.security.expressway_call_policy:
    rules:
      - pattern: 9.*
"""

RETURN = r"""
mode:
  description: The mode of the call policy, as it was read at the end; null where no interface shows it.
  returned: success
  type: str
  sample: LocalCPL
rules_checked:
  description: Whether a person has confirmed the rules.
  returned: success
  type: bool
  sample: false
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
  sample: {"mode of the call policy of us_expe": {"mode of the call policy": "Off"}}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"mode of the call policy of us_expe": {"mode of the call policy": "LocalCPL"}}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-expe1", "channel": "expressway_cli", "operation": "xConfiguration Policy AdministratorPolicy Mode",
            "object": "mode of the call policy of us_expe", "arguments": {"value": "LocalCPL"}}]
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
  sample: [{"id": "expressway-setting", "severity": "medium", "object": "mode of the call policy of us_expe", "step": "b2b-cpl"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "expressway-call-policy-rules", "object": "call policy", "reason": "...", "what_to_do": ["..."], "step": "b2b-cpl"}]
"""
