#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_uc_zone
short_description: Unified Communications traversal zone between Expressway-C and Expressway-E
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Has the zone on both sides from one definition, Expressway-E first. That is a credential, the zone with I(Do not check credentials) and the TLS
    verify subject name, then the zone of Expressway-C to all peers of Expressway-E by FQDN.
  - The TLS verify subject name is the cluster name of Expressway-C (C(collab_cluster_name)) unless another is given. It has to stand in the certificate of
    every peer of Expressway-C; that, the names of Expressway-E's peers and both chains are judged before anything is written, and neither end is touched
    where the zone would fail.
  - The command line cannot make such a zone. Where the release's RAML lacks a key, both ends are pending.
  - The zone, the tunnels and the nodes that Expressway-C has discovered are proven to be Active on every peer.
  - Whether Unified CM trusts what signed Expressway-C's certificates (tomcat-trust and CallManager-trust) is looked at, and told.
extends_documentation_fragment:
  - collab.security._attributes
options:
  zone:
    description: Name of the zone, on both sides.
    type: str
    default: UC traversal
  port:
    description: Port on which Expressway-E listens.
    type: int
    default: 7001
  username:
    description: User that Expressway-C logs in to Expressway-E with.
    type: str
    required: true
  password:
    description: Password of that user.
    type: str
    required: true
  subject_name:
    description: TLS verify subject name, where it is not the cluster name of Expressway-C.
    type: str
  granted:
    description: Whether this run may disturb services. If not, what would interrupt clients of mobile and remote access is reported as pending.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, after a change for the zone to be Active on every peer. One that failed calls again after 120 seconds.
    type: int
    default: 300
notes:
  - Runs on the primary peer of an Expressway-C cluster; C(collab_edge_cluster) names its Expressway-E.
  - Needs C(collab_workspace), where a record of the password that was written (no value) is kept. A password whose origin nobody knows is written again
    only where the zone does not work.
seealso:
  - module: collab.security.expressway_mra
  - module: collab.security.expressway_uc_servers
"""

EXAMPLES = r"""
- name: Have the zone for mobile and remote access
  collab.security.expressway_uc_zone:
    username: uc-traversal
    password: "{{ collab_traversal_password }}"
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
zone:
  description: The definition of the zone.
  returned: success
  type: dict
  sample: {"name": "UC traversal", "port": 7001, "subject_name": "us-expc.ent-pa.com", "peers": ["us-expe1.ent-pa.com", "us-expe2.ent-pa.com"]}
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
  description: What was written, or in check mode would be, in order. Passwords are left out.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-expe1", "channel": "expressway_api", "operation": "POST /common/credential", "object": "credential uc-traversal of us_expe"}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-expc1", "kind": "service_restart", "what": "Cisco XCP router: clients of mobile and remote access and XMPP federation reconnect"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "expressway-uc-zone", "severity": "high", "object": "zone UC traversal of us_expe", "step": "mra-zone-e-subject"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
