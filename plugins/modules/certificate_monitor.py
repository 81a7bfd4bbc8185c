#!/usr/bin/python
# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the action plugin of the same name does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_monitor
short_description: Warnings of certificates that expire
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Keeps the page Security > Certificate Monitor of OS Administration as the guide wants it, when warnings begin and how often they come, who gets them by
    e-mail, and that the phones' certificates (LSC) are watched, too.
  - No other interface has these settings. The page is found and filled in by its labels, saved only where something differs, and read back.
  - The publisher's page is kept first, then each other node's, where it did not follow the publisher's.
  - What the page of a release does not offer is reported as pending, with the steps for a person.
extends_documentation_fragment:
  - collab.security._attributes
options:
  days:
    description: How many days before a certificate expires the warnings begin.
    type: int
    default: 60
  frequency:
    description: How often a warning comes, in O(frequency_unit).
    type: int
    default: 7
  frequency_unit:
    description: Unit of O(frequency).
    type: str
    choices: [days, hours]
    default: days
  recipients:
    description:
      - E-mail addresses that get the warnings. With none the e-mail settings are left alone, and reported as pending.
      - The mail server is set elsewhere, in OS Administration > Settings > SMTP.
    type: list
    elements: str
    default: []
  lsc:
    description: Whether the phones' certificates are watched, too.
    type: bool
    default: true
notes:
  - The service Cisco Certificate Expiry Monitor does the watching, see M(collab.security.service_activation).
seealso:
  - module: collab.security.certificate_revocation
"""

EXAMPLES = r"""
- name: Warn two months before a certificate expires
  collab.security.certificate_monitor:
    days: 60
    recipients: [uc-operations@ent-pa.com]
"""

RETURN = r"""
settings:
  description: For each node what its page said in the end, in the words of the page. Null stands for a field that the page does not have.
  returned: when the page is there
  type: dict
  sample: {"us-cm-pub": {"Notification Start Time": "60", "Notification Frequency": "7 Days", "Enable LSC Monitoring": true}}
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
