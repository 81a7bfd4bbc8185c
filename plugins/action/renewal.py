# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a cluster ends soon, and what is renewed when."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils import renewal
from ansible_collections.collab.security.plugins.plugin_utils import renewal_reading
from ansible_collections.collab.security.plugins.plugin_utils import renewal_report
from ansible_collections.collab.security.plugins.plugin_utils.certificates import reading
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations import estate
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.pki.holdings import key
from ansible_collections.collab.security.plugins.plugin_utils.pki.products import UNIFIED_CM
from ansible_collections.collab.security.plugins.plugin_utils.pki.products import product_of


class ActionModule(DeviceAction, module="collab.security.renewal"):
    """Only reads."""

    def apply(self, args, check):
        """Returns the report; check mode makes no difference."""
        debts, now = Owed(self.workspace, self.cluster).items(), reading.now()
        product = product_of(self.node)
        roles = {"renew": renewal_reading.SIGNED.get(product, ()) if args["services"] is None else args["services"],
                 "renew_on_nodes": args["node_services"], "renew_on_publisher": args["publisher_services"]}
        signed = {key(name) for names in roles.values() for name in names}
        certificates = renewal_reading.read(self, signed, args["ca_files"])
        groups = renewal.plan(certificates, now, args["days"], args["settle_days"], debts)
        renewal_report.tell(self.report, certificates, groups, now, args["days"], product not in renewal_reading.READERS)
        now_due = renewal_report.now_due(groups)
        if product in renewal_reading.READERS:
            roles = {**roles, "renew": now_due}
        self.report.add(**{name: [one for one in names if key(one) in map(key, now_due)] for name, names in roles.items()})
        self.report.add(cluster=self.cluster, mixed=product == UNIFIED_CM and estate.mixed(self.publisher),
                        owed=[{"node": debt["node"], "what": debt["what"]} for debt in debts])
        return self.report
