#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: trunk_call_classification
short_description: Trunks to PSTN gateways classified as OffNet
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Sets the call classification of the trunks to PSTN gateways to OffNet, on which Block OffNet to OffNet Transfer and the dropping of conferences rest, and
    resets each trunk that changed, so that it takes effect.
  - C(Use System Default) is not taken for OffNet, since the system's default may change.
extends_documentation_fragment:
  - collab.security._attributes
options:
  trunks:
    description: SIP trunks to PSTN gateways.
    type: list
    elements: str
    default: []
  granted:
    description: Whether this run may disturb trunks. If not, the change is reported as pending.
    type: bool
    default: false
  registration_timeout:
    description: How long to wait, in seconds, for the trunks to be in service again after the reset.
    type: int
    default: 180
notes:
  - Needs C(collab_workspace), where an owed reset is written down before a trunk is changed.
"""

EXAMPLES = r"""
- name: Classify the trunks to the PSTN as OffNet
  collab.security.trunk_call_classification:
    trunks: "{{ collab_pstn_trunks }}"
    granted: "{{ 'trunks' in collab_disruption }}"
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateSipTrunk", "object": "US_CUBE", "arguments": {"networkLocation": "OffNet"}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "trunk_reset", "what": "US_CUBE"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "call-classification", "severity": "high", "object": "US_CUBE", "step": "tf-offnet", "before": "OnNet", "after": "OffNet"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
