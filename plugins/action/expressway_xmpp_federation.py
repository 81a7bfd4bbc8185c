# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security of XMPP federation, on both sides of Expressway."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway import xmpp_federation
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.expressway_xmpp_federation"):
    """The mode on Expressway-E, the domains on Expressway-C."""

    follows = ("expressway_mra",)     # which creates the domain that this switches on

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        xmpp_federation.ensure(self, args, check, pauses_of(self))
        return self.report
