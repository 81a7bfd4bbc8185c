#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: trust_store
short_description: CA certificates in the trust stores of a cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Uploads the enterprise CA's certificates to trust stores of the publisher as Table 7-8 of the guide says, and waits until the cluster has distributed them
    to every node.
  - Only what is missing is uploaded. What is there is judged by the bytes of the certificates, whatever the product calls their files.
  - Every certificate is checked first. It must be a CA's, valid, and its chain must be complete up to a self-signed root within O(certificates).
  - The product keeps only one certificate of a name in a store, the one whose validity began later. Where that would not be ours, nothing is uploaded.
  - The nodes of IM and Presence that belong to a Unified CM cluster (C(collab_cm_cluster)) come to trust in tomcat-trust what it trusts there, since its tomcat
    certificate reaches them, too.
  - Nothing is ever deleted.
extends_documentation_fragment:
  - collab.security._attributes
options:
  certificates:
    description: The CA's root and intermediate certificates as PEM, one or several in each item, in any order.
    type: list
    elements: str
    required: true
  stores:
    description: Trust stores, with or without the ending C(-trust).
    type: list
    elements: str
    default: [tomcat-trust, CallManager-trust]
  roles:
    description:
      - Only nodes with one of these words in C(collab_roles), and the publisher, have to have the certificates. By default every node.
      - For a store that the cluster does not distribute (CAPF-trust), which is filled on each of these nodes.
    type: list
    elements: str
    default: []
  owes:
    description:
      - Services that read these stores when they start. An upload is written down as owing their restart on those of these nodes on which they run.
      - By default those that Unified CM has for the stores that something comes into (tomcat-trust, CallManager-trust); none of another product.
    type: list
    elements: str
  timeout:
    description: How long to wait, in seconds, until every node has the certificates.
    type: int
    default: 300
notes:
  - The certificate API is used on release 14 and later, the command line before.
  - Needs C(collab_workspace) where services owe a restart.
seealso:
  - module: collab.security.certificate_request
"""

EXAMPLES = r"""
- name: Trust the enterprise CA
  collab.security.trust_store:
    certificates:
      - "{{ lookup('ansible.builtin.file', collab_ca_file) }}"

- name: Trust the CA that issues the phones' certificates where CAPF runs
  collab.security.trust_store:
    certificates:
      - "{{ lookup('ansible.builtin.file', collab_ca_file) }}"
    stores: [CAPF-trust]
    roles: [publisher]
    owes: [Cisco Certificate Authority Proxy Function]
"""

RETURN = r"""
before:
  description: For each store and certificate the nodes that had it.
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
  description: The restarts that an upload owes, by O(owes).
  returned: always
  type: list
  elements: dict
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
"""
