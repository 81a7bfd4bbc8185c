# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The call policy of an Expressway-E cluster: mode local CPL, rules left to a person."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway import surroundings
from ansible_collections.collab.security.plugins.plugin_utils.expressway.call_policy import bring


class ActionModule(DeviceAction, module="collab.security.expressway_call_policy"):
    """Reads the mode, sets it where nobody else's policy is in force, proves it by a second interface."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        if surroundings.product(self) != "expressway_e":
            raise AnsibleActionFail("%s is an Expressway-C: calls from outside enter at Expressway-E, whose call policy it is" % self.where)
        bring(self, args["rules"], args["rules_checked"], check)
        return self.report
