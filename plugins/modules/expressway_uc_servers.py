#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_uc_servers
short_description: Servers that Expressway-C discovers, with TLS verify On
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Has the publishers of Unified CM, IM and Presence and Unity Connection behind this Expressway-C (C(collab_cm_cluster)) as its servers, by their
    FQDN and with TLS verify On, which is always said. Unified CM and IM and Presence are written by REST; Unity Connection by the command line, unless the
    release's RAML has a resource for it.
  - The accounts are those of the servers' own hosts in the inventory, C(collab_application_user) and C(collab_application_password).
  - A server that is not as wanted is changed in place where the release offers that. Else it is deleted and added again, during which nobody can connect,
    and which needs leave while mobile and remote access is in use. Before that it is proven from here that each peer's trusted CAs verify the
    server's certificate and name, and that the account can log in.
  - What Expressway-C knows of Unified CM is compared with Unified CM. Where a node, mixed mode or SIP OAuth mode is newer than the discovery, the server is
    discovered anew, and the zones that Expressway-C makes by itself (C(CEtls-NODE), C(CEOAuth NODE)) are proven on every peer.
  - No server is removed. One that is not the inventory's is a finding.
extends_documentation_fragment:
  - collab.security._attributes
options:
  granted:
    description: Whether this run may disturb services. If not, what would interrupt clients of mobile and remote access is reported as pending.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, after a discovery for the automatic zones to be there on every peer.
    type: int
    default: 180
notes:
  - Runs on the primary peer of an Expressway-C cluster.
  - Needs C(collab_workspace). Passwords cannot be read back, and neither can the verification of Unity Connection servers, so a record of what was written,
    which holds no value, is kept there.
  - A password that a server refuses is tried once, from here; Expressway-C is not given it.
seealso:
  - module: collab.security.expressway_mra
  - module: collab.security.expressway_uc_zone
"""

EXAMPLES = r"""
- name: Have every server verified
  collab.security.expressway_uc_servers:
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
servers:
  description: The servers as they were last read, by kind; tls_verify is null where no interface shows it.
  returned: success
  type: dict
  sample: {"Unified CM": [{"publisher": "us-cm-pub.ent-pa.com", "tls_verify": "On"}]}
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
  sample: [{"node": "us-expc1", "channel": "expressway_api", "operation": "POST /controller/server/cucm", "object": "Unified CM server us-cm-pub.ent-pa.com"}]
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
  sample: [{"id": "expressway-uc-server", "severity": "high", "object": "Unified CM server us-cm-pub.ent-pa.com", "step": "mra-verify-ucm"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
