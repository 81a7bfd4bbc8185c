#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sip_trunk
short_description: SIP trunks over TLS with SRTP
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Switches SIP trunks to TLS as Table 7-12 of the guide says. SRTP allowed, the secure port in every destination, and the secure profile that
    M(collab.security.sip_trunk_security_profile) made. Destinations keep their members and their order; nothing else of a trunk is ever sent.
  - A trunk is switched only once every one of its far ends has proven itself by a TLS handshake on its secure port, by a chain that O(ca_file) verifies and by
    a certificate for the expected name. Otherwise it stays as it is and is reported as pending, with the reason and what to do.
  - Nor is any trunk switched before the cluster's own call-processing nodes serve a certificate on 5061 that O(ca_file) verifies, since the far ends will
    look at it.
  - Profile, ports and SRTP change in one request, and the trunk is reset after it. A reset that an interrupted run still owes is done by the next one.
  - After the reset it is waited for until the trunk is registered again wherever it was registered before.
  - Profiles must be there already. In check mode a profile that would be made is taken as made.
extends_documentation_fragment:
  - collab.security._attributes
  - collab.security._sip_trunks
options:
  granted:
    description: Whether this run may disturb trunks. If not, the switch is reported as pending.
    type: bool
    default: false
  registration_timeout:
    description: How long to wait, in seconds, for the trunks to be in service again after the reset.
    type: int
    default: 180
notes:
  - Both trunk modules take the same options and decide by the same plan. Run M(collab.security.sip_trunk_security_profile) first.
  - The presence trunk (named by the service parameter C(SIPPublishTrunk), or with an IM and Presence node as destination) is never touched.
    Asking for it by name is an error.
  - Needs C(collab_workspace), the directory on the control node where an owed reset is written down before a trunk is changed.
seealso:
  - module: collab.security.sip_trunk_security_profile
"""

EXAMPLES = r"""
- name: Switch every trunk whose far ends are ready
  collab.security.sip_trunk:
    exclude: [US_LEGACY_GW]
    granted: "{{ 'trunks' in collab_disruption }}"

- name: Switch one trunk, verified against the names of its far ends
  collab.security.sip_trunk:
    trunks:
      - name: US_CUBE
        far_ends:
          - address: 10.10.1.1
            server_name: us-cube1.ent-pa.com
          - address: 10.10.1.2
            server_name: us-cube2.ent-pa.com
    granted: true
"""

RETURN = r"""
trunks:
  description: The wanted trunks and what their far ends have shown.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the trunk.
      type: str
    state:
      description: C(secured), C(to switch) (in check mode) or C(pending).
      type: str
    profile:
      description: Its secure profile.
      type: str
    far_ends:
      description: For each destination the address, port and expected name, the names in the served certificate, whether it is proven, and if not, why.
      type: list
      elements: dict
  sample: [{"name": "US_CUBE", "state": "secured", "profile": "CUBE Profile - TLS", "far_ends": []}]
presence_trunks:
  description: The trunks that are left plain because they carry presence, each with the reason.
  returned: success
  type: dict
  sample: {"US_IMP_PRESENCE": "the service parameter SIPPublishTrunk names it"}
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateSipTrunk", "object": "US_CUBE", "arguments": {"srtpAllowed": "true"}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "trunk_reset", "what": "US_CUBE"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "sip-trunk", "severity": "high", "object": "US_CUBE", "step": "trunk-srtp", "table": "7-12", "before": "false", "after": "true"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "sip-trunk", "object": "US_LEGACY_GW", "reason": "10.10.1.9:5061: no TLS listener", "what_to_do": [], "step": "trunk-select-profile"}]
"""
