# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An issued certificate of a management server, as files for a person."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.management.server import ManagementCertificate


class ActionModule(DeviceAction, module="collab.security.management_certificate", secrets=("key_passphrase",)):
    """See the module's documentation."""

    follows = ("management_request",)     # what is uploaded is seen once the certificate is there

    def apply(self, args, check):
        """Returns the report; nothing is written in check mode."""
        return ManagementCertificate(self, args).apply(check)
