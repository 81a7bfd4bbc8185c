# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saving what is there before it is changed: every request of a task passes here on its way to a device, and no write goes out before its line is on disk."""

from __future__ import annotations

import re
import threading
from pathlib import Path

from ..broker import born
from ..errors import NodeError
from . import axl_objects
from .journal import Journal
from .journal import now
from .kinds import kind_of

SECRET = re.compile(r"passw|passphrase|secret|authenticationstring|credential", re.IGNORECASE)
NAMES = ("command", "path", "name", "page", "purpose", "services", "service")      # arguments that say what a request is about


class Keeper:
    """One task. run_pid: of ansible-playbook; task: name of the module; report: its Report; hidden: set of values that must not be written down."""

    def __init__(self, run_pid, task, report, hidden):
        self.run, self.task, self.report, self.hidden = (run_pid, born(run_pid)), task, report, hidden
        self.lock, self.journals, self.last, self.known = threading.Lock(), {}, None, {}

    def before(self, node, channel, operation, arguments):
        """Save what this request of a node is about to change. A request that is asked again is not saved again."""
        if channel == "axl":
            written = axl_objects.written(arguments["operation"], arguments.get("arguments") or {}) if operation == "call" else None
        else:
            written = None if arguments.get("reading") else self.other(channel, operation, arguments)
        journal = self.journal(node) if written else None
        if journal is not None:
            found = self.axl(node, *written) if channel == "axl" else written
            self.save(journal, {"at": now(), "task": self.task, "node": node.name, "before": None, "after": {}, **found,
                                "impact": list(self.report.under_way)})

    @staticmethod
    def other(channel, operation, arguments):
        """The entry for what cannot be brought back, None where it leaves no state behind."""
        what = " ".join(str(arguments[name]) for name in NAMES if name in arguments)
        kind = kind_of(channel, operation, what)
        return kind and {"act": "other", "kind": kind, "key": {"name": what.splitlines()[0] if what else operation}}

    def save(self, journal, entry):
        """One line, unless it is the one before once more."""
        with self.lock:
            bare = {name: value for name, value in entry.items() if name != "at"}
            if bare != self.last:
                journal.add([entry])
            self.last = bare

    def journal(self, node):
        """The file of a node's cluster; None where there is no workspace, or it is no node of a cluster."""
        workspace, cluster = node.variables.get("collab_workspace"), node.variables.get("collab_cluster")
        if not workspace or not cluster:
            return None
        return self.journals.setdefault(str(cluster), Journal(Path(workspace).expanduser().absolute(), str(cluster), self.run))

    def axl(self, node, act, noun, key, elements):
        """The entry for a request of AXL that changes something."""
        if act == "other":
            return {"act": act, "kind": noun, "key": key or {"name": noun}}
        if noun == axl_objects.PHONE and act == "update" and not elements:
            return {"act": "other", "kind": "lsc", "key": key}
        names = [key["name"]] if noun == axl_objects.PARAMETER else list(elements)
        if any(SECRET.search(name) for name in names) or self.hides(elements):
            return {"act": "other", "kind": "secret", "key": key}
        if act != "update":
            return {"act": act, "kind": noun, "key": key, "after": elements}
        try:
            before = self.phones(node).get(key["name"]) if noun == axl_objects.PHONE else axl_objects.read(node, noun, key, elements)
        except NodeError as e:
            if e.kind not in ("refused", "absent"):
                raise
            before = None
        if before is None:
            return {"act": "other", "kind": "unread", "key": key}
        return {"act": act, "kind": noun, "key": key, "before": before, "after": elements}

    def phones(self, node):
        """All phones, read once a task: a write of ten thousand needs no ten thousand questions."""
        if node.name not in self.known:
            self.known[node.name] = axl_objects.phones(node)
        return self.known[node.name]

    def hides(self, value):
        """Whether a secret of this task is somewhere in a value."""
        if isinstance(value, dict):
            return any(self.hides(one) for one in value.values())
        if isinstance(value, list):
            return any(self.hides(one) for one in value)
        return str(value) in self.hidden
