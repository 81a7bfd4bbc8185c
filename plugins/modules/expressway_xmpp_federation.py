#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_xmpp_federation
short_description: Security of XMPP federation on Expressway
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Sets the security mode of XMPP federation on Expressway-E, and with TLS optional (for partners that use Webex Messenger) that client-side certificates are
    not required; then federation itself and the domains of Expressway-C that take part, where domains are given.
  - Without domains nothing is switched on; federation that is on is secured all the same.
  - The keys come from the release's own RAML. Where it lacks the security mode, federation is not switched on either, and both are
    pending with the steps to do by hand.
  - Where federation is on, it is looked at from here whether a partner's stream begins with TLS on port 5269 of every peer.
  - Switching federation on restarts the XCP router on all peers, which needs leave while mobile and remote access is in use.
extends_documentation_fragment:
  - collab.security._attributes
options:
  domains:
    description: Local domains that are federated.
    type: list
    elements: str
    default: []
  security_mode:
    description: Whether partners have to use TLS.
    type: str
    choices: [required, optional]
    default: required
  client_certificates:
    description: Whether partners' certificates are verified against the trusted CAs. By default left alone with TLS required, and off with TLS optional.
    type: bool
  granted:
    description: Whether this run may disturb services. If not, what would interrupt clients of mobile and remote access is reported as pending.
    type: bool
    default: false
notes:
  - Runs on the primary peer of an Expressway-C cluster; C(collab_edge_cluster) names its Expressway-E.
seealso:
  - module: collab.security.expressway_mra
"""

EXAMPLES = r"""
- name: Have XMPP federation with TLS
  collab.security.expressway_xmpp_federation:
    domains: [ent-pa.com]
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
federation:
  description: Whether XMPP federation is wanted or on.
  returned: success
  type: bool
  sample: true
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
  description: What was written, or in check mode would be, in order. Passwords are left out.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-expe1", "channel": "expressway_api", "operation": "PUT /edge/xmpp", "object": "Security mode of us_expe"}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-expc1", "kind": "service_restart", "what": "Cisco XCP router: clients of mobile and remote access and XMPP federation reconnect"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "expressway-setting", "severity": "high", "object": "Security mode of us_expe", "step": "xmpp-security-mode"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
