#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lbm_security_mode
short_description: Encrypted links between the Location Bandwidth Managers of all clusters
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Brings the enterprise parameter LBM Security Mode of all clusters to Mixed, and when all are there, to Secure. After each step the LBM hubs of the clusters
    that it changed are restarted, one at a time. So no cluster is ever Secure while another is Insecure.
  - A run that was interrupted is gone on with by the next. Where it stands is read from the clusters, and the restarts that are owed are on record.
  - The parameter's internal name and how its three values are stored are published nowhere. Until an administrator has confirmed them for each cluster, the
    candidates are reported as pending and nothing is written.
  - Nothing is written, either, before the nodes with hubs serve a tomcat certificate that the CA file of the connection verifies.
extends_documentation_fragment:
  - collab.security._attributes
  - collab.security._clusters
options:
  mode:
    description: The wanted mode. V(Mixed) is for a time in which clusters that are not in the inventory are still Insecure.
    type: str
    choices: [Mixed, Secure]
    default: Secure
  parameter:
    description: The confirmed parameter, for all clusters alike. By default the variable E(collab_lbm_security_mode) of each cluster.
    type: dict
    suboptions:
      name:
        description: Internal name.
        type: str
      confirmed:
        description: Whether an administrator has made sure that O(parameter.name) is that parameter, and O(parameter.stored_values) its values.
        type: bool
        default: false
      stored_values:
        description: What is stored for V(insecure), V(mixed) and V(secure).
        type: dict
  granted:
    description: Whether this run may disturb services. If not, it is reported as pending.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, for one service to be back.
    type: int
    default: 900
notes:
  - Needs C(collab_workspace).
seealso:
  - module: collab.security.ils_encryption
"""

EXAMPLES = r"""
- name: LBM links by TLS
  collab.security.lbm_security_mode:
    granted: "{{ 'services' in collab_disruption }}"
  run_once: true
"""

RETURN = r"""
modes:
  description: The mode of each cluster, as it is (or in check mode would be).
  returned: success
  type: dict
  sample: {"us_cm": "Secure", "emea_cm": "Secure"}
before:
  description: What differs, object by object, as it was read. The cluster stands beside each object.
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateServiceParameter", "object": "LBM Security Mode (us_cm)", "arguments": {}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-sub1", "kind": "service_restart", "what": "Cisco Location Bandwidth Manager"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "lbm-security-mode", "severity": "high", "object": "LBM Security Mode (us_cm)", "step": "mc-lbm-secure"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "lbm-not-granted", "object": "LBM Security Mode", "reason": "", "what_to_do": [], "step": "mc-lbm-secure"}]
"""
