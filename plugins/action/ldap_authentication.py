# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LDAP authentication over TLS, once every server has proven itself."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.ldap_steps import Switch
from ansible_collections.collab.security.plugins.plugin_utils.resources.ldap import AUTHENTICATION


class ActionModule(DeviceAction, module="collab.security.ldap_authentication"):
    """Reads, proves the servers, switches where it is proven and granted."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        return Switch(self, args, check).run(lambda agreements: [name for name in agreements if name == AUTHENTICATION])
