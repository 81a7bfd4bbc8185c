#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lsc_issuers
short_description: Who issued the phones' LSCs
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Counts the phones' locally significant certificates by their issuer, with one query for all phones.
  - Where none is issued by the CA in O(ca_file), CAPF's online CA mode is not proven yet, which is reported as pending.
extends_documentation_fragment:
  - collab.security._attributes.read_only
options:
  ca_file:
    description: PEM file with the certificates of the CA that is to issue LSCs. By default the C(ca_file) of the connection.
    type: path
seealso:
  - module: collab.security.capf_online_ca
"""

EXAMPLES = r"""
- name: Has the online CA issued an LSC yet?
  collab.security.lsc_issuers:
"""

RETURN = r"""
issuers:
  description: Number of LSCs by the common name of their issuer.
  returned: success
  type: dict
  sample: {"Ent-PA Issuing CA": 12, "CAPF-1a2b3c4d": 1}
proven:
  description: How many of them the CA in O(ca_file) issued.
  returned: success
  type: int
pending:
  description: What has to be done where there are none.
  returned: always
  type: list
  elements: dict
  sample: [{"id": "online-ca-proof", "object": "LSCs", "reason": "no phone has an LSC of the CA yet", "what_to_do": [], "step": "onlineca-restart-capf"}]
"""
