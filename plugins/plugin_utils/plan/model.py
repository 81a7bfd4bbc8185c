# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan: what a run in check mode foresaw, as plain data (no secret is in it: results are masked before a callback sees them).

    format, collection, made, estate, disruption, clusters, trust, failed
    clusters: [{name, product, steps, totals, estimate}]
    step: {host, task, role, action, seconds, operations, impacts, findings, pending}, in the order in which the run comes to it
    trust: what the trust graph foresees: {counts, breaks, stays, unknown, mended}, see the module trust_graph; null where it was not looked at
"""

from __future__ import annotations

import hashlib
import json
import time

from ..run_file import once

FORMAT = 1
LISTS = {"operations": "operations", "impacts": "impact", "findings": "findings", "pending": "pending"}     # of a step, and of the report of a run
MODULES = "collab.security."
GRAPH = "trust_graph"
OWN = ("plan", "drift_report", "estate_report", GRAPH)     # what only tells of a run, or looks at what no step of it does
PROBLEMS = ("failed", "unreachable")


def plain(value):
    """A value as it is after it has been through a file."""
    return json.loads(json.dumps(value, default=str, sort_keys=True))


def estate_digest(clusters):
    """One word for which nodes a plan is about. clusters: {cluster: [[host, name that it is verified by], ...]}."""
    return hashlib.sha256(json.dumps(clusters, sort_keys=True).encode()).hexdigest()


def steps_of(report):
    """[step] of a run's report, in the order of its tasks; a task that a loop repeats for one host is one step."""
    steps = {}
    for task in report["tasks"]:
        short = task["action"].removeprefix(MODULES)
        if not task["action"].startswith(MODULES) or short in OWN or task["state"] in PROBLEMS:
            continue
        step = steps.setdefault((task["host"], task["task"]), {
            "host": task["host"], "task": task["task"], "role": task["role"], "action": short, "seconds": 0.0, **{name: [] for name in LISTS}})
        step["seconds"] = round(step["seconds"] + task["seconds"], 3)
    for name, listed in LISTS.items():
        for row in report[listed]:
            step = steps.get((row["host"], row["task"]))
            if step is not None:
                step[name].append(plain({k: v for k, v in row.items() if k not in ("host", "task")}))
    for step in steps.values():
        for name in ("impacts", "findings", "pending"):
            step[name] = once(step[name])
    return list(steps.values())


def plan_of(report, clusters, estate, collection, durations, limits, disruption, now=None):
    """The plan of a run in check mode.

    clusters: [{name, product, hosts}]; estate: estate_digest(); durations: {kind of impact: seconds} that the operator knows; limits: the same, after which a
    run gives up; disruption: {host: [words]} granted.
    """
    steps, planned = steps_of(report), []
    for cluster in clusters:
        own = [step for step in steps if step["host"] in cluster["hosts"]]
        planned.append({"name": cluster["name"], "product": cluster["product"], "steps": own, "totals": totals(own),
                        "estimate": estimate(own, durations, limits)})
    failed = [{"host": t["host"], "task": t["task"], "message": plain(t["msg"])} for t in report["tasks"] if t["state"] in PROBLEMS]
    return {"format": FORMAT, "collection": collection, "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)), "estate": estate,
            "disruption": disruption, "clusters": planned, "trust": trust_of(report["tasks"]), "failed": failed}


def trust_of(tasks):
    """What the trust graph foresees, of a run that has looked at it."""
    results = [task["result"] for task in tasks if task["action"] == MODULES + GRAPH and task["state"] not in PROBLEMS]
    return plain({"counts": results[-1]["counts"], **results[-1]["outlook"]}) if results else None


def steps_in(plan):
    """{(host, task): step} of all clusters of a plan."""
    return {(step["host"], step["task"]): step for cluster in plan["clusters"] for step in cluster["steps"]}


def impacts_of(steps):
    """What steps disturb, each thing once: a service restarts once a run, however many steps owe it."""
    return once([impact for step in steps for impact in step["impacts"]])


def totals(steps):
    """How much there is of everything."""
    return {"operations": sum(len(step["operations"]) for step in steps), "findings": len(once([f for step in steps for f in step["findings"]])),
            "pending": len(once([p for step in steps for p in step["pending"]])), "impacts": len(impacts_of(steps))}


def estimate(steps, durations, limits):
    """An estimate of how long applying takes, by its parts.

    reading: seconds that this check took, which applying does three times over (compared anew, looked at before each write, and read back)
    disturbance: {kind: {count, seconds each or None where nobody knows, limit: seconds after which the run gives up}}
    known: seconds of what is known; unknown: how many restarts and resets have no known duration
    """
    disturbance = {}
    for impact in impacts_of(steps):
        kind = disturbance.setdefault(impact["kind"], {"count": 0, "seconds": durations.get(impact["kind"]), "limit": limits.get(impact["kind"])})
        kind["count"] += 1
    reading = round(3 * sum(step["seconds"] for step in steps), 1)
    return {"reading": reading, "disturbance": disturbance,
            "known": round(reading + sum(kind["count"] * kind["seconds"] for kind in disturbance.values() if kind["seconds"] is not None), 1),
            "unknown": sum(kind["count"] for kind in disturbance.values() if kind["seconds"] is None)}
