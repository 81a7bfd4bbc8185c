# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mixed mode, and a CTL file that names the certificates in use."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations.modes import Modes
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.cluster_security_mode"):
    """See the module's DOCUMENTATION."""

    follows = ("identity_certificate",)     # a certificate that the CTL file names

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        Modes(self, pauses_of(self), args["granted"], check).mixed()
        return self.report
