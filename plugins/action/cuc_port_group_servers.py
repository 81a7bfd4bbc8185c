# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP and TFTP servers of a port group of Unity Connection."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.clusters import unified_cm_of
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.servers import Servers


class ActionModule(DeviceAction, module="collab.security.cuc_port_group_servers"):
    """TLS ports of the SIP servers, the Unified CM cluster's TFTP servers by name."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        Servers(self, unified_cm_of(self), args).ensure(check)
        return self.report
