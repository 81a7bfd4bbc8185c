# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier runs have changed on a cluster, brought back to what was saved before."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.undo.restoring import Rollback


class ActionModule(DeviceAction, module="collab.security.rollback"):
    """See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        Rollback(self, args).run(check)
        return self.report
