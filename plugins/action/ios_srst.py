# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's side of secure SRST."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.ios.tasks import telephony


class ActionModule(DeviceAction, module="collab.security.ios_srst"):
    """See the module's DOCUMENTATION."""

    follows = ("ios_certificate",)     # its lines name the trustpoint of the certificate

    def apply(self, args, check):
        """Returns the report's other half; nothing is written in check mode."""
        return telephony(self, args, check)
