# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate before or after a cluster is changed."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations.gate import Gate
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.health_gate"):
    """See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns the Report; no baseline is kept or dropped in check mode."""
        if self.workspace is None:
            raise AnsibleActionFail("collab_workspace is not set: the baseline is kept there")
        gate = Gate(self, pauses_of(self), args["registrations_min_percent"])
        kept = gate.before(check) if args["phase"] == "before" else gate.after(args["timeout"], check)
        counts = {what: {node: len(names) for node, names in kept[what].items()} for what in ("services", "zones", "alarms")}
        self.report.add(baseline=counts | {"phones": None if kept["phones"] is None else len(kept["phones"])})
        return self.report
