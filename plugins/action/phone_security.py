# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone security profiles and LSCs of all phones of a cluster (Table 7-14)."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_security import PhoneSecurity
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import pauses_of


class ActionModule(DeviceAction, module="collab.security.phone_security", secrets=("rules.enrolment.authentication_string",)):
    """See the module's DOCUMENTATION."""

    derives = ("keyOrder", "keySize", "securityProfileName")      # an LSC comes in stages, each seen when the one before is done

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        PhoneSecurity(self, pauses_of(self), args).run(check)
        return self.report
