# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A router's own certificate: key pair, trustpoint, request, import."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.ios.identity import RouterCertificate


class ActionModule(DeviceAction, module="collab.security.ios_certificate"):
    """See the module's DOCUMENTATION."""

    follows = ("certificate_signature",)     # what is imported is seen once it is signed

    def apply(self, args, check):
        """Returns the report's other half; nothing is written in check mode."""
        return RouterCertificate(self, args).apply(check)
