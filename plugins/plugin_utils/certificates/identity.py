# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An issued certificate onto the publisher: checked, the restarts it owes written down, uploaded, read back on every node."""

from __future__ import annotations

import re

from ansible.errors import AnsibleActionFail

from ..errors import NodeError
from ..operations import estate
from ..operations import registrations
from ..operations import services as processes
from ..owed import Owed
from ..pki import chain as chains
from ..pki import checks
from ..pki import restarts
from ..pki.facts import certificate_facts
from ..pki.facts import short
from ..pki.holdings import key
from ..pki.names import without
from ..pki.pem import fingerprint
from ..pki.pem import public_key_bytes
from ..pki.pem import read_certificate
from ..pki.pem import read_certificates
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from ..pki.products import carriers
from ..pki.products import product_of
from ..pki.products import step
from ..pki.products import store_of
from . import reading
from .reading import read_node
from .reading import release_of
from .request import request_of
from .ways import Way
from .ways import not_there

TOLD_TO_PHONES = ("callmanager", "capf", "tvs")         # what phones know the cluster by
# Public clients of the certificate API disagree on what belongs into an identity upload: the leaf alone, or the leaf with its chain (vos.md
# 1.2, transcript 40). The leaf alone is what the page of OS Administration takes, so it goes first; these words in a refusal are about the chain.
ABOUT_THE_CHAIN = re.compile(r"chain|issuer|intermediate|root|CA certificate", re.IGNORECASE)


