#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: drift_report
short_description: What a run has found, as an exit status, as JSON and as JUnit
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Stands at the end of a play in check mode, as the playbook C(drift) has it, and tells all that the tasks before it have found.
  - Needs the callback P(collab.security.run_report#callback), which collects it.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  fail_on:
    description:
      - Fails, and so ends C(ansible-playbook) with 2, where something of this severity or a graver one was found.
      - V(none) never fails for what was found. Tasks that failed end the run with 2 in any case.
    type: str
    choices: [none, info, low, medium, high]
    default: none
  json:
    description: File for the findings as JSON, the gravest first, with C(counts) by severity, C(pending) and C(failed).
    type: path
  junit:
    description: File for JUnit XML. A suite a host, a case a task; a case fails for findings as grave as O(fail_on) (any, with V(none)).
    type: path
seealso:
  - plugin: collab.security.run_report
    plugin_type: callback
"""

EXAMPLES = r"""
- name: End with 2 where something grave has drifted
  collab.security.drift_report:
    fail_on: medium
    junit: build/drift.xml
  run_once: true
"""

RETURN = r"""
counts:
  description: How many findings of each severity.
  returned: success
  type: dict
  sample: {"high": 0, "medium": 2, "low": 0, "info": 1}
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
