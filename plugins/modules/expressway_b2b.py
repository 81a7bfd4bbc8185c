#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_b2b
short_description: Zones of business-to-business calls on Expressway
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Brings the zones of business-to-business calls to the guide's Tables 7-18 to 7-22. On Expressway-C these are the neighbor zone towards Unified CM and the
    traversal client zone, on Expressway-E the traversal server zone, the DNS zone and the default zone. SIP with TLS is switched on for them.
  - One definition serves both ends. Peers are the call processing nodes of Unified CM and the peers of Expressway-E, by the names in the inventory; the name
    that Expressway-E expects in certificates of Expressway-C is that cluster's C(collab_cluster_name).
  - Settings are written by the REST API where the API's own description has resource and key, and on the command line where it has not. What neither has
    is pending. Zones that are not named here, other settings of those that are, and search rules are left alone.
  - Passwords cannot be read back. They are written where they are not what this control node wrote last.
extends_documentation_fragment:
  - collab.security._attributes
options:
  neighbor_zone:
    description: Name of the neighbor zone of Expressway-C towards Unified CM. Without a name there is none.
    type: str
  neighbor_port:
    description: Port of Unified CM that the neighbor zone calls, which is the incoming port of the trunk's security profile. Beside mobile and remote
      access it must not be 5061.
    type: int
    default: 5561
  neighbor_peers:
    description: Names of Unified CM's nodes, where they are not to be the cluster's call processing nodes.
    type: list
    elements: str
    default: []
  traversal_zone:
    description: Name of the traversal zone, on both ends. Without a name there is none.
    type: str
  traversal_port:
    description: Port of the traversal zone, on both ends. Not 5060, 5061 or the port of another traversal zone.
    type: int
    default: 7002
  traversal_peers:
    description: Names of the Expressway-E peers, where they are not to be those of the cluster that C(collab_edge_cluster) names.
    type: list
    elements: str
    default: []
  traversal_subject:
    description: The name that certificates of Expressway-C have to carry, where it is not to be that cluster's C(collab_cluster_name).
    type: str
  username:
    description: User name that Expressway-C shows to Expressway-E in the traversal zone.
    type: str
    default: b2b-traversal
  traversal_password:
    description: Its password.
    type: str
  dns_zone:
    description: Name of the DNS zone of Expressway-E. Without a name there is none.
    type: str
  beside_mra:
    description: Whether mobile and remote access is used on the same Expressways.
    type: bool
    default: true
  granted:
    description: Whether zones may be changed while there is a Unified Communications zone. Every change of a zone restarts the XCP router, so that clients of
      mobile and remote access and federated servers reconnect. Without it such changes are pending.
    type: bool
    default: false
seealso:
  - module: collab.security.expressway_call_policy
  - module: collab.security.expressway_check
  - module: collab.security.sip_trunk_security_profile
"""

EXAMPLES = r"""
- name: Have the zones of business-to-business calls
  collab.security.expressway_b2b:
    neighbor_zone: Unified CM B2B
    traversal_zone: B2B traversal
    traversal_password: "{{ vault_traversal_password }}"
    dns_zone: Internet
"""

RETURN = r"""
zones:
  description: The zones that are looked after on this cluster.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "B2B traversal", "type": "traversal_client"}]
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
  sample: {"B2B traversal": {"port": 7001}}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"B2B traversal": {"port": 7002}}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-expc1", "channel": "expressway_api", "operation": "PUT /controller/zone/traversalclient", "object": "B2B traversal",
            "arguments": {"SIPPort": 7002}}]
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
  sample: [{"id": "expressway-zone", "severity": "high", "object": "B2B traversal", "step": "b2b-traversal-c-port"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
