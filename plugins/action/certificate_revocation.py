# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page Certificate Revocation of OS Administration."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.certificates import monitoring
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction


class ActionModule(DeviceAction, module="collab.security.certificate_revocation"):
    """See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns the report; nothing is saved in check mode."""
        return monitoring.revocation(self, args, check)
