#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ldap_authentication
short_description: LDAP authentication over TLS
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Gives every server of LDAP authentication its secure port and TLS, where end users are authenticated by LDAP. The servers keep their number and their
    order, and nothing else is sent, the password least of all.
  - It is switched only once each of the servers has proven itself, as M(collab.security.ldap_directory) says.
extends_documentation_fragment:
  - collab.security._attributes
  - collab.security._ldap
options:
  granted:
    description: Whether this run may disturb services, on which logins and the synchronization of users depend. If not, the switch is reported as pending.
    type: bool
    default: false
seealso:
  - module: collab.security.ldap_trust
  - module: collab.security.ldap_directory
"""

EXAMPLES = r"""
- name: LDAP authentication over TLS
  collab.security.ldap_authentication:
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
agreements:
  description: LDAP authentication; empty where it is not in use.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the agreement.
      type: str
    state:
      description: C(over TLS), C(to switch) (in check mode) or C(pending).
      type: str
    servers:
      description: Its servers as they are, in order.
      type: list
      elements: str
    probes:
      description: For each server its secure port, the name that its certificate has to carry, whether it is proven, and if not, why.
      type: list
      elements: dict
  sample: [{"name": "LDAP Authentication", "state": "over TLS", "servers": ["us-ldap1.ent-pa.com:636 TLS"], "probes": []}]
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateLdapAuthentication", "object": "LDAP Authentication", "arguments": {}}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ldap-plain", "severity": "high", "object": "LDAP Authentication", "step": "ldap-authentication-tls"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ldap-agreement", "object": "LDAP Authentication", "reason": "", "what_to_do": [], "step": "ldap-authentication-tls"}]
"""
