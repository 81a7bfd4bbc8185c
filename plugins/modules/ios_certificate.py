#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ios_certificate
short_description: Certificate of an IOS router from a CA, by terminal enrolment
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Sees whether the router has a certificate as wanted, by the bytes of its key, certificates and chain. Where it does not, it makes key pair, trustpoint and
    request, for M(collab.security.certificate_signature) to have signed; run again with O(certificate) it checks and imports what was issued.
  - A key pair that is there is never generated anew, and a trustpoint that has a certificate is never changed. A renewal, or a certificate that is wrong, makes
    the next generation beside it (O(trustpoint)C(-2) with O(label)C(-2) and so on), which the other modules then refer to; M(collab.security.ios_save) retires
    the old one when nothing refers to it. Trustpoints of the factory are never touched.
  - A CA certificate is accepted only with the fingerprint that was computed here from O(issuer_certificates).
extends_documentation_fragment:
  - collab.security._ios
options:
  trustpoint:
    description: Name of the trustpoint, of its first generation.
    type: str
    default: CUBE-Certificate
  label:
    description: Label of the key pair, of its first generation.
    type: str
    default: CUBE
  subject:
    description: Subject of the certificate as the router takes it, with one common name. By default C(CN=) and the router's FQDN.
    type: str
  alt_names:
    description: DNS names beside it (C(subject-alt-name)), for releases that know the command. The guide asks for none.
    type: list
    elements: str
    default: []
  fqdn:
    description: What C(fqdn) of the trustpoint says. Without it the router writes its own host name into the request.
    type: str
  key_length:
    description: Bits of the RSA key.
    type: int
    default: 2048
  hash_algorithm:
    description: Hash of the request's signature.
    type: str
    default: sha256
    choices: [sha256, sha384, sha512]
  revocation_check:
    description: How certificates of peers that this trustpoint vouches for are checked for revocation.
    type: str
    default: none
    choices: [none, crl, ocsp, crl none, ocsp none]
  issuer_certificates:
    description: The CA's root and intermediate certificates, PEM.
    type: list
    elements: str
    required: true
  issuer:
    description: Common name of the CA that signs routers' certificates, where O(issuer_certificates) has more than one that could.
    type: str
  renew_before_days:
    description: A certificate that expires within so many days is renewed.
    type: int
    default: 30
  client_use:
    description: Whether the certificate has to be good for TLS clients, too. The guide asks for it; public CAs have come to issue for servers only.
    type: bool
    default: true
  certificate:
    description: The certificate that was issued for the request, PEM. Without it the module goes as far as the request.
    type: str
  chain:
    description: CA certificates that came with it, PEM.
    type: list
    elements: str
    default: []
seealso:
  - module: collab.security.certificate_signature
  - module: collab.security.ios_trust
  - module: collab.security.ios_save
"""

EXAMPLES = r"""
- name: See whether a certificate is needed, and request it
  collab.security.ios_certificate:
    issuer_certificates: ["{{ lookup('ansible.builtin.file', collab_ca_file) }}"]
  register: request

- name: Have the enterprise CA sign it
  collab.security.certificate_signature:
    name: "{{ inventory_hostname }}"
    csr: "{{ request.csr | default(omit, true) }}"
    needed: "{{ request.needed }}"
    method: adcs
    template: CollabServer
    user: "{{ collab_enterprise_ca_user }}"
    password: "{{ collab_enterprise_ca_password }}"
    ca_file: "{{ collab_ca_file }}"
  register: signature

- name: Import it
  collab.security.ios_certificate:
    issuer_certificates: ["{{ lookup('ansible.builtin.file', collab_ca_file) }}"]
    certificate: "{{ signature.certificate }}"
    chain: "{{ signature.chain }}"
  when: signature.signed
"""

RETURN = r"""
needed:
  description: Whether a new certificate is needed (still, after this task).
  returned: success
  type: bool
reasons:
  description: Why.
  returned: success
  type: list
  elements: str
  sample: ["it expires on 2026-12-01T10:00:00Z"]
csr:
  description: The request, PEM, or nothing.
  returned: success
  type: str
csr_facts:
  description: What the request says.
  returned: when there is one
  type: dict
trustpoint:
  description: The trustpoint whose certificate is valid now and newest, or nothing.
  returned: success
  type: str
  sample: CUBE-Certificate
label:
  description: Label of its key pair.
  returned: success
  type: str
  sample: CUBE
certificate:
  description: What its certificate says.
  returned: success
  type: dict
commands:
  description: Configuration lines that were entered, or in check mode would be, in order; without secrets.
  returned: success
  type: list
  elements: str
  sample: ["crypto key generate rsa general-keys label CUBE modulus 2048"]
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
