# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An issued certificate installed on the cluster (Table 7-5)."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.certificates.identity import IdentityCertificate
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction


class ActionModule(DeviceAction, module="collab.security.identity_certificate"):
    """Checks it against the pending request, uploads it on the publisher, reads it back on every node."""

    derives = ("certificate",)

    def apply(self, args, check):
        """Returns the report; nothing is uploaded in check mode, nor unless granted."""
        return IdentityCertificate(self, args).apply(check)
