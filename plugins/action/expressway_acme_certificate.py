# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of Expressway-E by its own ACME service."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.acme import AcmeCertificates


class ActionModule(DeviceAction, module="collab.security.expressway_acme_certificate"):
    """Has the pending requests signed, checks what came, deploys it."""

    follows = ("expressway_acme_certificate",)     # its settings and what it deploys are seen as it goes

    def apply(self, args, check):
        """Returns the report; nothing is asked of the provider in check mode."""
        return AcmeCertificates(self, args).apply(check)
