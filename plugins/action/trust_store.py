# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CA certificates in the trust stores of the cluster (Table 7-8)."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.certificates.trust import bring
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction


class ActionModule(DeviceAction, module="collab.security.trust_store"):
    """Uploads on the publisher what is missing, then waits for every node."""

    def apply(self, args, check):
        """Returns the report; nothing is uploaded in check mode."""
        return bring(self, args, check)
