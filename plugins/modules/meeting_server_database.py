#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: meeting_server_database
short_description: The certificates of a Meeting Server database cluster
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Gives every node with a database its five files (server key and certificate, client key and certificate, CA), and every Call Bridge without one its three.
    What a node uses is compared by the bytes of the certificates. They are those that M(collab.security.meeting_server_certificate) has carried to the nodes;
    while one of them is not there, nothing is done.
  - Certificates cannot be changed while clustering is active, and a node that joins a cluster loses its own database. So where clustering is active, or has to
    be begun, nothing is done without O(granted); the exact plan is printed and pending.
  - With O(granted), a backup of every database is taken off first and kept encrypted in C(collab_workspace). Then Call Bridges without a database, replicas and
    the primary leave the cluster, certificates are set, the primary begins the cluster anew, and replicas and Call Bridges come back, each connected and
    in sync
    before the next. A run that is cut off is gone on with by the next.
  - The primary is the one that the cluster shows; where none is active, the host with C(primary) in C(collab_roles). Hosts with C(database) have a
    database, hosts
    with C(callbridge) alone are clients.
extends_documentation_fragment:
  - collab.security._attributes
options:
  alt_names:
    description: As for M(collab.security.meeting_server_request).
    type: list
    elements: str
    default: []
  renew_before_days:
    description: As for M(collab.security.meeting_server_request).
    type: int
    default: 30
  issuer_certificates:
    description: The enterprise CA's root and intermediate certificates as PEM, one or several in each item.
    type: list
    elements: str
    required: true
  interface:
    description: The interface that the databases use where none is chosen yet.
    type: str
    default: a
  granted:
    description: Whether database clusters may be disturbed (V(databases) in C(collab_disruption)).
    type: bool
    default: false
  backup_passphrase:
    description: What the backups are encrypted with on the control node. Needed with O(granted).
    type: str
  timeout:
    description: How long to wait, in seconds, for each node to be out of the cluster, or in sync.
    type: int
    default: 900
seealso:
  - module: collab.security.meeting_server_certificate
"""

EXAMPLES = r"""
- name: Give the databases their certificates
  collab.security.meeting_server_database:
    issuer_certificates:
      - "{{ lookup('ansible.builtin.file', collab_ca_file) }}"
    granted: "{{ 'databases' in collab_disruption }}"
    backup_passphrase: "{{ collab_backup_passphrase | default(omit) }}"
"""

RETURN = r"""
installed:
  description: Whether every node uses the certificates for its database.
  returned: success
  type: bool
clustered:
  description: Whether every node is in the cluster.
  returned: success
  type: bool
plan:
  description: The commands that were, or are, left to do, in order, each with its node before it.
  returned: success
  type: list
  elements: str
before:
  description: What differs, object by object, as it was read.
  returned: always
  type: dict
after:
  description: The same, as it is afterwards (or in check mode would be).
  returned: always
  type: dict
operations:
  description: What was written, or in check mode would be, in order.
  returned: always
  type: list
  elements: dict
impact:
  description: What the operations disturb.
  returned: always
  type: list
  elements: dict
findings:
  description: Every difference from what is wanted, mended or not, with its severity and the step of the guide.
  returned: always
  type: list
  elements: dict
pending:
  description: What could not or may not be done in this run, why, and what to do.
  returned: always
  type: list
  elements: dict
"""
