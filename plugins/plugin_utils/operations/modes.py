# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP OAuth mode, mixed mode and the CTL file: read by SQL and `show ctl`, set by the platform CLI on the publisher (vos.md 2).

All three are read first, since the commands ask and act again when there is nothing to do. What they owe (restarts, phones) is written
down before the command is sent; a lost answer is read back, never sent again.
"""

from __future__ import annotations

from ..errors import NodeError
from ..owed import PHONES
from ..owed import Owed
from ..pki.restarts import CALLMANAGER
from ..pki.restarts import CTI
from ..pki.restarts import TFTP
from . import ctl
from . import estate
from . import licence
from . import services as services_
from .cli_texts import release_of
from .waiting import Stuck
from .waiting import Waiting

CAPF = "Cisco Certificate Authority Proxy Function"
CTL_PROVIDER = "Cisco CTL Provider"
ENABLE_OAUTH = "utils sipOAuth-mode enable"
SET_MIXED = "utils ctl set-cluster mixed-mode"
UPDATE_CTL = "utils ctl update CTLFile"
# The questions of these commands are published in part only; each of the CLI's three ways to ask is answered with yes.
YES = [{"prompt": r"\(y\s*/\s*n\)\s*[:?]*\s*$", "answer": "y", "enter": True}, {"prompt": r"\(yes[/|]no\)\s*[:?]*\s*$", "answer": "yes", "enter": True}]
OAUTH_ENABLED = "SIP OAuth mode enabled"
READ_BACK = 120     # seconds until a mode that was set must be read back


class Modes:
    """The modes of one cluster in one task. action: DeviceAction; pauses: waiting.Pauses."""

    def __init__(self, action, pauses, granted, check):
        self.action, self.report, self.pauses, self.granted, self.check = action, action.report, pauses, granted, check
        self.publisher = action.publisher
        self.owed = Owed(action.workspace, action.cluster)

    # SIP OAuth

    def sip_oauth(self, enabled, precondition):
        """SIP OAuth mode on. precondition: function without arguments that says what stands against it, as (reason, what to do), or None."""
        step, name = "sipoauth-enable", "SIP OAuth mode"
        now = estate.sip_oauth(self.publisher)
        if now is None:
            now = self.sip_oauth_in_use()
        self.report.add(sip_oauth=now)
        if not enabled:
            if now:
                self.report.pending(id="sip-oauth-unwanted", object=name, reason="SIP OAuth mode is on and is not wanted; no published command turns it off",
                                    what_to_do=["Turn it off as the administration guide of the release says, or set enabled to true."], step=step)
            return
        if now:
            return
        if now is None:
            self.report.pending(id="sip-oauth-unknown", object=name, step=step, reason=(
                "parameter %s does not say whether SIP OAuth mode is on, and %s runs nowhere to show it" % (estate.SIP_OAUTH_MODE, CALLMANAGER)), what_to_do=[
                "Look at 'Cluster SIPOAuth Mode' under System > Enterprise Parameters; if it is off, enter '%s' on the CLI of %s and restart %s on every node "
                "that runs it." % (ENABLE_OAUTH, self.publisher.name, CALLMANAGER)])
            return
        self.report.finding(id="sip-oauth-mode", severity="high", object=name, message="SIP OAuth mode is off", step=step, before="0", after="1")
        self.need_licence(name)
        against = precondition()
        if against:
            self.report.pending(id="sip-oauth-precondition", object=name, reason=against[0], what_to_do=against[1], step=step)
        elif self.allowed(name, step):
            # Where the parameter is not to be relied on, the ports that CallManager opens at its restart are the proof, looked at by the next run.
            self.command(ENABLE_OAUTH, name, "0", "1", {CALLMANAGER: self.running(CALLMANAGER)}, OAUTH_ENABLED,
                         lambda: estate.sip_oauth(self.publisher) is not False, "parameter %s does not read 1" % estate.SIP_OAUTH_MODE)
            self.report.add(sip_oauth=not self.check or now)

    def sip_oauth_in_use(self):
        """Whether the mode is on by what CallManager does, where the parameter does not say; None where CallManager runs nowhere.

        What a run enabled before counts as on until CallManager has had its restart.
        """
        if any(OAUTH_ENABLED in debt["reason"] for debt in self.owed.items(CALLMANAGER)):
            return True
        on = [self.action.nodes[name] for name in self.running(CALLMANAGER)]
        return estate.sip_oauth_ports(on) if on else None

    # mixed mode and CTL

    def mixed(self):
        """Mixed mode on, and a CTL file that names the certificates in use."""
        on = estate.mixed(self.publisher)
        self.report.add(mode="mixed" if on else "non_secure", ctl=None)
        if not on:
            on = self.set_mixed()
        if on:
            self.fresh_ctl()

    def set_mixed(self):
        """Returns True when the cluster is in mixed mode now."""
        step, name = "mixed-set", "cluster security mode"
        self.report.finding(id="cluster-security-mode", severity="high", object=name, message="the cluster is in non-secure mode", step=step,
                            before="0", after="1")
        self.need_licence("mixed mode")
        self.need_services()
        if not self.allowed(name, step):
            return False
        self.command(SET_MIXED, name, "0", "1", self.ctl_debts(), "mixed mode set", lambda: estate.mixed(self.publisher),
                     "parameter %s does not read 1" % estate.SECURITY_MODE)
        if not self.check:
            self.report.add(mode="mixed")
        return not self.check

    def need_services(self):
        """CAPF must run on the publisher before mixed mode, so that the CTL file names its certificate; until 12.x the CTL provider, too (vos.md 2)."""
        found = release_of(self.publisher.variables.get("collab_release", ""))
        names = [CAPF] + [CTL_PROVIDER] * bool(found and found[0] < 14)
        running = services_.read(self.publisher, names)[0]
        for name in names:
            service = running.get(name)
            if service is not None and service.running:
                continue
            message = ("%s does not run on %s (%s). It must run before mixed mode is set: activate it first (module service_activation)"
                       % (name, self.publisher.name, service.facts()["status"] if service else "not listed"))
            if not self.check:
                raise Stuck(message)
            self.report.finding(id="service-not-running", severity="medium", object=name, message=message, step="mixed-capf-first")

    def fresh_ctl(self):
        """Update the CTL file where it does not name the certificates in use; before any restart that would make them used."""
        found, lacking = self.ctl_state()
        self.report.add(ctl=self.ctl_facts(found, lacking))
        step, name = "mixed-ctl-update", "CTL file"
        if not lacking:
            return
        if not ctl.readable(found):
            self.report.pending(id="ctl-unreadable", object=name, step=step,
                                reason="'show ctl' prints no serial numbers, so whether it is up to date cannot be told",
                                what_to_do=["Enter '%s' on %s if CallManager's or CAPF's certificate changed since %s."
                                            % (UPDATE_CTL, self.publisher.name, found["modified"] or "it was made")])
            return
        self.report.finding(id="ctl-stale", severity="high", object=name, step=step, before=self.ctl_facts(found, lacking)["serials"],
                            message="phones would refuse the cluster: %s" % "; ".join(lacking))
        self.need_licence("an update of the CTL file")
        if not self.allowed(name, step):
            return
        self.command(UPDATE_CTL, name, "; ".join(lacking), "up to date", self.ctl_debts(), "CTL file updated", lambda: not self.ctl_state()[1],
                     "the CTL file still does not name the certificates in use")
        if not self.check:
            found, lacking = self.ctl_state()
            self.report.add(ctl=self.ctl_facts(found, lacking))

    def ctl_state(self):
        """(parsed CTL file, what it lacks). Counted are the nodes on which phones meet the certificate, the publisher, and CAPF where it runs."""
        seen = self.action.each(self.action.nodes.values(), self.serials_of)
        found = estate.read_ctl(self.publisher)
        serials = {name: own["CallManager"] for name, own in seen.items() if own["CallManager"] is not None}
        return found, ctl.lacks(found, serials, seen[self.publisher.name]["CAPF"])

    def serials_of(self, node):
        """{unit: serial number} of what a node's services use of CallManager and CAPF, None for what does not run there."""
        publisher = node.name == self.publisher.name
        running = services_.read(node, [CALLMANAGER, TFTP, CAPF])[0]
        on = {name for name, service in running.items() if service.running}
        wanted = {"CallManager": publisher or CALLMANAGER in on or TFTP in on, "CAPF": publisher and CAPF in on}
        if not any(wanted.values()):
            return {"CallManager": None, "CAPF": None}
        held = estate.installed(node, str(node.variables.get("collab_release", "")), ("CallManager", "CAPF"))
        own = {unit: estate.identity(held, unit) for unit in wanted}
        return {unit: own[unit]["serial"] if wanted[unit] and own[unit] else None for unit in wanted}

    def ctl_facts(self, found, lacking):
        serials = {name: sorted(ctl.serials(found, name)) for name in (ctl.CCM, ctl.CAPF)}
        return {"present": found["present"], "verified": found["verified"], "modified": found["modified"], "serials": serials, "lacking": lacking}

    def ctl_debts(self):
        """{what: nodes} that a change of the CTL file owes."""
        return {TFTP: self.running(TFTP), CALLMANAGER: self.running(CALLMANAGER), CTI: self.running(CTI), PHONES: [self.publisher.name]}

    # common

    def running(self, name):
        """Inventory names of the nodes on which a service runs."""
        seen = self.action.each(self.action.nodes.values(), lambda node: services_.read(node, [name])[0].get(name))
        return [node for node, service in seen.items() if service is not None and service.running]

    def need_licence(self, name):
        """Raises Stuck when the licence stands against it; nothing was written then."""
        against = licence.refusals(licence.read(self.publisher))
        if against:
            raise Stuck("%s is not possible: %s. %s" % (name, " and ".join(against), licence.WHAT_TO_DO))

    def allowed(self, name, step):
        """Whether this run may do it; reports it as pending otherwise."""
        if not self.granted:
            self.report.pending(id="mode-not-granted", object=name, step=step,
                                reason="it makes service restarts necessary, and this run may not disturb services",
                                what_to_do=["Add 'services' to collab_disruption for a run inside a maintenance window."])
        return self.granted

    def command(self, command, name, before, after, debts, reason, done, missing):
        """Write down what it owes, send one command, and read back until done() says so."""
        self.report.before[name], self.report.after[name] = before, after
        if self.check:
            self.record(command, name, debts)
            return
        date = services_.read(self.publisher, [CALLMANAGER])[1]
        for what, nodes in debts.items():
            self.owed.add(what, nodes, date, reason)
        self.action.say(command)
        heard = "no answer came"
        try:
            heard = self.publisher.ask("vos_cli", "run", command=command, answers=YES)["output"].strip()
        except NodeError as e:
            if e.kind != "lost":
                raise Stuck("'%s' was refused on %s: %s" % (command, self.publisher.name, e)) from None

        def look():
            if not done():
                raise Waiting(missing)

        self.pauses.until(look, READ_BACK, lambda still: (
            "'%s' was sent to %s, but %s. The command said: %s" % (command, self.publisher.name, still, last_lines(heard))))
        self.record(command, name, debts)

    def record(self, command, name, debts):
        self.report.operation(node=self.publisher.name, channel="vos_cli", operation=command, object=name)
        for what, nodes in debts.items():
            for node in nodes:
                self.report.impact(node=node, kind="phone_reset" if what == PHONES else "service_restart", what="all phones" if what == PHONES else what)


def last_lines(output, count=3):
    """The end of a command's output, for messages."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return " / ".join(lines[-count:]) or "nothing"
