#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sip_oauth_mode
short_description: SIP OAuth mode of a cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Turns SIP OAuth mode on, by C(utils sipOAuth-mode enable) on the publisher, if it is off, and reads it back.
  - The restarts of Cisco CallManager that it owes are written down before the command is sent; M(collab.security.service_restart) does them, once for all
    that asks for them.
  - A release that has no parameter to read the mode from leaves it pending, with what to do by hand.
  - Turning the mode off is documented nowhere and not offered. With O(enabled=false) the module only reports.
extends_documentation_fragment:
  - collab.security._attributes
  - collab.security._oauth_refresh
options:
  enabled:
    description: Whether SIP OAuth mode is wanted.
    type: bool
    default: true
  granted:
    description: Whether this run may disturb services. If not, what is owed is reported as pending.
    type: bool
    default: false
notes:
  - Needs E(collab_workspace), where the restarts owed are written down.
seealso:
  - module: collab.security.service_restart
"""

EXAMPLES = r"""
- name: Enable SIP OAuth mode
  collab.security.sip_oauth_mode:
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
sip_oauth:
  description: Whether the mode is on, as it was last read; null where the release does not say.
  returned: success
  type: bool
  sample: true
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
  sample: {"SIP OAuth mode": "0"}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"SIP OAuth mode": "1"}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "channel": "vos_cli", "operation": "utils sipOAuth-mode enable", "object": "SIP OAuth mode", "arguments": {}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-sub1", "kind": "service_restart", "what": "Cisco CallManager"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "sip-oauth-mode", "severity": "high", "object": "SIP OAuth mode", "step": "sipoauth-enable", "before": "0", "after": "1"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "sip-oauth-precondition", "object": "SIP OAuth mode", "reason": "...", "what_to_do": ["..."], "step": "sipoauth-enable"}]
"""
