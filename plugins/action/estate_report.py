# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of an estate: one HTML page, and its data as JSON."""

from __future__ import annotations

import time

from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils import run_file
from ansible_collections.collab.security.plugins.plugin_utils.all_clusters import all_clusters
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.model import model_of
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.page import page
from ansible_collections.collab.security.plugins.plugin_utils.files import write_atomic
from ansible_collections.collab.security.plugins.plugin_utils.files import write_json


class ActionModule(DeviceAction, module="collab.security.estate_report"):
    """Asks no device. See the module's DOCUMENTATION."""

    def apply(self, args, check):
        """Returns a dict."""
        former = self.former(args["changed_by"]) if args["changed_by"] else None
        model = model_of(run_file.load(self._connection.run_pid), all_clusters(self), time.time(), former)
        write_atomic(args["html"], page(model))
        if args["json"]:
            write_json(args["json"], model)
        return {"html": args["html"], "counts": model["counts"]}

    @staticmethod
    def former(path):
        """The report of a run before this one."""
        try:
            return run_file.read_report(path)
        except (OSError, ValueError) as e:
            raise AnsibleActionFail("changed_by: %s is no report of a run, as COLLAB_REPORT has it written: %s" % (path, e)) from None
