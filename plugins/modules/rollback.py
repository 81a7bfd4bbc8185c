#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollback
short_description: Brings back what earlier runs have changed on a cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Before anything is written to a node, what is there is saved in the directory C(saved) of the cluster below E(collab_workspace), by every module of the
    collection. This module compares what was saved with what is there, and writes it back, the last change first.
  - An object that is neither as it was before nor as it was written is left alone and reported; somebody else has changed it since.
  - What was added is left and reported. It is removed only where O(remove) names it, or says V(all).
  - What cannot be brought back (a replaced private key, a CTL file that phones have seen) is reported as pending, with what to do by hand.
  - Restarts that it makes necessary are written down as owed; the module M(collab.security.service_restart) pays them.
extends_documentation_fragment:
  - collab.security._attributes
options:
  since:
    description:
      - Which changes are taken back, V(all), or those from a UTC time on such as V(2026-11-26T20:00:00Z), or those of a run and all after it.
      - A run is named as its file in C(saved), without C(.jsonl).
      - Anything else fails and shows the runs that there are.
    type: str
    required: true
  overwrite:
    description: Names of objects that are brought back although somebody else has changed them since.
    type: list
    elements: str
    default: []
  exclude:
    description: Names of objects that are not looked at and not touched.
    type: list
    elements: str
    default: []
  remove:
    description: Names of objects that are removed, of those that were added; V(all) for all of them.
    type: list
    elements: str
    default: []
  granted:
    description: What this run may disturb, as in E(collab_disruption). What is not granted is reported as pending.
    type: list
    elements: str
    choices: [services, trunks, phones, databases]
    default: []
  registration_timeout:
    description: How long to wait, in seconds, for SIP trunks to be in service and for a batch of phones to be registered again.
    type: int
    default: 900
seealso:
  - module: collab.security.service_restart
"""

EXAMPLES = r"""
- name: Take back everything since that evening
  collab.security.rollback:
    since: "2026-11-26T20:00:00Z"
    granted: "{{ collab_disruption }}"
"""

RETURN = r"""
saved_runs:
  description: The runs that have changed the cluster, oldest first.
  returned: success
  type: list
  elements: dict
  sample: [{"run": "2026-11-26T200000Z-4711-815", "since": "2026-11-26T20:00:00Z", "until": "2026-11-26T20:03:10Z", "changes": 31}]
objects:
  description: Every object that was changed since, the last change first, and what has become of it.
  returned: success
  type: list
  elements: dict
  sample: [{"kind": "SipTrunk", "name": "SIP_TRUNK_CUBE", "node": "us-cm-pub", "state": "to be brought back"}]
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateSipTrunk", "object": "SIP_TRUNK_CUBE", "arguments": {"srtpAllowed": "false"}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "trunk_reset", "what": "SIP_TRUNK_CUBE"}]
findings:
  description: What is not as it was before.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "rollback-changed-since", "severity": "medium", "object": "SIP_TRUNK_CUBE", "step": null}]
pending:
  description: What cannot be brought back, or may not be in this run, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "rollback-not-possible", "object": "identity certificate: tomcat", "reason": "...", "what_to_do": ["..."], "step": null}]
"""
