#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: enterprise_parameter
short_description: Enterprise and cluster-wide service parameters
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Keeps parameters of Unified CM at wanted values, as they are stored.
  - AXL knows a parameter by its internal name and its stored value, never by the label and the words that the administration pages show, and the
    names of many of them are published nowhere. So a parameter is written only if O(parameters[].confirmed) is true and O(parameters[].stored_value) is given.
    For any other one the cluster's own parameters are searched for candidates, and those are reported as pending, with their current values and the
    entry to fill in. Nothing is ever written on a guess.
  - A confirmed name that the cluster does not have is an error, and nothing is written.
  - Parameters that only the command line may set (the cluster's security mode and SIP OAuth mode) are refused.
extends_documentation_fragment:
  - collab.security._attributes
options:
  parameters:
    description: The parameters.
    type: list
    elements: dict
    required: true
    suboptions:
      label:
        description: Label of the parameter on the administration page, for example V(TLS Ciphers).
        type: str
        required: true
      service:
        description: Service that it belongs to.
        type: str
        default: Enterprise Wide
      name:
        description: Internal name.
        type: str
      confirmed:
        description: Whether an administrator has made sure, on the pages and with this module's report, that O(parameters[].name) is that parameter.
        type: bool
        default: false
      value:
        description: The wanted value in the words of the administration page; for people, it is never sent.
        type: str
      stored_value:
        description: The wanted value as it is stored, as this module reports it while the page shows O(parameters[].value).
        type: str
      owes:
        description: Services that have to be restarted after a change. By default what is known of the label.
        type: list
        elements: str
      step:
        description: Step of the guide. By default what is known of the label.
        type: str
  variable:
    description: Name of the inventory variable that holds O(parameters), for messages.
    type: str
    default: collab_enterprise_parameters
  cipher_management_checked:
    description:
      - From release 14 on, strings on the Cipher Management page of OS Administration override the TLS and HTTPS cipher parameters, and no interface
        is known that shows them. Set this to true once an administrator has looked; until then it is reported as pending.
    type: bool
    default: false
notes:
  - Needs C(collab_workspace) for a change that owes a restart.
"""

EXAMPLES = r"""
- name: Ciphers, of which one name has been confirmed
  collab.security.enterprise_parameter:
    parameters:
      - label: TLS Ciphers
        value: All Ciphers RSA Preferred
      - label: HTTPS Ciphers
        value: RSA Ciphers Only
        name: "{{ the_name_that_was_confirmed }}"
        confirmed: true
        stored_value: "0"
"""

RETURN = r"""
parameters:
  description: The parameters as they are.
  returned: success
  type: list
  elements: dict
  contains:
    label:
      description: Label of the parameter.
      type: str
    name:
      description: Internal name, where one was given.
      type: str
    stored_value:
      description: What is stored now; null where the name is not known.
      type: str
    state:
      description: C(as wanted), C(differs) (in check mode), C(unconfirmed), or C(value unknown).
      type: str
    candidates:
      description: Parameters of the cluster that the label may mean, with their current values.
      type: list
      elements: dict
  sample: [{"label": "LBM Security Mode", "name": null, "stored_value": null, "state": "unconfirmed", "candidates": []}]
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateServiceParameter", "object": "HTTPS Ciphers", "arguments": {"value": "0"}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "service_restart", "what": "Cisco Tomcat"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "enterprise-parameter", "severity": "medium", "object": "HTTPS Ciphers", "step": "cipher-https", "before": "1", "after": "0"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "enterprise-parameter-unconfirmed", "object": "TLS Ciphers", "reason": "its internal name is not confirmed", "what_to_do": []}]
"""
