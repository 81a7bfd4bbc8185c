# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the peers of an Expressway cluster need new server certificates, and the requests for them (Table 7-16)."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.server_request import ServerRequests


class ActionModule(DeviceAction, module="collab.security.expressway_certificate_request"):
    """Reads every peer and the estate, reuses or makes the requests."""

    derives = ("names",)      # which may hold those of phone security profiles that steps before it create

    def apply(self, args, check):
        """Returns the report; no request is made in check mode."""
        return ServerRequests(self, args).apply(check)
