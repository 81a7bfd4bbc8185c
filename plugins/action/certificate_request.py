# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a new certificate is needed, and the request for it (Table 7-9)."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.certificates.request import CertificateRequest
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction


class ActionModule(DeviceAction, module="collab.security.certificate_request"):
    """Reads every node, reuses or makes the request on the publisher."""

    def apply(self, args, check):
        """Returns the report; no request is made in check mode."""
        return CertificateRequest(self, args).apply(check)