class IdentityCertificate:
    """One run of the module. args: its checked options; action: nodes, publisher, report, each, poll, workspace, cluster."""

    def __init__(self, action, args):
        self.action, self.args, self.report, self.service = action, args, action.report, args["service"]
        self.multi = args["distribution"] == "multi-server"
        self.holder = action.publisher if self.multi else action.node
        self.nodes = carriers(action, self.service) if self.multi else {action.node.name: action.node}
        self.where, self.step = "%s on %s" % (self.service, self.holder.name), step(self.holder, "upload", self.service)
        # From release 14 on Unified CM resets all phones by itself when one of these changes, unless it was told not to (id:63236334132, id:63428964096).
        self.resets_phones = (key(self.service) in TOLD_TO_PHONES and product_of(self.holder) == UNIFIED_CM and reading.has_api(release_of(self.holder))
                              and not args["phones_reset_manually"])
        self.chain = [c for text in args["chain"] or () for c in read_certificates(text, "chain")]

    def apply(self, check):
        """Install the certificate. Returns the report with installed, sha256 and more added."""
        holdings = self.read()
        if not self.args["certificate"]:
            if check and self.args["expected"]:
                return self.foresee(holdings)
            return self.only_wait(holdings, check)
        certificate = read_certificate(self.args["certificate"], "certificate")
        self.report.add(sha256=fingerprint(certificate), facts=certificate_facts(certificate), installed=False)
        lacking = self.lacking(holdings, certificate)
        if not lacking:
            self.report.add(installed=True)
            return self.report
        if self.holder.name in lacking:
            self.check(certificate, self.chain, holdings[self.holder.name])
            self.describe(certificate, holdings)
            if not self.may():
                return self.prepared(certificate)
            way = Way(self.holder, self.service, self.multi, holdings[self.holder.name])
            try:
                way.see_upload()
            except NodeError as e:
                if not_there(e) is None:
                    raise
                return self.by_hand(certificate, str(e))
            owed = self.record(way, short(certificate))
            if check:
                return self.report
            self.write_down(owed)
            if self.resets_phones:
                self.remember_phones()
            self.upload(way, certificate, self.chain)
            self.command()
        elif check:
            return self.report
        self.wait(certificate)
        self.report.add(installed=True)
        return self.report

    def may(self):
        """Whether this run may do what the certificate's installation comes to."""
        return self.args["granted"] and (self.args["phones_granted"] or not self.resets_phones)

    def foresee(self, holdings):
        """What the upload of a certificate comes to that this run would have issued before."""
        self.report.add(sha256=None, installed=False)
        if self.may():
            way = Way(self.holder, self.service, self.multi, holdings[self.holder.name])
            try:
                way.see_upload()
            except NodeError as e:
                if not_there(e) is None:
                    raise
                return self.report                              # left to a person, when there is a certificate
            self.record(way, "to be issued")
        return self.report

    def record(self, way, certificate):
        """The upload in the report, and the restarts that it owes: {node: [services]}."""
        owed = self.restarts()
        for name, services in owed.items():
            for service in services:
                self.report.impact(name, "service_restart", service)
        if self.resets_phones:
            self.report.impact(self.holder.name, "phone_reset", "all phones, by Unified CM itself")
        self.report.operation(self.holder.name, way.name, way.upload_operation, self.where, certificate=certificate)
        return owed

    def read(self):
        """Holdings of every node that must have the certificate (of the holder with its trust store)."""
        return self.action.each(self.nodes, lambda node: read_node(
            node, release_of(node), services=[self.service], stores=[store_of(self.service)] if node is self.holder else (), known=self.chain))

    def lacking(self, holdings, certificate):
        """Names of the nodes on which another certificate (or none) is installed."""
        wanted = fingerprint(certificate)
        found = {name: held.identities.get(key(self.service)) for name, held in holdings.items()}
        return [name for name, installed in found.items() if installed is None or fingerprint(installed) != wanted]

    def only_wait(self, holdings, check):
        """No certificate is given, for none is needed or none has been issued yet.

        Where the holder's own is the multi-server certificate already, the others must come to hold it: a run may have ended before they did.
        """
        installed = holdings[self.holder.name].identities.get(key(self.service))
        self.report.add(sha256=fingerprint(installed) if installed else None, installed=False)
        if installed is not None and not without([node.fqdn for node in self.nodes.values()], installed):
            if self.lacking(holdings, installed) and not check:
                self.wait(installed)
            self.report.add(installed=True, facts=certificate_facts(installed))
        return self.report

    # -- before the upload -------------------------------------------------------------------------------------------
    def check(self, certificate, chain, held):
        """Every check of the guide's step 4 against the request that is pending on the node; all problems are named at once."""
        request = held.requests.get(key(self.service))
        if request is None:
            raise AnsibleActionFail("%s: no request is pending there (it was used up by an upload, or deleted), so a certificate cannot be uploaded. Run the "
                                    "request step again and have its request signed" % self.where)
        if self.args["csr"]:
            given = request_of(self.args["csr"])
            if public_key_bytes(given) != public_key_bytes(request):
                raise AnsibleActionFail("%s: the request that was signed is no longer the one pending there: somebody made a new one meanwhile, which spoiled "
                                        "the certificate. Run this again; the present request is then signed" % self.where)
        kept_in = store_of(self.service)
        store = held.trust.get(kept_in, [])
        problems = checks.issued(certificate, request, chain, store, reading.now(), where="certificate for " + self.where,
                                 request_where=self.holder.name, signs=key(self.service) == "capf",
                                 store_where="%s-trust of %s" % (held.spelling.get(kept_in, kept_in), self.holder.name))
        if problems:
            raise AnsibleActionFail(checks.text_of(problems))

    def describe(self, certificate, holdings):
        """The finding and the diff."""
        installed = holdings[self.holder.name].identities.get(key(self.service))
        before = certificate_facts(installed) if installed else None
        self.report.before[self.where], self.report.after[self.where] = before, certificate_facts(certificate)
        self.report.finding("certificate-not-installed", "high", self.where, "%s is issued and not installed; installed is %s" % (
            short(certificate), short(installed) if installed else "none"), step=self.step, table="7-5")

    def prepared(self, certificate):
        """Not granted: everything is checked and ready for a window."""
        self.report.after[self.where] = self.report.before[self.where]
        does, words = "services restart", "'services'"
        todo = []
        if self.resets_phones:
            does, words = "services restart, and Unified CM reset all phones by itself (Phone Interaction on Certificate Update)", "'services' and 'phones'"
            todo = ["Or have phones reset by hand: set Phone Interaction on Certificate Update so under System > Enterprise Parameters of %s, and "
                    "certificates_phones_reset_manually: true in the inventory." % self.holder.name]
        reason = "%s is issued and has passed all checks; installing it makes %s, which this run may not do" % (short(certificate), does)
        self.report.pending("certificate-prepared", self.where, reason, ["Run again in a maintenance window with %s in collab_disruption." % words, *todo],
                            step=self.step)
        return self.report

    def by_hand(self, certificate, reason):
        """What a person does where OS Administration is not as it should be, and no other interface takes such a certificate (vos.md 0.1)."""
        self.report.after[self.where] = self.report.before[self.where]
        file = self.args["file"] or "the issued certificate"
        todo = [
            "Open https://%s/cmplatform and log in as the platform administrator (OS Administration)." % self.holder.fqdn,
            "Security > Certificate Management > Upload Certificate/Certificate chain: Certificate Purpose %s." % self.service,
            "Upload File: the first certificate of %s (SHA-256 %s); then Upload." % (file, fingerprint(certificate)),
            "Run the playbook again: it sees the certificate on every node and restarts the services that need it.",
        ]
        self.report.pending("upload-by-hand", self.where, reason, todo, step=self.step)
        return self.report

    # -- restarts owed -----------------------------------------------------------------------------------------------
    def restarts(self):
        """{node: [services]} that must restart: those of the table that run there. A product without Serviceability has its own module for that."""
        if product_of(self.holder) in reading.CLI_ONLY:
            return {}
        oauth, found = self.with_oauth(), {}
        names = {name: restarts.services(self.service, release_of(node), oauth and product_of(node) == UNIFIED_CM, product_of(node) == UNITY_CONNECTION)
                 for name, node in self.nodes.items()}
        if any(names.values()):
            found = self.action.each(self.nodes, lambda node: processes.read(node, names[node.name] or (restarts.TOMCAT,)))
        self.since = {name: date for name, (_services, date) in found.items()}
        # A service that is stopped for the moment, but activated, takes the new certificate when it starts.
        return {name: [s for s in names[name] if s == restarts.TOMCAT or (s in state and state[s].running)] for name, (state, _date) in found.items()}

    def with_oauth(self):
        """Whether the tomcat certificate serves SIP OAuth, too."""
        if key(self.service) != "tomcat" or product_of(self.holder) != UNIFIED_CM:
            return False
        try:
            return estate.sip_oauth(self.action.publisher) is not False
        except NodeError as e:
            if e.kind != "refused":
                raise
            return True                                         # not readable: a restart too many rather than an old certificate in use

    def write_down(self, owed):
        """The restarts owed, before the upload that makes them due: a run that is killed in between still owes them. Each cluster has its own list."""
        for name, services in owed.items():
            journal = Owed(self.action.workspace, self.nodes[name].variables.get("collab_cluster") or self.action.cluster)
            for service in services:
                journal.add(service, [name], self.since[name], "new %s certificate" % self.service)

    def remember_phones(self):
        """The phones that are registered, before Unified CM resets them: the restarts that follow wait until they are back, and begin then.

        Not in mixed mode: there phones may need the CTL file that is updated before these restarts, and told to them after.
        """
        baseline, now = registrations.Baseline(self.action.workspace, self.action.cluster), self.since[self.holder.name]
        if baseline.load(now) is not None or estate.mixed(self.action.publisher):
            return
        try:
            baseline.save(registrations.registered(self.action.publisher), now)
        except NodeError as e:
            if e.kind != "busy":
                raise
            self.action.warn("which phones are registered could not be asked (%s), so nothing waits for those that Unified CM resets now" % e)

    def command(self):
        """What a person has to do besides, where a command and no service restart makes the certificate count."""
        command = restarts.command(self.service, release_of(self.holder))
        if command:
            self.report.pending("command-by-hand", self.where, "the certificate is in use only after '%s', whose output is published nowhere, so that it could "
                                "not be told whether it succeeded" % command,
                                ["Give the command '%s' on the command line of %s, when its %s connections can bear it." % (
                                    command, self.holder.name, self.service)], step=self.step)

    # -- upload and read-back ----------------------------------------------------------------------------------------
    def upload(self, way, certificate, chain):
        """Upload on the holder. A refusal that speaks of the chain is answered with the whole chain, once."""
        above = chains.build(certificate, chain)[0][1:]
        try:
            self.send(way, [certificate])
        except NodeError as e:
            if e.kind != "refused" or not above or not ABOUT_THE_CHAIN.search(str(e)):
                raise AnsibleActionFail(self.explain(e)) from None
            self.action.say("%s did not take the certificate alone (%s); sending it with its chain" % (self.holder.name, e))
            try:
                self.send(way, [certificate, *above])
            except NodeError as again:
                raise AnsibleActionFail(self.explain(again)) from None

    def send(self, way, certificates):
        """One upload. A lost answer is read back, never sent again: either the certificate is there, or the failure says that it is not."""
        try:
            way.upload(certificates)
        except NodeError as e:
            if e.kind != "lost":
                raise
            self.action.say("the answer of %s to the upload was lost; reading back what it holds" % self.holder.name)
            self.taken(way, certificates[0], e)

    def taken(self, way, certificate, error):
        """Wait a little for a certificate whose upload got no answer."""
        try:
            self.action.poll("the certificate to appear", lambda: way.holds(certificate), reading.LOST_SECONDS)
        except AnsibleActionFail:
            raise AnsibleActionFail("%s; read back: the certificate was not taken. Run this again" % error) from None

    def explain(self, error):
        """A refusal of the product with what it means (vos.md 1.8)."""
        text = str(error)
        for pattern, todo in REFUSALS:
            if re.search(pattern, text, re.IGNORECASE):
                return "%s did not take the certificate: %s. %s" % (self.where, text, todo)
        return "%s did not take the certificate: %s. Nothing was changed; look at Security > Certificate Management in OS Administration, then run again" % (
            self.where, text)

    def wait(self, certificate):
        """Read until every node has the certificate; the failure on timeout names who has not."""
        lacking = [self.holder.name]

        def done():
            lacking[:] = self.lacking(self.read(), certificate)
            return not lacking

        try:
            self.action.poll("the %s certificate to be on every node" % self.service, done, self.args["timeout"])
        except AnsibleActionFail as e:
            todo = "it was not taken there: run this again" if self.holder.name in lacking else \
                "check the replication of the cluster (utils dbreplication runtimestate), then run this again"
            raise AnsibleActionFail("%s; still without it: %s; %s" % (e.message, ", ".join(lacking), todo)) from None


REFUSALS = (
    (r"CA certificate is not available|trust-store", "Upload the root and every intermediate to the trust store first (the trust store step)."),
    (r"csr does not exist|could not be uploaded", "No request is pending on the node any more: run the request step again and have its request signed."),
    (r"public key.*do(es)?( not|n't) match", "The certificate was issued for another request: have the pending request signed."),
    (r"SAN.*do(es)?( not|n't) match", "The CA changed the alternative names: correct the template and have the request signed anew."),
)
