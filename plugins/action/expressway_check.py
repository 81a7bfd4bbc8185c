# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to agree between Unified CM, Expressway-C and Expressway-E, before anything is changed."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway import surroundings
from ansible_collections.collab.security.plugins.plugin_utils.expressway.picture import judge


class ActionModule(DeviceAction, module="collab.security.expressway_check"):
    """Reads, judges, and fails with everything that does not agree."""

    def apply(self, args, check):
        """Returns the Report; nothing is ever written."""
        if surroundings.product(self) != "expressway_c":
            raise AnsibleActionFail("%s is an Expressway-E: what ties the products together is judged from Expressway-C, which knows both others" % self.where)
        judge(self, args["mends"])
        return self.report
