# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issued certificates installed on the peers of an Expressway cluster."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.server_certificate import ServerCertificates


class ActionModule(DeviceAction, module="collab.security.expressway_certificate"):
    """Checks all of them, uploads and restarts peer after peer."""

    follows = ("expressway_certificate_request", "expressway_acme_certificate", "expressway_trust_store")

    def apply(self, args, check):
        """Returns the report; nothing is uploaded in check mode, nor unless granted."""
        return ServerCertificates(self, args).apply(check)
