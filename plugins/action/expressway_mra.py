# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mobile and remote access, on both sides of Expressway."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway import mra


class ActionModule(DeviceAction, module="collab.security.expressway_mra"):
    """SIP, the mode, OAuth and the domains."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        mra.ensure(self, args, check)
        return self.report
