#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: plan
short_description: What a run would do, saved as a file, and held against the estate before it is done
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Saves what the tasks before it, in check mode, would do, as the playbook C(plan) has it. Such a plan is what C(site) and C(rollout) apply exactly, when they
    are given it as C(collab_plan).
  - Before anything is written, the plan is held against the estate as it is by then. Where something has moved, the run ends, and says what it is.
  - A plan is good for one application; how far that has come is noted beside it, in C(FILE.progress), so that a run that was killed can be gone on with.
  - Needs the callback P(collab.security.run_report#callback), which collects what tasks foresee.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  path:
    description: File of the plan. Readable by its owner only.
    type: path
    required: true
  phase:
    description:
      - V(save) writes the plan and shows it.
      - V(read) looks whether the file is a plan for this inventory and this version of the collection, which has not been applied yet and breaks no
        connection that works (or C(collab_accept_broken_connections) lets it). It asks no node.
      - V(compare) fails where the estate is not as the plan saw it.
      - V(applied) notes that the plan has been applied to its end.
    type: str
    choices: [save, read, compare, applied]
    default: save
  durations:
    description: Seconds that a restart or a reset takes by the operator's experience, for the estimate of the time. What is not given is unknown.
    type: dict
    default: {}
    suboptions: &kinds
      service_restart:
        description: Restart of one service on one node.
        type: int
      trunk_reset:
        description: Reset of one trunk.
        type: int
      phone_reset:
        description: One batch of phones, until they are registered again.
        type: int
  limits:
    description: Seconds after which a run gives up waiting for one of these, for the same estimate.
    type: dict
    default: {}
    suboptions: *kinds
seealso:
  - module: collab.security.drift_report
"""

EXAMPLES = r"""
- name: Save what would be done
  collab.security.plan:
    path: build/plan.json
    durations:
      service_restart: 180
  run_once: true
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: build/plan.json
plan:
  description: The plan for people, line by line.
  returned: for O(phase=save)
  type: list
  elements: str
  sample: ["us_cm (unified_cm): 50 operations, 61 findings, 3 pending"]
totals:
  description: How much there is of everything, by cluster.
  returned: for O(phase=save)
  type: dict
  sample: {"us_cm": {"operations": 50, "findings": 61, "pending": 3, "impacts": 40}}
trust:
  description: >-
    What the trust graph foresees, as the plan has it, by what becomes of it (RV(collab.security.trust_graph#module:outlook)), and C(counts), the number of
    connections by state.
  returned: for O(phase=save)
  type: dict
  sample: {"counts": {"holds": 150, "fails": 4}, "breaks": [], "stays": [], "unknown": [], "mended": []}
compared:
  description: The estate is as the plan saw it.
  returned: for O(phase=compare)
  type: bool
  sample: true
resumed:
  description: An application of the plan that was stopped is gone on with.
  returned: for O(phase=compare)
  type: bool
  sample: false
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
  description: Nothing is pending for this module itself.
  returned: always
  type: list
  elements: dict
  sample: []
"""
