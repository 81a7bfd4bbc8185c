# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every connection of the estate: who proves what to whom, today and when site.yml has run."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph import graph
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.proved import beside
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.reading import read


class ActionModule(DeviceAction, module="collab.security.trust_graph"):
    """Only reads."""

    def apply(self, args, check):
        """Returns the report; check mode makes no difference."""
        estate = read(self)
        limited = {name for name, cluster in estate.clusters.items() for host in self.task_vars.get("ansible_play_hosts_all", ()) if host in cluster.nodes}
        rows, findings = graph.judge(estate, limited)
        for finding in findings:
            self.report.finding(**finding)
        differ = beside(rows, args["handshakes"] or (), {name: node.address for name, node in estate.nodes.items()})
        for one in differ:
            self.report.finding("proof-disagrees", "high", one["object"], one["message"])
        self.report.add(connections=rows, table=graph.table(rows, bool(args["handshakes"])), counts=graph.counted(rows), disagreements=len(differ))
        return self.report
