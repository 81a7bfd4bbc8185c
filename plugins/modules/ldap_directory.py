#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ldap_directory
short_description: LDAP directories over TLS
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Gives every server of an LDAP directory its secure port and TLS. The servers keep their number and their order, and nothing else of the agreement is sent,
    its password least of all; the password is not read either.
  - An agreement is switched only once each of its servers has proven itself by a TLS handshake from the control node. Its certificate has to be valid, has to
    chain to what is in tomcat-trust of the publisher, and has to carry the name that the agreement dials. Otherwise the agreement stays as it is and is
    pending.
  - Nor is it switched while Cisco Tomcat owes a restart, since it would not know what came into its trust store.
extends_documentation_fragment:
  - collab.security._attributes
  - collab.security._ldap
options:
  directories:
    description: The LDAP directories in question. By default all.
    type: list
    elements: str
  synchronize:
    description:
      - Whether a switched directory is to be proven by a synchronization. It is written down as owed before the switch, and
        M(collab.security.ldap_synchronization) does it.
    type: bool
    default: false
  granted:
    description: Whether this run may disturb services, on which logins and the synchronization of users depend. If not, the switch is reported as pending.
    type: bool
    default: false
notes:
  - Needs C(collab_workspace) with O(synchronize).
seealso:
  - module: collab.security.ldap_trust
  - module: collab.security.ldap_authentication
  - module: collab.security.ldap_synchronization
"""

EXAMPLES = r"""
- name: All LDAP directories over TLS
  collab.security.ldap_directory:
    granted: "{{ 'services' in collab_disruption }}"

- name: A directory whose server is dialled by its address
  collab.security.ldap_directory:
    directories: [US_AD]
    servers:
      - host: 10.10.2.1
        server_name: us-ldap1.ent-pa.com
    granted: true
"""

RETURN = r"""
agreements:
  description: The LDAP directories in question.
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
  sample: [{"name": "US_AD", "state": "over TLS", "servers": ["us-ldap1.ent-pa.com:636 TLS"], "probes": []}]
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateLdapDirectory", "object": "US_AD", "arguments": {}}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ldap-plain", "severity": "high", "object": "US_AD", "step": "ldap-directory-tls"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ldap-agreement", "object": "US_AD", "reason": "us-ldap1.ent-pa.com:636: no TLS", "what_to_do": [], "step": "ldap-directory-tls"}]
"""
