# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAPF's online CA mode."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.addresses import address_of
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.online_ca import OnlineCa


class ActionModule(DeviceAction, module="collab.security.capf_online_ca", secrets=("password",)):
    """Proves the CA's web server, then writes what differs."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        return OnlineCa(self, args, address_of(self, "certificate_authorities", args["hostname"], args["port"]), check).run()
