#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: meeting_server_request
short_description: Whether a Meeting Server cluster needs a certificate, and the request for it
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Looks at every certificate on every node of the cluster, by its bytes. Where none is right, makes a private key and a certificate signing request, or goes
    on with a request that is pending already.
  - A certificate is right when O(issuer_certificates) issued it, its common name and names are those wanted, its RSA key has 2048 bits or more, it is signed
    with SHA-256 or better, says in its extended key usage that servers and clients may use it (clients for O(kind=database_client)), does not expire within
    O(renew_before_days), and its key is there.
  - The request and its key lie on the node of this task, under a name that no file of the cluster has yet. The key is never on the disk of the control node.
extends_documentation_fragment:
  - collab.security._attributes
options:
  kind:
    description:
      - V(shared) is the one certificate of all services. Its common name is C(collab_cluster_name), and it names that and every node of the cluster.
      - V(database_client) is that of the database's clients, whose common name is C(postgres).
    type: str
    choices: [shared, database_client]
    default: shared
  key_made_on:
    description:
      - V(node) has the node make key and request (C(pki csr)).
      - V(control_node) makes both in the memory of the control node and puts them on the node by SFTP.
    type: str
    choices: [node, control_node]
    default: node
  basename:
    description: What the files' names begin with. By default C(CAsignedCluster) and C(dbclusterclient), as in the guide.
    type: str
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
  alt_names:
    description: Names beyond those of the nodes and the cluster that the shared certificate must have.
    type: list
    elements: str
    default: []
  renew_before_days:
    description: A certificate that expires within so many days is renewed, with a new key.
    type: int
    default: 30
  issuer_certificates:
    description: The enterprise CA's root and intermediate certificates as PEM, one or several in each item.
    type: list
    elements: str
    required: true
seealso:
  - module: collab.security.certificate_signature
  - module: collab.security.meeting_server_certificate
"""

EXAMPLES = r"""
- name: See whether the cluster needs its shared certificate, and request it
  collab.security.meeting_server_request:
    kind: shared
    subject: {O: Cisco, OU: TME, L: San Jose, ST: California, C: US}
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
  description: For each node why its certificate is not right. Empty when none is needed.
  returned: success
  type: dict
csr:
  description: The request in PEM form, if one is needed and there.
  returned: success
  type: str
csr_state:
  description: V(present) was there and is right, V(created) by this task, V(would_create) in check mode, V(none) is not needed.
  returned: success
  type: str
certificate:
  description: The certificate that is right, in PEM form, where there is one.
  returned: success
  type: str
facts:
  description: What that certificate says.
  returned: when there is one
  type: dict
csr_facts:
  description: What the request says.
  returned: when there is a request
  type: dict
wanted:
  description: What was wanted, with the names and the common name worked out.
  returned: success
  type: dict
before:
  description: The request that was there before, if any.
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
