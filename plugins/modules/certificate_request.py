#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_request
short_description: Whether a certificate is needed, and the request for it
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Compares the certificate installed on every node with what is wanted. Where it is not right, makes the certificate signing request on the publisher
    as Table 7-9 of the guide says, or goes on with one that is pending already.
  - An installed certificate is right when O(issuer_certificates) issued it, it names every node and O(alt_names), its key is RSA with O(key_length) bits or
    more, it is signed with SHA-256 or better, may be used by servers and clients, and does not expire within O(renew_before_days).
  - A pending request that is right is reused, whoever made it. One that differs is never replaced silently, since its certificate may be on its way.
  - A multi-server request is made by the certificate API where a node says that it offers one, else in OS Administration (always before release 14), whose
    page is found and filled in by its labels. Where that page is not as it should be, nothing is submitted, and the request is reported as pending, with
    the steps for a person; the next run finds the request made there and goes on.
  - A request for one node goes by the certificate API, before release 14 by the command line; by OS Administration where more is asked than a command can
    say (O(alt_names), O(common_name), another length or hash).
  - The tomcat request of a Unified CM cluster names the nodes of IM and Presence that belong to it (C(collab_cm_cluster)), and its certificate is theirs, too.
extends_documentation_fragment:
  - collab.security._attributes
options:
  service:
    description: What the certificate is for, as the product names it, for example V(tomcat) or V(CallManager).
    type: str
    required: true
  distribution:
    description:
      - V(multi-server) is one certificate for all nodes of the cluster, requested and uploaded on the publisher.
      - V(this-server) is a certificate for the host of this task alone.
    type: str
    choices: [multi-server, this-server]
    default: multi-server
  common_name:
    description: Common name. By default the product's own, which is the FQDN, with C(-ms) after the host for a multi-server certificate.
    type: str
  alt_names:
    description: Names beyond those of the nodes that the certificate must have.
    type: list
    elements: str
    default: []
  key_length:
    description: Length of the RSA key in bits; installed certificates with a longer key are right too.
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
  settle_days:
    description:
      - So many days after one of the certificates that phones verify with (CallManager, CAPF, TVS, ITLRecovery) has become new, the next is renewed. Until
        then it is left pending, as M(collab.security.renewal) has it.
    type: int
    default: 7
  beside:
    description: Services whose certificates become new in the same run. TVS does not within O(settle_days) of CallManager, nor the other way round.
    type: list
    elements: str
    default: []
  issuer_certificates:
    description: The enterprise CA's root and intermediate certificates as PEM, one or several in each item.
    type: list
    elements: str
    required: true
  replace_request:
    description: Whether a pending request that differs may be replaced. The certificate that somebody may be issuing for it will not fit any more.
    type: bool
    default: false
seealso:
  - module: collab.security.certificate_signature
"""

EXAMPLES = r"""
- name: See whether tomcat needs a certificate, and request it
  collab.security.certificate_request:
    service: tomcat
    issuer_certificates:
      - "{{ lookup('ansible.builtin.file', collab_ca_file) }}"
  register: request
"""

RETURN = r"""
needed:
  description: Whether a new certificate is needed, and may become new now.
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
  description:
    - V(present) was there and is right, V(created) by this task, V(would_create) in check mode.
    - V(differs) is pending and not what is wanted, V(manual) has to be made by a person, V(none) is not needed.
  returned: success
  type: str
csr_facts:
  description: What the request says.
  returned: when there is a request
  type: dict
installed:
  description: What the certificate of each node says.
  returned: success
  type: dict
wanted:
  description: What was wanted, with the names and the common name worked out.
  returned: success
  type: dict
before:
  description: The request that was replaced, if any.
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
