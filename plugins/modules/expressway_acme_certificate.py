#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_acme_certificate
short_description: Server certificates of Expressway-E by its own ACME service
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Has the pending request of each peer signed by the ACME provider that the peer knows (Let's Encrypt), checks what came, and deploys it, which
    needs no restart.
  - Only where the release can live with certificates for servers only, X15.4 and X15.5. Elsewhere it is an error.
  - A service that is off is set to manual. One that renews by itself stays so.
  - Nobody's terms are accepted unasked. Without O(email) and O(accept_terms) it stays pending.
extends_documentation_fragment:
  - collab.security._attributes
options:
  requests:
    description: The rows that M(collab.security.expressway_certificate_request) returned as C(peers).
    type: list
    elements: dict
    required: true
  ca_certificates:
    description: Root and intermediate certificates of the provider's CA, as PEM.
    type: list
    elements: str
    required: true
  email:
    description: Address of the account at the provider.
    type: str
  accept_terms:
    description: Whether the provider's terms may be accepted for the enterprise.
    type: bool
    default: false
  require_client_eku:
    description:
      - Whether the certificate of Expressway-E must be good for TLS clients, too (Table 7-17). Public CAs issue for servers only since 2026.
      - V(by-version) requires it up to X15.3 and does without from X15.4 on.
      - With V(warn) its lack is a finding on every release, and what the box says to the upload decides.
      - Expressway-C needs both usages whatever is said here.
    type: str
    choices: ["true", warn, by-version]
    default: by-version
  timeout:
    description: How long to wait for the provider, in seconds.
    type: int
    default: 600
notes:
  - Every name in the requests must lead to the peers in the public DNS, and TCP port 80 of all of them must be open to the Internet meanwhile.
seealso:
  - module: collab.security.expressway_certificate_request
"""

EXAMPLES = r"""
- name: Have the certificates signed and deployed by ACME
  collab.security.expressway_acme_certificate:
    requests: "{{ requests.peers }}"
    ca_certificates:
      - "{{ lookup('ansible.builtin.file', collab_public_ca_file) }}"
    email: uc-operations@ent-pa.com
    accept_terms: true
"""

RETURN = r"""
installed:
  description: For each peer whose certificate was deployed its SHA-256 fingerprint.
  returned: success
  type: dict
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
"""
