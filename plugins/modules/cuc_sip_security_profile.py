#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cuc_sip_security_profile
short_description: SIP security profile of Unity Connection for TLS
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Has a SIP security profile with port 5061 and TLS, which the product names C(5061/TLS).
  - It is made where it is missing. A profile that is there is never changed, since other port groups may use it.
extends_documentation_fragment:
  - collab.security._attributes
options:
  port:
    description: Port of the profile.
    type: int
    default: 5061
seealso:
  - module: collab.security.cuc_port_group
"""

EXAMPLES = r"""
- name: Have a SIP security profile for TLS
  collab.security.cuc_sip_security_profile:
"""

RETURN = r"""
profile:
  description: The profile, by name and object id; null in check mode where it would be made.
  returned: success
  type: dict
  sample: {"name": "5061/TLS", "id": "4d7e055a-cdcf-43ff-a922-4ce743939a23"}
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
  sample: [{"node": "us-cuc-pub", "channel": "cupi", "operation": "POST sipsecurityprofiles", "object": "5061/TLS", "arguments": {"Port": "5061"}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: []
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cuc-sip-security-profile", "severity": "medium", "object": "5061/TLS", "step": "cuc-sip-profile"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
