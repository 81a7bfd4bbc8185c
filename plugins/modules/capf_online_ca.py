#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: capf_online_ca
short_description: LSCs issued by an external CA through CAPF
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Keeps the parameters of CAPF on the publisher that make an online CA (Microsoft AD CS) issue the phones' LSCs.
  - No public source tells the internal names of these parameters. So they are written only once an administrator has confirmed each of them in O(parameters);
    until then the candidates are reported as pending. While one is missing none is written, since CAPF must not be pointed at a CA that is only half described.
  - The CA's web server is looked at first. The certificate that it serves on O(port) has to chain to tomcat-trust and to carry O(hostname); otherwise nothing
    is written.
  - The password is written where it is not known to be in place, that is, where neither the cluster shows it nor this control node has written it last. It is
    never shown, and never compared with what cannot be compared.
  - A change owes CAPF a restart, which is written down before it, and which M(collab.security.service_restart) does.
extends_documentation_fragment:
  - collab.security._attributes
options:
  hostname:
    description: Name in the certificate of the CA's web server (IIS), typically its FQDN.
    type: str
    required: true
  port:
    description: Port of the CA's web server.
    type: int
    default: 443
  template:
    description: Name of the certificate template.
    type: str
    required: true
  username:
    description: User who may enrol with that template.
    type: str
    required: true
  password:
    description: The user's password.
    type: str
  rewrite_password:
    description: Whether the password is written although it is the one that was written last. It is written once in each run that sets this.
    type: bool
    default: false
  parameters:
    description: The parameters whose names have been confirmed.
    type: list
    elements: dict
    default: []
    suboptions:
      label:
        description: Label on the administration page, for example V(Online CA Hostname).
        type: str
        required: true
      name:
        description: Internal name.
        type: str
      confirmed:
        description: Whether an administrator has made sure that O(parameters[].name) is that parameter.
        type: bool
        default: false
      stored_value:
        description: For V(Certificate Issuer to Endpoint) and V(Online CA Type), what is stored while the page shows V(Online CA) and V(Microsoft CA).
        type: str
  ca_file:
    description: PEM file with the certificates of the CA that issued the web server's certificate, for check mode. By default the C(ca_file) of the connection.
    type: path
notes:
  - Needs C(collab_workspace).
seealso:
  - module: collab.security.trust_store
  - module: collab.security.service_activation
  - module: collab.security.lsc_issuers
"""

EXAMPLES = r"""
- name: LSCs by AD CS
  collab.security.capf_online_ca:
    hostname: us-ca.ent-pa.com
    template: CollabLSC
    username: ENT-PA\svc-capf
    password: "{{ vault_capf_password }}"
    parameters: "{{ collab_capf_parameters }}"
"""

RETURN = r"""
parameters:
  description:
    - Each parameter with its state, C(as wanted), C(differs) (in check mode, or where nothing is written), C(unconfirmed), C(value unknown) or C(not given).
  returned: success
  type: list
  elements: dict
  sample: [{"label": "Online CA Hostname", "state": "as wanted"}]
server:
  description: What the CA's web server has shown.
  returned: success
  type: dict
  sample: {"hostname": "us-ca.ent-pa.com", "port": 443, "names": ["us-ca.ent-pa.com"], "proven": true}
before:
  description: What differs, object by object, as it was read; a password as asterisks.
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateServiceParameter", "object": "Online CA Hostname", "arguments": {}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "service_restart", "what": "Cisco Certificate Authority Proxy Function"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "online-ca-parameter", "severity": "medium", "object": "Online CA Hostname", "step": "onlineca-host-port"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "online-ca-parameter-unconfirmed", "object": "Online CA Hostname", "reason": "its internal name is not confirmed", "what_to_do": []}]
"""
