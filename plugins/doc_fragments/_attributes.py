# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What all modules of the collection can and cannot do."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and report what would be done, without opening any writing path.
    support: full
  diff_mode:
    description: Shows what is changed, or would be changed in C(check_mode), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row, the second run changes nothing and writes nothing.
    support: full
notes:
  - Runs on the control node as an action plugin; nothing is ever copied to the device.
  - Runs for the host that stands for its cluster (the one in the group C(publishers)), and reaches the other nodes itself.
  - Credentials come from the host's connection, P(collab.security.vos#connection), P(collab.security.expressway#connection),
    P(collab.security.meeting_server#connection) or P(collab.security.ios#connection).
"""

    READ_ONLY = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode).
    support: full
    details:
      - This module only reads. It does the same in check mode.
  diff_mode:
    description: Shows what is changed, or would be changed in C(check_mode), when in diff mode.
    support: none
    details:
      - This module only reads.
  idempotent:
    description: When run twice in a row, the second run changes nothing and writes nothing.
    support: full
notes:
  - Runs on the control node as an action plugin; nothing is ever copied to the device.
  - Runs for the host that stands for its cluster (the one in the group C(publishers)), and reaches the other nodes itself.
  - Credentials come from the host's connection, P(collab.security.vos#connection), P(collab.security.expressway#connection),
    P(collab.security.meeting_server#connection) or P(collab.security.ios#connection).
"""
