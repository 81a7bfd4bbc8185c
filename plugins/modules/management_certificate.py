#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: management_certificate
short_description: An issued certificate of a management server, as files for a person
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Checks the certificate, writes the files that a person uploads into C(collab_workspace), says what to do with them, and looks whether the server serves it.
  - Meeting Management gets the certificate with its chain, Prime Collaboration Provisioning the certificate alone, TMS a PKCS#12 file, encrypted with
    O(key_passphrase).
extends_documentation_fragment:
  - collab.security._attributes
options:
  names:
    description: Names beyond the server's own that its certificate must have, for example Meeting Management's CDR receiver address.
    type: list
    elements: str
    default: []
  key_passphrase:
    description: What private keys and PKCS#12 files are encrypted with on the control node; 8 characters or more. Needed where a key is made there.
    type: str
  issuer_certificates:
    description: The enterprise CA's root and intermediate certificates as PEM, one or several in each item.
    type: list
    elements: str
    required: true
  certificate:
    description: The issued certificate in PEM form. Without one nothing is done.
    type: str
  csr:
    description: The request that it was issued for, in PEM form.
    type: str
  by_hand:
    description: Whether a person takes the files to the server. V(false) where a later task does.
    type: bool
    default: true
  ldap_ca_file:
    description: PEM file with the certificates of the LDAP servers' CA, for Prime Collaboration Provisioning.
    type: path
seealso:
  - module: collab.security.management_request
"""

EXAMPLES = r"""
- name: Have the files ready
  collab.security.management_certificate:
    certificate: "{{ signature.certificate | default(omit, true) }}"
    csr: "{{ request.csr | default(omit, true) }}"
    key_passphrase: "{{ collab_management_key_passphrase }}"
    issuer_certificates:
      - "{{ lookup('ansible.builtin.file', collab_ca_file) }}"
"""

RETURN = r"""
installed:
  description: Whether the server serves the certificate; none where none is given.
  returned: success
  type: bool
sha256:
  description: Fingerprint of the certificate.
  returned: success
  type: str
facts:
  description: What the certificate says.
  returned: when there is one
  type: dict
files:
  description: The files that were prepared, C(certificate), C(chain), C(root) and C(pkcs12).
  returned: success
  type: dict
thumbprint:
  description: What Windows calls the certificate (SHA-1); none where nothing is to be done there.
  returned: success
  type: str
pkcs12:
  description: The encrypted PKCS#12 file in base64, for TMS with O(by_hand=false).
  returned: when there is something to do on Windows
  type: str
authorities:
  description: The CA's certificates in base64, for the same.
  returned: when there is something to do on Windows
  type: list
  elements: str
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
