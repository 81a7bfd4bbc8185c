#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cuc_port_group_servers
short_description: SIP and TFTP servers of a port group of Unity Connection
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Sets the TLS port of every SIP server of the port group, and lists every TFTP node of the Unified CM cluster by its fully qualified name. From there
    Unity Connection fetches the file that names Unified CM's certificates; an address would not do, since it stands in no certificate.
  - Neither counts before the port group is reset, and new TFTP servers not before Connection Conversation Manager has restarted on every node. Both are
    written down before the write. M(collab.security.service_restart) and M(collab.security.cuc_port_group) do them.
  - Servers that are none of the Unified CM cluster's are reported, and never removed.
extends_documentation_fragment:
  - collab.security._attributes
options:
  port_group:
    description: Display name of the port group.
    type: str
    default: PhoneSystem-1
  port:
    description: TLS port of the SIP servers.
    type: int
    default: 5061
notes:
  - The Unified CM cluster is the inventory group that C(collab_cm_cluster) names. Its TFTP nodes are those with C(tftp) in C(collab_roles).
  - Needs C(collab_workspace), where the restarts and the reset owed are written down.
seealso:
  - module: collab.security.cuc_port_group
"""

EXAMPLES = r"""
- name: List Unified CM's TFTP servers and set the TLS ports
  collab.security.cuc_port_group_servers:
    port_group: PhoneSystem-1
"""

RETURN = r"""
servers:
  description: The SIP and TFTP servers of the port group as they were last read.
  returned: success
  type: dict
  sample: {"sip": [{"host": "us-cm-sub1.ent-pa.com", "tls_port": 5061, "order": 0}], "tftp": [{"host": "us-cm-tftp1.ent-pa.com", "order": 0}]}
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
  sample: [{"node": "us-cuc-pub", "channel": "cupi", "operation": "POST portgroupservers", "object": "us-cm-tftp1.ent-pa.com", "arguments": {}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cuc-pub", "kind": "service_restart", "what": "Connection Conversation Manager"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cuc-port-group-server", "severity": "medium", "object": "us-cm-tftp1.ent-pa.com", "step": "cuc-tftp-servers"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
