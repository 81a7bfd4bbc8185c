# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about a cluster; reads only."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.cluster_facts import GATHERERS
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction


class ActionModule(DeviceAction, module="collab.security.cluster_info"):
    """Calls one reader for each part that was asked for."""

    def apply(self, args, check):
        """Returns {"cluster": facts}; the same in check mode."""
        return {"changed": False, "cluster": {part: GATHERERS[part](self) for part in GATHERERS if part in args["gather"]}}
