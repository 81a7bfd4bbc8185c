# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An issued certificate on the nodes of a Meeting Server cluster and in their services."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.certificate import MeetingServerCertificate


class ActionModule(DeviceAction, module="collab.security.meeting_server_certificate"):
    """See the module's documentation."""

    follows = ("meeting_server_request",)     # what goes onto which node is seen once the certificate is there

    def apply(self, args, check):
        """Returns the report; nothing is written in check mode."""
        return MeetingServerCertificate(self, args).apply(check)
