# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a service needs a new certificate, and the request for it on the publisher: reused, made, or left to a person (Table 7-9)."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..errors import NodeError
from ..pki import checks
from ..pki.facts import certificate_facts
from ..pki.facts import common_name
from ..pki.facts import request_facts
from ..pki.facts import short
from ..pki.holdings import key
from ..pki.holdings import multi_server_word
from ..pki.names import multi_server_name
from ..pki.pem import PemError
from ..pki.pem import find_request
from ..pki.pem import fingerprint
from ..pki.pem import read_certificates
from ..pki.pem import to_pem
from . import reading
from .reading import has_api
from .reading import read_node
from .services import REQUEST_STEPS
from .services import carriers
from .services import uses

MULTI_SERVER = "multi-server"


class CertificateRequest:
    """One run of the module. args: its checked options; action: nodes, publisher, report, each."""

    def __init__(self, action, release, args):
        self.action, self.release, self.args = action, release, args
        self.service, self.step = args["service"], REQUEST_STEPS.get(key(args["service"]))
        self.multi = args["distribution"] == MULTI_SERVER
        self.nodes = carriers(action.nodes, self.service) if self.multi else {action.node.name: action.node}
        self.holder = action.publisher if self.multi else action.node           # where the request is made and the certificate uploaded
        self.where = "%s request on %s" % (self.service, self.holder.name)
        self.wanted = self._wanted()

    def _wanted(self):
        default = multi_server_name(self.holder.fqdn) if self.multi else self.holder.fqdn
        names = [node.fqdn.lower() for node in self.nodes.values()] + [n.lower() for n in self.args["alt_names"] or ()]
        wrong = [n for n in names + [self.args["common_name"] or default] if "*" in n or not n]
        if wrong:
            raise AnsibleActionFail("alt_names, common_name: '%s' cannot be used; the product supports no wildcards, give each name" % wrong[0])
        if not 2048 <= self.args["key_length"] <= 4096:
            raise AnsibleActionFail("key_length: %d is not between 2048 and 4096, which is what the product takes and the guide asks for"
                                    % self.args["key_length"])
        return {"common_name": self.args["common_name"] or default, "exact_name": bool(self.args["common_name"]), "names": list(dict.fromkeys(names)),
                "key_length": self.args["key_length"], "hash": self.args["hash_algorithm"], "uses": uses(self.service)}

    def apply(self, check):
        """Find out what is needed, and see to the request. Returns the report, with needed, reasons, csr and more added."""
        issuers = self.issuers()
        holdings = self.action.each(self.nodes, lambda node: read_node(node, self.release, services=[self.service]))
        reasons = self.reasons(holdings, issuers)
        request = holdings[self.holder.name].requests.get(key(self.service))
        for where, texts in reasons.items():
            self.action.report.finding("certificate-%s" % key(self.service), "high", "%s on %s" % (self.service, where), "; ".join(texts), step=self.step)
        out = {"needed": bool(reasons), "reasons": reasons, "csr": None, "csr_state": "none", "wanted": dict(self.wanted, uses=sorted(self.wanted["uses"])),
               "installed": {n: certificate_facts(c) for n, c in self.installed(holdings).items()}}
        if reasons:
            request, out["csr_state"] = self.settle(request, holdings[self.holder.name], check)
        elif request is not None:
            self.action.report.finding("request-left", "info", self.where, "the certificate installed is right, but a request (for '%s') is pending: somebody "
                                       "may be renewing it; it is left alone" % common_name(request), step=self.step)
            request = None
        if request is not None:
            out.update(csr=to_pem(request), csr_facts=request_facts(request))
        self.action.report.add(**out)
        return self.action.report

    def issuers(self):
        """The enterprise's CA certificates; AnsibleActionFail when they are not that."""
        where = "issuer_certificates (collab_ca_file)"
        try:
            found = [c for text in self.args["issuer_certificates"] for c in read_certificates(text, where)]
        except PemError as e:
            raise AnsibleActionFail(str(e)) from None
        problems = checks.ca_certificates(found, reading.now(), where)
        if problems:
            raise AnsibleActionFail(checks.text_of(problems))
        return found

    def installed(self, holdings):
        """{node: certificate} of the service."""
        found = {name: held.identities.get(key(self.service)) for name, held in holdings.items()}
        return {name: certificate for name, certificate in found.items() if certificate is not None}

    def reasons(self, holdings, issuers):
        """Why a new certificate is needed: {node: [words]}, empty when the one on the holder is right.

        The holder decides: a node that does not have the holder's certificate yet waits for its distribution, not for another certificate.
        """
        now, installed, own = reading.now(), self.installed(holdings), self.holder.name
        found = {}
        for name in self.nodes:
            if name not in installed:
                found[name] = ["no certificate could be read"]
            else:
                problems = checks.installed(installed[name], self.wanted, issuers, now, self.args["renew_before_days"], name)
                if problems:
                    found[name] = [p.what for p in problems]
        if own in found:
            return found
        for name, certificate in installed.items():
            if fingerprint(certificate) != fingerprint(installed[own]):
                self.action.report.finding("certificate-not-distributed", "medium", "%s on %s" % (self.service, name),
                                           "%s is installed, not yet that of %s, %s" % (short(certificate), own, short(installed[own])), step=self.step)
        return {}

    def settle(self, request, held, check):
        """The request that a signature can go on with, and its state: present, created, would_create, differs or manual."""
        if request is not None:
            problems = checks.requested(request, self.wanted, self.where)
            if not problems:
                return request, "present"
            if not self.args["replace_request"]:
                self.refuse_to_replace(problems)
                return None, "differs"
            self.action.report.finding("request-replaced", "medium", self.where, "the pending request differs (%s) and is replaced: a certificate that is "
                                       "being issued for it will not fit any more" % "; ".join(p.what for p in problems), step=self.step)
        if not has_api(self.release):
            return self.by_hand("release %s has no certificate API (14 and later), and the command line makes no such request" % self.release)
        distribution = self.multi_server() if self.multi else "this-server"
        if distribution is None:
            return self.by_hand("the certificate API of %s offers no multi-server distribution" % self.holder.name)
        body = {"service": held.spelling.get(key(self.service), self.service), "distribution": distribution,
                "commonName": self.wanted["common_name"], "keyType": "rsa", "keyLength": self.wanted["key_length"],
                "hashAlgorithm": self.wanted["hash"], "altNames": self.wanted["names"]}
        self.action.report.before[self.where] = request_facts(request) if request is not None else None
        self.action.report.after[self.where] = {"common_name": body["commonName"], "dns_names": sorted(body["altNames"]),
                                                "key": "RSA %d" % body["keyLength"], "hash": body["hashAlgorithm"]}
        self.action.report.operation(self.holder.name, "certmgr", "POST /csr", self.where, **body)
        if check:
            return None, "would_create"
        return self.create(body), "created"

    def multi_server(self):
        """The device's own word for a multi-server request, None where it does not offer one (or does not say what it offers)."""
        try:
            return multi_server_word(self.holder.ask("certmgr", "options"))
        except NodeError as e:
            if (e.detail or {}).get("status") not in (400, 404, 405, 501):
                raise
            return None

    def create(self, body):
        """Have the request made, and read it back: what is pending must be what was asked."""
        lost = None
        try:
            self.holder.ask("certmgr", "csr", body=body)
        except NodeError as e:
            if e.kind != "lost":
                raise AnsibleActionFail("%s refused to make the request: %s" % (self.where, e)) from None
            lost = e
        request = read_node(self.holder, self.release, services=[self.service]).requests.get(key(self.service))
        if request is None:
            raise AnsibleActionFail("%s: %s shows no pending request after it was made%s. Run this again; if it stays so, look at Security > Certificate "
                                    "Management in OS Administration" % (self.where, self.holder.name, " (the answer was lost: %s)" % lost if lost else ""))
        problems = checks.requested(request, self.wanted, self.where)
        if problems:
            raise AnsibleActionFail("the product made another request than it was asked for: %s" % checks.text_of(problems))
        self.action.report.after[self.where] = request_facts(request)
        return request

    def refuse_to_replace(self, problems):
        """A pending request that differs stays: replacing it would spoil a signing that is under way (vos.md 1.5)."""
        self.action.report.finding("request-differs", "high", self.where, "; ".join(p.what for p in problems), step=self.step)
        reason = "a request is pending that differs from the one wanted: %s" % "; ".join(p.what for p in problems)
        todo = [
            "If a certificate for it is being issued: wait until that is uploaded, or stop it.",
            "Then run again with replace_request: true (certificates_replace_request of the role); the pending request is lost with its private key.",
        ]
        self.action.report.pending("request-differs", self.where, reason, todo, step=self.step)

    def by_hand(self, reason):
        """What a person does where no interface makes a multi-server request; the next run finds the request and goes on."""
        names = self.wanted["names"]
        self.action.report.pending("request-by-hand", self.where, reason, [
            "Open https://%s/cmplatform and log in as the platform administrator (OS Administration)." % self.holder.fqdn,
            "Security > Certificate Management > Generate CSR: Certificate Purpose %s, Distribution %s." % (
                self.service, "Multi-Server (SAN)" if self.multi else self.holder.fqdn),
            "Common Name %s; the list of names must have: %s." % (self.wanted["common_name"], ", ".join(names)),
            "Key Type RSA, Key Length %d, Hash Algorithm %s; then Generate." % (self.wanted["key_length"], self.wanted["hash"].upper()),
            "Run the playbook again: it finds the request, checks it and goes on.",
        ], step=self.step)
        return None, "manual"


def request_of(text, what="csr"):
    """The request in an option's text; AnsibleActionFail when it is none."""
    try:
        request = find_request(text)
    except PemError as e:
        raise AnsibleActionFail("%s: %s" % (what, e)) from None
    if request is None:
        raise AnsibleActionFail("%s is not a certificate request in PEM form; give what certificate_request returned" % what)
    return request
