# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption of Unity Connection, off in every new restricted installation: `utils cuc encryption` (vos.md 4; id:63084911208, id:8733956500).

While it is off, Unity Connection refuses secure port groups. The command asks, and takes effect when two services have restarted on every node.
"""
from __future__ import annotations

import re

from ..asking import DeviceTime
from ..errors import NodeError
from ..operations.modes import YES
from ..operations.modes import last_lines
from ..operations.waiting import Stuck
from ..owed import Owed
from ..pki.restarts import CONVERSATION_MANAGER
from ..pki.restarts import IMAP_SERVER

STATUS, ENABLE = "utils cuc encryption status", "utils cuc encryption enable"
STEP, NAME = "cuc-portgroup-nge", "encryption of Unity Connection"
SERVICES = (CONVERSATION_MANAGER, IMAP_SERVER)
GRANT = "Add 'services' to collab_disruption for a run inside a maintenance window."


def enabled(output):
    """Whether encryption is on by the words of the status command (its layout is published nowhere); None where they do not say."""
    words = output.lower()
    if re.search(r"\bdisabled\b|\bnot\s+enabled\b|\bis\s+off\b", words):
        return False
    return True if re.search(r"\benabled\b|\bis\s+on\b", words) else None


def read(node):
    """Whether encryption is on, and the words of the node."""
    output = node.ask("vos_cli", "run", command=STATUS)["output"]
    return enabled(output), output


class Encryption:
    """One run of the module. action: DeviceAction."""

    def __init__(self, action):
        self.action, self.report, self.node = action, action.report, action.publisher

    def ensure(self, granted, check):
        """Encryption on; what it owes is written down first. Raises Stuck where the product refuses."""
        now, words = read(self.node)
        self.report.add(encryption=now)
        if now:
            return
        if now is None:
            reason = "'%s' on %s says neither enabled nor disabled: %s" % (STATUS, self.node.name, last_lines(words))
            self.report.pending("cuc-encryption-unknown", NAME, reason, [
                "Look at what it prints on the CLI of %s; if encryption is off, enter '%s' there and restart %s on every node." % (
                    self.node.name, ENABLE, " and ".join(SERVICES))], step=STEP)
            return
        self.report.finding("cuc-encryption", "high", NAME, "encryption is off on %s, so it refuses secure port groups" % self.action.cluster, step=STEP,
                            before="disabled", after="enabled")
        if not granted:
            self.report.pending("cuc-encryption-not-granted", NAME, "it makes %s restart, and this run may not disturb services" % " and ".join(SERVICES),
                                [GRANT], step=STEP)
            return
        self.report.before[NAME], self.report.after[NAME] = "disabled", "enabled"
        impacts = [{"node": node, "kind": "service_restart", "what": service} for node in self.action.nodes for service in SERVICES]
        if not check:
            self.report.under_way[:] = impacts          # saved with the command, for a rollback
            try:
                self.enable()
            finally:
                self.report.under_way.clear()
            self.report.add(encryption=True)
        self.report.operation(self.node.name, "vos_cli", ENABLE, NAME)
        for impact in impacts:
            self.report.impact(**impact)

    def enable(self):
        """Write down what is owed, enter the command, read back."""
        owed, since = Owed(self.action.workspace, self.action.cluster), DeviceTime(self.node)()
        for service in SERVICES:
            owed.add(service, list(self.action.nodes), since, "encryption was enabled")
        try:
            heard = self.node.ask("vos_cli", "run", command=ENABLE, answers=YES)["output"]
        except NodeError as e:
            if e.kind != "lost":
                self.forget(owed)
                raise Stuck("%s could not be enabled: %s. It needs a restricted load that is registered with Smart Licensing by a token that allows "
                            "export-controlled functionality ('show license all' on %s). Nothing was changed." % (NAME, e, self.node.name)) from None
            heard = str(e)
        if not read(self.node)[0]:
            raise Stuck("'%s' was entered on %s, but '%s' does not say enabled. The command said: %s" % (ENABLE, self.node.name, STATUS, last_lines(heard)))

    def forget(self, owed):
        """Strike out what the refused command would have owed, unless an earlier change owes it, too."""
        for entry in owed.items():
            if entry["what"] in SERVICES and entry["reason"] == "encryption was enabled":
                owed.settle(entry["what"], entry["node"])
