# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run on a router: saved, and old trustpoints retired."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.ios.saving import finish


class ActionModule(DeviceAction, module="collab.security.ios_save"):
    """See the module's DOCUMENTATION."""

    follows = ("ios_certificate", "ios_sip_tls", "ios_srst", "ios_toll_fraud", "ios_trust")     # whatever has changed the configuration

    def apply(self, args, check):
        """Returns the report's other half; nothing is written in check mode."""
        return finish(self, args, check)
