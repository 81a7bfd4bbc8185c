# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enterprise and cluster-wide service parameters; only confirmed ones are ever written."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.asking import DeviceTime
from ansible_collections.collab.security.plugins.plugin_utils.asking import axl
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.parameter_steps import cipher_management
from ansible_collections.collab.security.plugins.plugin_utils.parameter_steps import report_entry
from ansible_collections.collab.security.plugins.plugin_utils.parameter_steps import steps_for
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import reconcile
from ansible_collections.collab.security.plugins.plugin_utils.resources import parameters


class ActionModule(DeviceAction, module="collab.security.enterprise_parameter"):
    """One listServiceParameter for each service named, then the writes that differ."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        node, owed, when = self.publisher, Owed(self.workspace, self.cluster), DeviceTime(self.publisher)
        entries = [parameters.complete(entry) for entry in args["parameters"]]
        services = sorted({entry["service"] for entry in entries})

        def read():
            return {service: parameters.read_all(axl(node, parameters.list_request(service))) for service in services}

        actual = read()
        parameters.check(entries, actual)
        known = [actual]
        result = [report_entry(self.report, entry, actual[entry["service"]], args["variable"]) for entry in entries]
        cipher_management(self.report, entries, str(self.var("collab_release", "")), args["cipher_management_checked"])
        reconcile(self.report, check, lambda: known.pop() if known else read(), lambda now: steps_for(node, self.nodes, entries, now, owed, when))
        if not check:
            for row in result:
                row.update({"state": "as wanted", "stored_value": row["wanted"]} if row["state"] == "differs" else {})
        self.report.add(parameters=[{key: value for key, value in row.items() if key != "wanted"} for row in result])
        return self.report
