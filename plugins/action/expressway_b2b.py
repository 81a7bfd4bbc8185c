# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Business-to-business calls of an Expressway cluster: SIP on, the zones of Tables 7-18 to 7-20 and 7-22, the default zone of Table 7-21."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.bring_b2b import bring


class ActionModule(DeviceAction, module="collab.security.expressway_b2b", secrets=("traversal_password",)):
    """What is wanted comes from options and inventory and is checked before the first request; then one pass of reading, comparing and writing."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        bring(self, {name: value for name, value in args.items() if value not in (None, [], "")}, check)
        return self.report
