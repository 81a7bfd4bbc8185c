# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SIP security profile of a Unity Connection cluster for TLS."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.sip_profile import ensure


class ActionModule(DeviceAction, module="collab.security.cuc_sip_security_profile"):
    """One list of the profiles, one write where it is missing."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        ensure(self, args["port"], check)
        return self.report
