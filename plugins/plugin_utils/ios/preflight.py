# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that must hold before a router is changed. Reads only, and by the very command that the tasks after it read."""

from __future__ import annotations

from ..operations.preconditions import BLOCKER
from ..operations.preconditions import WARNING
from ..operations.preconditions import Note
from ..operations.preflight import Preflight
from .config import release
from .router import Router

CHANNEL = "ios_cli"
ROLES = ("cube", "srst", "gateway", "cme")


class RouterPreflight(Preflight):
    """One look at one router: routers of a group do the same work, and know nothing of each other."""

    @staticmethod
    def leader(action):
        """The router itself."""
        return action.node

    def run(self):
        """Look at everything; put it into the report. Raises Stuck with all blockers when there is one."""
        self.workspace()
        self.reach(self.publisher, (CHANNEL,))
        self.tell({"licence": None})

    def open(self, node, channel):
        root = Router(self.action).running()
        self.versions[node.name] = "%d.%d" % release(root)
        self.notes += versions(node, release(root)) + work(node)

    def running(self):
        return dict(self.versions)


def versions(node, runs):
    """The declared release against the one that runs."""
    declared = str(node.variables.get("collab_release") or "")
    parts = declared.split(".")
    if len(parts) < 2 or not all(part.isdigit() for part in parts[:2]):
        return [Note("wrong-release", BLOCKER, node.name, "collab_release of %s must be its release, such as \"%d.%d\"; it is %r"
                     % (node.name, *runs, declared))]
    if (int(parts[0]), int(parts[1])) != runs:
        return [Note("wrong-release", BLOCKER, node.name, "collab_release of %s is %s, and it runs %d.%d: what a router can do follows its release"
                     % (node.name, declared, *runs))]
    return []


def work(node):
    """What the router does has to be said: the roles go by it."""
    if set(node.roles) & set(ROLES):
        return []
    return [Note("no-role", WARNING, node.name, "collab_roles of %s names none of %s, so nothing but certificates and toll fraud is seen to"
                 % (node.name, ", ".join(ROLES)))]
