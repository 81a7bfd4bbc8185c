#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: renewal
short_description: Which certificates of a cluster end soon, and in which order they are renewed
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Reads the identity certificates of all nodes, the CA certificates that they trust (of Unified CM, IM and Presence and Unity Connection those of the
    publisher, from which the others have theirs), the LSCs of phones, and the CA certificates on the control node.
  - Groups what ends within O(days), and says what is renewed now, what has to wait and until when, and what a person does.
  - Of the certificates that phones verify with (CAPF, CallManager, TVS, ITLRecovery), one is renewed in a run, as Cisco's document 214231 has it. The
    next waits until phones have had O(settle_days) to fetch their ITL file, and until no restart of TFTP and no reset of phones is owed.
  - Renews nothing; the playbook C(renew) has the roles do that.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  days:
    description: What ends within so many days is due.
    type: int
    default: 60
  settle_days:
    description: So many days after one of the certificates that phones verify with has become new, the next may be renewed.
    type: int
    default: 7
  services:
    description:
      - Services whose certificates the role P(collab.security.certificates#role) renews, as its C(certificates_services).
      - By default C(tomcat) and C(CallManager), on IM and Presence C(cup-xmpp) and C(cup-xmpp-s2s), on Unity Connection C(tomcat).
    type: list
    elements: str
  node_services:
    description: Services whose certificates each node has for itself, as its C(certificates_node_services).
    type: list
    elements: str
    default: []
  publisher_services:
    description: Services whose certificates the publisher alone has, as its C(certificates_publisher_services).
    type: list
    elements: str
    default: []
  ca_files:
    description: PEM files with the CA certificates that clusters come to trust. A successor belongs beside the certificate that ends.
    type: list
    elements: path
    default: []
seealso:
  - module: collab.security.renewal_table
  - module: collab.security.certificate_request
  - module: collab.security.phone_security
"""

EXAMPLES = r"""
- name: See what ends within three months
  collab.security.renewal:
    days: 90
    ca_files: ["{{ collab_ca_file }}"]
  register: renewal

- name: Show it
  collab.security.renewal_table:
    clusters: ["{{ renewal }}"]
"""

RETURN = r"""
cluster:
  description: Name of the cluster.
  returned: success
  type: str
  sample: us_cm
certificates:
  description: All certificates, the one that ends first before the others. C(state) is C(lasts), C(due), C(held) or C(by hand).
  returned: success
  type: list
  elements: dict
  sample: [{"name": "tomcat", "kind": "identity", "nodes": ["us-cm-pub"], "not_after": "2027-01-02T10:00:00Z", "days": 37, "state": "due"}]
groups:
  description: What is due, in the order in which it is renewed.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "tomcat", "kind": "identity", "ends": "2027-01-02T10:00:00Z", "managed": true, "held": false, "nodes": ["us-cm-pub"]}]
held:
  description: What has to wait, why, and until when where that is known.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "TVS", "reason": "CallManager comes first", "until": "2026-12-03T10:00:00Z"}]
renew:
  description: Services of O(services), or of other products certificates by the names in C(certificates), that are renewed now.
  returned: success
  type: list
  elements: str
  sample: [tomcat, CallManager]
renew_on_nodes:
  description: Those of O(node_services).
  returned: success
  type: list
  elements: str
  sample: [ipsec]
renew_on_publisher:
  description: Those of O(publisher_services).
  returned: success
  type: list
  elements: str
  sample: []
mixed:
  description: Whether the cluster is in mixed mode, so that its CTL file names certificates.
  returned: success
  type: bool
trust:
  description: Whether the successor of a CA certificate has to come into trust stores.
  returned: success
  type: bool
lscs:
  description: Whether LSCs are renewed now.
  returned: success
  type: bool
owed:
  description: Restarts and resets that an earlier run has left.
  returned: success
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "what": "Cisco Tomcat"}]
before:
  description: Always empty.
  returned: always
  type: dict
  sample: {}
after:
  description: The same, as it is afterwards (or in check mode would be).
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
  description: One for each group that is due.
  returned: always
  type: list
  elements: dict
  sample: []
pending:
  description: What has to wait, and what a person does.
  returned: always
  type: list
  elements: dict
  sample: []
"""
