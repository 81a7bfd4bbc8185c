# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone security profiles of Table 7-13, on the cluster's own universal type and protocol."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.asking import DeviceTime
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import apply_configuration
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import plan_profiles
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import profile_findings
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import profile_steps
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import read_profiles
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import reconcile


class ActionModule(DeviceAction, module="collab.security.phone_security_profile"):
    """One list of all profiles, then the writes that differ, then Apply Config for phones of a changed profile."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        node, owed, when = self.publisher, Owed(self.workspace, self.cluster), DeviceTime(self.publisher)
        profiles = read_profiles(node)
        plans = plan_profiles(profiles, args["profiles"])
        profile_findings(self.report, plans)
        known, users = [profiles], {}

        def steps(now):
            return profile_steps(node, plan_profiles(now, args["profiles"]), owed, when, users)

        reconcile(self.report, check, lambda: known.pop() if known else read_profiles(node), steps)
        apply_configuration(self.report, node, owed, [plan.name for plan in plans], users, args["granted"], check)
        return self.report
