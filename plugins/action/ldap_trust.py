# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LDAP servers' CA (with OCSP their certificates, too) in tomcat-trust."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.ldap_trust import trust


class ActionModule(DeviceAction, module="collab.security.ldap_trust"):
    """Uploads what is missing, then waits for every node."""

    def apply(self, args, check):
        """Returns the Report; nothing is uploaded in check mode."""
        return trust(self, args, check)
