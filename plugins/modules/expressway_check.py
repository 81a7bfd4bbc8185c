#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_check
short_description: What has to agree between Unified CM and Expressway
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Looks, from an Expressway-C cluster, at what it shares with the Unified CM cluster behind it and the Expressway-E cluster before it, and fails with
    everything that does not agree. It writes nothing, and runs before anything is changed.
  - Phone security profiles that certificates of Expressway-C do not name; traversal ports that differ; a TLS verify subject name that the certificates do not
    carry; a trunk of Unified CM that does not listen where the neighbor zone calls, or whose X.509 subject names no peer; port 5061 beside mobile and remote
    access; a peer given by address where TLS is verified; a CA that one side does not trust; a name or port of a zone that another zone has.
  - What O(mends) names is judged as it will be when the run has been there, which variables and inventory say. The rest is judged as it is.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  mends:
    description:
      - What the same run brings to what is wanted. V(certificates) is certificates and trusted CAs of all three products, V(zones) the zones of Expressway,
        V(trunks) the SIP trunks of Unified CM.
      - What disagrees stops the run where it rests on a part named here, and is only told where it does not. Without any, everything is judged as it is,
        and whatever disagrees is a failure.
    type: list
    elements: str
    choices: [certificates, zones, trunks]
    default: []
seealso:
  - module: collab.security.expressway_b2b
  - module: collab.security.preflight
"""

EXAMPLES = r"""
- name: See that nothing contradicts itself before a run changes anything
  collab.security.expressway_check:
    mends: [certificates, zones, trunks]

- name: See that the products agree as they are
  collab.security.expressway_check:
"""

RETURN = r"""
agree:
  description: Whether everything agrees.
  returned: always
  type: bool
  sample: true
judged:
  description: How each part was judged.
  returned: always
  type: dict
  sample: {"certificates": "as it will be", "zones": "as it will be", "trunks": "as it is"}
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
  description: What does not agree, each with the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "traversal-ports", "severity": "high", "object": "business-to-business calls", "step": "b2b-traversal-e-port"}]
pending:
  description: Always empty.
  returned: always
  type: list
  elements: dict
  sample: []
"""
