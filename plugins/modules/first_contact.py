#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: first_contact
short_description: Look at a real node for the first time
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Reads the node by every channel that the collection uses, and says where it differs from what the collection assumes - prompts, labels of pages,
    operations and fields of a schema, names of parameters, words of errors.
  - Each assumption bears the id of its row in the ledger of the simulation (C(lab/fidelity.yaml)).
  - Nothing is written to the node. Each login is tried once. A channel that fails does not keep the others from being looked at.
  - What came over the wire is written into C(first_contact) in C(collab_workspace), readable by its owner only, with names, addresses, accounts, secrets,
    certificates, serial numbers and telephone numbers replaced by others.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  words:
    description: Further words that the capture must not show, such as names of companies, places and people.
    type: list
    elements: str
    default: []
notes:
  - Runs for each node by itself, and asks no other.
  - A capture has to be read before it is sent to anybody, since nobody knows every place where a name may stand.
seealso:
  - module: collab.security.preflight
"""

EXAMPLES = r"""
- name: What the node shows, and where that differs from what is assumed
  collab.security.first_contact:
    words: [Example Corporation, Springfield]
"""

RETURN = r"""
counts:
  description: How many assumptions hold, differ (V(known) of them in a way that the collection knows), and were not seen.
  returned: success
  type: dict
  sample: {"holds": 41, "differs": 1, "known": 1, "not_seen": 2}
assumptions:
  description: Each assumption with its row in the ledger, how it was looked at, how it came out, and what was seen or why nothing was.
  returned: success
  type: list
  elements: dict
  sample:
    - row: cli-show-version
      channel: vos_cli
      request: show version active
      assumed: "the line begins with 'Active Master Version:'"
      result: differs
      seen: "Active Version: 15.0.1.11900-40"
      known: true
capture:
  description: The file with what came over the wire, masked.
  returned: success
  type: str
"""
