#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cuc_encryption
short_description: Encryption of Unity Connection
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Every new restricted installation of Unity Connection has encryption off, and refuses secure port groups until it is on. The guide does not mention it.
  - Enables it by C(utils cuc encryption enable) on the publisher, if it is off, and reads it back.
  - The restarts that it owes, of Connection Conversation Manager and Connection IMAP Server on every node, are written down before the command is
    sent; M(collab.security.service_restart) does them.
  - Needs a registration with Smart Licensing that allows export-controlled functionality. Without it the product refuses, and nothing is changed.
extends_documentation_fragment:
  - collab.security._attributes
options:
  granted:
    description: Whether this run may disturb services. If not, enabling is reported as pending.
    type: bool
    default: false
notes:
  - Needs C(collab_workspace), where the restarts owed are written down.
seealso:
  - module: collab.security.service_restart
  - module: collab.security.cuc_port_group
"""

EXAMPLES = r"""
- name: Enable encryption before the port group is secured
  collab.security.cuc_encryption:
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
encryption:
  description: Whether encryption is on, as it was last read; null where the node's words do not say.
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
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cuc-pub", "channel": "vos_cli", "operation": "utils cuc encryption enable", "object": "encryption of Unity Connection"}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cuc-pub", "kind": "service_restart", "what": "Connection Conversation Manager"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cuc-encryption", "severity": "high", "object": "encryption of Unity Connection", "step": "cuc-portgroup-nge", "before": "disabled"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cuc-encryption-not-granted", "object": "encryption of Unity Connection", "reason": "...", "what_to_do": [], "step": "cuc-portgroup-nge"}]
"""
