# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that must hold before a cluster is changed, looked at in one go."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations import oauth_refresh
from ansible_collections.collab.security.plugins.plugin_utils.operations.preflight import Preflight


class ActionModule(DeviceAction, module="collab.security.preflight"):
    """See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        args["oauth_refresh_parameter"] = args["oauth_refresh_parameter"] or self.var(oauth_refresh.VARIABLE)
        Preflight(self, args).run()
        return self.report
