#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: toll_fraud_audit
short_description: Who can reach the PSTN through a Unified CM cluster that should not
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Looks at the calling search spaces and the rerouting calling search spaces of the trunks by which calls come in from the PSTN and the internet (no
    PSTN partition may be in them), and of the trunks to voice mail (only the required partitions, or at least none of the PSTN).
  - Looks at auto-registration. Where it is on, the calling search spaces of its templates and device pools must not reach the PSTN.
  - Looks at forced authorization codes and time schedules of the route patterns that O(restricted_patterns) names, and at whether the call-processing
    nodes write call detail records.
  - PSTN partitions are those in O(pstn_partitions), or are found by following the route patterns through route lists, route groups and local route groups
    to the trunks in O(pstn_trunks) and the gateways in O(pstn_gateways).
  - It only reads. What cannot be read is a finding of its own; nothing is taken for right because it could not be seen.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  pstn_trunks:
    description: SIP trunks to PSTN gateways.
    type: list
    elements: str
    default: []
  pstn_gateways:
    description:
      - Gateways to the PSTN that are no SIP trunks (H.323, MGCP), as route patterns and route groups name them.
      - A device that calls are routed to, that is no SIP trunk and not named here, is a finding, since whether it leads to the PSTN cannot be told.
    type: list
    elements: str
    default: []
  pstn_partitions:
    description: Partitions of the route patterns to the PSTN, instead of finding them. C(<None>) stands for no partition.
    type: list
    elements: str
    default: []
  inbound_trunks:
    description: More trunks by which calls come in from outside, such as those to Expressway.
    type: list
    elements: str
    default: []
  voice_mail_trunks:
    description: Trunks to voice mail, besides those that dial a Unity Connection cluster of the inventory.
    type: list
    elements: str
    default: []
  voice_mail_partitions:
    description: The only partitions that voice mail has to reach.
    type: list
    elements: str
    default: []
  restricted_patterns:
    description: Route patterns for which authorization codes or a time schedule are wanted.
    type: list
    elements: dict
    default: []
    suboptions:
      pattern:
        description: The route pattern.
        type: str
        required: true
      partition:
        description: Its partition.
        type: str
        default: ""
      authorization_code:
        description: Whether it has to ask for a forced authorization code.
        type: bool
        default: true
      time_schedule:
        description: Whether its partition has to have a time schedule.
        type: bool
        default: false
  cdr_monitor:
    description: Who or what watches the call detail records. Only whether somebody is named is looked at.
    type: str
"""

EXAMPLES = r"""
- name: See who reaches the PSTN
  collab.security.toll_fraud_audit:
    pstn_trunks: [US_CUBE]
    inbound_trunks: [US_EXPRESSWAY_B2B]
    cdr_monitor: the fraud desk, by the CDR archive
"""

RETURN = r"""
pstn:
  description: PSTN partitions, each with an example of its route patterns; null where neither trunks nor partitions were named.
  returned: success
  type: dict
  sample: {"PSTN_INTL": ["9.011!"]}
spaces:
  description: For each trunk that was judged its calling search spaces and the partitions that they reach.
  returned: success
  type: dict
  sample: {"US_CUBE": {"inbound": {"space": "CSS_INBOUND", "partitions": ["DN", "<None>"]}}}
findings:
  description: What is wrong, or could not be read, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "toll-fraud-reach", "severity": "high", "object": "US_CUBE", "step": "tf-inbound-css", "before": ["PSTN_INTL"]}]
pending:
  description: What only a person can do or say, and why.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cdr-monitor", "object": "call detail records", "reason": "...", "what_to_do": [], "step": "tf-cdr"}]
"""
