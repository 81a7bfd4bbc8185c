#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_mra
short_description: Mobile and remote access on both sides of Expressway
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Has SIP with TLS and mobile and remote access on, on Expressway-C and on the Expressway-E cluster in front of it, OAuth with refresh on Expressway-C,
    and the domains that are routed to Unified CM (and to IM and Presence, where the inventory has nodes of it behind this Expressway-C).
  - Each setting is written by REST where the release's own RAML has its key, else by C(xConfiguration); what neither has is pending with the steps to do
    by hand. Domains and services of domains that are not asked for stay as they are.
  - While mobile and remote access is in use (it is on, and there is a zone for it), what restarts the XCP router needs leave.
extends_documentation_fragment:
  - collab.security._attributes
options:
  domains:
    description: Domains whose registrations and services are routed to Unified CM.
    type: list
    elements: str
    required: true
  granted:
    description: Whether this run may disturb services. If not, what would interrupt clients of mobile and remote access is reported as pending.
    type: bool
    default: false
notes:
  - Runs on the primary peer of an Expressway-C cluster; shared settings are written to primary peers only.
seealso:
  - module: collab.security.expressway_uc_servers
  - module: collab.security.expressway_uc_zone
"""

EXAMPLES = r"""
- name: Have mobile and remote access on
  collab.security.expressway_mra:
    domains: [ent-pa.com]
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
in_use:
  description: Whether clients may have been connected by mobile and remote access before this task.
  returned: success
  type: bool
  sample: false
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
  sample: [{"node": "us-expc1", "channel": "expressway_api", "operation": "PUT /common/mra", "object": "mobile and remote access of us_expc"}]
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
  sample: [{"id": "expressway-setting", "severity": "high", "object": "mobile and remote access of us_expc", "step": "mra-verify-ucm"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
