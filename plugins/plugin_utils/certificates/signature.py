# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request signed by the enterprise CA, or for Expressway-E by a public one. The ways of having it signed are in signers/; here is what they have in common.

What the CA issued is kept in the workspace from the moment it is known (pki/archive.py). For one request:

    nothing kept        -> ask the CA
    "submitting"        -> the answer came when the run was gone: use it. It was lost: ask again, say so
    number known        -> fetch what it became: issued, still waiting (pending), denied (failure with the CA's words)
    certificate kept    -> checks pass: use it. They fail: when method or template were changed since, ask anew; otherwise fail, with what to do
"""

from __future__ import annotations

from pathlib import Path

from ansible.errors import AnsibleActionFail

from ..pki import chain as chains
from ..pki import checks
from ..pki.archive import Archive
from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.facts import certificate_facts
from ..pki.facts import extended_key_usage
from ..pki.facts import short
from ..pki.facts import usage_words
from ..pki.holdings import key
from ..pki.pem import PemError
from ..pki.pem import public_key_bytes
from ..pki.pem import read_certificates
from ..pki.pem import to_pem
from ..pki.products import step
from . import reading
from .request import request_of
from .signers import SIGNERS

# Words of the option uses.
USES = {"server": SERVER_AUTH, "client": CLIENT_AUTH}
STEP = "csr-submit"           # of the products that have no step of their own for it
# Whose CA it is -> the variable with its settings, and the one that names the file of its certificates.
AUTHORITIES = {"enterprise": ("collab_enterprise_ca", "collab_ca_file"), "public": ("collab_public_ca", "collab_public_ca_file")}


class CertificateSignature:
    """One run of the module. args: its checked options; action: report, session, workspace, cluster, variables."""

    def __init__(self, action, args):
        self.action, self.args, self.name = action, args, args["name"]
        self.report, self.signs = action.report, key(args["service"] or args["name"]) == "capf"
        self.step = step(action.node, "sign", self.name) or STEP
        # Variables that the operator knows the CA by.
        self.settings, self.ca_file_variable = AUTHORITIES[args["authority"]]
        self.optional = frozenset() if args["client_use_required"] else frozenset((CLIENT_AUTH,))
        self.signer = SIGNERS[args["method"]](self)

    def apply(self, check):
        """Have the request signed, unless that was done. Returns the report with signed, certificate, chain and more added."""
        self.report.add(name=self.name, signed=False, certificate=None, chain=[], file=None, request_id=None)
        if not self.args["needed"]:
            return self.report
        if not self.args["csr"]:
            if check:                                           # the request itself would be made in this run
                self.describe("", check)
            return self.report
        request = request_of(self.args["csr"])
        self.archive = Archive(self.workspace(), self.action.cluster, self.name)
        entry = self.archive.load(request)
        if entry and entry["state"] == "issued":
            found = self.kept(entry, request)
            if found:
                return self.use(request, found, entry.get("request_id"))
            entry = None
        return self.signer.bring(request, entry, check)

    def workspace(self):
        """Where issued certificates are kept; without such a place nothing is asked of a CA."""
        if self.action.workspace is None:
            raise AnsibleActionFail("collab_workspace is not set: a certificate that is issued would be lost if the run were interrupted. Set it to a "
                                    "directory on the control node that is kept between runs.")
        return self.action.workspace

    def describe(self, key, check):
        """The operation as reported: what is sent to the CA."""
        signer = self.signer
        self.report.operation(signer.where, signer.channel, signer.operation, self.name, template=self.args["template"], request_key=key)
        self.report.before[self.name] = "not signed"
        self.report.after[self.name] = "signed" if check else "not signed"

    def kept(self, entry, request):
        """The certificates kept for this request if they pass; None when the CA is to be asked anew."""
        try:
            found = self.archive.certificates()
        except PemError as e:
            raise AnsibleActionFail("%s. Delete the file to have the request signed anew" % e) from None
        problems = self.problems(found[0], request, found[1:], str(self.archive.pem))
        if not problems:
            return found
        if self.args["reissue"] or entry["how"] != self.signer.how:
            why = "reissue is set" if self.args["reissue"] else "the way of signing was changed since"
            self.report.finding("certificate-reissued", "medium", self.name, "the certificate issued before does not pass (%s); the CA is asked anew because %s"
                                % ("; ".join(p.what for p in problems), why), step=self.step)
            return None
        self.fail(problems, self.anew())

    def problems(self, certificate, request, chain, where):
        """What is wrong with a certificate for this request (the trust store of the node is looked at before the upload)."""
        found = checks.issued(certificate, request, list(chain) + self.given(), None, reading.now(), where=where, request_where=self.name,
                              signs=self.signs, optional=self.optional, pool_where=self.ca_file_variable)
        lacking = {USES[word] for word in self.args["uses"] or ()} - (extended_key_usage(certificate) or set())
        if lacking and not any(p.id == "usage_missing" for p in found):
            found.append(checks.Problem("usage_missing", where, "%s lacks the extended key usage %s" % (short(certificate), usage_words(lacking)),
                                        "Use or make a CA template that has it, and sign again with it"))
        return found

    def anew(self):
        """What to do after the cause of a bad certificate was put right."""
        return ("After that was put right, delete %s or set reissue: true (certificates_reissue of the role) to have the request signed anew"
                % self.archive.pem)

    def fail(self, problems, todo):
        """Fail with all problems and what to do in the end."""
        todo = " ".join([*self.signer.hints(problems), todo])
        note = " %s." % self.args["usage_note"] if self.args["usage_note"] and any(p.id == "usage_missing" for p in problems) else ""
        raise AnsibleActionFail("the certificate issued does not pass, nothing is uploaded: %s%s %s." % (checks.text_of(problems), note, todo))

    def given(self):
        """CA certificates of ca_file, against which the chain is completed."""
        if not self.args["ca_file"]:
            return []
        path = Path(self.args["ca_file"]).expanduser()
        try:
            return read_certificates(path.read_bytes(), "ca_file (%s)" % path)
        except OSError as e:
            raise AnsibleActionFail("ca_file: %s cannot be read: %s" % (path, e.strerror)) from None

    def use(self, request, found, request_id=None):
        """Report a certificate that passes."""
        certificate, pool = found[0], list(found[1:]) + self.given()
        above = chains.build(certificate, pool)[0][1:]
        self.report.add(signed=True, certificate=to_pem(certificate), chain=[to_pem(c) for c in above], file=str(self.archive.pem), request_id=request_id,
                        facts=certificate_facts(certificate))
        return self.report

    def take(self, request, found, request_id=None):
        """Keep what was just issued, then check and use it."""
        certificate, chain = self.sort(found, request)
        self.archive.issued(request, self.signer.how, certificate, chain, request_id)
        problems = self.problems(certificate, request, chain, str(self.archive.pem))
        if problems:
            self.fail(problems, self.anew())
        self.report.after[self.name] = "signed"
        return self.use(request, [certificate, *chain], request_id)

    @staticmethod
    def sort(found, request):
        """(certificate for the request, the others): files and CAs give them in any order."""
        fitting = [c for c in found if public_key_bytes(c) == public_key_bytes(request)]
        leaf = fitting[0] if fitting else found[0]
        return leaf, [c for c in chains.unique(found) if c is not leaf]
