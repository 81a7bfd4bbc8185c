# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone security profiles of Table 7-13, on the cluster's own universal type and protocol."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_ledger import PhoneLedger
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import plan_profiles
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import profile_findings
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import profile_steps
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import read_profiles
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import reconcile


class ActionModule(DeviceAction, module="collab.security.phone_security_profile"):
    """One list of all profiles, then the writes that differ; phones of a changed profile are put on record."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        node, ledger = self.publisher, PhoneLedger(self.workspace, self.cluster, "apply")
        profiles = read_profiles(node)
        profile_findings(self.report, plan_profiles(profiles, args["profiles"]))
        known, users = [profiles], {}

        def steps(now):
            return profile_steps(node, plan_profiles(now, args["profiles"]), ledger, users)

        reconcile(self.report, check, lambda: known.pop() if known else read_profiles(node), steps)
        return self.report
