# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reset that a changed CTL file owes, device pool by device pool."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations.phones import PhoneReset
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.phone_reset"):
    """See the module's DOCUMENTATION."""

    follows = ("identity_certificate",)     # a certificate that the CTL file names
    pays = True

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        PhoneReset(self, pauses_of(self), args["timeout"]).run(args["granted"], check)
        return self.report
