# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drift run has found, for schedulers."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils import drift
from ansible_collections.collab.security.plugins.plugin_utils import run_file
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.files import write_atomic
from ansible_collections.collab.security.plugins.plugin_utils.files import write_json


class ActionModule(DeviceAction, module="collab.security.drift_report"):
    """Asks no device. See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns a dict; fails where something as grave as fail_on was found."""
        report = run_file.load(self._connection.run_pid)
        found = drift.drift_of(report)
        if args["json"]:
            write_json(args["json"], found)
        if args["junit"]:
            write_atomic(args["junit"], drift.junit(report, args["fail_on"] if args["fail_on"] != "none" else "info").decode())
        grave = drift.at_least(found["findings"], args["fail_on"]) if args["fail_on"] != "none" else []
        if grave:
            raise AnsibleActionFail("drift: %d findings of severity %s or graver; the gravest: %s: %s: %s" % (
                len(grave), args["fail_on"], grave[0]["host"], grave[0]["object"], grave[0]["message"]))
        return {"counts": found["counts"]}
