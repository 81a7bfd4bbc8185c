# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan for people: lines of text, cluster by cluster."""

from __future__ import annotations

from .model import impacts_of

OUTLOOKS = {"mended": "mended", "unknown": "NOT KNOWN", "stays": "WILL NOT HOLD", "breaks": "WILL BREAK"}
KINDS = {"service_restart": "service restarts", "trunk_reset": "trunk resets", "phone_reset": "phone resets"}


def lines_of(plan):
    """[line] of a plan."""
    out = []
    for cluster in plan["clusters"]:
        total = cluster["totals"]
        out.append("%s (%s): %d operations, %d findings, %d pending" % (
            cluster["name"], cluster["product"], total["operations"], total["findings"], total["pending"]))
        doing = [step for step in cluster["steps"] if step["operations"] or step["impacts"]]
        for number, step in enumerate(doing, 1):
            out.append("  %d. %s" % (number, step["task"]))
            out += ["       %s: %s" % (op["node"], op["operation"] if op["object"] in op["operation"] else "%s %s" % (op["operation"], op["object"]))
                    for op in step["operations"]]
        impacts = impacts_of(cluster["steps"])
        for kind, words in KINDS.items():
            disturbed = [impact for impact in impacts if impact["kind"] == kind]
            if disturbed:
                out.append("  %s:" % words)
                out += ["       %s on %s" % (impact["what"], impact["node"]) for impact in disturbed]
        for step in cluster["steps"]:
            out += ["  pending: %s: %s" % (one["object"], one["reason"]) for one in step["pending"]]
        out.append("  time: %s" % time_of(cluster["estimate"]))
    out += ["NOT COMPARED %s: %s: %s" % (one["host"], one["task"], one["message"]) for one in plan["failed"]]
    if not plan["failed"] and not any(cluster["totals"]["operations"] for cluster in plan["clusters"]):
        out.append("There is nothing to do.")
    return out + trust_lines(plan["trust"])


def trust_lines(trust):
    """[line] about the connections of the estate; what will not hold stands last, where it is seen."""
    if trust is None:
        return []
    out = ["connections today: %s" % ", ".join("%d %s" % (number, word) for word, number in trust["counts"].items() if number)]
    for word, said in OUTLOOKS.items():
        out += ["  %s: %s: %s: %s" % (said, one["cluster"], one["object"], one["message"]) for one in trust[word]]
    return out


def time_of(estimate):
    """An estimate in words."""
    text = "an estimate: %s for what is known" % spell(estimate["known"])
    for kind, part in estimate["disturbance"].items():
        if part["seconds"] is not None:
            text += "; %d %s at %s each are in it" % (part["count"], KINDS[kind], spell(part["seconds"]))
        else:
            text += "; %d %s take a time that is unknown%s" % (
                part["count"], KINDS[kind], ", each is waited for %s at most" % spell(part["limit"]) if part["limit"] else "")
    return text


def spell(seconds):
    """Seconds in words."""
    return "%d min" % round(seconds / 60) if seconds >= 120 else "%d s" % max(1, round(seconds))
