#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_certificate
short_description: Server certificates of an Expressway cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Installs issued certificates on the peers that the requests were made on. All of them are checked before the first is uploaded. Public key, alternative
    names, usages, validity, chain, and that the chain is in the peer's list of trusted CAs.
  - A peer serves its new certificate after a restart. Peers are restarted one at a time, the primary peer last, each only while all others are there and see
    one another, and each has to come back and serve what is installed.
  - A restart that is owed, because a run ended early or CA certificates were added, is seen and done, too.
  - On X15.4 a certificate for servers only is taken by Expressway-E once C(XCP TLS Certificate CVS EnableServerEkuUpload) is on, which is done first. On X15.5
    the store of client certificates is looked at, and what is wrong there is pending, for nothing public says how anything but its page fills it.
  - Nothing is uploaded or restarted unless O(granted).
extends_documentation_fragment:
  - collab.security._attributes
options:
  requests:
    description: The rows that M(collab.security.expressway_certificate_request) returned as C(peers).
    type: list
    elements: dict
    default: []
  signatures:
    description: What M(collab.security.certificate_signature) returned for them, in any order. Rows without a certificate are left out.
    type: list
    elements: dict
    default: []
  require_client_eku:
    description:
      - Whether the certificate of Expressway-E must be good for TLS clients, too (Table 7-17). Public CAs issue for servers only since 2026.
      - V(by-version) requires it up to X15.3 and does without from X15.4 on.
      - With V(warn) its lack is a finding on every release, and what the box says to the upload decides.
      - Expressway-C needs both usages whatever is said here.
    type: str
    choices: ["true", warn, by-version]
    default: by-version
  granted:
    description: Whether peers may be restarted.
    type: bool
    default: false
  timeout:
    description: How long a peer may take to come back, and the cluster to be whole, in seconds.
    type: int
    default: 900
notes:
  - Needs C(collab_workspace), the directory on the control node that is kept between runs.
seealso:
  - module: collab.security.expressway_certificate_request
  - module: collab.security.certificate_signature
"""

EXAMPLES = r"""
- name: Install what was issued
  collab.security.expressway_certificate:
    requests: "{{ requests.peers }}"
    signatures: "{{ signatures.results }}"
    granted: true
"""

RETURN = r"""
installed:
  description: For each peer the SHA-256 fingerprint of its certificate.
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
