# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run's report: what is printed and what is written."""
from __future__ import annotations

import json

from .conftest import SECRET
from .test_rules import TWO
from .test_rules import probe


def report_of(runner, tasks, arguments=(), path="sub/report.json"):
    path = runner.tmp / path
    result = runner.run(tasks, TWO, arguments=arguments, env={"COLLAB_REPORT": str(path), "ANSIBLE_CALLBACKS_ENABLED": "record,collab.security.run_report"})
    return result, json.loads(path.read_text())


def test_report_collects_counts_and_prints(runner):
    failing = {"kind": "refused", "text": "no such thing"}
    tasks = [probe("reads"),
             {"name": "writes", "collab.security.probe": {"do": "then_fail", "private_key": "planted-key-R9", "with": failing}, "ignore_errors": True},
             {"name": "hidden", "collab.security.probe": {"do": "then_fail", "with": failing}, "no_log": True, "ignore_errors": True},
             {"name": "elsewhere", "ansible.builtin.debug": {"msg": "x"}, "changed_when": True},
             {"name": "looped", "collab.security.probe": {"do": "steps", "with": {"count": 2, "seconds": 0}}, "loop": [1, 2]},
             probe("fails", op="fail", kind="lost", text="nothing came")]
    result, report = report_of(runner, tasks)
    assert (report["changed"], report["failed"], report["check"]) == (8, 2, False)      # as in Ansible's own recap: ignored is not failed
    assert report["hosts"]["us-cm-pub"]["failures"] == 1
    assert [o["task"] for o in report["operations"]].count("looped") == 8 and [o["task"] for o in report["operations"]].count("hidden") == 0
    [pending] = [p for p in report["pending"] if p["host"] == "us-cm-pub"]
    assert pending["what_to_do"] == ["open one"] and pending["task"] == "writes"
    states = {t["task"]: t["state"] for t in report["tasks"]}
    assert states == {"reads": "ok", "writes": "ignored", "hidden": "ignored", "elsewhere": "ok", "looped": "ok", "fails": "failed"}
    assert all(t["seconds"] >= 0 for t in report["tasks"])
    assert [t["result"]["answer"]["asked"] for t in report["tasks"] if t["task"] == "reads"] == [1, 1]
    assert "PENDING us-cm-pub: x: no window" in result.out and "- open one" in result.out
    text = json.dumps(report)
    assert SECRET not in text and "planted-key-R9" not in text


def test_report_of_a_check_run(runner):
    result, report = report_of(runner, [probe("reads")], arguments=["--check"])
    assert report["check"] is True and report["operations"] == [] and "REPORT" not in result.out
