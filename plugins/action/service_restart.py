# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts that a cluster owes: judged by its nodes and the record, done one at a time, each proven."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations.restarts import Restarts
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.service_restart"):
    """See the module's DOCUMENTATION."""

    pays = True

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        Restarts(self, pauses_of(self), args["timeout"], args["registration_timeout"]).run(args["services"], args["granted"], check)
        return self.report
