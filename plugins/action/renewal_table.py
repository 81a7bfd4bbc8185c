# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends soon of a whole estate, in one table."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.renewal_report import table


class ActionModule(DeviceAction, module="collab.security.renewal_table"):
    """Asks no device."""

    def apply(self, args, check):
        """Returns the report with the table added."""
        self.report.add(table=table(args["clusters"]))
        return self.report
