# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has found so far, as its callback sees it, for the tasks at the run's end: a private file that lives as long as the run.

The callback (run_report) is in ansible-playbook itself and the only one who sees all results; a task is in a process of its own.
"""

from __future__ import annotations

import json
import os

from ansible.errors import AnsibleActionFail

from .broker import born
from .files import write_atomic
from .node import control_directory

LEVELS = ("high", "medium", "low", "info")


def path_of(pid, home):
    """The file of the run of an ansible-playbook process (and of no later one with the same number). home: the directory of the broker's sockets."""
    return os.path.join(os.path.abspath(os.path.expanduser(home)), "run-%d-%s.json" % (pid, born(pid)))


def save(path, report):
    """Write it."""
    write_atomic(path, json.dumps(report, default=str))


def load(run_pid):
    """What the run of an ansible-playbook process has found before this play. Raises AnsibleActionFail where the callback is not enabled."""
    try:
        with open(path_of(run_pid, control_directory()), encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        raise AnsibleActionFail("the callback collab.security.run_report, which collects what is found, is not enabled (or nothing has been done before): "
                                "add it to callbacks_enabled in ansible.cfg, or set ANSIBLE_CALLBACKS_ENABLED") from None


def read_report(path):
    """The report that a run has left (COLLAB_REPORT). Raises OSError, or ValueError where the file is something else."""
    with open(path, encoding="utf-8") as f:
        report = json.load(f)
    missing = sorted({"playbook", "begun", "operations", "tasks"} - set(report if isinstance(report, dict) else ()))
    if missing:
        raise ValueError("it has no %s" % ", ".join(missing))
    return report


def once(entries):
    """Findings (or what is pending) without those that say the same about the same host."""
    seen, kept = set(), []
    for entry in entries:
        key = json.dumps({k: v for k, v in entry.items() if k != "task"}, sort_keys=True, default=str)
        if key not in seen:
            seen.add(key)
            kept.append(entry)
    return kept


def gravest_first(findings):
    """Findings by severity, in their own order within one."""
    return sorted(findings, key=lambda f: LEVELS.index(f["severity"]) if f.get("severity") in LEVELS else len(LEVELS))


def counted(findings):
    """{severity: how many}, all four of them."""
    return {level: sum(f.get("severity") == level for f in findings) for level in LEVELS}
