#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_wave
short_description: Which clusters a rollout goes through next, and how far it has come
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Checks the declared waves against the inventory. Every cluster has to be in exactly one.
  - Says which hosts this run goes through, wave by wave. Waves that a rollout under way has passed are left out, so a run that was stopped is resumed where it
    stopped. How far it has come is kept in E(collab_workspace).
  - A wave that has to be approved and is not ends the list; the clusters of it and of all later waves are left alone.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  waves:
    description: The waves in order. The first is the canary.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the wave is called.
        type: str
        required: true
      clusters:
        description: Names of the clusters that are rolled out together (E(collab_cluster) of their hosts).
        type: list
        elements: str
        required: true
      approve:
        description: Whether the wave begins only when O(approved) names it.
        type: bool
        default: false
  approved:
    description: Names of the waves that have been approved.
    type: list
    elements: str
    default: []
  restart:
    description: Begin anew, whatever an earlier rollout has passed.
    type: bool
    default: false
  passed:
    description:
      - Instead of planning, write down that this wave has passed its gate.
      - V(links) is the phase after the last wave, which secures what ties the clusters together.
    type: str
seealso:
  - module: collab.security.health_gate
"""

EXAMPLES = r"""
- name: What is to be rolled out
  collab.security.rollout_wave:
    waves:
      - name: canary
        clusters: [emea_cm]
      - name: us
        clusters: [us_cm, us_imp, us_cuc]
        approve: true
    approved: [us]
  run_once: true
"""

RETURN = r"""
hosts:
  description: The hosts that this run goes through, in order, each with its wave.
  returned: when planning
  type: list
  elements: dict
  sample: [{"host": "emea-cm-pub", "wave": "canary"}, {"host": "us-cm-pub", "wave": "us"}]
sizes:
  description: How many hosts each of these waves has, as C(serial) of a play wants it.
  returned: when planning
  type: list
  elements: int
  sample: [1, 3]
links:
  description: Whether this run goes on to what ties the clusters together once it has passed these waves.
  returned: when planning
  type: bool
  sample: true
passed:
  description: Waves that have been passed before.
  returned: when planning
  type: list
  elements: str
  sample: []
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
  description: Always empty.
  returned: always
  type: list
  elements: dict
  sample: []
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: []
findings:
  description: What is wrong, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: []
pending:
  description: The wave that waits for approval.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "rollout-approval", "object": "wave us", "reason": "it has not been approved", "what_to_do": ["..."], "step": null}]
"""
