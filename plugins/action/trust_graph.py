# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every connection of the estate: who proves what to whom, today and when site.yml has run."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph import graph
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.insisting import insist
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.needs import Mend
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.proved import beside
from ansible_collections.collab.security.plugins.plugin_utils.trust_graph.reading import read


class ActionModule(DeviceAction, module="collab.security.trust_graph"):
    """Only reads."""

    def apply(self, args, check):
        """Returns the report; check mode makes no difference."""
        estate = read(self)
        limited = {name for name, cluster in estate.clusters.items() for host in self.task_vars.get("ansible_play_hosts_all", ()) if host in cluster.nodes}
        rows, findings = graph.judge(estate, limited)
        outlook = {word: [] for word in graph.OUTLOOKS}
        for finding in findings:
            word, mend = finding.pop("outlook"), finding.pop("mend")
            outlook[word].append({"cluster": mend.cluster, "object": finding["object"], "message": finding["message"]})
            if word != graph.MENDED or not args["insist"]:
                self.report.finding(**finding, owner=self.owner(estate, mend))
        differ = beside(rows, args["handshakes"] or (), {name: node.address for name, node in estate.nodes.items()})
        for one in differ:
            self.report.finding("proof-disagrees", "high", one["object"], one["message"], owner=self.owner(estate, Mend("").at(estate.nodes[one["node"]])))
        self.report.add(connections=rows, table=graph.table(rows, bool(args["handshakes"])), counts=graph.counted(rows), outlook=outlook,
                        disagreements=len(differ))
        if args["insist"]:
            insist(self, outlook[graph.BREAKS])
        return self.report

    def owner(self, estate, mend):
        """Whose a finding is: of the host that plays run on for the change that mends it, and not of the one that this task happens to run for."""
        return {"host": mend.node if mend.node in self.task_vars["groups"]["publishers"] else estate.clusters[mend.cluster].host, "role": mend.role}
