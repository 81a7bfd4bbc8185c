#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ldap_synchronization
short_description: Synchronization of the LDAP directories that were switched to TLS
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Starts a synchronization of each LDAP directory that M(collab.security.ldap_directory) has switched with
    O(collab.security.ldap_directory#module:synchronize), and waits for its success. One that an interrupted run still owes is done by the next.
  - Where none is owed it does nothing. A synchronization adds and deactivates users as the directory says, so it is the operator's to ask for.
  - Where it fails, the message says so, with the servers of before, to which the agreement can be put back. Nothing is put back by itself.
extends_documentation_fragment:
  - collab.security._attributes
options:
  timeout:
    description: How long to wait, in seconds, for the end of one synchronization.
    type: int
    default: 1800
seealso:
  - module: collab.security.ldap_directory
"""

EXAMPLES = r"""
- name: Prove the switched directories
  collab.security.ldap_synchronization:
"""

RETURN = r"""
synchronized:
  description: The directories that were synchronized, each with the cluster's own words.
  returned: success
  type: dict
  sample: {"US_AD": "Sync is performed successfully"}
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "doLdapSync", "object": "US_AD", "arguments": {}}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ldap-sync-owed", "severity": "low", "object": "US_AD", "step": "ldap-directory-tls"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ldap-sync", "object": "US_AD", "reason": "Cisco DirSync does not run on us-cm-pub", "what_to_do": [], "step": "ldap-directory-tls"}]
"""
