# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules for IOS routers have in common in their documentation."""

from __future__ import annotations


class ModuleDocFragment:
    """extends_documentation_fragment: collab.security._ios."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and report what would be done, without opening any writing path.
    support: full
  diff_mode:
    description: Shows what is changed, or would be changed in C(check_mode), when in diff mode.
    support: full
    details:
      - As parts of C(show running-config) before and after, without certificates and secrets.
  idempotent:
    description: When run twice in a row, the second run changes nothing and writes nothing.
    support: full
notes:
  - Runs on the control node as an action plugin, for the router that the task runs for; nothing is ever copied to the device.
  - Credentials come from the connection, see the P(collab.security.ios#connection) connection plugin.
  - Only lines that belong to the module are compared, by what they bring about, and entered; neighbouring lines are not touched.
  - The running configuration is changed, and M(collab.security.ios_save) copies it to the startup configuration. Needs C(collab_workspace), where it is written
    down before that this is owed.
  - Where the router has an archive with a path, configuration lines are entered under its protection (C(configure terminal revert timer)), so that a line that
    is refused takes the others back.
"""
