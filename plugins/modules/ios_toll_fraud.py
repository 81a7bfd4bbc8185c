#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ios_toll_fraud
short_description: Who may call an IOS router
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Sources of calls are authenticated (C(ip address trusted authenticate), which is on by default and shows only where it is off), and the trusted list has
    every peer that may call and is no target of a dial-peer or server group.
  - With O(trusted_peers) the list is complete, and entries beyond it and O(cluster) are removed; without it they are findings.
  - The registrar is off unless the router is SRST or CME.

extends_documentation_fragment:
  - collab.security._ios
options:
  trusted_peers:
    description: IPv4 addresses or networks (C(192.0.2.0/24)) that may call beside the targets of dial-peers. An empty list says that there are none.
    type: list
    elements: str
  cluster:
    description: Unified CM cluster (inventory group) whose nodes that process calls may call, whether a dial-peer leads to them or not.
    type: str
  registrar:
    description: Whether the router may take registrations (C(registrar server)). C(auto) leaves it to SRST and CME routers and switches it off elsewhere;
      C(keep) leaves it as it is.
    type: str
    default: auto
    choices: [auto, "off", keep]
"""

EXAMPLES = r"""
- name: The provider's session border controllers, and Unified CM
  collab.security.ios_toll_fraud:
    trusted_peers: [203.0.113.10, 198.51.100.0/28]
    cluster: us_cm
"""

RETURN = r"""
trusted:
  description: The trusted list (in check mode as it would be).
  returned: success
  type: list
  elements: str
  sample: ["203.0.113.10", "198.51.100.0 255.255.255.240"]
targets:
  description: Addresses that are trusted because a dial-peer or server group names them.
  returned: success
  type: list
  elements: str
commands:
  description: Configuration lines that were entered, or in check mode would be, in order; without secrets.
  returned: success
  type: list
  elements: str
  sample: ["voice service voip", "ip address trusted authenticate", "exit"]
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
