# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a Meeting Server cluster needs a new certificate, and the request for it: reused or made, on a node or on the control node.

Wherever the key was made, it lies from then on with its request on the node that the task runs for, and nowhere on the control node.
"""

from __future__ import annotations

import re

from ansible.errors import AnsibleActionFail
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.oid import ObjectIdentifier

from ..certificates.issuers import issuers
from ..errors import NodeError
from ..pki import checks
from ..pki.facts import certificate_facts
from ..pki.facts import request_facts
from ..pki.facts import short
from ..pki.pem import find_request
from ..pki.pem import public_key_bytes
from ..pki.pem import to_pem
from .reading import Server
from .reading import public_half
from .reading import say
from .reading import stem
from .wanted import BASENAMES
from .wanted import DATABASE
from .wanted import REQUEST_STEPS
from .wanted import best
from .wanted import described
from .wanted import wanted

SUBJECT = {"O": NameOID.ORGANIZATION_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "L": NameOID.LOCALITY_NAME, "ST": NameOID.STATE_OR_PROVINCE_NAME,
           "C": NameOID.COUNTRY_NAME}
BASENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class MeetingServerRequest:
    """One run of the module. args: its checked options; action: nodes, node, report, each, var."""

    def __init__(self, action, args):
        self.action, self.args, self.kind, self.report = action, args, args["kind"], action.report
        self.step, self.holder = REQUEST_STEPS[self.kind], action.node
        self.where = "%s certificate of %s" % (self.kind.replace("_", " "), action.cluster)
        self.base = args["basename"] or BASENAMES[self.kind]
        if not BASENAME.fullmatch(self.base):
            raise AnsibleActionFail("basename: '%s' cannot be the name of a file on a Meeting Server; use letters, digits, '-' and '_'" % self.base)
        self.subject = {k: str(v) for k, v in (args["subject"] or {}).items() if v is not None}
        wrong = [k for k, v in self.subject.items() if '"' in v or not v.isprintable() or not v]
        if wrong or len(self.subject.get("C", "US")) != 2:
            raise AnsibleActionFail("subject: %s cannot be used: give plain text without quotation marks, and C as a country's two letters"
                                    % ", ".join(wrong or ["C"]))
        self.want = wanted(action, self.kind, args["alt_names"] or ())

    def apply(self, check):
        """Find out what is needed, and see to the request. Returns the report, with needed, reasons, csr, certificate and more added."""
        cas = issuers(self.args["issuer_certificates"])
        days = self.args["renew_before_days"]
        servers = self.action.each(self.action.nodes, Server)
        found = best(servers, self.want, cas, days)
        out = {"needed": found is None, "reasons": {}, "csr": None, "csr_state": "none", "certificate": to_pem(found) if found else None,
               "wanted": dict(self.want, uses=sorted(self.want["uses"]))}
        if found:
            out["facts"] = certificate_facts(found)
        else:
            out["reasons"] = self.reasons(servers, cas, days)
            self.report.finding("certificate-%s" % self.kind, "high", self.where, "no node has one that is right: %s" % "; ".join(
                "%s: %s" % pair for pair in sorted(out["reasons"].items())), step=self.step)
            request, out["csr_state"] = self.settle(servers, check)
            if request is not None:
                out.update(csr=to_pem(request), csr_facts=request_facts(request))
        self.report.add(**out)
        return self.report

    def reasons(self, servers, cas, days):
        """{node: why} for what the nodes have now."""
        if self.kind == DATABASE:
            return {self.holder.name: "there is no certificate for '%s' of the enterprise CA with its key that lasts" % self.want["common_name"]}
        out = {}
        for name, server in servers.items():
            words = described(server, self.want, cas, days)
            out[name] = ", ".join("%s: %s" % (service, "; ".join(texts)) for service, texts in words.items()) or "its certificate lacks its key"
        return out

    # -- the request -------------------------------------------------------------------------------------------------
    def settle(self, servers, check):
        """(request to have signed, its state): present, created or would_create."""
        server = servers[self.holder.name]
        used = {public_key_bytes(found[0]) for s in servers.values() for found in s.certificates.values()}
        pending = {}
        for name, request in server.requests.items():
            fits = not checks.requested(request, self.want, name) and stem(name) + ".key" in server.names
            if fits and public_key_bytes(request) not in used:      # one that is in use already made the certificate that is not right any more
                pending[name] = request
        if pending:
            return pending[max(pending, key=lambda n: (len(n), n))], "present"
        base = self.free(servers)
        self.report.before[self.where] = None
        self.report.after[self.where] = {"common_name": self.want["common_name"], "dns_names": sorted(self.want["names"]), "key": "RSA 2048"}
        by_node = self.args["key_made_on"] == "node"
        command = self.command(base)
        self.report.operation(self.holder.name, "mmp" if by_node else "cms_sftp", "pki csr" if by_node else "put", self.where,
                              **({"command": command} if by_node else {"files": [base + ".key", base + ".csr"]}))
        if check:
            return None, "would_create"
        return self.read_back(base, self.by_node(base, command) if by_node else self.by_us(base)), "created"

    def free(self, servers):
        """A name that no file of any node has: nothing that is there is ever overwritten."""
        taken = {stem(name).lower() for server in servers.values() for name in server.names}
        names = [self.base] + ["%s-%d" % (self.base, n) for n in range(2, 1000)]
        return next(name for name in names if name.lower() not in taken)

    def command(self, base):
        """The line that has a node make key and request. Values with blanks stand in quotation marks, alternative names have none between them (cms.md 1.2)."""
        words = ["pki csr %s CN:%s" % (base, self.want["common_name"])]
        words += ['%s:"%s"' % pair if " " in pair[1] else "%s:%s" % pair for pair in self.subject.items()]
        if self.want["names"]:
            words.append("subjectAltName:%s" % ",".join(self.want["names"]))
        return " ".join(words)

    def by_node(self, base, command):
        """The node makes both; what it said."""
        try:
            return say(self.holder, command)
        except NodeError as e:
            if e.kind != "lost":
                raise AnsibleActionFail("%s did not make the request: %s. Nothing else was changed" % (self.holder.name, e)) from None
            return str(e)

    def by_us(self, base):
        """Made here, in memory, and put on the node: the key goes nowhere else."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=self.want["key_length"])
        name = [x509.NameAttribute(oid, self.subject[word]) for word, oid in SUBJECT.items() if word in self.subject]
        builder = x509.CertificateSigningRequestBuilder().subject_name(
            x509.Name([*name, x509.NameAttribute(NameOID.COMMON_NAME, self.want["common_name"])]))
        if self.want["names"]:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in self.want["names"]]), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ObjectIdentifier(oid) for oid in sorted(self.want["uses"])]), critical=False)
        request = builder.sign(key, hashes.SHA256())
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
        self.holder.ask("cms_sftp", "put", name=base + ".key", data=secret)
        self.holder.ask("cms_sftp", "put", name=base + ".csr", data=to_pem(request).encode())
        return "put by SFTP"

    def read_back(self, base, said):
        """The request as it lies on the node; it must be what was asked, and its key be there."""
        data = self.holder.ask("cms_sftp", "get", name=base + ".csr")["data"]
        key = self.holder.ask("cms_sftp", "get", name=base + ".key")["data"]
        request = find_request((data or b"").decode(errors="replace"))
        if request is None or not key or public_half(key) != public_key_bytes(request):
            raise AnsibleActionFail("%s: %s.key and %s.csr are not there, or do not belong together, after the request was made (%s). Run this again"
                                    % (self.holder.name, base, base, " ".join(said.split())[-300:]))
        problems = checks.requested(request, self.want, self.where)
        if problems:
            raise AnsibleActionFail("%s made another request than it was asked for: %s" % (self.holder.name, checks.text_of(problems)))
        self.report.after[self.where] = request_facts(request)
        return request


def shown(certificate):
    """A certificate in a report."""
    return short(certificate) if certificate is not None else "none"
