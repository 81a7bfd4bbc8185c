# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both LDAP modules do: judge the agreements of their kind, say what differs, switch what is proven and granted."""
from __future__ import annotations

from .anchors import ca_certificates
from .anchors import trusted
from .asking import DeviceTime
from .asking import axl
from .ldap_servers import Prover
from .ldap_servers import by_host
from .ldap_servers import plan
from .ldap_servers import read_agreements
from .ldap_trust import CA_VARIABLE
from .operations import services as services_
from .owed import Owed
from .pki.pem import fingerprint
from .pki.restarts import TOMCAT
from .reconcile import Step
from .reconcile import reconcile
from .resources import ldap
from .resources.objects import is_address

DIRSYNC = "Cisco DirSync"
SYNC = "sync:ldap:"             # debt of a directory that was switched and has not been synchronised since
STEP = "ldap-directory-tls"
AUTHENTICATION_STEP = "ldap-authentication-tls"


def step_of(name):
    """Step of the guide that an agreement belongs to."""
    return AUTHENTICATION_STEP if name == ldap.AUTHENTICATION else STEP


class Switch:
    """One run of ldap_directory or ldap_authentication. args: the module's options."""

    def __init__(self, action, args, check):
        self.action, self.args, self.check, self.node = action, args, check, action.publisher
        self.report, self.owed, self.held = action.report, Owed(action.workspace, action.cluster), {}
        self.when = DeviceTime(self.node)

    def run(self, select):
        """select(all agreements by name) -> names to deal with. Returns the report."""
        agreements = read_agreements(self.node)
        self.said, self.names = by_host(self.args["servers"], agreements), select(agreements)
        self.warn_of_ports(self.names, agreements)
        self.prover = self.prover_for(self.names)
        plans = self.plans(agreements)
        for each in plans.values():
            self.describe(each)
            self.held[each.name] = self.hold(each)
            if self.held[each.name]:
                self.report.pending("ldap-agreement", each.name, self.held[each.name][0], self.held[each.name][1], step=step_of(each.name))
        known = [agreements]
        now = reconcile(self.report, self.check, lambda: known.pop() if known else read_agreements(self.node), self.steps)
        self.report.add(agreements=[self.state(each) for each in self.plans(now).values()])
        return self.report

    def plans(self, agreements):
        return {name: plan(name, agreements.get(name, []), self.said, self.prover) for name in self.names}

    def prover_for(self, names):
        """What the servers have to chain to is what tomcat-trust holds; in check mode also what an earlier task would have put there."""
        held = trusted(self.node, self.action.var("collab_release")) if names else []
        if self.check:
            held = held + ca_certificates(self.action, self.args["ca_file"], CA_VARIABLE)
        return Prover(self.action, held, {fingerprint(one) for one in held} if self.args["ocsp"] and not self.check else None)

    def warn_of_ports(self, names, agreements):
        """The guide prints a plain port for TLS; whoever follows it is told, and gets the right one."""
        for name in names:
            for server in agreements[name]:
                entry = self.said.get(server["host"].lower(), {})
                port = int(entry.get("port") or server["port"])
                if port in ldap.PLAIN_PORTS and (entry.get("port") or server["tls"]):
                    self.action.warn("%s: %d is %s; by TLS %s is reached on %d, which is used" % (
                        name, port, ldap.PLAIN_PORTS[port], server["host"], ldap.SECURE_PORTS[port]))

    def describe(self, each):
        """Findings of one agreement."""
        step, report = step_of(each.name), self.report
        for server in each.servers:
            if not server["tls"]:
                report.finding("ldap-plain", "high", each.name, "%s:%d is asked without TLS: passwords cross the network in the clear" % (
                    server["host"], server["port"]), step=step, before=ldap.shown([server])[0])
            elif server["port"] in ldap.PLAIN_PORTS:
                report.finding("ldap-plain-port", "high", each.name, "TLS is on, but %d is %s" % (server["port"], ldap.PLAIN_PORTS[server["port"]]), step=step,
                               before=ldap.shown([server])[0])
        for proof in each.proofs:
            if not proof["proven"]:
                report.finding("ldap-server", "high" if each.differs else "medium", each.name, "%s:%d: %s" % (proof["host"], proof["port"], proof["reason"]),
                               step="ldap-trust")
            elif is_address(proof["host"]) and proof["server_name"] != proof["host"]:
                report.finding("ldap-address", "low", each.name, "the agreement dials the address %s. Unified CM compares what it dials with the certificate "
                               "(for %s) unless 'utils ldap config ipaddr' was entered on its nodes" % (proof["host"], proof["carried"][0]), step=step)

    def hold(self, each):
        """(reason, advice) why an agreement that is not as it has to be is left alone, else None."""
        if not each.differs:
            return each.waits if each.wanted is None else None
        if each.waits:
            return each.waits
        waiting = sorted(entry["node"] for entry in self.owed.items(TOMCAT))
        if waiting and not self.check:
            return ("%s has not restarted on %s since its trust store or certificate changed, so it would not trust the LDAP server yet" % (
                TOMCAT, ", ".join(waiting)), ["Have it restarted (role service_restarts, 'services' in collab_disruption), then run again."])
        if not self.args["granted"]:
            return ("logins and the synchronisation of users depend on it, and this run may not disturb services",
                    ["Run again in a window with 'services' in collab_disruption."])
        return None

    def steps(self, agreements):
        """The writes: one update for each agreement that differs."""
        steps = []
        for each in self.plans(agreements).values():
            if not each.differs or self.held[each.name]:
                continue
            before, after = ldap.shown(each.servers), ldap.shown(each.wanted)
            operation, arguments = ldap.update_request(each.name, each.wanted)
            steps.append(Step(description={"node": self.node.name, "channel": "axl", "operation": operation, "object": each.name, "servers": after},
                              apply=self.write(each.name, (operation, arguments), before), before=before, after=after))
        return steps

    def write(self, name, request, before):
        def apply():
            if self.args.get("synchronize") and name != ldap.AUTHENTICATION:
                self.owed.add(SYNC + name, [self.node.name], self.when(), "it was switched to TLS; before: %s" % ", ".join(before))
            axl(self.node, request)
        return apply

    def state(self, each):
        """One agreement in the module's result."""
        state = "pending" if self.held[each.name] else "to switch" if each.differs else "over TLS"
        ends = [{key: proof[key] for key in ("host", "port", "server_name", "proven", "reason")} for proof in each.proofs]
        return {"name": each.name, "state": state, "servers": ldap.shown(each.servers), "probes": ends}


def dirsync(action):
    """Reports it where DirSync, which synchronises the directories, does not run on the publisher."""
    service = services_.read(action.publisher, [DIRSYNC])[0].get(DIRSYNC)
    if service is None or not service.running:
        action.report.finding("ldap-dirsync", "medium", DIRSYNC, "it does not run on %s, so no directory is synchronised" % action.publisher.name,
                              step=STEP)
    return service is not None and service.running
