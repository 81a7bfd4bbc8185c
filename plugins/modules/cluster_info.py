#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: Facts about a Unified CM cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Reads what a cluster is and how secure it is today. Nothing is written.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  gather:
    description: What to read. What is not asked for costs no request.
    type: list
    elements: str
    choices: [version, nodes, callmanager_groups, services, security, licence, trunks, phones, registrations]
    default: [version, nodes, callmanager_groups, security, licence, trunks, phones]
notes:
  - V(registrations) counts the phones by the state that the nodes report; its queries are limited to a few a minute for the whole cluster.
"""

EXAMPLES = r"""
- name: Everything that is cheap to read
  collab.security.cluster_info:
  register: facts

- name: Only the security modes
  collab.security.cluster_info:
    gather: [version, security]
"""

RETURN = r"""
cluster:
  description: The facts, by what was gathered.
  returned: success
  type: dict
  contains:
    version:
      description: Version of Unified CM.
      type: str
    nodes:
      description: The cluster's nodes with usage and role, without the virtual node that holds cluster-wide parameters.
      type: list
      elements: dict
    callmanager_groups:
      description: Groups and their members in order of priority.
      type: list
      elements: dict
    services:
      description: For each node of the inventory, the state of each service.
      type: dict
    security:
      description: The cluster's security mode (V(mode)), and the enterprise parameters that look like modes and ciphers by internal name (V(parameters)).
      type: dict
    licence:
      description: Registration, authorization and export control of Smart Licensing.
      type: dict
    trunks:
      description: SIP trunks with profile, security mode, transport, SRTP, and whether they carry presence.
      type: list
      elements: dict
    phones:
      description: Number of phones, by phone security profile.
      type: dict
    registrations:
      description: Number of phones, by the state that the nodes report.
      type: dict
  sample: {"version": "15.0.1.12900-234", "security": {"mode": "mixed"}}
"""
