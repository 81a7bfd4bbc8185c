# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP trunks of Table 7-12: switched to TLS once every far end has proven itself, then reset."""
from __future__ import annotations

from functools import lru_cache

from ansible_collections.collab.security.plugins.plugin_utils.asking import DeviceTime
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.links import left_to_multi_cluster
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import reconcile
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_service import Service
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_steps import hold
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_steps import owed_resets
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_steps import presence_findings
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_steps import trunk_findings
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_steps import trunk_state
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunk_steps import trunk_steps
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import any_of
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import own_end
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import read_trunks
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import replan
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import survey_for
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.voice_mail_trunk import left_to_unity


class ActionModule(DeviceAction, module="collab.security.sip_trunk"):
    """Reads, proves the far ends, switches what is proven and granted, resets it, waits for it to be in service."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        found = survey_for(self, args, any_of(left_to_unity(self), left_to_multi_cluster(self)))
        node, owed = self.publisher, Owed(self.workspace, self.cluster)
        debts, held, names = owed_resets(owed), {}, []
        own = lru_cache(lambda: own_end(self, args["ca_file"]))
        presence_findings(self.report, found)
        for name, plan in found.trunk_plans.items():
            trunk_findings(self.report, plan, debts)
            held[name] = hold(plan, debts, args["granted"], check, own)
            if held[name]:
                self.report.pending("sip-trunk", name, held[name][0], held[name][1], step="trunk-select-profile")
            elif plan.differences or name in debts:
                names.append(name)
        service = Service(self, names, args["registration_timeout"], check)
        known, when = [found.trunks], DeviceTime(node)

        def read():
            if known:
                return known.pop()
            fresh = read_trunks(node, names)
            return {**found.trunks, **{name: fresh[name] for name in names}}

        def plan(trunks):
            return trunk_steps(node, replan(found, args["suffix"], trunks=trunks).trunk_plans, owed, names, when)

        trunks = reconcile(self.report, check, read, plan)
        service.wait()
        plans = replan(found, args["suffix"], trunks=trunks).trunk_plans
        self.report.add(trunks=[trunk_state(plans[name], held[name]) for name in plans], presence_trunks=found.presence)
        return self.report
