#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: meeting_server_certificate
short_description: An issued certificate on every node of a Meeting Server cluster, and in its services
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Checks the certificate, carries it with its key and chain to every node by SFTP, reads each file back, and takes the shared certificate into service in the
    guide's order, one node after the other. Web Admin, Call Bridge, XMPP and Web Bridge on 2.x; Web Admin, Call Bridge and Web Bridge 3 on 3.x, where the
    trust between Call Bridge and Web Bridge (C2W) is kept, too.
  - What a service uses is compared by the bytes of the certificate, not by the name of its file. A file that is there is never overwritten.
  - Every line of a node that begins with FAILURE ends the work on that service. What the service used before is brought back then, and the failure says
    whether that holds.
  - The private key goes from node to node in memory. It is never on the disk of the control node, and in no result.
  - The certificate of the database's clients is carried to the nodes here; M(collab.security.meeting_server_database) takes it into use.
extends_documentation_fragment:
  - collab.security._attributes
options:
  kind:
    description: Which certificate it is, as for M(collab.security.meeting_server_request).
    type: str
    choices: [shared, database_client]
    default: shared
  certificate:
    description: The issued certificate, or the one that is there already, in PEM form. Without one nothing is done.
    type: str
  csr:
    description: The request that it was issued for, in PEM form.
    type: str
  alt_names:
    description: As for M(collab.security.meeting_server_request).
    type: list
    elements: str
    default: []
  issuer_certificates:
    description: The enterprise CA's root and intermediate certificates as PEM, one or several in each item.
    type: list
    elements: str
    required: true
  trust:
    description:
      - What Web Bridge and Call Bridge are told to trust in each other. V(ca) is the enterprise CA with its intermediates, V(certificate) the shared
        certificate itself.
    type: str
    choices: [ca, certificate]
    default: ca
  granted:
    description: Whether services may be interrupted (V(services) in C(collab_disruption)). Without that everything is prepared, and reported as pending.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, until a service serves the certificate.
    type: int
    default: 120
seealso:
  - module: collab.security.meeting_server_request
  - module: collab.security.meeting_server_database
"""

EXAMPLES = r"""
- name: Install the shared certificate
  collab.security.meeting_server_certificate:
    kind: shared
    certificate: "{{ signature.certificate | default(request.certificate, true) }}"
    csr: "{{ request.csr | default(omit, true) }}"
    issuer_certificates:
      - "{{ lookup('ansible.builtin.file', collab_ca_file) }}"
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
installed:
  description: Whether every service uses the certificate (for the database's clients, whether the files lie on every node).
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
  description: How each node calls C(key), C(certificate), C(chain) (certificate with its chain, where needed) and C(ca).
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
