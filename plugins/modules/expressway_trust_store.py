#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_trust_store
short_description: Trusted CAs of an Expressway cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Adds CA certificates to the list of trusted CAs of every peer, as Table 7-15 of the guide says. The list is each peer's own.
  - Only what is missing is added. What is there is judged by the bytes of the certificates.
  - Every certificate is checked first. It must be a CA's, valid, and its chain complete up to a self-signed root within its own option.
  - The temporary CA of a new installation is reported as pending, for no interface but the web page takes a CA out. Nothing is ever deleted.
  - A restart of the peer is written down as owed, since nothing public says whether a new CA counts at once. M(collab.security.expressway_certificate) does it.
extends_documentation_fragment:
  - collab.security._attributes
options:
  enterprise:
    description: The enterprise CA's root and intermediate certificates as PEM, one or several in each item.
    type: list
    elements: str
    required: true
  public:
    description: The same of the public CA that issues for Expressway-E.
    type: list
    elements: str
    default: []
  partners:
    description: For Expressway-E, the CA certificates of other enterprises, for calls and federation with them.
    type: list
    elements: str
    default: []
notes:
  - Needs C(collab_workspace), the directory on the control node that is kept between runs.
seealso:
  - module: collab.security.expressway_certificate_request
  - module: collab.security.expressway_certificate
"""

EXAMPLES = r"""
- name: Trust the enterprise CA and the public CA
  collab.security.expressway_trust_store:
    enterprise:
      - "{{ lookup('ansible.builtin.file', collab_ca_file) }}"
    public:
      - "{{ lookup('ansible.builtin.file', collab_public_ca_file) }}"
"""

RETURN = r"""
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
