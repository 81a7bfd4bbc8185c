#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_certificate_request
short_description: Certificate requests of an Expressway cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Looks at the server certificate of every peer, and makes a certificate request on each peer that needs a new one. The private key never leaves the peer.
  - The alternative names are those of Table 7-16. On Expressway-C the cluster's name and, for mobile and remote access, the phone security profiles of
    its Unified CM cluster (C(collab_cm_cluster)) that are encrypted, do without OAuth, and whose names have FQDN form, as read from there. On Expressway-E
    the registration domains and the domains federated by XMPP. On both the aliases of chat nodes.
  - A pending request is reused where it fits. One that differs may be on its way to a CA, so it stays and is reported, unless O(replace_request).
  - On Expressway-E an ACME service that renews by itself is a finding where the release cannot live with a certificate for servers only.
extends_documentation_fragment:
  - collab.security._attributes
options:
  cluster_name:
    description: FQDN of the cluster. Needed for Expressway-C.
    type: str
  mra:
    description: Whether mobile and remote access is wanted, so that Expressway-C needs the names of phone security profiles.
    type: bool
    default: true
  registration_domains:
    description: Domains in which endpoints register over mobile and remote access.
    type: list
    elements: str
    default: []
  federation_domains:
    description: Domains that are federated by XMPP.
    type: list
    elements: str
    default: []
  chat_node_aliases:
    description: Aliases of the chat nodes of IM and Presence, for group chat with federated users. Expressway-C adds those that it has discovered by itself.
    type: list
    elements: str
    default: []
  phone_profiles:
    description: Names of phone security profiles instead of those that Unified CM has.
    type: list
    elements: str
    default: []
  alt_names:
    description: More names, for example others by which Expressway-E is known.
    type: list
    elements: str
    default: []
  subject:
    description:
      - What else stands in the subject, with the keys C(country), C(province), C(locality), C(organization), C(unit), C(email).
      - The web page asks for all but the last; the common name is the box's choice.
    type: dict
    default: {}
  key_length:
    description: Length of the RSA key in bits.
    type: int
    default: 2048
  hash_algorithm:
    description: Hash of the request.
    type: str
    choices: [sha256, sha384, sha512]
    default: sha256
  renew_before_days:
    description: A certificate that expires within so many days is renewed.
    type: int
    default: 30
  issuer_certificates:
    description: Root and intermediate certificates of the CA that is to have issued the certificates, as PEM.
    type: list
    elements: str
    required: true
  require_client_eku:
    description:
      - Whether the certificate of Expressway-E must be good for TLS clients, too (Table 7-17). Public CAs issue for servers only since 2026.
      - V(by-version) requires it up to X15.3 and does without from X15.4 on.
      - With V(warn) its lack is a finding on every release, and what the box says to the upload decides.
      - Expressway-C needs both usages whatever is said here.
    type: str
    choices: ["true", warn, by-version]
    default: by-version
  replace_request:
    description: Whether a pending request that differs from what is wanted may be discarded, with its private key.
    type: bool
    default: false
seealso:
  - module: collab.security.certificate_signature
  - module: collab.security.expressway_certificate
"""

EXAMPLES = r"""
- name: See which peers need a certificate
  collab.security.expressway_certificate_request:
    cluster_name: us-expc.ent-pa.com
    issuer_certificates:
      - "{{ lookup('ansible.builtin.file', collab_ca_file) }}"
  register: requests

- name: Have them signed
  collab.security.certificate_signature:
    name: "{{ item.name }}"
    csr: "{{ item.csr | default(omit, true) }}"
    needed: "{{ item.needed }}"
    method: folder
  loop: "{{ requests.peers }}"
"""

RETURN = r"""
peers:
  description: One row for each peer.
  returned: success
  type: list
  elements: dict
  contains:
    node:
      description: Inventory name of the peer.
      type: str
    name:
      description: Under which name its certificate is kept.
      type: str
    needed:
      description: Whether it needs a new certificate.
      type: bool
    reasons:
      description: Why.
      type: list
      elements: str
    csr:
      description: The request in PEM form, where one is there to be signed.
      type: str
    csr_state:
      description: C(none), C(present), C(created), C(would_create), or C(differs) where a pending request was left alone.
      type: str
    installed:
      description: Facts of the installed certificate.
      type: dict
names:
  description: For each peer the names that its certificate has to carry.
  returned: success
  type: dict
client_required:
  description: Whether the certificates must be good for TLS clients.
  returned: success
  type: bool
usage_note:
  description: Why, and what to do where a CA issues for servers only.
  returned: success
  type: str
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
