# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A synchronisation of each LDAP directory that was switched, as its proof."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.ldap_synchronization import Synchronization
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.ldap_synchronization"):
    """One after the other."""

    def apply(self, args, check):
        """Returns the Report; nothing is started in check mode."""
        return Synchronization(self, pauses_of(self), args["timeout"]).run(check)
