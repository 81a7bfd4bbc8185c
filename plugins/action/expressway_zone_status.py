# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the zones of business-to-business calls are active on every peer."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.zone_proof import Proof
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.expressway_zone_status"):
    """Looks, waits where the far end listens, tells."""

    def apply(self, args, check):
        """Returns the Report; in check mode it looks once."""
        Proof(self, args, pauses_of(self)).run(0 if check else args["timeout"])
        return self.report
