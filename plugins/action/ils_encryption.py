# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ILS of all clusters with TLS and one password."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.ils import Ils
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.ils_encryption", secrets=("password",)):
    """One task for all clusters."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        return Ils(self, args, pauses_of(self), check).run()
