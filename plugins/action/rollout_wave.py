# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The waves of a rollout: which hosts this run goes through, in which order, and how far it has come."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.all_clusters import all_clusters
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.rollout import Progress
from ansible_collections.collab.security.plugins.plugin_utils.rollout import ahead
from ansible_collections.collab.security.plugins.plugin_utils.rollout import waves_of


class ActionModule(DeviceAction, module="collab.security.rollout_wave"):
    """Asks no device. See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns the Report; nothing is marked in check mode."""
        clusters = {cluster["name"]: cluster["hosts"] for cluster in all_clusters(self)}
        waves = waves_of(args["waves"], clusters)
        if self.workspace is None:
            raise AnsibleActionFail("collab_workspace is not set: how far a rollout has come is kept there")
        progress = Progress.load(self.workspace, waves, args["restart"])
        if args["passed"]:
            if not check:
                progress.mark(args["passed"])
            return self.report
        unknown = sorted(set(args["approved"]) - {wave.name for wave in waves})
        if unknown:
            raise AnsibleActionFail("approved: %s: no wave is called so" % ", ".join(unknown))
        going, waiting = ahead(waves, progress.passed, args["approved"])
        if waiting:
            self.report.pending(id="rollout-approval", object="wave %s" % waiting.name, reason="it has not been approved", what_to_do=[
                "look at what the waves before it have done, then run again with -e '{\"rollout_approved\": [\"%s\"]}'" % waiting.name])
        hosts = [{"host": host, "wave": wave.name} for wave in going for cluster in wave.clusters for host in clusters[cluster]]
        absent = {row["host"] for row in hosts} - {str(host) for host in self.task_vars["ansible_play_hosts_all"]}
        if absent:
            raise AnsibleActionFail("a wave would pass without %s, which --limit leaves out: a rollout takes all clusters; 'site' takes some of them"
                                    % ", ".join(sorted(absent)))
        self.report.add(hosts=hosts, sizes=[sum(row["wave"] == wave.name for row in hosts) for wave in going], links=waiting is None,
                        passed=sorted(progress.passed))
        return self.report
