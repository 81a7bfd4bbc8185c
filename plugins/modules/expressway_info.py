#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: expressway_info
short_description: Facts about an Expressway cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Reads what a cluster of Expressway-C or Expressway-E is and what state its zones are in. Nothing is written.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  gather:
    description: What to read. What is not asked for costs no request.
    type: list
    elements: str
    choices: [versions, cluster, zones, alarms, mra, servers, domains]
    default: [versions, cluster, zones, alarms, mra, servers, domains]
notes:
  - Zones are those that the task's host knows, with the state that it sees. On a subordinate peer both may lag behind.
seealso:
  - module: collab.security.preflight
"""

EXAMPLES = r"""
- name: Everything
  collab.security.expressway_info:
  register: facts

- name: Only the zones and their states
  collab.security.expressway_info:
    gather: [zones]
"""

RETURN = r"""
expressway:
  description: The facts, by what was gathered.
  returned: success
  type: dict
  contains:
    versions:
      description: The version that each peer runs.
      type: dict
    cluster:
      description: Name of the cluster, address of its primary peer, and the addresses of all peers, in the host's own words. One that stands alone has none.
      type: dict
    zones:
      description: Zones with name, type, status, and the cause of a failure.
      type: list
      elements: dict
    alarms:
      description: For each peer, the alarms that it has raised.
      type: dict
    mra:
      description: Whether mobile and remote access is on. Empty where the host does not say.
      type: bool
    servers:
      description: Unified CM and IM and Presence servers that an Expressway-C has discovered, with address and whether their certificates are verified.
      type: list
      elements: dict
    domains:
      description: The domains with their services, as the API has them.
      type: list
      elements: dict
  sample: {"versions": {"us-expc1": "X15.4.0"}, "cluster": {"name": "us-expc.ent-pa.com", "primary": "us-expc1.ent-pa.com", "peers": ["us-expc1.ent-pa.com"]}}
"""
