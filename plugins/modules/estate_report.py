#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: estate_report
short_description: The state of the estate as one HTML page
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Stands at the end of a run, as the playbook C(report) has it, and writes what the tasks before it have found as a page that needs nothing but itself.
  - The page has the state of each cluster by section of the guide, the findings, what is pending and what to do about it, the certificates on a time line,
    who trusts whom where the run has made the trust graph, what handshakes have proved, and what was (or would be) changed.
  - It is made for a screen, a phone and paper. Nothing in it rests on colour or on a picture alone, each picture has a table beside it.
  - Needs the callback P(collab.security.run_report#callback), which collects it.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  html:
    description: File for the page. Readable by its owner only, like all that is said of a site's security.
    type: path
    required: true
  changed_by:
    description: Report of a run that has changed something, as E(COLLAB_REPORT) had it written. Its operations are shown as what was changed.
    type: path
  json:
    description: File for the same data as JSON.
    type: path
seealso:
  - module: collab.security.drift_report
"""

EXAMPLES = r"""
- name: Write the report
  collab.security.estate_report:
    html: build/report.html
  run_once: true
"""

RETURN = r"""
html:
  description: The file.
  returned: success
  type: str
  sample: build/report.html
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
