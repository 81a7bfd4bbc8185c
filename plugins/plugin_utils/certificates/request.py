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
from ..pki.names import multi_server_name
from ..pki.pem import PemError
from ..pki.pem import find_request
from ..pki.pem import fingerprint
from ..pki.pem import to_pem
from ..pki.products import IM_PRESENCE
from ..pki.products import USES
from ..pki.products import carriers
from ..pki.products import product_of
from ..pki.products import step
from . import reading
from . import turns
from .issuers import issuers
from .reading import read_node
from .reading import release_of
from .ways import Way
from .ways import not_there

MULTI_SERVER, CAPF = "multi-server", "capf"


class CertificateRequest:
    """One run of the module. args: its checked options; action: nodes, publisher, report, each."""

    def __init__(self, action, args):
        self.action, self.args, self.service = action, args, args["service"]
        self.multi = args["distribution"] == MULTI_SERVER
        self.nodes = carriers(action, self.service) if self.multi else {action.node.name: action.node}
        self.holder = action.publisher if self.multi else action.node           # where the request is made and the certificate uploaded
        self.where, self.step = "%s request on %s" % (self.service, self.holder.name), step(self.holder, "request", self.service)
        if self.multi and product_of(self.holder) == IM_PRESENCE and key(self.service) == "tomcat":
            raise AnsibleActionFail("service: the tomcat certificate of IM and Presence nodes is the multi-server certificate of their Unified CM cluster, "
                                    "requested there (Table 7-9); leave tomcat out of certificates_services of %s" % action.cluster)
        self.wanted = self._wanted()

    def _wanted(self):
        default = multi_server_name(self.holder.fqdn) if self.multi else self.holder.fqdn
        names = [node.fqdn.lower() for node in self.nodes.values()] + [n.lower() for n in self.args["alt_names"] or ()]
        if key(self.service) == CAPF:                           # known by its own name, which the product made, and not by that of its node
            default, names = CAPF, names[1:]
        wrong = [n for n in names + [self.args["common_name"] or default] if "*" in n or not n]
        if wrong:
            raise AnsibleActionFail("alt_names, common_name: '%s' cannot be used; the product supports no wildcards, give each name" % wrong[0])
        if not 2048 <= self.args["key_length"] <= 4096:
            raise AnsibleActionFail("key_length: %d is not between 2048 and 4096, which is what the product takes and the guide asks for"
                                    % self.args["key_length"])
        return {"common_name": self.args["common_name"] or default, "exact_name": bool(self.args["common_name"]), "names": list(dict.fromkeys(names)),
                "more_names": bool(self.args["alt_names"]), "key_length": self.args["key_length"], "hash": self.args["hash_algorithm"],
                "uses": USES.get(key(self.service), set())}

    def apply(self, check):
        """Find out what is needed, and see to the request. Returns the report, with needed, reasons, csr and more added."""
        cas = issuers(self.args["issuer_certificates"])
        holdings = self.action.each(self.nodes, lambda node: read_node(node, release_of(node), services=[self.service]))
        present = self.installed(holdings).get(self.holder.name)
        if key(self.service) == CAPF and present is not None and not self.wanted["exact_name"]:
            self.wanted["common_name"] = common_name(present)
        problems = self.problems(holdings, cas)
        reasons = {name: [p.what for p in found] for name, found in problems.items()}
        request = holdings[self.holder.name].requests.get(key(self.service))
        for where, texts in reasons.items():
            self.action.report.finding("certificate-%s" % key(self.service), "high", "%s on %s" % (self.service, where), "; ".join(texts), step=self.step)
        held = turns.wait(self.action, self.service, self.args, [p.id for found in problems.values() for p in found]) if reasons else None
        out = {"needed": bool(reasons) and held is None, "reasons": reasons, "csr": None, "csr_state": "none",
               "wanted": dict(self.wanted, uses=sorted(self.wanted["uses"])),
               "installed": {n: certificate_facts(c) for n, c in self.installed(holdings).items()}}
        if held is not None:
            self.hold(*held)
            request = None
        elif reasons:
            request, out["csr_state"] = self.settle(request, holdings[self.holder.name], check)
        elif request is not None:
            self.action.report.finding("request-left", "info", self.where, "the certificate installed is right, but a request (for '%s') is pending: somebody "
                                       "may be renewing it; it is left alone" % common_name(request), step=self.step)
            request = None
        if request is not None:
            out.update(csr=to_pem(request), csr_facts=request_facts(request))
        self.action.report.add(**out)
        return self.action.report

    def installed(self, holdings):
        """{node: certificate} of the service."""
        found = {name: held.identities.get(key(self.service)) for name, held in holdings.items()}
        return {name: certificate for name, certificate in found.items() if certificate is not None}

    def problems(self, holdings, cas):
        """Why a new certificate is needed: {node: [Problem]}, empty when the one on the holder is right.

        The holder decides: a node that does not have the holder's certificate yet waits for its distribution, not for another certificate.
        """
        now, installed, own = reading.now(), self.installed(holdings), self.holder.name
        found = {}
        for name in self.nodes:
            if name not in installed:
                found[name] = [checks.Problem("unread", name, "no certificate could be read", "A new certificate is needed")]
            else:
                problems = checks.installed(installed[name], self.wanted, cas, now, self.args["renew_before_days"], name)
                if problems:
                    found[name] = problems
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
        way = Way(self.holder, self.service, self.multi, held, self.wanted)
        self.action.report.before[self.where] = request_facts(request) if request is not None else None
        try:
            if check:
                way.see_request()
                self.record(way)
                return None, "would_create"
            return self.create(way), "created"
        except NodeError as e:
            reason = not_there(e)
            if reason is None:
                raise
            self.action.report.after[self.where] = self.action.report.before[self.where]
            return self.by_hand(reason)

    def record(self, way):
        """The request in the report."""
        operation, arguments = way.request_operation
        self.action.report.operation(self.holder.name, way.name, operation, self.where, **arguments)
        self.action.report.after[self.where] = {"common_name": self.wanted["common_name"], "dns_names": sorted(self.wanted["names"]),
                                                "key": "RSA %d" % self.wanted["key_length"], "hash": self.wanted["hash"]}

    def create(self, way):
        """Have the request made, and read it back: what is pending must be what was asked. NodeError where OS Administration is not as it should be."""
        said = ""
        try:
            said = way.request()
        except NodeError as e:
            if not_there(e) is not None:
                raise
            if e.kind != "lost":
                raise AnsibleActionFail("%s refused to make the request: %s" % (self.where, e)) from None
            said = "the answer was lost: %s" % e
        self.record(way)
        request = read_node(self.holder, release_of(self.holder), services=[self.service]).requests.get(key(self.service))
        if request is None:
            raise AnsibleActionFail("%s: %s shows no pending request after it was made%s. Run this again; if it stays so, look at Security > Certificate "
                                    "Management in OS Administration" % (self.where, self.holder.name, " (%s)" % said if said else ""))
        problems = checks.requested(request, self.wanted, self.where)
        if problems:
            raise AnsibleActionFail("the product made another request than it was asked for: %s" % checks.text_of(problems))
        self.action.report.after[self.where] = request_facts(request)
        return request

    def hold(self, reason, until):
        """It is not its turn: phones that have an old ITL file must find one of the signers that they know (renewal.py)."""
        again = "Run again%s, or let the playbook renew do it in its turn." % (" on %s or later" % until.date() if until else "")
        self.action.report.pending("renewal-held", self.service, reason, [again], step=self.step)

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
