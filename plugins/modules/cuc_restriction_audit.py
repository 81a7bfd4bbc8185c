#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cuc_restriction_audit
short_description: What Unity Connection may dial, by its restriction tables
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Judges the restriction tables of every class of service of Unity Connection, for transfers, message notifications and faxes. Each number in O(numbers)
    has to be blocked by every table in use.
  - A table is judged as the product does it. Its patterns are tried in their order, the first that fits decides, and where none fits its default does.
  - It only reads.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  numbers:
    description: Dial strings that Unity Connection must never dial, as its tables see them, with the access code.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: See whether voice mail could dial abroad
  collab.security.cuc_restriction_audit:
    numbers: ["90114412345678", "919005551234"]
"""

RETURN = r"""
tables:
  description: The restriction tables in use, each with what it is used for.
  returned: success
  type: dict
  sample: {"Default Transfer": ["transfers of Voice Mail User COS"]}
findings:
  description: What is wrong, or could not be read, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "restriction-table", "severity": "high", "object": "Default Transfer", "step": "tf-cuc-restriction", "before": ["90114412345678"]}]
pending:
  description: What only a person can do or say, and why.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "blocked-numbers", "object": "restriction tables", "reason": "...", "what_to_do": [], "step": "tf-cuc-restriction"}]
"""
