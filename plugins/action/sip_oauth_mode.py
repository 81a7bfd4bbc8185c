# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP OAuth mode, set by the CLI of the publisher once its preconditions hold."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations import oauth_refresh
from ansible_collections.collab.security.plugins.plugin_utils.operations.modes import Modes
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.sip_oauth_mode"):
    """See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        spec = args["oauth_refresh_parameter"] or self.var(oauth_refresh.VARIABLE)
        modes = Modes(self, pauses_of(self), args["granted"], check)
        modes.sip_oauth(args["enabled"], lambda: oauth_refresh.against(self.publisher, spec))
        return self.report
