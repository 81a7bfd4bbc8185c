# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LBM Security Mode of all clusters: Mixed everywhere first, then Secure."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.lbm import LbmMode
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.lbm_security_mode"):
    """One task for all clusters."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        return LbmMode(self, args, pauses_of(self), check).run()
