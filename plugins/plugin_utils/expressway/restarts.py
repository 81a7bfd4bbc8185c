# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts of Expressway peers: written down before what makes them due, done one peer at a time, with the cluster's health as the gate between."""

from __future__ import annotations

import calendar
import time

from ansible.errors import AnsibleActionFail

from ..errors import NodeError
from ..operations.waiting import Stuck
from ..operations.waiting import Waiting
from ..operations.waiting import pauses_of
from ..owed import Owed
from ..pki.facts import short
from ..pki.pem import fingerprint
from . import peer_certificates as peers
from .documents import entries
from .documents import text

EXPRESSWAY = "Expressway"           # what restarts, in the list of what is owed
SETTLING = 3                        # seconds by which two readings of one start may differ


class Restarts:
    """action: nodes, report, each, cluster, workspace, var; timeout: seconds that a peer, and then the cluster, may take."""

    def __init__(self, action, timeout):
        self.action, self.report, self.timeout = action, action.report, timeout
        self.owed = Owed(action.workspace, action.cluster)
        self.pauses = pauses_of(action)

    def owe(self, node, reason):
        """Write down, before the change, that a peer has to restart for it to count; by the peer's own clock."""
        now = clock_of(node.ask("expressway_api", "witness", document="status"))
        self.owed.add(EXPRESSWAY, [node.name], time.time() if now is None else now, reason)

    def forget(self, node):
        """Strike out what was written down, since the change was not made."""
        self.owed.settle(EXPRESSWAY, node.name)

    def due(self, installed):
        """{peer: [reasons]} of what has to restart: what is written down, and peers that serve another certificate than the installed one.

        installed: {peer: certificate or None}.
        """
        found = {}
        for entry in self.owed.items(EXPRESSWAY):
            node = self.action.nodes.get(entry["node"])
            if node is not None and not self.paid(node, entry):
                found[node.name] = [entry["reason"]]
        for name, other in self.action.each(self.action.nodes, lambda node: self.others(node, installed.get(node.name))).items():
            if other:
                found.setdefault(name, []).append(other)
        return found

    def paid(self, node, entry):
        """Whether the peer has restarted since a debt was written down, in a run that was killed then, or by hand."""
        started = self.started(node)
        return started is not None and started > entry["since"]

    @staticmethod
    def others(node, installed):
        """What a peer serves besides its installed certificate, in words, or None."""
        if installed is None:
            return None
        for port in peers.ports(node):
            seen = peers.served(node, port)
            if seen is not None and fingerprint(seen) != fingerprint(installed):
                return "it serves %s on port %d, installed is %s" % (short(seen), port, short(installed))
        return None

    def record(self, node, reasons):
        """The restart in the report."""
        self.report.operation(node.name, "expressway_api", "POST /restart", "Expressway on %s" % node.name, reasons="; ".join(reasons))
        self.report.impact(node.name, "service_restart", EXPRESSWAY)

    def one(self, node, reasons, installed):
        """Restart one peer and wait until it has come back, serves what is installed, and the cluster is whole again."""
        self.gate("before the restart of %s" % node.name)
        self.action.say("restarting: %s" % "; ".join(reasons) if node.name == self.action.where else "restarting %s: %s" % (node.name, "; ".join(reasons)))
        started, seen_away = self.started(node), [False]
        try:
            node.ask("expressway_api", "write", method="POST", path="/restart", body={})
        except NodeError as e:
            if e.kind != "lost":
                raise AnsibleActionFail("%s refused to restart: %s. What was changed counts after a restart (Maintenance > Restart options); run this again"
                                        % (node.name, e)) from None
        self.record(node, reasons)

        def back():
            try:
                now = self.started(node)
            except NodeError:
                seen_away[0] = True
                raise
            if not seen_away[0] and (now is None or started is None or now <= started + SETTLING):
                raise Waiting("it has not gone down yet")
            other = self.others(node, installed)
            if other:
                raise Waiting(other)

        self.wait(back, lambda missing: "%s has not come back from its restart in %d s: %s. Look at it, then run this again: it goes on with what is left" % (
            node.name, self.timeout, missing))
        self.owed.settle(EXPRESSWAY, node.name)
        self.gate("after the restart of %s" % node.name)

    @staticmethod
    def started(node):
        """When the peer began to run, in seconds of its own clock; None where its status does not say."""
        return start_of(node.ask("expressway_api", "witness", document="status"))

    def gate(self, when):
        """Wait until every peer answers and sees every other."""
        def whole():
            states = self.action.each(self.action.nodes, lambda node: inactive(node.ask("expressway_api", "witness", document="status")))
            away = ["%s does not see %s" % (name, ", ".join(others)) for name, others in states.items() if others]
            if away:
                raise Waiting("; ".join(away))

        self.wait(whole, lambda missing: "the cluster %s is not whole %s: %s. No peer is restarted while another is away; put it right, then run this again" % (
            self.action.cluster, when, missing))

    def wait(self, check, fail):
        """Wait for a check; a failure in the operator's words."""
        try:
            return self.pauses.until(check, self.timeout, fail)
        except Stuck as e:
            raise AnsibleActionFail(str(e)) from None


def clock_of(status):
    """The box's time in seconds, from the status document; None where it does not say."""
    try:
        return calendar.timegm(time.strptime(text(status, "SystemUnit", "SystemTime"), "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        return None


def start_of(status):
    """Start of the box in seconds of its own clock: its time less its uptime. None where the status document does not say."""
    now, uptime = clock_of(status), text(status, "SystemUnit", "Uptime")
    return now - int(uptime) if now is not None and uptime.isdigit() else None


def inactive(status):
    """Addresses of the peers that a peer does not see as active, from the status document."""
    found = [(text(row, "Address"), text(row, "Status")) for row in entries(status, "Alternates", "Peer")]
    return [address for address, state in found if address and state.lower() != "active"]
