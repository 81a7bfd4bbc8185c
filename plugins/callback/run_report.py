# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: run_report
type: aggregate
author: collab.security maintainers (!UNKNOWN)
short_description: What a run changed, found, and left pending
version_added: 1.0.0
description:
  - Collects what the modules of this collection report, prints what is pending and what was found at the end of the run, and writes all of it
    to a file as JSON where O(path) is set.
  - Results of tasks with C(no_log) are left out.
requirements:
  - Enable it with C(callbacks_enabled) in C(ansible.cfg) or E(ANSIBLE_CALLBACKS_ENABLED).
options:
  path:
    description:
      - File for the report. An older one is replaced when the run ends.
    type: path
    env:
      - name: COLLAB_REPORT
    ini:
      - section: collab_security
        key: report
"""

import json
import os
import tempfile
import time
from datetime import UTC
from datetime import datetime

from ansible import context
from ansible.plugins.callback import CallbackBase

from ansible_collections.collab.security.plugins.plugin_utils import run_file
from ansible_collections.collab.security.plugins.plugin_utils.node import control_directory

COLLECTION = "collab.security."
LISTS = ("operations", "impact", "findings", "pending")
OWN = (*LISTS, "changed", "failed", "unreachable", "skipped", "before", "after", "diff", "invocation", "warnings", "msg", "kind", "exception", "detail")
SHOWN = 20              # findings that are printed, the gravest first; the file has all


class CallbackModule(CallbackBase):
    """See DOCUMENTATION. The file has: playbook, begun, check, seconds, changed and failed (counts of tasks), hosts (the recap by host), operations, impact,
    findings and pending of all tasks (each with task and host: that of the task, where a finding does not name another whose it is), and tasks (host, task,
    role, action, state, check, changed, seconds, msg, and result: what the module returned beyond the lists).
    """

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "collab.security.run_report"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.begin, self.begun, self.playbook = time.time(), {}, None
        self.tasks, self.lists = [], {name: [] for name in LISTS}
        self.so_far = run_file.path_of(os.getpid(), control_directory())

    # -- collecting --------------------------------------------------------------------------------------------------
    def v2_playbook_on_start(self, playbook):
        """Note the playbook."""
        self.playbook = os.path.basename(playbook._file_name)

    def v2_playbook_on_play_start(self, play):
        """Let the play's tasks see what the plays before it have found."""
        if self.tasks:
            run_file.save(self.so_far, self._report({}))

    def v2_runner_on_start(self, host, task):
        """Note when a host's task began."""
        self.begun[host.name, task._uuid] = time.time()

    def v2_runner_on_ok(self, result):
        """Collect."""
        self._collect(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        """Collect."""
        self._collect(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_unreachable(self, result):
        """Collect."""
        self._collect(result, "unreachable")

    def _collect(self, result, state):
        task, host, data = result._task, result._host.name, result._result
        action = task.resolved_action or task.action
        if not action.startswith(COLLECTION) and state == "ok" and not data.get("changed"):
            return
        if data.get("compared") and action == COLLECTION + "plan":      # what came before was only held against the plan; the run begins now
            self.tasks, self.lists = [], {name: [] for name in LISTS}
        hidden = bool(task.no_log or data.get("_ansible_no_log"))
        rows = [data] if hidden or not isinstance(data.get("results"), list) else [r for r in data["results"] if isinstance(r, dict)]
        entry = {"host": host, "task": task.get_name(), "role": task._role.get_name() if task._role else None, "action": action, "state": state,
                 "check": bool(task.check_mode), "changed": bool(data.get("changed")),
                 "seconds": round(time.time() - self.begun.get((host, task._uuid), time.time()), 3),
                 "msg": None if hidden or action.rpartition(".")[2] == "debug" else data.get("msg")}
        if action.startswith(COLLECTION) and not hidden:
            results = [{k: v for k, v in row.items() if k not in OWN and not k.startswith(("_ansible", "ansible_loop"))} for row in rows]
            entry["result"] = results[0] if len(results) == 1 else results
            for row in rows:
                for name in LISTS:
                    self.lists[name] += [{"host": host, **one, "task": entry["task"]} for one in row.get(name) or () if isinstance(one, dict)]
        self.tasks.append(entry)

    # -- the end -----------------------------------------------------------------------------------------------------
    def v2_playbook_on_stats(self, stats):
        """Print the summary and write the file."""
        self._print()
        path = self.get_option("path")
        if path:
            self._write(path, self._report({host: stats.summarize(host) for host in sorted(stats.processed)}))
        if os.path.exists(self.so_far):
            os.unlink(self.so_far)

    def _report(self, hosts):
        begun = datetime.fromtimestamp(self.begin, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return {"playbook": self.playbook, "begun": begun, "check": bool(context.CLIARGS.get("check")), "seconds": round(time.time() - self.begin, 3),
                "changed": sum(h["changed"] for h in hosts.values()), "failed": sum(h["failures"] + h["unreachable"] for h in hosts.values()),
                "hosts": hosts, **self.lists, "tasks": self.tasks}

    def _print(self):
        pending, findings = run_file.once(self.lists["pending"]), run_file.once(self.lists["findings"])
        if not pending and not findings:
            return
        self._display.banner("REPORT")
        ordered = run_file.gravest_first(findings)
        for finding in ordered[:SHOWN]:
            self._display.display("%-7s %s: %s: %s" % (finding.get("severity"), finding["host"], finding.get("object"), finding.get("message")))
        if len(ordered) > SHOWN:
            self._display.display("... and %d more, which the file has if a path for it is set (COLLAB_REPORT)" % (len(ordered) - SHOWN))
        for item in pending:
            self._display.display("PENDING %s: %s: %s" % (item["host"], item.get("object"), item.get("reason")), color="yellow")
            for line in item.get("what_to_do") or ():
                self._display.display("        - %s" % line)
        counted = ", ".join("%d %s" % (number, level) for level, number in run_file.counted(findings).items() if number)
        self._display.display("%d findings%s, %d pending, %d operations" % (len(findings), " (%s)" % counted if counted else "", len(pending),
                                                                            len(self.lists["operations"])))

    def _write(self, path, report):
        directory = os.path.dirname(os.path.abspath(path))
        try:
            os.makedirs(directory, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=directory, prefix=".report-")
            with os.fdopen(handle, "w", encoding="utf-8") as f:
                json.dump(report, f, indent=1, default=str)
            os.replace(temporary, path)
        except OSError as e:
            self._display.warning("the report could not be written to %s: %s" % (path, e))
