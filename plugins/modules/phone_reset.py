#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: phone_reset
short_description: Reset of the phones that a changed CTL file owes
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Resets all registered phones when the record in the workspace says that they owe it, after mixed mode was set or the CTL file was updated.
  - Phones are reset device pool by device pool. The next pool waits until as many phones are registered as before.
  - As long as Cisco Tftp or Cisco CallManager owe a restart, phones would fetch the old files. They are not reset then, and it is reported as pending.
  - A reset ends the calls of a phone.
extends_documentation_fragment:
  - collab.security._attributes
options:
  granted:
    description: Whether this run may disturb phones. If not, what is owed is reported as pending.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, for the phones of one device pool to be registered again.
    type: int
    default: 900
seealso:
  - module: collab.security.cluster_security_mode
  - module: collab.security.service_restart
"""

EXAMPLES = r"""
- name: Reset the phones that owe it
  collab.security.phone_reset:
    granted: "{{ 'phones' in collab_disruption }}"
"""

RETURN = r"""
owed:
  description: Whether the phones owed a reset when the task began.
  returned: success
  type: bool
  sample: true
device_pools:
  description: Number of phones to be reset in each device pool.
  returned: success
  type: dict
  sample: {"US_DP_1": 120}
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "resetPhone", "object": "US_DP_1", "arguments": {"names": ["SEP0011AABB0001"]}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "phone_reset", "what": "120 phones of device pool US_DP_1"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "phones-owe-reset", "severity": "medium", "object": "all phones", "step": "mixed-restart"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "phone-reset-not-granted", "object": "all phones", "reason": "...", "what_to_do": ["..."], "step": "mixed-restart"}]
"""
