# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of Expressway-E by its own ACME service: each peer has its pending request signed, what came is checked, then deployed without a restart.

The peers place the challenges of one another's names by themselves (id:63127038509); TCP port 80 of all of them must be open to the Internet for the time.
"""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..certificates import reading
from ..errors import NodeError
from ..pki import checks
from ..pki.facts import certificate_facts
from ..pki.facts import short
from ..pki.pem import find_certificates
from ..pki.pem import find_request
from ..pki.pem import fingerprint
from ..pki.pem import public_key_bytes
from ..pki.pem import read_certificates
from ..pki.products import product_of
from . import certificate_usage as usage
from . import peer_certificates as peers
from .usage_switch import switch_on

PENDING = "/certs/acme/pendingcert"
STEP, UPLOAD = "expe-sign", "exp-upload"
ACCEPTED = "Accepted"
REPLICATION = 90        # seconds in which the settings of the primary have reached the other peers, if they do


def settings(node):
    """The ACME service's settings on a peer: {} where the release has none (before X12.5)."""
    try:
        return node.ask("expressway_cli", "command", name="ACMESettingsRead", arguments={})
    except NodeError as e:
        if e.kind != "absent":
            raise
        return {}


def automated(node):
    """Whether the peer has its certificate renewed by itself."""
    return settings(node).get("AcmeManaged") == "Automated"


