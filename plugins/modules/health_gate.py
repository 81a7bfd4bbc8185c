#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: health_gate
short_description: A cluster as healthy after a change as before
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Before a change it looks at the cluster and keeps a baseline in E(collab_workspace). After the change it waits until the cluster is as good as that.
  - On Unified CM, IM and Presence and Unity Connection it looks at database replication and at the services that run on each node, on Unified CM at the
    registered phones, and on Unity Connection at the state of the cluster.
  - On Expressway it looks at the zones that are Active, at alarms that were not raised before, and whether every peer sees the others. That a restart is due
    shuts no gate; where none is granted the change waits for it.
  - On Meeting Server it looks at the services that are on; the database cluster counts as one where it is in sync.
  - Of routers and management servers it looks at nothing; their certificates are proved by M(collab.security.tls_verification).
  - The baseline of a change that was interrupted is kept until the gate after it has been passed.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  phase:
    description: Whether the change is ahead or behind.
    type: str
    choices: [before, after]
    required: true
  registrations_min_percent:
    description: So many of the phones that were registered before have to be registered again.
    type: int
    default: 98
  timeout:
    description: How long to wait, in seconds, for the cluster to be as good as before.
    type: int
    default: 900
seealso:
  - module: collab.security.preflight
  - module: collab.security.rollout_wave
"""

EXAMPLES = r"""
- name: Keep a baseline
  collab.security.health_gate:
    phase: before

- name: Wait until everything that worked works again
  collab.security.health_gate:
    phase: after
    registrations_min_percent: 99
"""

RETURN = r"""
baseline:
  description: How many services run, zones are Active and alarms are raised on each node, and how many phones are registered (null where the product has
    none), before the change.
  returned: success
  type: dict
  sample: {"services": {"us-cm-pub": 41}, "zones": {}, "alarms": {}, "phones": 8}
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
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
