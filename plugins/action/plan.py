# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan: saved, read, compared with the estate as it is, noted as applied."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils import run_file
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.plan.planning import Planning


class ActionModule(DeviceAction, module="collab.security.plan"):
    """Asks no device. See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns a dict."""
        planning = Planning(self, args["path"])
        if args["phase"] == "read":
            return planning.read()
        if args["phase"] == "applied":
            return planning.applied()
        report = run_file.load(self._connection.run_pid)
        if args["phase"] == "compare":
            return planning.compare(report)
        return planning.save(report, args["durations"], args["limits"])
