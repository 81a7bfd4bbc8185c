# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that must hold before a cluster is changed, looked at in one go."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.device_action import HostVariables
from ansible_collections.collab.security.plugins.plugin_utils.expressway.preflight import PRODUCTS as EXPRESSWAYS
from ansible_collections.collab.security.plugins.plugin_utils.expressway.preflight import ExpresswayPreflight
from ansible_collections.collab.security.plugins.plugin_utils.ios.preflight import RouterPreflight
from ansible_collections.collab.security.plugins.plugin_utils.operations import oauth_refresh
from ansible_collections.collab.security.plugins.plugin_utils.operations.preflight import Preflight
from ansible_collections.collab.security.plugins.plugin_utils.pki.products import product_of
from ansible_collections.collab.security.plugins.plugin_utils.role_variables import wrong_variables


class ActionModule(DeviceAction, module="collab.security.preflight"):
    """See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        wrong = wrong_variables(args["roles"], self.task_vars, lambda variables: HostVariables(variables, self._loader))
        if wrong:
            raise AnsibleActionFail("No node was asked, because variables of roles are wrong:\n%s" % "\n".join("- " + text for text in wrong))
        args["oauth_refresh_parameter"] = args["oauth_refresh_parameter"] or self.var(oauth_refresh.VARIABLE)
        product = product_of(self.node)
        look = ExpresswayPreflight if product in EXPRESSWAYS else RouterPreflight if product == "ios" else Preflight
        look(self, args).run()
        return self.report
