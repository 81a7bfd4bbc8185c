# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An issued certificate onto every node of a Meeting Server cluster, and into the services there, in the guide's order.

Nothing in service is touched before the certificate has passed every check, and key, certificate and chain lie on every node and have been read back. A service
that fails half-way is put back to what it used before, and the failure says whether that holds.
"""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..certificates import reading as times
from ..certificates.issuers import issuers
from ..pki import checks
from ..pki.facts import certificate_facts
from ..pki.pem import find_request
from ..pki.pem import fingerprint
from ..pki.pem import read_certificate
from .files import Files
from .reading import Server
from .services import Unread
from .switching import Switch
from .wanted import SHARED
from .wanted import SIGN_STEPS
from .wanted import UPLOAD_STEPS
from .wanted import chain_of
from .wanted import problems
from .wanted import wanted


class MeetingServerCertificate:
    """One run of the module. args: its checked options; action: nodes, report, each, poll, var."""

    def __init__(self, action, args):
        self.action, self.args, self.kind, self.report = action, args, args["kind"], action.report
        self.want = wanted(action, self.kind, args["alt_names"] or ())
        self.where = "%s certificate of %s" % (self.kind.replace("_", " "), action.cluster)

    def apply(self, check):
        """Install it. Returns the report with installed, sha256, files and more added."""
        self.report.add(installed=False, sha256=None, files={})
        if not self.args["certificate"]:
            return self.report
        certificate = read_certificate(self.args["certificate"], "certificate")
        cas = issuers(self.args["issuer_certificates"])
        self.check(certificate, cas)
        self.report.add(sha256=fingerprint(certificate), facts=certificate_facts(certificate))
        servers = self.action.each(self.action.nodes, Server)
        files = Files(self.report, servers, certificate, chain_of(certificate, cas), UPLOAD_STEPS[self.kind])
        names = files.find()
        full = {n for n, s in servers.items() if self.kind == SHARED and any(slot.bundle is None for t in s.statuses.values() for slot in t.service.slots)}
        lacking = files.lacking(full)
        files.describe(lacking)
        self.action.hidden |= {files.secret.decode()} if files.secret else set()
        if not check:
            files.put(lacking)
        self.report.add(files={name: {"key": n.key, "certificate": n.certificate, "chain": n.full or None, "ca": n.ca} for name, n in names.items()})
        if self.kind == SHARED:
            return self.services(servers, files, check)
        self.report.add(installed=True)
        return self.report

    def check(self, certificate, cas):
        """Everything that can be known before a node is asked; all problems at once."""
        found = problems(certificate, self.want, cas, 0, "the " + self.where)
        if self.args["csr"]:
            request = find_request(self.args["csr"])
            found += checks.issued(certificate, request, cas, None, times.now(), where="the " + self.where, request_where=self.action.node.name)
        if found:
            raise AnsibleActionFail("the certificate does not pass, and nothing was changed (step %s): %s" % (
                SIGN_STEPS[self.kind], checks.text_of(list(dict.fromkeys(found)))))

    def services(self, servers, files, check):
        """Every service on every node, service by service: one node at a time, so that the others go on serving."""
        order = dict.fromkeys(service.name for server in servers.values() for service in server.services)
        held, done = [], True
        for name in order:
            for server in servers.values():
                if name not in server.statuses:
                    continue
                service = server.statuses[name].service
                switch = Switch(self.action, server, server.statuses[name], files, self.args)
                try:
                    reasons = switch.reasons()
                except Unread as e:
                    raise AnsibleActionFail("%s: %s" % (server.node.name, e)) from None
                if not reasons:
                    continue
                done = False
                if not server.statuses[name].set_up:
                    self.not_set_up(server, service)
                    continue
                switch.describe(reasons)
                if not self.args["granted"]:
                    held.append("%s on %s" % (service.name, server.node.name))
                    continue
                switch.record()
                if not check:
                    switch.perform()
        if held:
            self.report.pending("certificate-prepared", self.where, "key, certificate and chain are checked and lie on every node; taking them into service "
                                "interrupts %s, which this run may not do" % ", ".join(held),
                                ["Run again in a maintenance window with 'services' in collab_disruption."], step="cms-webadmin")
        self.not_applicable(servers)
        self.report.add(installed=done or not (check or held))
        return self.report

    def not_set_up(self, server, service):
        """The inventory says that the node has the service, and the node knows of no interface for it."""
        self.report.pending("service-not-set-up", "%s on %s" % (service.name, server.node.name),
                            "the inventory gives %s the role %s, but no interface is set for %s there" % (
                                server.node.name, service.role or "of every node", service.name),
                            ["On the MMP of %s: %s" % (server.node.name, LISTEN[service.name]),
                             "Or take the role out of collab_roles of %s. Then run again." % server.node.name], step=service.step)

    def not_applicable(self, servers):
        """XMPP ended with 2.9: said once, so that nobody misses it."""
        newer = [name for name, server in servers.items() if server.release[0] >= 3]
        if newer:
            self.report.finding("xmpp-not-applicable", "info", self.where, "Meeting Server has no XMPP service from 3.0 on (%s): the guide's XMPP steps do not "
                                "apply" % ", ".join(newer), step="cms-xmpp")
        unknown = [name for name, server in servers.items() if server.release[0] > 3]
        if unknown:
            self.action.warn("%s: this release is treated as 3.x, the newest that is known" % ", ".join(unknown))


LISTEN = {"webadmin": "webadmin listen a 445", "callbridge": "callbridge listen a", "xmpp": "xmpp listen a, and xmpp domain NAME",
          "webbridge": "webbridge listen a:443", "webbridge3": "webbridge3 https listen a:443 and webbridge3 c2w listen a:9999"}
