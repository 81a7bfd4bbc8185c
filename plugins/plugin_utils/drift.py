# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drift as JUnit XML and as JSON: what a scheduler or a CI system reads."""

from __future__ import annotations

from xml.etree import ElementTree

from .run_file import LEVELS
from .run_file import counted
from .run_file import gravest_first
from .run_file import once

# What XML 1.0 cannot carry at all: a device may have sent it.
UNPRINTABLE = dict.fromkeys([n for n in range(32) if n not in (9, 10, 13)], "?")


def drift_of(report):
    """{findings: [...], counts: {severity: n}, pending: [...], failed: [...]} of a run's report, the gravest first, each thing once."""
    findings = gravest_first(once(report["findings"]))
    failed = [{"host": task["host"], "task": task["task"], "message": task["msg"]} for task in report["tasks"] if task["state"] in ("failed", "unreachable")]
    return {"playbook": report["playbook"], "findings": findings, "counts": counted(findings), "pending": once(report["pending"]), "failed": failed}


def at_least(findings, level):
    """Findings as grave as `level` or graver."""
    grave = LEVELS[:LEVELS.index(level) + 1]
    return [f for f in findings if f.get("severity") in grave]


def junit(report, level):
    """JUnit XML (bytes): a suite a host, a case a task, which fails for each finding as grave as `level`, and is in error where the task failed. A finding that
    a task has about another host is a case of that host's.
    """
    top = ElementTree.Element("testsuites", name="collab.security drift")
    findings = {}
    for finding in at_least(once(report["findings"]), level):
        findings.setdefault((finding["host"], finding["task"]), []).append(finding)
    hosts = {}
    for task in report["tasks"]:
        if "result" in task or task["state"] != "ok":
            hosts.setdefault(task["host"], []).append(task)
    for (host, name), rows in findings.items():
        if not any(task["task"] == name for task in hosts.get(host, ())):
            hosts.setdefault(host, []).append({"task": name, "role": rows[0].get("role"), "action": "findings", "state": "ok", "seconds": 0.0, "msg": None})
    for host, tasks in sorted(hosts.items()):
        suite = ElementTree.SubElement(top, "testsuite", name=host, tests=str(len(tasks)), time="%.3f" % sum(t["seconds"] for t in tasks))
        failures = errors = 0
        for task in tasks:
            case = ElementTree.SubElement(suite, "testcase", name=clean(task["task"]), classname="%s.%s" % (host, task["role"] or task["action"]),
                                          time="%.3f" % task["seconds"])
            found = findings.pop((host, task["task"]), [])
            if task["state"] in ("failed", "unreachable"):
                errors += 1
                ElementTree.SubElement(case, "error", message=clean(task["msg"] or task["state"]))
            elif found:
                failures += 1
                failure = ElementTree.SubElement(case, "failure", message="%d findings" % len(found))
                failure.text = "\n".join(clean("%s %s: %s%s" % (f["severity"], f["object"], f["message"], " (%s)" % f["step"] if f.get("step") else ""))
                                         for f in gravest_first(found))
        suite.set("failures", str(failures))
        suite.set("errors", str(errors))
    return ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)


def clean(text):
    """Text that XML can carry."""
    return str(text).translate(UNPRINTABLE)
