#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: renewal_table
short_description: Which certificates of an estate end soon, in one table
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Puts what M(collab.security.renewal) has found on several clusters into one table, the certificate that ends first at the top, followed by what has to
    wait and why.
  - Asks no device.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  clusters:
    description: Results of M(collab.security.renewal).
    type: list
    elements: dict
    required: true
seealso:
  - module: collab.security.renewal
"""

EXAMPLES = r"""
- name: All of it in one table
  collab.security.renewal_table:
    clusters: "{{ ansible_play_hosts | map('extract', hostvars, 'renewal') | list }}"
  register: renewal_table
  run_once: true

- name: Show it
  ansible.builtin.debug:
    msg: "{{ renewal_table.table }}"
  run_once: true
"""

RETURN = r"""
table:
  description: The lines of the table.
  returned: success
  type: list
  elements: str
  sample: ["ENDS        DAYS  CLUSTER  KIND      CERTIFICATE  NODES      STATE", "2027-01-02  37    us_cm    identity  tomcat       us-cm-pub  due"]
before:
  description: What differs, object by object. Always empty, this module changes nothing.
  returned: always
  type: dict
  sample: {}
after:
  description: The same, as it is afterwards.
  returned: always
  type: dict
  sample: {}
operations:
  description: Always empty, this module asks no device.
  returned: always
  type: list
  elements: dict
  sample: []
impact:
  description: What the operations disturb. Always empty.
  returned: always
  type: list
  elements: dict
  sample: []
findings:
  description: Always empty.
  returned: always
  type: list
  elements: dict
  sample: []
pending:
  description: Always empty.
  returned: always
  type: list
  elements: dict
  sample: []
"""
