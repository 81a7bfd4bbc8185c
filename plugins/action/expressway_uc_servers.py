# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that Expressway-C discovers."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.uc_discovery import Discovery
from ansible_collections.collab.security.plugins.plugin_utils.expressway.uc_servers import Servers
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.expressway_uc_servers"):
    """TLS verify On for each, and a discovery that is up to date."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        servers = Servers(self, args["granted"])
        servers.ensure(check)
        Discovery(servers, self.seen_from(self.cm_publisher.name), pauses_of(self)).ensure(check, args["timeout"])
        return self.report
