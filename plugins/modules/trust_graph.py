#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: trust_graph
short_description: Every connection of the estate, and whether it holds
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Reads the whole estate and derives every connection that the guide has. Who shows which certificate, which trust store of whom has to hold which CA, which
    name is compared with which setting, and which settings say whether TLS is spoken, and on which port.
  - Each connection is judged twice. RV(connections[].today) is as the nodes are; RV(connections[].planned) as they will be when C(site.yml) has run, by what
    variables and inventory say. So what would fail is known before anything is changed.
  - Each finding says which calls or registrations fail, why, and which change mends it.
  - Runs once, for any publisher. Of a run with C(--limit) it shows the connections that a cluster of that run has an end of; all nodes are read all the same.
  - A finding stands under the cluster whose change mends it; its C(host) is a host of that cluster in the group C(publishers), its C(role) the role that makes
    the change.
  - A node that does not answer fails nothing. Its connections are V(unknown).
  - SIP trunks to what is no node of the inventory, and those to IM and Presence, which the guide leaves unencrypted, are not part of it.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  handshakes:
    description:
      - What M(collab.security.tls_verification) proved, RV(collab.security.tls_verification#module:handshakes) of all clusters, to stand beside what is
        expected.
      - Where a handshake failed though the connection is expected to hold, or proved what is expected to fail by the server's own certificate, is a finding.
    type: list
    elements: dict
    default: []
  insist:
    description:
      - Fails, before anything is changed, where a connection that works today would not work any more when C(site.yml) has run, or would not be encrypted any
        more. With the variable C(collab_accept_broken_connections) it only says so.
      - What the run that follows mends is no finding then.
    type: bool
    default: false
seealso:
  - module: collab.security.tls_verification
  - module: collab.security.expressway_check
"""

EXAMPLES = r"""
- name: Go no further where a call that works today would fail
  collab.security.trust_graph:
    insist: true
  run_once: true

- name: See which connections hold, and which will
  collab.security.trust_graph:
  run_once: true
  register: graph

- name: Show them
  ansible.builtin.debug:
    msg: "{{ graph.table }}"
"""

RETURN = r"""
connections:
  description: Every connection.
  returned: always
  type: list
  elements: dict
  contains:
    client:
      description: The client's cluster, or what else connects.
      returned: always
      type: str
      sample: us_cm
    server:
      description: The server's cluster, or what else is connected to.
      returned: always
      type: str
      sample: us_cube
    client_node:
      description: The client's name in the inventory, null for what is no host of it.
      returned: always
      type: str
      sample: us-cm-sub1
    server_node:
      description: The server's name in the inventory, null for what is no host of it.
      returned: always
      type: str
      sample: us-cube1
    port:
      description: The server's port, as it is reached from the control node; null where it is not known.
      returned: always
      type: int
      sample: 5061
    protocol:
      description: What is spoken.
      returned: always
      type: str
      sample: SIP TLS
    mutual:
      description: Whether both show a certificate.
      returned: always
      type: bool
      sample: true
    purpose:
      description: Which calls or registrations go over it.
      returned: always
      type: str
      sample: calls over trunk US_CUBE
    step:
      description: The guide's step.
      returned: always
      type: str
      sample: trunk-destination-port
    today:
      description: What becomes of it now. V(holds), V(fails), V(plain) (no TLS), V(unknown) (an end could not be read), V(not there).
      returned: always
      type: str
      sample: holds
    planned:
      description: What becomes of it when C(site.yml) has run, in the same words.
      returned: always
      type: str
      sample: holds
    problems:
      description: Why it does not hold today.
      returned: always
      type: list
      elements: str
      sample: []
    served:
      description: Whether the server's own certificate is right.
      returned: always
      type: bool
      sample: true
    proved:
      description: What the handshake with the server came to, V(-) where none was made.
      returned: always
      type: str
      sample: proved
table:
  description: The connections as lines for people.
  returned: always
  type: list
  elements: str
  sample: ["CLIENT      SERVER    PORT  PROTOCOL  TODAY  PLANNED  PURPOSE"]
counts:
  description: How many connections have which verdict today.
  returned: always
  type: dict
  sample: {"holds": 120, "fails": 0, "plain": 0, "unknown": 0, "not there": 0}
outlook:
  description: What is found, by what becomes of it when C(site.yml) has run.
  returned: always
  type: dict
  contains:
    breaks:
      description: What works today, encrypted or in the clear, and would not any more, or would lose its encryption.
      returned: always
      type: list
      elements: dict
      sample: []
    stays:
      description: What does not hold today and would not then.
      returned: always
      type: list
      elements: dict
      sample: []
    unknown:
      description: Nodes that could not be read.
      returned: always
      type: list
      elements: dict
      sample: []
    mended:
      description: What C(site.yml) mends.
      returned: always
      type: list
      elements: dict
      sample: [{"cluster": "us_cm", "object": "us-cube1 -> us-cm-sub1:5061", "message": "calls over trunk US_CUBE (fails today): ..."}]
disagreements:
  description: How many ports were proved otherwise than expected.
  returned: always
  type: int
  sample: 0
before:
  description: Always empty.
  returned: always
  type: dict
  sample: {}
after:
  description: Always empty.
  returned: always
  type: dict
  sample: {}
operations:
  description: Always empty.
  returned: always
  type: list
  elements: dict
  sample: []
impact:
  description: Always empty.
  returned: always
  type: list
  elements: dict
  sample: []
findings:
  description: What does not hold, each with the step of the guide.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "missing-root", "severity": "high", "object": "us-cm-sub1 -> us-cube1:5061", "step": "trust-ucm-callmanager", "host": "us-cm-pub",
            "role": "certificates"}]
pending:
  description: Always empty.
  returned: always
  type: list
  elements: dict
  sample: []
"""
