# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who issued the phones' LSCs."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.lsc_issuers import prove


class ActionModule(DeviceAction, module="collab.security.lsc_issuers"):
    """One query."""

    def apply(self, args, check):
        """Returns the Report; check mode makes no difference."""
        return prove(self, args["ca_file"])
