#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: endpoint_audit
short_description: How the endpoints of a Unified CM cluster can be entered
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Looks at web, SSH, console, Telnet and settings access of every phone and room system, and at empty administrator passwords of room systems. A setting
    counts on the phone, else in its common phone profile, else in the enterprise phone configuration.
  - Looks at the URLs that phones get (enterprise parameters and phone services), which have to be HTTPS.
  - Everything is read in bulk, and only read. No password is shown or kept.
  - What the product calls these settings in its database is published in part only. A setting that no layer has, or whose value is not known, is reported as
    one that could not be read.
  - Access lists before the endpoints are the network's, so they stay pending until O(access_lists) says that they are there.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  exclude:
    description: Phones that are left out, for example those of a laboratory.
    type: list
    elements: str
    default: []
  access_lists:
    description: Whether access lists limit the management interfaces of endpoints to management stations.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: See how endpoints can be entered
  collab.security.endpoint_audit:
    access_lists: true
"""

RETURN = r"""
phones:
  description: How many phones were judged.
  returned: success
  type: int
  sample: 6
findings:
  description: What is wrong, or could not be read, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "endpoint-setting", "severity": "medium", "object": "Web Access: Cisco 8845", "step": "ep-web-access"}]
pending:
  description: What only a person can do or say, and why.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "endpoint-access-lists", "object": "endpoints", "reason": "...", "what_to_do": [], "step": "ep-acl"}]
"""
