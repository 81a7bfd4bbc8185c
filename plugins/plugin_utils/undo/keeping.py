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
from . import evidence
from . import ios_lines
from . import mmp_services
from . import ways
from .journal import Journal
from .journal import now
from .kinds import kind_of

NOT_SAVED = ("collab_workspace is not set, so what was there before this run's changes is not saved anywhere, and the playbook rollback cannot bring it "
             "back. Set it to a directory on the control node that is kept between runs")
SECRET = re.compile(r"passw|passphrase|secret|authenticationstring|credential", re.IGNORECASE)
NAMES = ("command", "path", "name", "page", "purpose", "services", "service")      # arguments that say what a request is about


class Keeper:
    """One task. run_pid: of ansible-playbook; task: name of the module; report: function that gives its Report; hidden: set of values that must not be
    written down.
    """

    def __init__(self, run_pid, task, report, hidden):
        self.run, self.task, self.report, self.hidden = (run_pid, born(run_pid)), task, report, hidden
        self.lock, self.journals, self.last, self.known = threading.Lock(), {}, None, {}
        self.unsaved = False        # whether a cluster was changed without anything being saved

    def before(self, node, channel, operation, arguments):
        """Save what this request of a node is about to change. A request that is asked again is not saved again."""
        written = written_by(channel, operation, arguments)
        journal = self.journal(node) if written else None
        if journal is None:
            self.unsaved = self.unsaved or bool(written and node.variables.get("collab_cluster"))
            return
        frame = {"at": now(), "task": self.task, "node": node.name, "before": None, "after": {}, "impact": list(self.report().under_way)}
        entries = [self.lost(node, journal, written, channel, arguments)] if written[0] == "other" else self.entries(node, *written)
        found = [{**frame, **one} for one in entries]
        with self.lock:
            bare = [{name: value for name, value in one.items() if name not in ("at", "before")} for one in found]
            if bare != self.last:
                journal.add(found)
            self.last = bare

    def journal(self, node):
        """The file of a node's cluster; None where there is no workspace, or it is no node of a cluster."""
        workspace, cluster = node.variables.get("collab_workspace"), node.variables.get("collab_cluster")
        if not workspace or not cluster:
            return None
        return self.journals.setdefault(str(cluster), Journal(Path(workspace).expanduser().absolute(), str(cluster), self.run))

    def lost(self, node, journal, written, channel, arguments):
        """The entry for what cannot be brought back, with what can be told of it; a certificate that is replaced is kept beside it."""
        try:
            note, files = evidence.of(node, written[1], channel, arguments)
        except NodeError as e:
            if e.kind not in ("refused", "absent"):
                raise
            note, files = "before: it could not be read", {}
        for name, pem in files.items():
            journal.keep(name, pem)
        return {"act": "other", "kind": written[1], "key": written[2], "note": note}

    def entries(self, node, act, kind, key, elements):
        """The entries for one write: what is brought back, and what of it is not."""
        found, (key, elements) = [], self.settled(node, kind, key, elements)
        if kind == axl_objects.PHONE and axl_objects.asks_for_lsc(elements):
            found.append({"act": "other", "kind": "lsc", "key": key})
        if kind == axl_objects.PHONE:
            elements = {name: value for name, value in elements.items() if name in axl_objects.PHONE_ELEMENTS}
        # a section's name says nothing of its lines, and these have been looked at
        of = {axl_objects.PARAMETER: key.get("name"), ios_lines.LINES: "", mmp_services.SERVICE: ""}
        kept = {name: value for name, value in elements.items() if not self.hides(of.get(kind, name), value)}
        if len(kept) < len(elements):
            found.append({"act": "other", "kind": "secret", "key": key})
        if act != "update":
            found.append({"act": act, "kind": kind, "key": key, "after": kept})
        elif kept:
            found.append(self.update(node, kind, key, kept))
        return found

    def settled(self, node, kind, key, elements):
        """(key, elements) with what the request itself does not say; as they are where the node does not say it either."""
        try:
            return ways.settled(node, kind, key, elements)
        except NodeError as e:
            if e.kind not in ("refused", "absent"):
                raise
            return key, elements

    def update(self, node, kind, key, elements):
        """The entry for elements that are about to be changed."""
        try:
            before = self.phones(node).get(key["name"]) if kind == axl_objects.PHONE else ways.read(node, kind, key, elements)
        except NodeError as e:
            if e.kind not in ("refused", "absent"):
                raise
            before = None
        if before is None:
            return {"act": "other", "kind": "unread", "key": key}
        return {"act": "update", "kind": kind, "key": key, "before": before, "after": elements}

    def phones(self, node):
        """All phones, read once a task: a write of ten thousand needs no ten thousand questions."""
        if node.name not in self.known:
            self.known[node.name] = axl_objects.phones(node)
        return self.known[node.name]

    def hides(self, name, value):
        """Whether a value is a secret, by its name or since it is one of this task's."""
        if isinstance(value, dict):
            return any(self.hides(each, one) for each, one in value.items())
        if isinstance(value, list):
            return any(self.hides(name, one) for one in value)
        return bool(SECRET.search(name)) or str(value) in self.hidden


def written_by(channel, operation, arguments):
    """(act, kind, key, elements) of a request that changes what is on a device; None for one that does not."""
    if channel == "axl":
        return axl_objects.written(arguments["operation"], arguments.get("arguments") or {}) if operation == "call" else None
    setting = ways.written(channel, operation, arguments)
    if setting is not None or arguments.get("reading"):
        return setting
    words = [", ".join(value) if isinstance(value, list) else str(value) for value in (arguments.get(name) for name in NAMES) if value]
    kind = kind_of(channel, operation, " ".join(words))
    return kind and ("other", kind, {"name": " ".join(words).partition("\n")[0] or operation}, {})
