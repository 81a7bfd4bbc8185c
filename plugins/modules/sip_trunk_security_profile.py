#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sip_trunk_security_profile
short_description: Secure copies of the SIP trunk security profiles in use
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - For each SIP trunk security profile that the wanted trunks use, keeps one secure copy with the values of Table 7-11 of the guide. Encrypted,
    TLS in both directions, an incoming port of its own, and the names of the far ends as X.509 subject. All other values are the original's.
  - The X.509 subject is the common name of the certificate that the far end serves on its secure port, once its chain and name are proven.
    Trunks that share a profile share its secure copy, which then has the names of all their far ends.
  - A profile that is encrypted already is kept as the secure one; missing names are added to it, no others are removed.
  - Changes no trunk. A change of a profile in use is written down as owing its trunks a reset, which M(collab.security.sip_trunk) does.
  - A secure profile is not made, and is reported as pending, where no name is known, or where its port or names are taken by another one. Unified CM does
    not allow the same subject name and incoming port twice.
extends_documentation_fragment:
  - collab.security._attributes
  - collab.security._sip_trunks
notes:
  - Both trunk modules take the same options and decide by the same plan. Run M(collab.security.sip_trunk_security_profile) first.
  - The presence trunk (named by the service parameter C(SIPPublishTrunk), or with an IM and Presence node as destination) is never touched.
    Asking for it by name is an error.
seealso:
  - module: collab.security.sip_trunk
"""

EXAMPLES = r"""
- name: A secure profile for each profile in use
  collab.security.sip_trunk_security_profile:

- name: Only these trunks, with what cannot be derived
  collab.security.sip_trunk_security_profile:
    trunks:
      - name: US_CUBE
        far_ends:
          - address: 10.10.1.1
            server_name: us-cube1.ent-pa.com
          - address: 10.10.1.2
            server_name: us-cube2.ent-pa.com
      - name: US_EXPRESSWAY_B2B
        incoming_port: 5561
        peer: expressway
"""

RETURN = r"""
profiles:
  description: The secure profiles, one for each original.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the secure profile.
      type: str
    original:
      description: The profile that it is a copy of; null where that is gone or never was.
      type: str
    trunks:
      description: The wanted trunks that it is for.
      type: list
      elements: str
    subject_names:
      description: The names in its X.509 subject.
      type: list
      elements: str
    incoming_port:
      description: Its incoming port.
      type: int
    state:
      description: C(as wanted); C(missing) or C(differs) in check mode; or C(pending).
      type: str
  sample: [{"name": "CUBE Profile - TLS", "original": "CUBE Profile", "trunks": ["US_CUBE"], "subject_names": ["us-cube1.ent-pa.com"],
            "incoming_port": 5061, "state": "as wanted"}]
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "addSipTrunkSecurityProfile", "object": "CUBE Profile - TLS", "arguments": {}}]
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
  sample: [{"id": "sip-trunk-security-profile-missing", "severity": "medium", "object": "CUBE Profile - TLS", "step": "trunk-profile-copy", "table": "7-11"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "sip-trunk-security-profile", "object": "Gateway Profile - TLS", "reason": "no X.509 subject name is known", "what_to_do": []}]
"""
