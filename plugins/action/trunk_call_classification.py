# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trunks to PSTN gateways classified as OffNet."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.hardening.classification import Classification


class ActionModule(DeviceAction, module="collab.security.trunk_call_classification"):
    """One list of the trunks, then the writes that differ, each with its reset."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        Classification(self, args).ensure(check)
        return self.report
