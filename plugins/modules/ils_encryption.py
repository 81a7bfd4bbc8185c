#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ils_encryption
short_description: ILS of all clusters with TLS and one password
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Has the Intercluster Lookup Service of all clusters use TLS certificates and one password, restarts it, and waits until every cluster has met the others
    again.
  - AXL takes these settings and does not show them. So they are written where they are not what this control node wrote last, of which the workspace keeps a
    salted, slow hash, and otherwise only with O(apply).
  - ILS is written with all of its settings or not at all. The role is resent as the cluster has it; the registration server and the interval, which cannot be
    read, are taken from the variable E(collab_ils) of each cluster. Until they are given for every cluster, nothing is written and that is pending.
  - Nothing is written, either, before the publishers serve a tomcat certificate that the CA file of the connection verifies.
extends_documentation_fragment:
  - collab.security._attributes
  - collab.security._clusters
options:
  password:
    description: The password of the ILS network. Until it is given, nothing is written and that is pending.
    type: str
  apply:
    description: Whether the settings are written although they are those that were written last. They are written once in each run that sets this.
    type: bool
    default: false
  granted:
    description: Whether this run may disturb services. If not, it is reported as pending.
    type: bool
    default: false
  timeout:
    description: How long to wait, in seconds, for the service to be back, and for the clusters to have met again, which they do at the interval that is set.
    type: int
    default: 1800
notes:
  - Needs C(collab_workspace).
  - C(collab_ils) is a dictionary with C(registration_server) (an empty text where there is none), C(synchronize_clusters_every) (minutes) and, to be
    compared only, C(role).
seealso:
  - module: collab.security.lbm_security_mode
"""

EXAMPLES = r"""
- name: ILS by TLS and password
  collab.security.ils_encryption:
    password: "{{ collab_ils_password }}"
    granted: "{{ 'services' in collab_disruption }}"
  run_once: true
"""

RETURN = r"""
peers:
  description: What each cluster says of every other one.
  returned: success
  type: list
  elements: dict
  sample: [{"cluster": "us_cm", "peer": "emea_cm", "status": "Up to date", "contact": "2026-11-23 02:00:00"}]
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
  sample: [{"node": "us-cm-pub", "channel": "axl", "operation": "updateIlsConfig", "object": "ILS (us_cm)", "arguments": {}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "service_restart", "what": "Cisco Intercluster Lookup Service"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ils-encryption", "severity": "medium", "object": "ILS (us_cm)", "step": "mc-ils-tls"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "ils-settings", "object": "ILS (us_cm)", "reason": "", "what_to_do": [], "step": "mc-ils-tls"}]
"""
