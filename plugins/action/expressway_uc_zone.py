# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Unified Communications traversal zone, on both sides of Expressway."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.uc_traversal import Traversal
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.expressway_uc_zone", secrets=("password",)):
    """Both ends, or neither."""

    follows = ("expressway_certificate_request",)     # the zone waits for the certificates of both sides

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        Traversal(self, self.seen_from(self.cm_publisher.name), args, pauses_of(self)).ensure(check)
        return self.report
