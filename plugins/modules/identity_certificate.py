#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_certificate
short_description: Issued certificates installed on a cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Uploads an issued certificate on the publisher, after every check against the request that is pending there, and waits until every node has it.
  - The restarts that it makes necessary are written down in C(collab_workspace) before the upload, so that an interrupted run still owes them. They are done
    by M(collab.security.service_restart).
  - The certificate goes by the interface that took the request, see M(collab.security.certificate_request). The tomcat certificate of a Unified CM cluster is
    waited for on the nodes of IM and Presence that belong to it, too.
  - A lost answer is read back, never sent again.
extends_documentation_fragment:
  - collab.security._attributes
options:
  service:
    description: What the certificate is for, as the product names it, for example V(tomcat) or V(CallManager).
    type: str
    required: true
  distribution:
    description:
      - V(multi-server) is one certificate for all nodes of the cluster, uploaded on the publisher.
      - V(this-server) is a certificate for the host of this task alone.
    type: str
    choices: [multi-server, this-server]
    default: multi-server
  certificate:
    description:
      - The certificate in PEM form.
      - Without one nothing is uploaded. It is only waited until every node has the publisher's, where that is a multi-server certificate already.
    type: str
  expected:
    description:
      - Whether a run that is not in check mode would have a certificate by now, as C(needed) of M(collab.security.certificate_request) says it.
      - Then check mode without O(certificate) foresees its upload, and the restarts that come of it.
    type: bool
    default: false
  chain:
    description: The certificates above it in PEM form.
    type: list
    elements: str
    default: []
  csr:
    description: The request that was signed, in PEM form. When another one is pending by now, that is said.
    type: str
  file:
    description: Where the certificate is kept, for the steps that a person has to take.
    type: path
  granted:
    description: Whether this run may do what makes services restart. If not, the certificate is checked and reported as pending.
    type: bool
    default: false
  phones_granted:
    description:
      - Whether this run may reset phones. From release 14 on Unified CM does so by itself, to all phones, when the certificate of CallManager, CAPF or TVS
        changes, so that such a certificate is installed with both grants only.
    type: bool
    default: false
  phones_reset_manually:
    description: Whether somebody has set the enterprise parameter I(Phone Interaction on Certificate Update) so that Unified CM leaves phones alone. AXL does
      not name it.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, until every node has the certificate.
    type: int
    default: 300
notes:
  - Needs C(collab_workspace), the directory on the control node that is kept between runs.
seealso:
  - module: collab.security.certificate_signature
  - module: collab.security.service_restart
"""

EXAMPLES = r"""
- name: Install the tomcat certificate
  collab.security.identity_certificate:
    service: tomcat
    certificate: "{{ signature.certificate }}"
    chain: "{{ signature.chain }}"
    csr: "{{ request.csr }}"
    granted: "{{ 'services' in collab_disruption }}"
    phones_granted: "{{ 'phones' in collab_disruption }}"
"""

RETURN = r"""
installed:
  description: Whether every node has the certificate.
  returned: success
  type: bool
sha256:
  description: SHA-256 fingerprint of the certificate.
  returned: success
  type: str
facts:
  description: What the certificate says.
  returned: when there is a certificate
  type: dict
before:
  description: What the certificate installed on the publisher said, where it is replaced.
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
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
"""
