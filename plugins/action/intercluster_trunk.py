# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP trunks between clusters, both ends switched in one step."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.trunks import InterclusterTrunks


class ActionModule(DeviceAction, module="collab.security.intercluster_trunk"):
    """One task for all clusters."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        return InterclusterTrunks(self, args, check).run()
