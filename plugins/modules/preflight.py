#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Everything that must hold before a cluster is secured
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Looks at everything at once and writes nothing. All blockers are listed in one message, each with the variable to correct or the step to take.
  - Every node is reached on every channel. A refused login is tried once, and the other nodes with the same credentials are left alone then.
  - Compares the nodes of the inventory with those of the cluster, and the declared release with the running one.
  - Checks database replication, the licence (registration and export control), the restricted release, the CTL provider (until release 14), that
    CallManager has a certificate of its own, auto-registration, and the age of the last backup where the command line shows it.
  - Of an Expressway cluster, each peer's own word on its cluster, number and primary peer is compared with the inventory, and alarms are shown.
extends_documentation_fragment:
  - collab.security._attributes.read_only
  - collab.security._oauth_refresh
options:
  roles:
    description:
      - Roles of this collection whose variables, as they stand for this host, are compared with the roles' argument specifications before any node is
        asked. Everything that is wrong with them is told at once.
      - Plays that list their roles here need no check of each role as it begins (C(rolespec_validate)).
    type: list
    elements: str
    default: []
  require:
    description: What the run is going to switch on. Each has conditions of its own.
    type: list
    elements: str
    choices: [mixed_mode, sip_oauth]
    default: []
  backup_max_age_hours:
    description: A warning says so when the last successful backup is older than this. V(0) asks for no backup.
    type: int
    default: 24
  trunks:
    description:
      - The SIP trunks that the run is going to encrypt, as M(collab.security.sip_trunk) takes them. Their names must be known, and none may be a presence
        trunk.
    type: list
    elements: dict
  exclude_trunks:
    description: The SIP trunks that the run is to leave alone. Their names must be known, too.
    type: list
    elements: str
    default: []
seealso:
  - module: collab.security.cluster_security_mode
  - module: collab.security.sip_oauth_mode
"""

EXAMPLES = r"""
- name: Check the cluster before anything is written
  collab.security.preflight:
    roles: [certificates, mixed_mode, sip_oauth, sip_trunk_encryption]
    require: [mixed_mode, sip_oauth]
    trunks:
      - name: US_CUBE
"""

RETURN = r"""
ready:
  description: Whether nothing blocks the run.
  returned: always
  type: bool
  sample: true
licence:
  description: Registration and export control, in the cluster's words.
  returned: success
  type: dict
  sample: {"registration": "Registered", "export_control": "ALLOWED"}
versions:
  description: The running version of each node.
  returned: success
  type: dict
  sample: {"us-cm-pub": "15.0.1.11900-40"}
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
  sample: []
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
  sample: [{"id": "backup-old", "severity": "medium", "object": "backup", "message": "..."}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "oauth-refresh-login", "object": "SIP OAuth mode", "reason": "...", "what_to_do": ["..."], "step": "sipoauth-enable"}]
"""
