# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CA certificates that a router has to trust."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.ios.trust import RouterTrust


class ActionModule(DeviceAction, module="collab.security.ios_trust"):
    """See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns the report's other half; nothing is written in check mode."""
        return RouterTrust(self, args).apply(check)
