#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: srst_reference
short_description: SRST references that phones use over TLS
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Marks SRST references secure (I(Is SRST Secure?)), each once its router has proven itself by a handshake with its credential service, with a chain
    that O(ca_file) verifies. Otherwise the reference stays as it is and is reported as pending, with the reason and what to do.
  - Nothing is written before the cluster is in mixed mode, since Unified CM ignores the setting until then.
  - The phones of the device pools that use a changed reference have to be told. They are written down in the workspace before the change, and
    M(collab.security.phone_security) tells them, in batches.
  - Unified CM takes the router's certificate and gives it to the phones. No interface makes it do so or shows it. Where the configuration file of a phone can
    be read it is looked for there; otherwise it is pending, with the fingerprint to compare, until O(references[].certificate_sha256) says that an
    administrator has seen it.
extends_documentation_fragment:
  - collab.security._attributes
options:
  references:
    description: What cannot be derived about the references. With entries, only those references are looked at; without, all but the built-in ones.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the SRST reference.
        type: str
        required: true
      server_name:
        description: The name that the router's certificate must carry. Without it the chain alone counts, since a reference has an address and no name.
        type: str
      sip_port:
        description: SIP port of the router; left alone where not given.
        type: int
      certificate_sha256:
        description: SHA-256 fingerprint of the router's certificate that an administrator has seen Unified CM take.
        type: str
  exclude:
    description: Names of references that are left alone.
    type: list
    elements: str
    default: []
  ca_file:
    description: PEM file with the CA certificates that a router must chain to. By default C(collab_ca_file).
    type: path
notes:
  - Needs C(collab_workspace) where a reference with phones is changed.
seealso:
  - module: collab.security.phone_security
"""

EXAMPLES = r"""
- name: Secure SRST wherever the router is ready
  collab.security.srst_reference:

- name: One reference, with the name of its router and the certificate that was seen on the page
  collab.security.srst_reference:
    references:
      - name: US_BRANCH_SRST
        server_name: us-branch1.ent-pa.com
        certificate_sha256: 5C:11:...:0E
"""

RETURN = r"""
references:
  description: Each reference, what its router's credential service serves, how many phones are behind it, and what is known of its certificate in Unified CM
    (C(taken), C(confirmed), C(another), C(not known), or nothing while it is not secure).
  returned: success
  type: list
  elements: dict
  sample: [{"name": "US_BRANCH_SRST", "secure": true, "address": "10.20.0.1", "port": 2445, "proven": true, "reason": "", "subject": "CN=us-branch1.ent-pa.com",
            "sha256": "5C:11:...:0E", "not_after": "2028-11-24T23:39:46Z", "dns_names": ["us-branch1.ent-pa.com"], "phones": 12, "certificate": "confirmed"}]
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
  sample: {"US_BRANCH_SRST": {"isSecure": "false"}}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"US_BRANCH_SRST": {"isSecure": "true"}}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateSrst", "object": "US_BRANCH_SRST", "arguments": {"isSecure": "true"}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "phone_reset", "what": "12 phones behind US_BRANCH_SRST"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "srst-reference", "severity": "high", "object": "US_BRANCH_SRST", "step": "srst-is-secure", "before": "false", "after": "true"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "srst-fetch", "object": "US_BRANCH_SRST", "reason": "...", "what_to_do": ["..."], "step": "srst-fetch"}]
"""
