#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ios_save
short_description: The configuration of an IOS router, saved
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Copies the running to the startup configuration where a task of this or an earlier run entered something and it was not saved since.
  - Removes earlier generations of the trustpoints in O(retire), with their key pairs, once a newer one is valid and no line of the configuration refers to
    them. It is saved before that and after.

extends_documentation_fragment:
  - collab.security._ios
options:
  retire:
    description: Names of trustpoints, of their first generation.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Save once at the end
  collab.security.ios_save:
    retire: [CUBE-Certificate]
"""

RETURN = r"""
saved:
  description: Whether it was saved.
  returned: success
  type: bool
retired:
  description: Trustpoints that were removed.
  returned: success
  type: list
  elements: str
commands:
  description: Configuration lines that were entered, or in check mode would be, in order; without secrets.
  returned: success
  type: list
  elements: str
  sample: ["write memory"]
before:
  description: Parts of the running configuration that differ, as they were.
  returned: always
  type: dict
  sample: {"running-config": "sip-ua\n"}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"running-config": "sip-ua\n"}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cube1", "channel": "ios_cli", "operation": "configure", "object": "...", "arguments": {"lines": ["..."]}}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ios-configuration", "severity": "high", "object": "sip-ua on us-cube1", "message": "...", "step": "ios-crypto-signaling"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ios-certificate", "object": "us-cube1", "reason": "...", "what_to_do": ["..."], "step": "ios-import"}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: []
"""
