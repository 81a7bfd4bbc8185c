# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption of a Meeting Server's calls, media and signalling."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.encryption import MeetingServerEncryption


class ActionModule(DeviceAction, module="collab.security.meeting_server_encryption"):
    """See the module's documentation."""

    follows = ("meeting_server_request",)     # the API answers once Web Admin has its certificate

    def apply(self, args, check):
        """Returns the report; nothing is written in check mode."""
        return MeetingServerEncryption(self, args).apply(check)