class AcmeCertificates:
    """One run of the module. args: its checked options; action: nodes, report, each, poll, var."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.rule = usage.rule(product_of(action.node), action.var("collab_release"), args["require_client_eku"])
        self.given = [c for text in args["ca_certificates"] for c in read_certificates(text, "ca_certificates (collab_public_ca_file)")]

    def apply(self, check):
        """Have what is needed signed and deployed. Returns the report with installed added."""
        rows = [row for row in self.args["requests"] if row["needed"]]
        unknown = [row["node"] for row in rows if row["node"] not in self.action.nodes]
        if unknown:
            raise AnsibleActionFail("requests: '%s' is no peer of %s" % (unknown[0], self.action.cluster))
        self.report.add(installed={})
        if not rows:
            return self.report
        if usage.CLIENT_AUTH in self.rule.required:
            raise AnsibleActionFail("ACME is not used on %s: what a public CA issues by ACME is for servers only, and %s. Have the requests signed by hand "
                                    "(method folder of collab_public_ca). %s." % (self.action.cluster, self.rule.why, usage.WHAT_TO_DO))
        for row in rows:
            self.peer(self.action.nodes[row["node"]], row.get("csr"), check)
        return self.report

    def peer(self, node, csr, check):
        """One peer: account, service, signature, checks, deployment."""
        where = "server certificate of %s" % node.name
        if not csr:                                     # check mode, or a request that is left to a person
            if check:
                self.operation(node, "ACMESign", where)
                self.operation(node, "ACMEDeploy", where)
            return
        request = find_request(csr)
        if not self.account(node, check):
            return
        self.service(node, check)
        certificate = self.signed(node, request, where, check)
        if certificate is None:
            return
        self.see(node, request, certificate, where)
        installed = peers.read_server(node)
        self.report.before[where], self.report.after[where] = certificate_facts(installed) if installed else None, certificate_facts(certificate)
        if self.rule.switch and usage.lacking_client(certificate):
            switch_on(self.action, check, self.args["timeout"])
        self.operation(node, "ACMEDeploy", where, certificate=short(certificate))
        if check:
            return
        self.deploy(node, certificate)
        self.report.extra["installed"][node.name] = fingerprint(certificate)

    def operation(self, node, name, where, **arguments):
        """A command in the report."""
        self.report.operation(node.name, "expressway_cli", "xCommand %s" % name, where, **arguments)

    def command(self, node, name, **arguments):
        """Run a command of the ACME service."""
        return node.ask("expressway_cli", "command", name=name, arguments=arguments)

    def account(self, node, check):
        """The account at the provider, with its terms accepted; whose terms nobody accepted for the enterprise, stays pending."""
        email, found = self.args["email"], self.command(node, "ACMEProvidersRead")

        def lacking(peer):
            now = self.command(peer, "ACMEProvidersRead")
            return now.get("TermsOfService") != ACCEPTED or bool(email) and now.get("Email") != email

        if lacking(node) and not (email and self.args["accept_terms"]):
            reason = "the provider '%s' wants an e-mail address and its terms accepted, which nobody has said may be done" % found.get("Name", "unknown")
            self.report.pending("acme-terms", "ACME account of %s" % node.name, reason, [
                "Read the terms of the provider (Maintenance > Security > Server certificate, ACME Certificate Service).",
                "Set email and accept_terms: true in collab_public_ca, then run again."], step=STEP)
            return False
        self.bring(node, "ACMEProvidersWrite", {"Email": email, "TermsOfService": ACCEPTED}, lacking, check, ProviderUuid=found.get("ProviderUuid"))
        return True

    def service(self, node, check):
        """The service switched on; Manual where it was off, for when it renews by itself is the operator's to say."""
        self.bring(node, "ACMESettingsWrite", {"AcmeManaged": "Manual"}, lambda peer: settings(peer).get("AcmeManaged") not in ("Manual", "Automated"), check)

    def bring(self, node, name, values, lacking, check, **more):
        """Have a peer's ACME service as it has to be.

        Nothing public says whether these settings are each peer's own or come from the primary. So the primary gets them first; a peer to which they do not
        come from there gets them itself.
        """
        if not lacking(node):
            return
        primary = self.action.publisher
        for peer in (primary, node):
            if peer is not primary:
                try:
                    self.action.poll("%s to have the ACME settings of the primary" % node.name, lambda: not lacking(node), 0 if check else REPLICATION)
                    return
                except AnsibleActionFail:
                    pass                                    # they are its own
            if not lacking(peer):
                continue
            self.operation(peer, name, "ACME service of %s" % peer.name, **values)
            if not check:
                self.command(peer, name, **values, **more)

    def signed(self, node, request, where, check):
        """The certificate that the provider issued for this request: the pending one if it is for its key, else one that is asked for now."""
        found = self.pending(node)
        if found is not None and public_key_bytes(found) == public_key_bytes(request):
            return found
        self.operation(node, "ACMESign", where)
        if check:
            self.operation(node, "ACMEDeploy", where)
            return None
        try:
            self.command(node, "ACMESign")
        except NodeError as e:
            if e.kind != "lost":
                raise AnsibleActionFail("%s: the provider did not sign: %s. Every name of the request must lead to the peers of %s in the public DNS, and TCP "
                                        "port 80 of all of them must be open to the Internet; the Event Log of %s has the provider's words" % (
                                            node.name, e, self.action.cluster, node.name)) from None

        def came():
            now = self.pending(node)
            return now if now is not None and public_key_bytes(now) == public_key_bytes(request) else None

        return self.action.poll("the certificate of %s to come from the ACME provider" % node.name, came, self.args["timeout"])

    def pending(self, node):
        """The certificate that waits to be deployed, or None."""
        offered = node.ask("expressway_api", "offers", path=PENDING)
        if offered is not None and "get" in offered["methods"]:
            found = find_certificates(node.ask("expressway_api", "pem", path=PENDING))
        else:
            try:
                found = find_certificates(self.command(node, "ACMEGetPendingCert").get("PEM"))
            except NodeError as e:
                if e.kind != "refused":
                    raise
                found = []
        return found[0] if found else None

    def see(self, node, request, certificate, where):
        """All checks of what the provider issued, before it is in use. What does not pass stays where it is, not deployed."""
        problems = checks.issued(certificate, request, self.given, peers.read_trusted(node), reading.now(), where=where, request_where=node.name,
                                 store_where="the list of trusted CAs of %s" % node.name, optional=usage.BOTH - self.rule.required,
                                 pool_where="collab_public_ca_file")
        if problems:
            raise AnsibleActionFail("the certificate that ACME brought does not pass, it is not deployed: %s Discard it at Maintenance > Security > Server "
                                    "certificate (xCommand ACMEDeletePendingCert) when that was put right, then run again" % checks.text_of(problems))
        if usage.lacking_client(certificate):
            self.report.finding("certificate-server-only", "low", where, "%s lacks client authentication; %s" % (short(certificate), self.rule.why),
                                step="exp-usage", table="7-17")

    def deploy(self, node, certificate):
        """Deploy, and see it installed and served; a restart is not needed."""
        try:
            self.command(node, "ACMEDeploy", ReloadCerts="On")
        except NodeError as e:
            if e.kind != "lost":
                raise AnsibleActionFail("%s did not deploy the certificate: %s" % (node.name, e)) from None

        def served():
            found = peers.read_server(node)
            if found is None or fingerprint(found) != fingerprint(certificate):
                return False
            seen = [peers.served(node, port) for port in peers.ports(node)]
            return all(one is None or fingerprint(one) == fingerprint(certificate) for one in seen)

        self.action.poll("%s to serve its new certificate %s" % (node.name, short(certificate)), served, self.args["timeout"])
