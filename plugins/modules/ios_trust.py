#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ios_trust
short_description: CA certificates that an IOS router trusts
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Gives the router the certificates that it lacks, each in a trustpoint of its own, issuers before what they issued. One that any trustpoint holds already,
    whatever its name, counts as there.
  - Each is accepted only with the fingerprint that was computed here.
  - The CA that issues the router's own certificate is left out, since that certificate's trustpoint holds it (M(collab.security.ios_certificate)).
  - Nothing is removed.

extends_documentation_fragment:
  - collab.security._ios
options:
  issuer_certificates:
    description: The enterprise CA's root and intermediate certificates, PEM.
    type: list
    elements: str
    default: []
  issuer:
    description: Common name of the CA that signs routers' certificates, where O(issuer_certificates) has more than one that could.
    type: str
  certificates:
    description: Further CA certificates, PEM, for example those of a SIP provider that encrypts.
    type: list
    elements: str
    default: []
  callmanager_of:
    description:
      - Unified CM cluster (inventory group) whose CallManager certificates are trusted one by one where no CA of O(issuer_certificates) signed them.
      - They are read from each node that processes calls, by its own interface.
    type: str
  lsc_issuers_of:
    description: Unified CM cluster (inventory group) whose CAPF certificate is trusted, so that the router can authenticate phones by their LSCs.
    type: str
  prefix:
    description: What the names of the trustpoints begin with.
    type: str
    default: TRUST-
  revocation_check:
    description: How certificates that these CAs issued are checked for revocation.
    type: str
    default: none
    choices: [none, crl, ocsp, crl none, ocsp none]
seealso:
  - module: collab.security.ios_certificate
"""

EXAMPLES = r"""
- name: Trust the enterprise CA, and Unified CM itself while it is self-signed
  collab.security.ios_trust:
    issuer_certificates: ["{{ lookup('ansible.builtin.file', collab_ca_file) }}"]
    callmanager_of: us_cm
"""

RETURN = r"""
trusted:
  description: Each certificate that has to be trusted, and the trustpoint that holds it (in check mode also one that would).
  returned: success
  type: list
  elements: dict
  sample: [{"trustpoint": "TRUST-ent-pa-Root-CA-1A2B3C4D", "subject": "CN=ent-pa Root CA", "sha256": "1A:2B:3C:4D:...", "step": "ios-authenticate"}]
commands:
  description: Configuration lines that were entered, or in check mode would be, in order; without secrets.
  returned: success
  type: list
  elements: str
  sample: ["crypto pki authenticate TRUST-ent-pa-Root-CA-1A2B3C4D"]
before:
  description: Parts of the running configuration that differ, as they were.
  returned: always
  type: dict
  sample: {"running-config": "sip-ua\n"}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"running-config": "sip-ua\n"}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cube1", "channel": "ios_cli", "operation": "configure", "object": "...", "arguments": {"lines": ["..."]}}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ios-configuration", "severity": "high", "object": "sip-ua on us-cube1", "message": "...", "step": "ios-crypto-signaling"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ios-certificate", "object": "us-cube1", "reason": "...", "what_to_do": ["..."], "step": "ios-import"}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: []
"""
