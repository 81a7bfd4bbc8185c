# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying a plan, task by task: what a task would do is looked at before it does it, and again at each write."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ansible.module_utils.common.parameters import remove_values

from ..node import plain
from ..report import Report
from .permit import Permit
from .store import Progress
from .store import load
from .store import version_of

VARIABLE = "collab_plan"
COLLECTION = Path(__file__).parents[3]


@lru_cache(maxsize=1)
def collection_version():
    """The version of this collection."""
    return version_of(COLLECTION)


class Guard:
    """The application of a plan by one task. action: DeviceAction; path: of the plan."""

    def __init__(self, action, path):
        self.action = action
        self.host, self.task = str(action.task_vars["inventory_hostname"]), action._task.get_name()
        self.progress = Progress(path)
        self.permit = Permit(load(path, collection_version()), self.host, self.task, action.pays, action.follows, action.derives)

    @classmethod
    def of(cls, action):
        """The Guard of a task, None where no plan is applied."""
        path = action.var(VARIABLE)
        return cls(action, path) if path else None

    def demand(self, operations, impacts=(), done=False):
        """Raises BeyondThePlan. What is shown of a secret here is what the plan shows of it."""
        self.permit.demand(remove_values(plain(operations), self.action.hidden), impacts, done)

    def applied(self, parameters):
        """What apply() returns: first in check mode, then, where the plan has all of it, for real."""
        action = self.action
        action.apply(plain(parameters), check=True)
        self.demand(action.report.operations, action.report.impacts)
        if action.report.operations:
            self.progress.note(self.host, self.task)
        action.report, action.warnings = Report(), []
        action.report.demand = self.demand
        result = action.apply(plain(parameters), check=False)
        self.demand(action.report.operations, action.report.impacts, done=True)
        return result
