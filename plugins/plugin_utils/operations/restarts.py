# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarting what is owed: Tomcat by CLI, the others by Serviceability, one at a time, each proven before the next.

A restart is written down before it begins and struck out when the node has shown it, so whatever happens in between, a later run knows.
"""

from __future__ import annotations

from ..errors import NodeError
from ..owed import Owed
from ..pki.products import LISTENERS
from ..pki.products import UNIFIED_CM
from ..pki.products import of
from ..pki.products import product_of
from ..pki.products import step
from ..pki.restarts import BY_COMMAND
from ..pki.restarts import CALLMANAGER
from ..pki.restarts import CAPF
from ..pki.restarts import DRF_LOCAL
from ..pki.restarts import DRF_MASTER
from ..pki.restarts import ILS
from ..pki.restarts import LBM
from ..pki.restarts import TOMCAT
from ..pki.restarts import TVS
from . import debts as debts_
from . import estate
from . import registrations
from . import services as services_
from .waiting import Stuck
from .waiting import Waiting

# No phone is registered by these, so none is waited for.
QUIET = (CAPF, TVS, DRF_MASTER, DRF_LOCAL, ILS, LBM)
GRANT = "Add 'services' to collab_disruption for a run inside a maintenance window; the restarts are kept on record and done then."


class Restarts:
    """The restarts of one cluster in one task. action: DeviceAction; pauses: waiting.Pauses; timeouts in seconds."""

    def __init__(self, action, pauses, timeout, registration_timeout):
        self.action, self.report, self.pauses = action, action.report, pauses
        self.timeout, self.registration_timeout = timeout, registration_timeout
        self.owed = Owed(action.workspace, action.cluster)
        self.baseline = registrations.Baseline(action.workspace, action.cluster)
        self.phones, self.groups, self.left = None, None, []

    def run(self, names, granted, check):
        """Find what is owed among the named services and, where granted, restart it. Raises Stuck; the report has what was done."""
        debts, seen, modes = debts_.find(self.action, names, self.owed, check)
        order = self.order(debts, names)
        self.describe(order, seen)
        self.report.add(owed=[{"service": d.service, "node": d.node, "reasons": d.reasons} for d in order])
        if not granted:
            self.leave_pending(order)
        elif check:
            for debt in order:
                self.record(debt)
        elif order:
            self.perform(order, seen, modes)

    def order(self, debts, names):
        """Tomcat before the rest, publisher before its subscribers; then service by service as named, stopped ones before running ones."""
        rank = [TOMCAT] + [n for n in names if n != TOMCAT]
        place = [self.action.publisher.name] + [n for n in self.action.nodes if n != self.action.publisher.name]
        return sorted(debts, key=lambda d: (rank.index(d.service), not d.down, place.index(d.node)))

    def describe(self, order, seen):
        """Findings, and the start times before."""
        for debt in order:
            service = seen[debt.node].services[debt.service]
            self.report.finding(id="restart-owed", severity="medium", object="%s on %s" % (debt.service, debt.node),
                                message="%s on %s must restart: %s" % (debt.service, debt.node, "; ".join(debt.reasons)),
                                step=step(self.action.publisher, "restart", debt.service), before=service.facts())

    def leave_pending(self, order):
        for name in dict.fromkeys(d.service for d in order):
            nodes = [d.node for d in order if d.service == name]
            reasons = dict.fromkeys(r for d in order if d.service == name for r in d.reasons)
            self.report.pending(id="restart-not-granted", object="%s on %s" % (name, ", ".join(nodes)),
                                reason="%s must restart (%s), and this run may not disturb services" % (name, "; ".join(reasons)),
                                what_to_do=[GRANT], step=step(self.action.publisher, "restart", name))

    def record(self, debt, before=None, after=None):
        """One restart in the report: done, or in check mode to be done."""
        if debt.service in (TOMCAT, *BY_COMMAND):
            self.report.operation(node=debt.node, channel="vos_cli", operation="utils service restart %s" % debt.service, object=debt.service)
        else:
            self.report.operation(node=debt.node, channel="serviceability", operation="soapDoControlServices", object=debt.service, ControlType="Restart")
        self.report.impact(node=debt.node, kind="service_restart", what=debt.service)
        if after is not None:
            key = "%s on %s" % (debt.service, debt.node)
            self.report.before[key] = before.facts() if before else None
            self.report.after[key] = after.facts()

    def perform(self, order, seen, modes):
        for debt in order:
            if debt.journal is None:
                self.owed.add(debt.service, [debt.node], seen[debt.node].date, "; ".join(debt.reasons))
        others = [d for d in order if d.service not in (TOMCAT, *QUIET)] if product_of(self.action.publisher) == UNIFIED_CM else []
        for i, debt in enumerate(order):
            self.left = order[i + 1:]
            node = self.action.nodes[debt.node]
            if debt in others and self.phones is None:
                self.take_baseline(seen[debt.node].date)
            self.action.say("restarting %s on %s (%d of %d)" % (debt.service, debt.node, i + 1, len(order)))
            (self.tomcat if debt.service == TOMCAT else self.service)(node, debt, modes)
        if others:
            self.baseline.drop()

    def untouched(self):
        """What a failed restart leaves for later, for its message."""
        if not self.left:
            return "No other restart is owed."
        return "Not touched, and still on record as owed: %s." % ", ".join("%s on %s" % (d.service, d.node) for d in self.left)

    # Tomcat

    def tomcat(self, node, debt, modes):
        """Restart Cisco Tomcat by CLI (Serviceability cannot, it runs inside), and wait until the node serves the installed certificate."""
        release = str(node.variables.get("collab_release", ""))
        https = node.ports["https"]
        before = services_.read(node, [TOMCAT])[0].get(TOMCAT)
        held = estate.installed(node, release)
        new = {c["sha256"] for c in (estate.identity(held, "tomcat"), estate.identity(held, "tomcat-ECDSA")) if c}
        old = estate.served(node, https)[1]
        try:
            node.ask("vos_cli", "run", command="utils service restart %s" % TOMCAT)
        except NodeError as e:
            if e.kind != "lost":
                raise Stuck("%s could not be restarted on %s: %s. %s" % (TOMCAT, node.name, e, self.untouched())) from None
            self.action.say("no answer to the restart of %s on %s; looking at the node instead" % (TOMCAT, node.name))

        def look():
            now = estate.served(node, https, seconds=3)[1]
            if now is None:
                raise Waiting("port %d does not serve TLS yet" % https)
            if now not in new | {old}:
                raise Stuck("after the restart of %s, port %d of %s serves a certificate (SHA-256 %s) that is neither the one it served before nor the "
                            "installed tomcat certificate. Nothing more was sent to it: find out who answers on %s. %s"
                            % (TOMCAT, https, node.name, now, node.host, self.untouched()))
            if new and now not in new:
                raise Waiting("port %d still serves the certificate of before" % https)
            service = services_.read(node, [TOMCAT])[0].get(TOMCAT)
            if not services_.restarted(before, service):
                raise Waiting("%s has not started anew" % TOMCAT if service else "Serviceability does not list %s" % TOMCAT)
            if node.name == self.action.publisher.name and product_of(node) == UNIFIED_CM:
                node.ask("axl", "version")
            if estate.has_api(release):
                node.ask("certmgr", "snapshot")
            return service

        after = self.pauses.until(look, self.timeout, lambda missing: (
            "%s on %s is not back %d s after its restart: %s. Look at the node ('utils service list' on its CLI); then run again. %s"
            % (TOMCAT, node.name, self.timeout, missing, self.untouched())))
        self.record(debt, before, after)
        self.owed.settle(TOMCAT, node.name)

    # the others

    def take_baseline(self, now):
        """The phones to come back to: of an interrupted run or from before a new certificate, if there was one (they must be back first), else of now."""
        kept = self.baseline.load(now)
        if kept is not None:
            self.phones = kept
            self.pauses.until(lambda: registrations.back(self.action.publisher, kept, self.pauses), self.registration_timeout, lambda missing: (
                "An earlier run was interrupted amid restarts, or Unified CM has reset the phones for a new certificate, and they are not back: %s. Nothing "
                "was restarted. Find out why, or delete %s to accept the phones of now." % (missing, self.baseline.path)))
        else:
            self.phones = set(registrations.registered(self.action.publisher, self.pauses))
            self.baseline.save(self.phones, now)

    def service(self, node, debt, modes):
        """Restart one service, once, and wait: started anew, its ports serving, the phones of Unified CM back. By Serviceability, or by the command line."""
        name = debt.service
        before = self.settled(node, name)
        if name == CALLMANAGER and before is not None and before.running:
            self.partners_up(node)
        listening = {one: estate.served(node, one.on(node), starttls=one.starttls)[0] for one in of(LISTENERS, node) if one.service == name}
        try:
            if name in BY_COMMAND:
                node.ask("vos_cli", "run", command="utils service restart %s" % name)
            else:
                node.ask("serviceability", "control", action="Restart", services=[name])
        except NodeError as e:
            if e.kind != "lost":
                raise Stuck("%s could not be restarted on %s: %s. %s" % (name, node.name, e, self.untouched())) from None
            self.action.say("no answer to the restart of %s on %s; looking at its state instead" % (name, node.name))

        def look():
            service = services_.read(node, [name])[0].get(name)
            unseen = name in BY_COMMAND and service is not None and service.running and service.started is None     # the command's own course is the proof
            if not unseen and not services_.restarted(before, service):
                raise Waiting("it is %s%s" % (service.status if service else "not listed",
                                              " since before the restart" if service and service.running else ""))
            self.ports_serve(node, listening, name == CALLMANAGER and modes["sip_oauth"])
            return service

        after = self.pauses.until(look, self.timeout, lambda missing: (
            "%s on %s is not back %d s after its restart: %s. Look at the node, start the service there if need be; then run again. %s"
            % (name, node.name, self.timeout, missing, self.untouched())))
        self.record(debt, before, after)
        self.owed.settle(name, node.name)
        if name in QUIET or self.phones is None:
            return
        self.pauses.until(lambda: registrations.back(self.action.publisher, self.phones, self.pauses), self.registration_timeout, lambda missing: (
            "%s restarted on %s, but the phones did not come back within %d s: %s. Find out why (in mixed mode: 'show ctl' must name the installed "
            "CallManager certificate); then run again. %s" % (name, node.name, self.registration_timeout, missing, self.untouched())))

    def settled(self, node, name):
        """The service before its restart, once its start is some seconds old: a start is told from the one before by its time, in seconds."""
        def look():
            found, date = services_.read(node, [name])
            service = found.get(name)
            if service is not None and service.running and service.started is not None and date - service.started < debts_.SLACK:
                raise Waiting("it has only just started")
            return service

        return self.pauses.until(look, self.timeout, lambda missing: "%s on %s cannot be restarted: %s. %s" % (name, node.name, missing, self.untouched()))

    @staticmethod
    def ports_serve(node, listening, oauth):
        """Raises Waiting until a service's ports on a node serve the installed certificates. listening: {Listener: whether it was open before}."""
        ports = [(one.on(node), one.unit, one.starttls) for one, was_open in listening.items() if was_open]
        ports += [(debts_.SIP_OAUTH, "tomcat", None)] if oauth else []
        held = estate.installed(node, str(node.variables.get("collab_release", ""))) if ports else None
        for port, unit, starttls in ports:
            new = {c["sha256"] for c in (estate.identity(held, unit), estate.identity(held, unit + "-ECDSA")) if c}
            is_open, now = estate.served(node, port, seconds=3, starttls=starttls)
            if not is_open:
                raise Waiting("nothing listens on port %d yet" % port)
            if new and now is not None and now not in new:
                raise Waiting("port %d does not serve the installed %s certificate" % (port, unit))

    def partners_up(self, node):
        """Two members of one CallManager group are never down together: raises Stuck when restarting this node's would make it so."""
        if self.groups is None:
            self.groups = estate.groups(self.action.publisher, self.action.nodes)
        for group, members in self.groups.items():
            for partner in members if node.name in members else ():
                if partner == node.name:
                    continue
                if partner not in self.action.nodes:
                    raise Stuck("CallManager group %s has the member %s, which is not in the inventory: whether it runs cannot be seen, so %s on %s was not "
                                "restarted. Add it to the inventory group %s. %s"
                                % (group, partner, CALLMANAGER, node.name, self.action.cluster, self.untouched()))
                there = services_.read(self.action.nodes[partner], [CALLMANAGER])[0].get(CALLMANAGER)
                if there is None or not there.running:
                    raise Stuck("%s on %s is %s. It serves the same CallManager group (%s) as %s, whose restart would leave that group without a server: "
                                "not restarted. Start the service on %s first. %s"
                                % (CALLMANAGER, partner, there.status if there else "not listed", group, node.name, partner, self.untouched()))
