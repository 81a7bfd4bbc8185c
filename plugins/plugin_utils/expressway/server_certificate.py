# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issued certificates onto their peers: all checked first, then peer after peer uploaded, restarted and looked at from outside."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..certificates import reading
from ..certificates.request import request_of
from ..errors import NodeError
from ..pki import chain as chains
from ..pki import checks
from ..pki.facts import certificate_facts
from ..pki.facts import short
from ..pki.pem import find_certificates
from ..pki.pem import fingerprint
from ..pki.pem import public_key_bytes
from ..pki.pem import read_certificate
from ..pki.pem import read_certificates
from ..pki.pem import to_pem
from ..pki.products import EXPRESSWAY_E
from ..pki.products import product_of
from . import certificate_usage as usage
from . import peer_certificates as peers
from .restarts import Restarts
from .usage_switch import switch_on

STEP, TABLE = "exp-upload", "7-17"
# Where X15.5 may take the certificate that it shows as a client: no public source names the path, its own description is asked (expressway.md 4.4).
CLIENT_STORES = ("/certs/client", "/certs/clientcert")


class NotTaken(AnsibleActionFail):
    """The box refused an upload."""


class ServerCertificates:
    """One run of the module. args: its checked options; action: nodes, publisher, report, each, say, var."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.product = product_of(action.node)
        self.rule = usage.rule(self.product, action.var("collab_release"), args["require_client_eku"])
        self.restarts = Restarts(action, args["timeout"])
        # The primary peer last: what a restart would break, it breaks on another one first.
        self.order = sorted(action.nodes, key=lambda name: action.nodes[name] is action.publisher)

    def apply(self, check):
        """Install what was issued, and do the restarts that are owed. Returns the report with installed added."""
        given = self.given()
        held = self.action.each(self.action.nodes, peers.read_peer)
        installed = {name: one.server for name, one in held.items()}
        todo = {name: one for name, one in given.items() if installed[name] is None or fingerprint(one[0]) != fingerprint(installed[name])}
        self.see(todo, held, check)
        self.owed = self.restarts.due(installed)
        # A peer with the certificate of its installation is not in use yet; its new one will restart it.
        due = {name: list(reasons) for name, reasons in self.owed.items() if installed[name] is None or not peers.is_temporary(installed[name])}
        for name in self.order:
            if name in todo:
                self.describe(name, todo[name][0], installed[name])
                due.setdefault(name, []).insert(0, "new server certificate")
        if due and not self.args["granted"]:
            self.prepared(todo, due)
        elif check:
            self.foresee(todo, due)
        else:
            self.install(todo, due, installed)
        if self.rule.store:
            for name, node in self.action.nodes.items():
                self.client_store(node, installed[name])
        self.report.add(installed={name: fingerprint(one) if one else None for name, one in installed.items()})
        return self.report

    # -- before anything is written ----------------------------------------------------------------------------------
    def given(self):
        """{peer: (certificate, chain, request or None)} of what was issued."""
        signatures, found = {row["name"]: row for row in self.args["signatures"] if row.get("certificate")}, {}
        for row in self.args["requests"]:
            name, signed = row["node"], signatures.get(row["name"])
            if name not in self.action.nodes:
                raise AnsibleActionFail("requests: '%s' is no peer of %s" % (name, self.action.cluster))
            if signed:
                where = "certificate for %s" % name
                chain = [c for text in signed.get("chain") or () for c in read_certificates(text, where)]
                found[name] = (read_certificate(signed["certificate"], where), chain, request_of(row["csr"]) if row.get("csr") else None)
        return found

    def see(self, todo, held, check):
        """Every check of every certificate, against the request that is pending on its peer; all problems are named at once."""
        problems = []
        for name, (certificate, chain, given) in todo.items():
            where, request = "certificate for %s" % name, held[name].request
            if request is None:
                raise AnsibleActionFail("%s: no request is pending there (it was used up by an upload, or discarded), so the certificate cannot be uploaded. "
                                        "Run the request step again and have its request signed" % name)
            if given is not None and public_key_bytes(given) != public_key_bytes(request):
                raise AnsibleActionFail("%s: the request that was signed is no longer the one pending there: somebody made a new one meanwhile, which spoiled "
                                        "the certificate. Run this again; the present request is then signed" % name)
            # In check mode the step before has not filled the list of trusted CAs.
            found = checks.issued(certificate, request, chain, None if check else held[name].trusted, reading.now(), where=where, request_where=name,
                                  store_where="the list of trusted CAs of %s" % name, optional=usage.BOTH - self.rule.required)
            if any(p.id == "usage_missing" for p in found):
                self.report.finding("certificate-usage", "high", where, self.rule.why, step="exp-usage", table=TABLE)
            problems += found
        if problems:
            note = " %s. %s." % (self.rule.why, usage.WHAT_TO_DO) if any(p.id == "usage_missing" for p in problems) and self.product == EXPRESSWAY_E else ""
            raise AnsibleActionFail("nothing was changed: %s%s" % (checks.text_of(problems), note))

    def describe(self, name, certificate, installed):
        """The finding and the diff of a certificate that is not installed yet."""
        where = "server certificate of %s" % name
        self.report.before[where], self.report.after[where] = certificate_facts(installed) if installed else None, certificate_facts(certificate)
        self.report.finding("certificate-not-installed", "high", where, "%s is issued and not installed; installed is %s" % (
            short(certificate), short(installed) if installed else "none"), step=STEP)
        if self.rule.said and usage.lacking_client(certificate):
            self.report.finding("certificate-server-only", "low", where, "%s lacks client authentication; %s" % (short(certificate), self.rule.why),
                                step="exp-usage", table=TABLE)

    def prepared(self, todo, due):
        """Not granted: everything is checked and ready for a window."""
        for name in todo:
            where = "server certificate of %s" % name
            self.report.after[where] = self.report.before[where]
        for name, reasons in due.items():
            self.report.pending("restart-not-granted", name, "%s; that counts after a restart of the peer, which this run may not do" % "; ".join(reasons),
                                ["Run again in a maintenance window with 'services' in collab_disruption."], step=STEP)

    def foresee(self, todo, due):
        """What would be written."""
        if self.server_only(todo):
            switch_on(self.action, True)
        for name in self.order:
            if name in todo:
                self.record(name, todo[name][0])
            if name in due:
                self.restarts.record(self.action.nodes[name], due[name])

    def server_only(self, todo):
        """Whether the release has to be told first that it may take these certificates."""
        return self.rule.switch and any(usage.lacking_client(certificate) for certificate, _chain, _given in todo.values())

    # -- writing -----------------------------------------------------------------------------------------------------
    def install(self, todo, due, installed):
        """Peer after peer: upload, restart, proof. The next one only when the cluster is whole again."""
        if self.server_only(todo):
            switch_on(self.action, False, self.args["timeout"])
        for name in self.order:
            node = self.action.nodes[name]
            if name in todo:
                certificate, chain, _given = todo[name]
                self.bring(node, certificate, chain, installed[name])
                installed[name] = certificate
            if name in due:
                self.restarts.one(node, due[name], installed[name])

    def bring(self, node, certificate, chain, before):
        """Upload a certificate. Where that is refused while a restart for new CAs is owed, these may not count yet: once more after that restart."""
        self.restarts.owe(node, "new server certificate")
        try:
            self.upload(node, certificate, chain)
        except NotTaken:
            if node.name not in self.owed:
                self.restarts.forget(node)
                raise
            self.restarts.one(node, self.owed[node.name], before)
            self.restarts.owe(node, "new server certificate")
            self.upload(node, certificate, chain)

    def record(self, name, certificate):
        """The upload in the report."""
        self.report.operation(name, "expressway_api", "POST %s" % peers.SERVER, "server certificate of %s" % name, certificate=short(certificate))

    def upload(self, node, certificate, chain):
        """Upload the certificate, and read it back. A lost answer is read back, never sent again.

        Nothing public says whether a peer sends the issuers that it finds among its trusted CAs, or only what the file held. So the intermediates go with the
        certificate, and where the box does not take such a file, the certificate alone.
        """
        above = [c for c in chains.build(certificate, chain)[0][1:] if not chains.is_self_signed(c)]
        for pem in dict.fromkeys(("".join(to_pem(c) for c in [certificate, *above]), to_pem(certificate))):
            try:
                node.ask("expressway_api", "upload", path=peers.SERVER, pem=pem)
                break
            except NodeError as e:
                if e.kind == "lost":
                    break
                if e.kind != "refused" or pem == to_pem(certificate):
                    raise NotTaken(self.explain(node, certificate, e)) from None
        self.record(node.name, certificate)
        found = peers.read_server(node)
        if found is None or fingerprint(found) != fingerprint(certificate):
            raise AnsibleActionFail("%s holds %s after the upload. Run this again; if it stays so, upload the certificate at Maintenance > Security > "
                                    "Server certificate" % (node.name, short(found) if found else "no certificate"))

    def explain(self, node, certificate, error):
        """A refusal of the box, which says little more than Bad Request, with what it may mean."""
        text = "%s did not take the certificate: %s. Nothing was changed on it; the peers before it have theirs" % (node.name, error)
        if usage.lacking_client(certificate):
            return "%s. %s lacks client authentication: %s. %s." % (text, short(certificate), self.rule.why, usage.WHAT_TO_DO)
        return "%s. Look at Maintenance > Security > Server certificate of %s, then run again" % (text, node.name)

    def client_store(self, node, server):
        """X15.5 shows as a client what is in another store. Nothing public says how that is filled but by the page, so it is looked at, not written."""
        held = None
        for path in CLIENT_STORES:
            offered = node.ask("expressway_api", "offers", path=path)
            if offered is not None and "get" in offered["methods"]:
                held = (find_certificates(node.ask("expressway_api", "pem", path=path)) or [None])[0]
        problems = ["it cannot be read by the API of this release"]
        if held is not None:
            problems = [p.what for p in checks.validity(held, reading.now(), "client")]
            problems += ["it is the temporary certificate of the installation"] * peers.is_temporary(held)
            problems += ["%s may not be used by clients" % short(held)] * usage.lacking_client(held)
        if not problems:
            return
        where = "client certificate of %s" % node.name
        page = "Open https://%s and go to Maintenance > Security > Client certificate." % node.fqdn
        todo = "Have a request for it signed by a CA that issues for clients and that the far ends trust (the enterprise CA does), and upload that."
        if server is not None and not usage.lacking_client(server) and not peers.is_temporary(server):
            todo = "Use 'Upload server certificate file as client certificate'."
        reason, restart = "; ".join(problems), "Restart the peer (Maintenance > Restart options)."
        self.report.finding("client-certificate", "high", where, reason, step="exp-usage", table=TABLE)
        self.report.pending("client-certificate", where, reason, [page, todo, restart], step="exp-usage")
