#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cuc_port_group
short_description: Port group of Unity Connection and the SIP trunk to it, switched to TLS together
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Switches a port group of Unity Connection to TLS, Next Generation Encryption and SRTP, and in the same step the SIP trunks of Unified CM that dial it. Both
    ends are switched, or neither.
  - Everything is checked first. Each side must serve a certificate that O(ca_file) verifies and trust the other side's CA, encryption of Unity
    Connection must be in force, Unified CM in mixed mode, the trunk's secure profile made. What is missing is reported as pending, and nothing is done.
  - Then the port group is written, read back, reset, and waited for until its secure port serves the tomcat certificate. Only then are the
    trunks switched and reset, and waited for until they are in service again.
  - Whatever fails before a trunk has changed puts the port group back as it was. A field that the interface ignores leaves the port group as it was, is
    pending with what a person has to do, and is not written again before the release changes or O(try_again) says so.
  - How a reset is asked for over the interface is published nowhere. Both values that the field suggests are tried; where neither does it, Connection
    Conversation Manager is restarted instead, if O(restart_granted).
extends_documentation_fragment:
  - collab.security._attributes
options:
  port_group:
    description: Display name of the port group.
    type: str
    default: PhoneSystem-1
  port:
    description: Port of SIP over TLS. The SIP security profile with this port has to be there, see M(collab.security.cuc_sip_security_profile).
    type: int
    default: 5061
  trunks:
    description: Names of Unified CM's trunks to this cluster. By default those that have one of its nodes among their destinations.
    type: list
    elements: str
    default: []
  incoming_port:
    description: Incoming port of the trunks' secure profile, see M(collab.security.sip_trunk).
    type: int
  suffix:
    description: What is appended to a trunk security profile's name to name its secure copy.
    type: str
    default: " - TLS"
  ca_file:
    description: PEM file of the CA that both ends have to prove themselves against. By default C(collab_ca_file).
    type: path
  granted:
    description: Whether this run may disturb trunks. If not, the switch is reported as pending.
    type: bool
    default: false
  restart_granted:
    description: Whether this run may restart Connection Conversation Manager where a reset is not to be had otherwise.
    type: bool
    default: false
  try_again:
    description: Whether fields that this release was found to ignore are written once more.
    type: bool
    default: false
  reset_timeout:
    description: How long to wait, in seconds, for the end of a reset.
    type: int
    default: 300
  served_timeout:
    description: How long to wait, in seconds, after a reset for the secure port to serve the tomcat certificate.
    type: int
    default: 120
  registration_timeout:
    description: How long to wait, in seconds, for the trunks to be in service again.
    type: int
    default: 180
notes:
  - The Unified CM cluster is the inventory group that C(collab_cm_cluster) names.
  - Needs C(collab_workspace), where resets owed are written down before what makes them necessary.
seealso:
  - module: collab.security.cuc_encryption
  - module: collab.security.cuc_port_group_servers
  - module: collab.security.cuc_sip_security_profile
  - module: collab.security.sip_trunk
"""

EXAMPLES = r"""
- name: Secure voice mail on both ends
  collab.security.cuc_port_group:
    port_group: PhoneSystem-1
    granted: "{{ 'trunks' in collab_disruption }}"
    restart_granted: "{{ 'services' in collab_disruption }}"
"""

RETURN = r"""
port_group:
  description: The port group as it was last read.
  returned: success
  type: dict
  sample: {"name": "PhoneSystem-1", "reset": "0", "Secure RTP": "true"}
trunks:
  description: Names of the trunks that belong to it.
  returned: success
  type: list
  elements: str
  sample: [US_UNITY]
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
  sample: [{"node": "us-cuc-pub", "channel": "cupi", "operation": "PUT portgroups", "object": "PhoneSystem-1", "arguments": {"SipDoSRTP": "true"}}]
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
  sample: [{"node": "us-cm-pub", "kind": "trunk_reset", "what": "US_UNITY"}]
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cuc-port-group", "severity": "high", "object": "PhoneSystem-1", "step": "cuc-portgroup-srtp", "before": "false", "after": "true"}]
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "cuc-port-group", "object": "PhoneSystem-1 of us_cuc ...", "reason": "...", "what_to_do": [], "step": "cuc-portgroup-profile"}]
"""
