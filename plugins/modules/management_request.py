#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: management_request
short_description: Whether a management server needs a certificate, and the request for it
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - For Meeting Management, TMS and Prime Collaboration Provisioning, which have no interface for their certificates (C(collab_product)). Looks at the
    certificate that the server serves; where it is not right, makes key and request in C(collab_workspace), or goes on with those that are there.
  - Keys lie there encrypted, and readable by their owner only. Prime Collaboration Provisioning makes its own key, so a person saves its request there, and its
    certificate has to be signed by the root itself.
  - What a person does and nothing shows from outside stays pending until that person says that it is done, O(confirmed).
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
  subject:
    description: More of the subject, V(O), V(OU), V(L), V(ST) and V(C).
    type: dict
    default: {}
    suboptions:
      O:
        description: Organization.
        type: str
      OU:
        description: Department.
        type: str
      L:
        description: City.
        type: str
      ST:
        description: State or province.
        type: str
      C:
        description: Country, two letters.
        type: str
  renew_before_days:
    description: A certificate that expires within so many days is renewed, with a new key.
    type: int
    default: 30
  confirmed:
    description:
      - What a person has done, as C(step) and the SHA-256 fingerprint of the certificate that it was done for; C(tms-tools) and C(pcp-upload-ldap).
    type: dict
    default: {}
seealso:
  - module: collab.security.certificate_signature
  - module: collab.security.management_certificate
"""

EXAMPLES = r"""
- name: See whether Meeting Management needs a certificate, and request it
  collab.security.management_request:
    names: [cdr.ent-pa.com]
    key_passphrase: "{{ collab_management_key_passphrase }}"
    issuer_certificates:
      - "{{ lookup('ansible.builtin.file', collab_ca_file) }}"
  register: request
"""

RETURN = r"""
needed:
  description: Whether a new certificate is needed.
  returned: success
  type: bool
reasons:
  description: Why.
  returned: success
  type: list
  elements: str
reachable:
  description: Whether the server serves any certificate.
  returned: success
  type: bool
served:
  description: What the certificate that it serves says.
  returned: when it serves one
  type: dict
certificate:
  description: That certificate in PEM form.
  returned: when it serves one
  type: str
csr:
  description: The request in PEM form, if one is needed and there.
  returned: success
  type: str
csr_state:
  description: V(present) was there, V(created) by this task, V(would_create) in check mode, V(manual) has to be made by a person, V(none) is not needed.
  returned: success
  type: str
csr_facts:
  description: What the request says.
  returned: when there is a request
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
