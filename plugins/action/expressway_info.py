# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about a cluster; reads only."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.facts import GATHERERS


class ActionModule(DeviceAction, module="collab.security.expressway_info"):
    """Calls one reader for each part that was asked for."""

    def apply(self, args, check):
        """Returns {"expressway": facts}; the same in check mode."""
        return {"changed": False, "expressway": {part: GATHERERS[part](self) for part in GATHERERS if part in args["gather"]}}
