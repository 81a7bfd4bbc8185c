#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_revocation
short_description: Revocation checks by OCSP
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Keeps the page Security > Certificate Revocation of OS Administration as the guide wants it, OCSP on, by which responder, and how often the certificates of
    long-lived sessions are checked.
  - No other interface has these settings. The page is found and filled in by its labels, saved only where something differs, and read back.
  - The services that ask the responder only after a restart owe one from then on (written down in C(collab_workspace) before the change). It is done by
    M(collab.security.service_restart).
  - What the page of a release does not offer is reported as pending, with the steps for a person. CRL settings are left alone.
extends_documentation_fragment:
  - collab.security._attributes
options:
  source:
    description:
      - V(certificate) asks the responder that a certificate itself names, V(configured) the one in O(uri).
      - Without it nothing is changed, and the step is reported as pending.
    type: str
    choices: [certificate, configured]
  uri:
    description: Address of the responder, needed for O(source=configured).
    type: str
  revocation_check:
    description: Whether certificates of long-lived sessions are checked again and again. The enterprise parameter Certificate Validity Check belongs to it.
    type: bool
    default: true
  every:
    description: How often they are checked, in O(every_unit).
    type: int
    default: 24
  every_unit:
    description: Unit of O(every).
    type: str
    choices: [days, hours]
    default: hours
  responder_certificate:
    description:
      - The responder's own certificate in PEM form, which then goes into tomcat-trust first.
      - Only for a responder whose certificate was not issued by the CA that it answers for; such a one is trusted without it.
    type: str
  granted:
    description:
      - Whether services may be disturbed. Nodes begin to refuse certificates by what the responder says, or does not say, and services restart for it.
      - Otherwise what differs is found, and reported as pending.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, until every node trusts O(responder_certificate).
    type: int
    default: 300
notes:
  - With OCSP on, a node refuses a certificate when its responder says so, or does not answer. See that the responder is reached from every node first.
  - Needs C(collab_workspace), the directory on the control node that is kept between runs.
seealso:
  - module: collab.security.certificate_monitor
  - module: collab.security.service_restart
"""

EXAMPLES = r"""
- name: Ask the responder that the certificates name
  collab.security.certificate_revocation:
    source: certificate
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
settings:
  description: For each node what its page said in the end, in the words of the page. Null stands for a field that the page does not have.
  returned: when the page is there
  type: dict
  sample: {"us-cm-pub": {"Enable OCSP": true, "source of the OCSP URI": "Use OCSP URI from Certificate", "Check Every": "24 Hours"}}
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
  sample: {}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {}
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
