#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_restart
short_description: Restarts of services that a cluster owes
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Restarts services that a change made earlier has left running with what they read before it. Nothing is restarted that owes nothing.
  - Whether a service owes a restart is judged by the node itself, by the time of its start and by the certificate that it serves, and by the record of
    changes in the workspace. So a run that was killed between a change and its restart loses nothing.
  - Cisco Tomcat is restarted by the command line, the publisher first, one node at a time; the others by Serviceability on the node itself. Each restart is
    proven before the next, by a new start time, by the installed certificate served on the node's ports, and by as many registered phones as before the
    first restart.
  - During the wait only the certificate of before and the installed one are accepted on the web port. Anything else stops the run.
  - Two members of one CallManager group are never down together. A member that does not run stops the restart of its partner.
  - A restart that does not come back is an error that names what is missing and which nodes were not touched. The restarts left stay on record.
extends_documentation_fragment:
  - collab.security._attributes
options:
  services:
    description:
      - Services in question, in the order of their restarts. Cisco Tomcat always comes first.
      - A service that a node does not have, or that is not activated there, is left out.
    type: list
    elements: str
    default:
      - Cisco Tomcat
      - Cisco Tftp
      - Cisco HAProxy
      - Cisco CallManager
      - Cisco CTIManager
      - Cisco Intercluster Lookup Service
      - Cisco Location Bandwidth Manager
      - Cisco Certificate Authority Proxy Function
      - Cisco Trust Verification Service
      - Cisco DRF Master
      - Cisco DRF Local
  granted:
    description: Whether this run may disturb services. If not, what is owed is reported as pending.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, for one service to be back and to serve the installed certificate.
    type: int
    default: 900
  registration_timeout:
    description: How long to wait, in seconds, for the phones to be registered again after one restart.
    type: int
    default: 900
notes:
  - Needs E(collab_workspace), the directory on the control node where a restart is written down before it is begun.
seealso:
  - module: collab.security.cluster_security_mode
  - module: collab.security.phone_reset
"""

EXAMPLES = r"""
- name: Restart Tomcat where it does not serve the installed certificate yet
  collab.security.service_restart:
    services: [Cisco Tomcat]
    granted: "{{ 'services' in collab_disruption }}"

- name: Restart what certificates, SIP OAuth and mixed mode have left owed, once
  collab.security.service_restart:
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
owed:
  description: The restarts that were owed when the task began, each with its reasons.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: Name of the service.
      type: str
    node:
      description: Name of the node in the inventory.
      type: str
    reasons:
      description: Why it must restart.
      type: list
      elements: str
  sample: [{"service": "Cisco Tomcat", "node": "us-cm-pub", "reasons": ["port 8443 still serves another certificate than the installed tomcat certificate"]}]
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
  sample: {"Cisco Tomcat on us-cm-pub": {"status": "Started", "started": "2026-11-01T02:00:00Z"}}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"Cisco Tomcat on us-cm-pub": {"status": "Started", "started": "2026-11-23T02:00:00Z"}}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "channel": "vos_cli", "operation": "utils service restart Cisco Tomcat", "object": "Cisco Tomcat", "arguments": {}}]
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
  sample: [{"id": "restart-owed", "severity": "medium", "object": "Cisco Tomcat on us-cm-pub", "step": "restart-tomcat"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "restart-not-granted", "object": "Cisco Tomcat on us-cm-pub", "reason": "...", "what_to_do": ["..."], "step": "restart-tomcat"}]
"""
