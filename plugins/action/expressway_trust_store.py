# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of trusted CAs of an Expressway cluster (Table 7-15)."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.trusted_cas import TrustedCas


class ActionModule(DeviceAction, module="collab.security.expressway_trust_store"):
    """Adds on every peer what is missing."""

    def apply(self, args, check):
        """Returns the report; nothing is uploaded in check mode."""
        return TrustedCas(self, args).apply(check)
