# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service on one Meeting Server from its certificate to another: what differs, the commands, the proof, and the way back. Source: cms.md 1.3 to 1.5."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from .. import handshakes
from ..errors import NodeError
from ..owed import Owed
from ..pki.facts import short
from ..pki.pem import fingerprint
from .reading import say
from .reading import show
from .services import Status
from .services import Unread


class Switch:
    """A service on a node. server: Server; status: its Status; files: Files, with the names of this node's files."""

    def __init__(self, action, server, status, files, args):
        self.action, self.server, self.status, self.files, self.args = action, server, status, files, args
        self.service, self.node, self.report = status.service, server.node, action.report
        self.names, self.where = files.names[server.node.name], "%s on %s" % (status.service.name, server.node.name)
        self.owed = Owed(action.workspace, action.cluster)

    # -- what differs ------------------------------------------------------------------------------------------------
    def reasons(self):
        """Why something has to be done, in words; [] when the service is as it has to be. Unread where it cannot be told."""
        interrupted = any(debt["node"] == self.node.name for debt in self.owed.items(self.service.name))
        return self.differences() or (["an interrupted run has set it up and not started it anew"] if interrupted else [])

    def differences(self):
        """What the node shows that is not as it has to be."""
        status, found = self.status, []
        for slot in status.service.slots:
            found += self.of_slot(status, slot)
        for trust in status.service.trusts:
            if not self.trusted(status, trust):
                found.append("%s is %s, which does not vouch for the certificate" % (trust.command, status.value(trust.label) or "not set"))
        if not status.enabled:
            found.append("it is disabled")
        if not found:
            served = self.served(status)
            if served is not None and fingerprint(served) != fingerprint(self.files.certificate):
                found.append("it is set up, but serves %s still" % short(served))
        return found

    def of_slot(self, status, slot):
        """What differs in one slot."""
        _key, name, chain = status.installed(slot)
        leaf = self.server.leaf(name) if name else None
        if leaf is None:
            return ["%s: no certificate" % slot.command]
        if fingerprint(leaf) != fingerprint(self.files.certificate):
            return ["%s: %s" % (slot.command, short(leaf))]
        return [] if self.chained(name, chain) else ["%s: its chain lacks an intermediate CA" % slot.command]

    def chained(self, name, chain):
        """Whether the files that the service sends its chain from have every intermediate: a file of the chain, or the certificate's own where that holds the
        chain, too (TN221729 has it so for the Call Bridge). A certificate of the root itself needs none."""
        held = {fingerprint(c) for file in (name, chain) for c in self.server.certificates.get(file, ())}
        return {fingerprint(c) for c in self.files.chain[:-1]} <= held

    def trusted(self, status, trust):
        """Whether a list of trusted certificates vouches for the new certificate: by its CA's whole chain, or by itself."""
        name = status.value(trust.label, needed=not trust.optional)
        if not name and trust.optional:
            return True
        held = {fingerprint(c) for c in self.server.certificates.get(name, ())}
        return {fingerprint(c) for c in self.trusts(trust)} <= held

    def trusts(self, trust):
        """The certificates that a list has to have."""
        return [self.files.certificate] if self.args["trust"] == "certificate" else self.files.chain

    # -- the commands ------------------------------------------------------------------------------------------------
    def commands(self):
        """The guide's lines for what differs."""
        lines = ["%s disable" % self.service.name] if self.service.switch and self.status.enabled else []
        for slot in self.service.slots:
            if self.of_slot(self.status, slot):
                if self.service.clear:
                    lines.append("%s none" % slot.command)
                lines.append(self.line(slot, self.names.key, self.names.full if slot.bundle is None else self.names.certificate,
                                       self.names.ca if slot.bundle and len(self.files.chain) > 1 else ""))
        for trust in self.service.trusts:
            if not self.trusted(self.status, trust):
                lines.append("%s %s" % (trust.command, self.names.certificate if self.args["trust"] == "certificate" else self.names.ca))
        return [*lines, "%s %s" % (self.service.name, "enable" if self.service.switch else "restart")]

    def back(self):
        """The lines that bring back what the service used before; None when it used nothing."""
        lines = []
        for slot in self.service.slots:
            key, name, chain = self.status.installed(slot)
            if key and name:
                lines.append(self.line(slot, key, name, chain))
        for trust in self.service.trusts:
            name = self.status.value(trust.label)
            if name:
                lines.append("%s %s" % (trust.command, name))
        if not lines:
            return None
        if not self.service.switch:
            return [*lines, "%s restart" % self.service.name]
        return ["%s disable" % self.service.name, *lines, *(["%s enable" % self.service.name] if self.status.enabled else [])]

    @staticmethod
    def line(slot, key, certificate, chain):
        """One command with its files."""
        return " ".join(word for word in (slot.command, key, certificate, chain) if word)

    # -- into the report ---------------------------------------------------------------------------------------------
    def describe(self, reasons):
        """The finding."""
        self.report.finding("service-certificate", "high", self.where, "; ".join(reasons), step=self.service.step)
        if any("trust" in reason.partition(" is ")[0] for reason in reasons) and self.service.trust_step:
            self.report.finding("service-trust", "medium", self.where, "what it trusts does not vouch for the shared certificate", step=self.service.trust_step)

    def record(self):
        """Operations, impact and diff."""
        for line in self.commands():
            self.report.operation(self.node.name, "mmp", line.partition(" CN:")[0], self.where)
        self.report.impact(**self.impact)
        self.report.before[self.where] = self.facts(self.status)
        self.report.after[self.where] = {"certificates": [short(self.files.certificate)] * len(self.service.slots), "enabled": True}

    @property
    def impact(self):
        """What it disturbs."""
        return {"node": self.node.name, "kind": "service_restart", "what": self.service.name}

    def facts(self, status):
        """What the diff shows of a service."""
        leaves = [self.server.leaf(status.installed(slot)[1]) for slot in self.service.slots]
        return {"certificates": [short(leaf) if leaf is not None else "none" for leaf in leaves], "enabled": status.enabled}

    # -- doing it ----------------------------------------------------------------------------------------------------
    def perform(self):
        """Send the commands, read back, look at what is served; put it back where that fails."""
        self.action.say("%s takes the new certificate" % self.where)
        before, way_back, sent = self.status, self.back(), "nothing"
        showed = self.served(before) if before.enabled else None
        # A service without a switch takes a new file only when it is started anew, and where its port cannot be looked at nothing shows that it was not.
        self.owed.add(self.service.name, [self.node.name], 0, "it takes a new certificate")
        self.report.under_way[:] = [self.impact]                # saved with the commands, for a rollback
        try:
            for line in self.commands():
                sent = line
                self.send(line)
            self.prove()
            self.owed.settle(self.service.name, self.node.name)
        except (NodeError, AnsibleActionFail, Unread) as e:
            text = e.message if isinstance(e, AnsibleActionFail) else str(e)
            raise AnsibleActionFail("%s: after '%s': %s. %s" % (self.where, sent, text, self.put_back(before, way_back, showed))) from None
        finally:
            self.report.under_way.clear()

    def send(self, line):
        """One command. A lost answer is read back with the rest: what the service shows afterwards counts."""
        try:
            say(self.node, line)
        except NodeError as e:
            if e.kind != "lost":
                raise

    def prove(self):
        """Read the service back and wait until it serves the certificate, where it can be looked at."""
        wrong = []

        def right():
            self.status = self.fresh()
            wrong[:] = self.differences()
            return not wrong

        try:
            self.action.poll("the certificate to be served", right, self.args["timeout"])
        except AnsibleActionFail as e:
            raise AnsibleActionFail("%s: %s" % (e.message, "; ".join(wrong))) from None
        self.server.statuses[self.service.name] = self.status
        if self.served(self.status) is None:
            self.report.finding("service-not-looked-at", "low", self.where, "it is set up; its port %s could not be looked at from here"
                                % self.status.port(self.node), step=self.service.step)

    def fresh(self):
        """The service as it is now."""
        return Status(self.service, show(self.node, self.service.name))

    def served(self, status):
        """The certificate on the service's port, None where nothing shows one to us."""
        domain = self.action.var("collab_cluster_name") if self.service.starttls else None
        return handshakes.served(self.node.ask("tls", "probe", address=self.node.host, port=status.port(self.node), server_name=self.node.fqdn, seconds=5,
                                               starttls=self.service.starttls, domain=domain))

    def shows(self, status, certificate):
        """Whether the port shows this certificate."""
        served = self.served(status)
        return served is not None and fingerprint(served) == fingerprint(certificate)

    def put_back(self, before, lines, showed):
        """Bring back what was in service; a sentence that says whether it is.

        before: the Status then; lines: as of back(); showed: the certificate that the port showed then, or None.
        """
        if lines is None:
            return "The service had no certificate before, and has none in service now. Nothing else was changed"
        refused = []
        for line in lines:
            try:
                self.send(line)
            except NodeError as e:
                refused.append(str(e))
        try:
            now = self.fresh()
            files = [before.installed(slot) for slot in self.service.slots]
            same = [now.installed(slot) for slot in self.service.slots] == files and now.enabled == before.enabled
            if same and showed is not None:
                self.action.poll("the old certificate to be served", lambda: self.shows(now, showed), self.args["timeout"])
            elif refused:
                same = False
        except (NodeError, Unread, AnsibleActionFail) as e:
            same, refused = False, [*refused, getattr(e, "message", None) or str(e)]
        if same:
            return "The old certificate is in service again (%s)" % ", ".join(
                short(self.server.leaf(name)) for _key, name, _chain in files if self.server.leaf(name) is not None)
        return "The old certificate could NOT be brought back: %s. Look at '%s' on the MMP of %s at once; to bring it back by hand: %s" % (
            "; ".join(refused) or "the node shows something else", self.service.name, self.node.name, "; ".join(lines))
