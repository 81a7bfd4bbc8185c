# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One router as an action sees it: what it shows, what is entered, what is owed. The engine of change of everything that is configuration lines.

Reading costs two commands a run however many tasks read: the channel keeps what came a moment ago until something is configured, and before anything is
entered it is read anew.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import NodeError
from ..owed import Owed
from ..pki.pem import find_certificates
from ..reconcile import DidNotStick
from . import pki
from .changes import batch
from .changes import predicted
from .config import parse
from .config import part
from .config import without_secrets

AGE = 120               # seconds for which what a router showed is good enough to say that nothing is to be done
GUARD = 5               # minutes after which a router takes an unconfirmed change back
ROUNDS = 3              # what a line replaced is seen only afterwards
SAVE = "startup-config"
RUNNING, KEYS = "show running-config", "show crypto key mypubkey rsa"
PEM, VERBOSE = "show crypto pki certificates pem", "show crypto pki certificates verbose"


class Router:
    """The router that an action's task runs for."""

    def __init__(self, action):
        self.action, self.node, self.report = action, action.node, action.report
        self.owed = Owed(action.workspace, action.cluster)
        self.commands = []

    def running(self, fresh=False):
        """The running configuration as a tree."""
        return parse(show(self.node, RUNNING, fresh))

    def keys(self, fresh=False):
        """{label: public key}."""
        return pki.key_pairs(show(self.node, KEYS, fresh))

    def points(self, root, expected=()):
        """{name: Trustpoint} of a configuration that was just read. expected: certificates that it may well hold."""
        return points(self.node, root, self.action.workspace / self.action.cluster if self.action.workspace else None, expected)

    def enter(self, lines, what, guard=None, dialogue=False):
        """Enter lines (each a text, or a step with answers as the channel takes it); from now on the configuration has to be saved."""
        steps = [line if isinstance(line, dict) else {"line": line} for line in lines]
        self.owed.add(SAVE, [self.node.name], 0, what)
        self.record([step["line"] for step in steps], what)
        return self.node.ask("ios_cli", "configure", steps=steps, guard=guard)

    def record(self, lines, what):
        """Lines that are (in check mode: would be) entered, in the report."""
        lines = [without_secrets(line) for line in lines]
        self.commands += lines
        self.report.operation(self.node.name, "ios_cli", "configure", what, lines=lines)

    def bring(self, check, plan, what):
        """Enter what plan(tree) wants until it wants nothing more. plan: tree -> list of Change. Returns the tree (in check mode: as it would be).

        Raises DidNotStick when the router shows after all that what was entered is not there.
        """
        root = self.running()
        changes = plan(root)
        if changes and not check:
            root = self.running(fresh=True)
            changes = plan(root)
        before, headers = root, set()
        for change in changes:
            self.report.finding("ios-configuration", change.severity, "%s on %s" % (change.name, self.node.name), change.message, step=change.step,
                                before=[without_secrets(line) for line in change.remove], after=[without_secrets(line) for line in change.add])
        if check:
            headers = self._headers(changes)
            if changes:
                self.record(batch(changes), what)
            root = predicted(root, changes)
        else:
            for turn in range(ROUNDS + 1):
                if not changes:
                    break
                if turn == ROUNDS:
                    raise DidNotStick("%s: entered, but not there when read back: %s" % (self.node.name, "; ".join(
                        "%s: %s" % (change.name, ", ".join(change.commands())) for change in changes)))
                headers |= self._headers(changes)
                try:
                    self.enter(batch(changes), what, GUARD if archived(root) else None)
                except NodeError as e:
                    if e.kind != "lost":
                        raise
                    if turn:
                        raise
                root = self.running(fresh=True)
                changes = plan(root)
        self.differs(before, root, headers)
        return root

    @staticmethod
    def _headers(changes):
        return {(change.path or (line,))[0] for change in changes for line in (*change.add, *change.remove, "")}

    def differs(self, before, after, headers):
        """Put the sections with these first lines into the report, as they were and as they are."""
        old, new = part(before, headers), part(after, headers)
        if old != new:
            self.report.before["running-config"] = self.report.before.get("running-config", "") + old
            self.report.after["running-config"] = self.report.after.get("running-config", "") + new

    def result(self):
        """The task's result beside the report's: the lines entered, and a diff that reads like a configuration."""
        before, after = (part_.get("running-config", "") for part_ in (self.report.before, self.report.after))
        header = "%s running-config" % self.node.name
        diff = {"before": before, "after": after, "before_header": header, "after_header": header} if before != after else {}
        return {"commands": self.commands, "diff": diff}


def show(node, command, fresh=False):
    """What a command of exec mode shows; what came a moment ago is good enough unless it has to be fresh."""
    return node.ask("ios_cli", "show", command=command, age=0 if fresh else AGE)["output"]


def points(node, root, folder, expected=()):
    """{name: Trustpoint}. Where a configuration shows certificates as files in nvram (some releases do, once it is saved), one more command gives them.

    folder: where certificates that were issued for the router are kept here, or None; expected: more certificates that it may hold.
    """
    found = pki.trustpoints(root)
    if any(point.hidden and not point.factory for point in found.values()):
        try:
            listing = show(node, PEM)
        except NodeError as e:
            if e.kind != "refused":
                raise
            listing = ""
        if "BEGIN CERTIFICATE" in listing:
            pki.uncover(found, listing)
        else:                               # IOS 15 takes the word for the name of a trustpoint
            pki.uncover_by_fingerprint(found, show(node, VERBOSE), [*expected, *known_certificates(folder, node.option("ca_file"))])
    return found


def known_certificates(folder, ca_file):
    """Certificates that are known on the control node: of the CA, and those that were issued."""
    files = [*(folder.rglob("*.pem") if folder and folder.is_dir() else ()), *([ca_file] if ca_file else ())]
    return [one for file in files for one in find_certificates(Path(file).read_text(encoding="utf-8", errors="replace"))]


def archived(root):
    """Whether the router can take a change back by itself: it has an archive with a path."""
    return any(line.startswith("path ") for line in root.lines("archive"))
