# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cisco Tomcat on a platform that has the command line alone."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.management.restart import bring


class ActionModule(DeviceAction, module="collab.security.tomcat_restart"):
    """See the module's documentation."""

    follows = ("identity_certificate",)     # the certificate that it has served

    def apply(self, args, check):
        """Returns the report; nothing is written in check mode."""
        return bring(self, args, check)
