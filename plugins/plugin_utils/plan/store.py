# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a plan, and beside it how far its application has come.

FILE            the plan, JSON
FILE.progress   made when it is applied: a line for each task before it writes anything, with the digest of the plan, and one at the end. A run that was
                killed is resumed with it; a plan whose end is noted has been used up.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

from ..files import write_json
from .model import FORMAT

KEYS = {"format", "collection", "made", "estate", "disruption", "clusters", "trust", "failed"}
ANEW = "make a new one (playbook plan)"


class BadPlan(Exception):
    """The plan cannot be applied. The text is for the operator. Nothing has been written."""


def save(path, plan):
    """Write a plan; what was applied of an older one in its place is history."""
    write_json(path, plan)
    Progress(path).path.unlink(missing_ok=True)


def load(path, collection, estate=None):
    """The plan in a file, for this version of the collection and this estate (None: not looked at). Raises BadPlan."""
    try:
        plan = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadPlan("collab_plan: %s does not exist: %s" % (path, ANEW)) from None
    except (OSError, ValueError) as e:
        raise BadPlan("collab_plan: %s is no plan (%s)" % (path, e)) from None
    if not isinstance(plan, dict) or not isinstance(plan.get("format"), int):
        raise BadPlan("collab_plan: %s is no plan: it does not say its format" % path)
    if plan["format"] != FORMAT:
        raise BadPlan("collab_plan: %s has format %d, and this version of the collection knows format %d: %s" % (path, plan["format"], FORMAT, ANEW))
    if set(plan) != KEYS:
        raise BadPlan("collab_plan: %s is no whole plan: %s" % (path, ", ".join(sorted(KEYS ^ set(plan)))))
    if plan["collection"] != collection:
        raise BadPlan("collab_plan: %s was made by version %s of the collection, and this is %s, which may do other things: %s"
                      % (path, plan["collection"], collection, ANEW))
    if estate is not None and plan["estate"] != estate:
        raise BadPlan("collab_plan: %s was made for another estate: the clusters and nodes of this inventory are not those of the plan" % path)
    if plan["failed"]:
        first = plan["failed"][0]
        raise BadPlan("collab_plan: %s is incomplete, for not everything could be compared when it was made (%d tasks failed; the first: %s: %s): %s"
                      % (path, len(plan["failed"]), first["host"], first["task"], ANEW))
    return plan


def version_of(root):
    """The version of the collection that is in the directory `root`: as installed, or as a checkout."""
    manifest = Path(root) / "MANIFEST.json"
    if manifest.exists():
        return json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]
    return next(line.split(":", 1)[1].strip() for line in (Path(root) / "galaxy.yml").read_text(encoding="utf-8").splitlines() if line.startswith("version:"))


class Progress:
    """How far a plan has been applied. Several workers add lines at once: each is one write, and a line that was cut short says nothing."""

    def __init__(self, path):
        self.plan = Path(path)
        self.path = self.plan.with_name(self.plan.name + ".progress")

    def check(self):
        """Raises BadPlan where the plan has been applied, or what is noted is about another plan."""
        lines = self._lines()
        if any(line.get("plan", self.digest()) != self.digest() for line in lines):
            raise BadPlan("collab_plan: %s tells of the application of another plan than %s: %s" % (self.path, self.plan, ANEW))
        done = [line["done"] for line in lines if "done" in line]
        if done:
            raise BadPlan("collab_plan: %s was applied to its end at %s; a plan is good once: %s" % (self.plan, done[0], ANEW))

    def digest(self):
        """What tells this plan from others."""
        return hashlib.sha256(self.plan.read_bytes()).hexdigest()

    def begun(self):
        """{(host, task)} that may have written something."""
        return {(line["host"], line["task"]) for line in self._lines() if "task" in line}

    def note(self, host, task):
        """A task is about to write."""
        self._add({"plan": self.digest(), "host": host, "task": task})

    def finish(self):
        """The run has come to its end."""
        self._add({"done": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})

    def _add(self, line):
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, ("\n" + json.dumps(line) + "\n").encode())      # a line that a killed run left unfinished must not swallow this one
            os.fsync(handle)
        finally:
            os.close(handle)

    def _lines(self):
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found
