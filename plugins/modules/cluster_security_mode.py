#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_security_mode
short_description: Mixed mode of a cluster, and its CTL file
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Moves a cluster to mixed mode by C(utils ctl set-cluster mixed-mode) on the publisher, if it is in non-secure mode, and reads it back.
  - In mixed mode, updates the CTL file by C(utils ctl update CTLFile) where it does not name the installed CallManager certificate, or the CAPF certificate
    while CAPF runs. Whether that is needed is read from the serial numbers in C(show ctl). It has to come before the restart that makes a new
    certificate used, else phones refuse the cluster.
  - The Certificate Authority Proxy Function must run on the publisher first, and the licence must allow encryption. Both are errors otherwise.
  - The restarts and the reset of the phones that it owes are written down before a command is sent; M(collab.security.service_restart) and
    M(collab.security.phone_reset) do them.
extends_documentation_fragment:
  - collab.security._attributes
options:
  mode:
    description: The wanted mode. There is no way back here.
    type: str
    choices: [mixed]
    default: mixed
  granted:
    description: Whether this run may disturb services. If not, what is owed is reported as pending.
    type: bool
    default: false
notes:
  - Needs E(collab_workspace), where the restarts owed are written down.
seealso:
  - module: collab.security.service_activation
  - module: collab.security.service_restart
  - module: collab.security.phone_reset
"""

EXAMPLES = r"""
- name: Set mixed mode
  collab.security.cluster_security_mode:
    granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
mode:
  description: The cluster's mode as it was last read, V(mixed) or V(non_secure).
  returned: success
  type: str
  sample: mixed
ctl:
  description: The CTL file as it was last read; null in non-secure mode.
  returned: success
  type: dict
  contains:
    present:
      description: Whether there is one.
      type: bool
    verified:
      description: Whether its signature was verified.
      type: bool
    modified:
      description: When it was last modified, in the words of the node.
      type: str
    serials:
      description: Serial numbers in its records, by their function.
      type: dict
    lacking:
      description: Certificates in use that it does not name, as sentences.
      type: list
      elements: str
  sample: {"present": true, "verified": true, "modified": "Mon Nov 23 02:00:00 UTC 2026", "serials": {"CCM+TFTP": ["4D"], "CAPF": ["7"]}, "lacking": []}
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
  sample: {"cluster security mode": "0"}
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
  sample: {"cluster security mode": "1"}
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "channel": "vos_cli", "operation": "utils ctl set-cluster mixed-mode", "object": "cluster security mode", "arguments": {}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-tftp1", "kind": "service_restart", "what": "Cisco Tftp"}, {"node": "us-cm-pub", "kind": "phone_reset", "what": "all phones"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cluster-security-mode", "severity": "high", "object": "cluster security mode", "step": "mixed-set", "before": "0", "after": "1"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "mode-not-granted", "object": "cluster security mode", "reason": "...", "what_to_do": ["..."], "step": "mixed-set"}]
"""
