#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_signature
short_description: Certificate requests signed by the enterprise CA
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Has a certificate request signed by AD CS web enrolment, by HashiCorp Vault (or OpenBao), by a CA that speaks ACME, by a CA
    key on the control node, or by a person through a folder.
  - What the CA issued is kept in C(collab_workspace) from the moment it is known. A run that is interrupted asks for nothing twice, and the next one goes on
    with the certificate or with the number that the CA gave.
  - The certificate is checked against the request. Public key, alternative names, key usage and extended key usage, validity, signature and chain. One that
    does not pass is an error until it is put right; it is neither used nor silently asked for again.
  - When the way of signing changes (for example O(template)), a certificate that did not pass is asked for anew.
extends_documentation_fragment:
  - collab.security._attributes
options:
  name:
    description: Under which name the certificate is kept, for example that of the service.
    type: str
    required: true
  service:
    description:
      - What the certificate is for, as the product names it, where that is not O(name).
      - A certificate for V(CAPF) signs others itself; any other that may do so is refused.
    type: str
  csr:
    description: The request in PEM form. Without it nothing is signed.
    type: str
  needed:
    description: Whether a certificate is needed at all, as M(collab.security.certificate_request) returns it.
    type: bool
    default: true
  method:
    description:
      - V(adcs) submits to AD CS web enrolment.
      - V(vault) has Vault's PKI secrets engine sign under a role (C(sign/ROLE), never C(sign-verbatim)). Needs the Python package hvac.
      - V(acme_dns) orders at a CA that speaks ACME, with names proven by TXT records that are written to O(dns_server). Needs the Python packages acme and
        dnspython.
      - V(local) signs with O(ca_key_file), keeping what the request asks for.
      - V(folder) writes the request into O(folder) and takes the certificate from there when a person has put it there. Until then it is pending.
    type: str
    choices: [adcs, vault, acme_dns, local, folder]
    required: true
  authority:
    description: Whose CA it is. It says which variables the messages name, C(collab_enterprise_ca) or C(collab_public_ca).
    type: str
    choices: [enterprise, public]
    default: enterprise
  uses:
    description:
      - Extended key usages that the certificate must have, whether the request asks for them or not. Some products' requests ask for none.
    type: list
    elements: str
    choices: [server, client]
    default: []
  client_use_required:
    description:
      - Whether the certificate must be good for TLS clients where the request asks for that.
      - Public CAs issue for servers only since 2026, which Expressway-E can live with from X15.4 on. C(expressway_certificate_request) says whether.
    type: bool
    default: true
  usage_note:
    description: What the message has to say besides when the certificate lacks a key usage.
    type: str
  url:
    description:
      - URL of the web enrolment, V(https://NAME) with or without port and C(/certsrv). By default that of the first AD CS host in the inventory group
        C(certificate_authorities).
      - For V(vault), V(https://NAME:8200/MOUNT), with the mount of the PKI secrets engine. It has no default.
      - For V(acme_dns), that of the ACME directory. It has no default.
      - A name that is in the inventory is reached at that host's C(ansible_host), and verified as the name it is.
    type: str
  template:
    description: Certificate template of AD CS, by its own (not its display) name. For V(vault), the role.
    type: str
  user:
    description: User of the web enrolment, with Basic authentication. For V(vault), the role ID of an AppRole; without it
      O(password) is a token. For V(acme_dns), the key identifier of an external account binding, where the CA wants one.
    type: str
  password:
    description: Password of O(user). For V(vault), the secret ID of the AppRole, or a token. For V(acme_dns), the HMAC key of the binding.
    type: str
  accept_terms:
    description: For V(acme_dns), whether the terms of service that the CA's directory names are agreed to. Nothing is asked of it otherwise.
    type: bool
    default: false
  dns_server:
    description: For V(acme_dns), the primary server of the zones of all names, C(ADDRESS) or C(ADDRESS:PORT), which takes dynamic updates.
    type: str
  dns_key_file:
    description: For V(acme_dns), the file with the TSIG key for these updates, as C(tsig-keygen) writes it.
    type: path
  ca_file:
    description: PEM file with the CA's root and intermediate certificates. The CA's web server and the issued certificate are verified against it.
    type: path
  ca_certificate:
    description: For V(local), the CA certificate to sign with, as PEM.
    type: str
  ca_key_file:
    description:
      - For V(local), the file with the CA's private key.
      - For V(acme_dns), that of the account's key, which is made when there is none. By default in C(collab_workspace).
    type: path
  ca_key_passphrase:
    description: Passphrase of O(ca_key_file).
    type: str
  days:
    description: For V(local) and V(vault), for how many days the certificate is valid. Vault cuts it to what the role and the mount allow, and says so.
    type: int
    default: 730
  folder:
    description: For V(folder), the folder. By default C(to-sign) in the cluster's part of C(collab_workspace).
    type: path
  reissue:
    description: Whether a certificate that was issued and does not pass, or a request that the CA denied, is asked for anew.
    type: bool
    default: false
notes:
  - Needs C(collab_workspace), the directory on the control node that is kept between runs.
seealso:
  - module: collab.security.certificate_request
  - module: collab.security.identity_certificate
  - module: collab.security.expressway_certificate
"""

EXAMPLES = r"""
- name: Have the request signed by AD CS
  collab.security.certificate_signature:
    name: tomcat
    csr: "{{ request.csr }}"
    needed: "{{ request.needed }}"
    method: adcs
    url: https://us-ca.ent-pa.com/certsrv
    template: CollabServer
    user: "{{ collab_enterprise_ca_user }}"
    password: "{{ collab_enterprise_ca_password }}"
    ca_file: "{{ collab_ca_file }}"
  register: signature

- name: Have the request signed by Vault, as an AppRole
  collab.security.certificate_signature:
    name: tomcat
    csr: "{{ request.csr }}"
    needed: "{{ request.needed }}"
    method: vault
    url: https://vault.ent-pa.com:8200/pki_collab
    template: collab-server
    user: "{{ collab_enterprise_ca_user }}"
    password: "{{ collab_enterprise_ca_password }}"
    ca_file: "{{ collab_ca_file }}"
  register: signature

- name: Have the request of a Meeting Server signed by a CA that speaks ACME
  collab.security.certificate_signature:
    name: webadmin
    csr: "{{ request.csr }}"
    needed: "{{ request.needed }}"
    method: acme_dns
    url: https://ca.ent-pa.com/acme/directory
    accept_terms: true
    dns_server: 10.0.0.53
    dns_key_file: /etc/collab/acme.key
    ca_file: "{{ collab_ca_file }}"
  register: signature

- name: Leave the request for a person to sign
  collab.security.certificate_signature:
    name: tomcat
    csr: "{{ request.csr }}"
    needed: "{{ request.needed }}"
    method: folder
    folder: /srv/pki/us_cm
    ca_file: "{{ collab_ca_file }}"
  register: signature
"""

RETURN = r"""
name:
  description: O(name).
  returned: success
  type: str
signed:
  description: Whether there is a certificate that passes.
  returned: success
  type: bool
certificate:
  description: The certificate in PEM form, if it is there.
  returned: success
  type: str
chain:
  description: The certificates above it, from its issuer to the root, in PEM form.
  returned: success
  type: list
  elements: str
file:
  description: Where it is kept.
  returned: success
  type: str
request_id:
  description: Number of the request at the CA.
  returned: success
  type: int
facts:
  description: What the certificate says.
  returned: when there is a certificate
  type: dict
before:
  description: Whether the request was signed.
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
