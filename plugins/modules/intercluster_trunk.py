#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: intercluster_trunk
short_description: SIP trunks between clusters over TLS with SRTP
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Secures the SIP trunks by which clusters of the inventory dial each other's nodes, both ends in one step. M(collab.security.sip_trunk) leaves these alone.
  - The secure profile of each end gets the names of the certificates that the other end's nodes serve on their secure port, once they have proven themselves
    against O(ca_file) and carry the name that the inventory has for the node (Tables 7-11 and 7-12).
  - Ends that talk to each other are switched together or not at all. If one waits, so do the others, and the report says for which. First the trunks of all
    clusters are changed, then all of them are reset, and it is waited for until they are in service again as before.
  - A reset that an interrupted run still owes is done by the next.
extends_documentation_fragment:
  - collab.security._attributes
  - collab.security._clusters
options:
  ca_file:
    description:
      - PEM file with the certificates of the CA that the far ends have to prove themselves against.
      - By default the C(ca_file) of the connection (C(collab_ca_file) in the inventory).
    type: path
  suffix:
    description: What is appended to an existing profile's name to name its secure copy.
    type: str
    default: " - TLS"
  granted:
    description: Whether this run may disturb trunks. If not, the switch is reported as pending.
    type: bool
    default: false
  registration_timeout:
    description: How long to wait, in seconds, for the trunks to be in service again after the reset.
    type: int
    default: 180
notes:
  - Which trunks are wanted, and what cannot be derived about them, is said by C(collab_sip_trunks) and C(collab_sip_trunks_excluded) of each cluster.
  - Needs C(collab_workspace).
seealso:
  - module: collab.security.sip_trunk
"""

EXAMPLES = r"""
- name: Trunks between the clusters
  collab.security.intercluster_trunk:
    granted: "{{ 'trunks' in collab_disruption }}"
  run_once: true
"""

RETURN = r"""
trunks:
  description: The trunks between the clusters, as M(collab.security.sip_trunk) describes them, each with its cluster.
  returned: success
  type: list
  elements: dict
  sample: [{"cluster": "us_cm", "name": "EMEA_ICT", "state": "secured", "profile": "ICT SIP Trunk Profile - TLS", "far_ends": []}]
before:
  description: What differs, object by object, as it was read. The cluster stands beside each object.
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateSipTrunk", "object": "EMEA_ICT (us_cm)", "arguments": {}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "trunk_reset", "what": "EMEA_ICT"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "sip-trunk", "severity": "high", "object": "EMEA_ICT (us_cm)", "step": "trunk-srtp", "table": "7-12"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "intercluster-trunk", "object": "EMEA_ICT (us_cm)", "reason": "", "what_to_do": [], "step": "mc-trunks"}]
"""
