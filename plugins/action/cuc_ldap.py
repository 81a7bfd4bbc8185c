# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unity Connection's LDAP over TLS."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.ldap import Ldap


class ActionModule(DeviceAction, module="collab.security.cuc_ldap"):
    """Only reads."""

    def apply(self, args, check):
        """Returns the Report; check mode makes no difference."""
        Ldap(self, args).run()
        return self.report
