#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ios_srst
short_description: The router's side of secure SRST
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - The credential service, by which Unified CM takes the router's certificate, runs with the trustpoint of M(collab.security.ios_certificate), and C(sip-ua)
    has it for phones that register over TLS.
  - Only on request phones without TLS are refused (C(security-policy secure)).
  - Phones hold the certificate in their configuration. After a renewal, Unified CM takes the new one and the phones are told
    (M(collab.security.srst_reference), M(collab.security.phone_security)); until then they cannot register with the router over TLS.

extends_documentation_fragment:
  - collab.security._ios
options:
  trustpoint:
    description: Name of the trustpoint of M(collab.security.ios_certificate), of its first generation; the newest valid one is referred to.
    type: str
    default: SRST-Certificate
  source_address:
    description: Address of the router on which the credential service listens. By default as it is; where there is none yet, the address by which the router is
      reached, if that is an address of its own.
    type: str
  port:
    description: Its port.
    type: int
    default: 2445
  secure_only:
    description: Whether phones without TLS are refused. Without it, left as it is.
    type: bool
  phones_ready:
    description: That every phone behind the router is encrypted and has an LSC. Without it O(secure_only) is pending.
    type: bool
    default: false
seealso:
  - module: collab.security.ios_certificate
  - module: collab.security.srst_reference
"""

EXAMPLES = r"""
- name: Serve the certificate to Unified CM
  collab.security.ios_srst:
    source_address: 10.20.0.1
"""

RETURN = r"""
trustpoint:
  description: The trustpoint that the service runs with, or nothing where the router has no valid certificate yet.
  returned: success
  type: str
  sample: SRST-Certificate
held:
  description: Whether O(secure_only) is pending.
  returned: when there is a certificate
  type: bool
commands:
  description: Configuration lines that were entered, or in check mode would be, in order; without secrets.
  returned: success
  type: list
  elements: str
  sample: ["credentials", "trustpoint SRST-Certificate", "exit"]
before:
  description: Parts of the running configuration that differ, as they were.
  returned: always
  type: dict
  sample: {"running-config": "sip-ua\n"}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"running-config": "sip-ua\n"}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cube1", "channel": "ios_cli", "operation": "configure", "object": "...", "arguments": {"lines": ["..."]}}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ios-configuration", "severity": "high", "object": "sip-ua on us-cube1", "message": "...", "step": "ios-crypto-signaling"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ios-certificate", "object": "us-cube1", "reason": "...", "what_to_do": ["..."], "step": "ios-import"}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: []
"""
