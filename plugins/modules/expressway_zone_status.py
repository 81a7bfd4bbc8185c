#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_zone_status
short_description: Whether the zones of business-to-business calls are active
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Asks every peer of an Expressway cluster whether the neighbor zone and the traversal zone are active. A zone that is not is reported with the cause that the
    peer gives, and pending.
  - Where the end that is called serves a certificate of the CAs in C(collab_ca_file) and C(collab_public_ca_file), it is waited for, since a zone that failed
    calls again only after its retry interval.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  neighbor_zone:
    description: As of M(collab.security.expressway_b2b).
    type: str
  neighbor_port:
    description: As of M(collab.security.expressway_b2b).
    type: int
    default: 5561
  neighbor_peers:
    description: As of M(collab.security.expressway_b2b).
    type: list
    elements: str
    default: []
  traversal_zone:
    description: As of M(collab.security.expressway_b2b).
    type: str
  traversal_port:
    description: As of M(collab.security.expressway_b2b).
    type: int
    default: 7002
  traversal_peers:
    description: As of M(collab.security.expressway_b2b).
    type: list
    elements: str
    default: []
  timeout:
    description: How long to wait, in seconds, for zones whose far ends answer. In check mode there is no wait.
    type: int
    default: 150
seealso:
  - module: collab.security.expressway_b2b
"""

EXAMPLES = r"""
- name: See that the zones carry calls
  collab.security.expressway_zone_status:
    neighbor_zone: Unified CM B2B
    traversal_zone: B2B traversal
"""

RETURN = r"""
zones:
  description: What each peer says of each zone.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "B2B traversal", "type": "traversal_client", "peer": "us-expc1", "status": "Active", "cause": ""}]
before:
  description: Always empty.
  returned: always
  type: dict
  sample: {}
after:
  description: Always empty.
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
  description: Always empty.
  returned: always
  type: list
  elements: dict
  sample: []
findings:
  description: Zones that are not active.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "expressway-zone-down", "severity": "high", "object": "B2B traversal", "step": "b2b-traversal-c-tls"}]
pending:
  description: The same, with what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
