# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of a Meeting Server database cluster."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.database import MeetingServerDatabase


class ActionModule(DeviceAction, module="collab.security.meeting_server_database", secrets=("backup_passphrase",)):
    """See the module's documentation."""

    follows = ("meeting_server_request",)     # the cluster is formed with certificates of the same run

    def apply(self, args, check):
        """Returns the report; nothing is written in check mode."""
        return MeetingServerDatabase(self, args).apply(check)
