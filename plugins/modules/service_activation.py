#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_activation
short_description: Feature services activated and started
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Activates feature services on the nodes that have one of the given roles, and starts those that are activated but stopped.
  - Waits until each is started. A service that runs is left alone.
  - The guide needs it for the Certificate Authority Proxy Function on the publisher, before mixed mode.
extends_documentation_fragment:
  - collab.security._attributes
options:
  services:
    description: Names of the services, as Serviceability shows them.
    type: list
    elements: str
    required: true
  roles:
    description: A node is meant if E(collab_roles) of it has one of these.
    type: list
    elements: str
    default: [publisher]
  timeout:
    description: How long to wait, in seconds, for one service to be started.
    type: int
    default: 300
seealso:
  - module: collab.security.cluster_security_mode
"""

EXAMPLES = r"""
- name: Activate CAPF before mixed mode
  collab.security.service_activation:
    services: [Cisco Certificate Authority Proxy Function]
"""

RETURN = r"""
services:
  description: For each service and node its state and start time, as they were last read.
  returned: success
  type: dict
  sample: {"Cisco Certificate Authority Proxy Function": {"us-cm-pub": {"status": "Started", "started": "2026-11-23T02:00:00Z"}}}
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
  sample: [{"node": "us-cm-pub", "channel": "serviceability", "operation": "soapDoServiceDeployment", "object": "...", "arguments": {"DeployType": "Deploy"}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: []
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "service-not-started", "severity": "medium", "object": "...", "step": "mixed-capf-first", "before": "Not Activated", "after": "Started"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: []
"""
