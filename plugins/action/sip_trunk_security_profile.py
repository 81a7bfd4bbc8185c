# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP trunk security profiles of Table 7-11: one secure twin for each profile that the wanted trunks use."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.asking import DeviceTime
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.links import left_to_multi_cluster
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import reconcile
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_steps import profile_findings
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_steps import profile_state
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_steps import profile_steps
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import any_of
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import read_profiles
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import replan
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import survey_for
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.voice_mail_trunk import left_to_unity


class ActionModule(DeviceAction, module="collab.security.sip_trunk_security_profile"):
    """Reads, proves the far ends, adds or updates secure profiles; no trunk is touched."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        found = survey_for(self, args, any_of(left_to_unity(self), left_to_multi_cluster(self)))
        node, owed = self.publisher, Owed(self.workspace, self.cluster)
        for plan in found.profile_plans.values():
            profile_findings(self.report, plan)
        known, when = [found.profiles], DeviceTime(node)

        def read():
            return known.pop() if known else read_profiles(node)

        def plan(profiles):
            return profile_steps(node, replan(found, args["suffix"], profiles=profiles).profile_plans, owed, when)

        profiles = reconcile(self.report, check, read, plan)
        self.report.add(profiles=[profile_state(plan) for plan in replan(found, args["suffix"], profiles=profiles).profile_plans.values()])
        return self.report
