#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ldap_trust
short_description: The LDAP servers' CA in tomcat-trust
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Brings the certificates of O(ca_file) into tomcat-trust, as M(collab.security.trust_store) does, before an LDAP agreement is switched to TLS.
  - With O(ocsp) the certificate that each LDAP server serves goes there, too, once O(ca_file) proves it. What is not proven is a finding, and is never trusted.
  - An upload owes Cisco Tomcat a restart on every node, which is written down before it.
extends_documentation_fragment:
  - collab.security._attributes
  - collab.security._ldap
options:
  timeout:
    description: How long to wait, in seconds, until every node has the certificates.
    type: int
    default: 300
notes:
  - Needs C(collab_workspace) for an upload.
seealso:
  - module: collab.security.trust_store
  - module: collab.security.ldap_directory
"""

EXAMPLES = r"""
- name: Trust the directory's own CA
  collab.security.ldap_trust:
    ca_file: /srv/pki/active-directory-ca.pem
"""

RETURN = r"""
impact:
  description: The restarts that an upload owes.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "service_restart", "what": "Cisco Tomcat"}]
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
  sample: [{"node": "us-cm-pub", "channel": "certmgr", "operation": "POST /trust/certificates", "object": "tomcat-trust", "arguments": {}}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "trust-missing", "severity": "high", "object": "tomcat-trust", "step": "ldap-trust"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
