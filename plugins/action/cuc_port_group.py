# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Port group of Unity Connection and trunk of Unified CM, switched as one."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.clusters import ca_file
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.clusters import unified_cm_of
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.switch import Switch


class ActionModule(DeviceAction, module="collab.security.cuc_port_group"):
    """Both ends, or neither."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        ready = {**args, "ca_file": ca_file(self, args["ca_file"])}
        Switch(self, unified_cm_of(self), ready, pauses_of(self), check).run()
        return self.report
