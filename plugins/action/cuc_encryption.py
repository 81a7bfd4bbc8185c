# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption of a Unity Connection cluster."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.encryption import Encryption


class ActionModule(DeviceAction, module="collab.security.cuc_encryption"):
    """Reads the state, enables it where it is off and granted."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        Encryption(self).ensure(args["granted"], check)
        return self.report
