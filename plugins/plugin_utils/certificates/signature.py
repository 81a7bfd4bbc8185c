# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request signed by the enterprise CA, or for Expressway-E by a public one: by AD CS web enrolment, Vault, a CA key at hand, or a person through a folder.

What the CA issued is kept in the workspace from the moment it is known (pki/archive.py). For one request:

    nothing kept        -> ask the CA
    "submitting"        -> the answer came when the run was gone: use it. It was lost: ask again, say so
    number known        -> fetch what it became: issued, still waiting (pending), denied (failure with the CA's words)
    certificate kept    -> checks pass: use it. They fail: when method or template were changed since, ask anew; otherwise fail, with what to do
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from urllib.parse import urlsplit

from ansible.errors import AnsibleActionFail

from ..errors import NodeError
from ..files import write_atomic
from ..pki import ca
from ..pki import chain as chains
from ..pki import checks
from ..pki.archive import Archive
from ..pki.archive import key_id
from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.facts import certificate_facts
from ..pki.facts import extended_key_usage
from ..pki.facts import short
from ..pki.facts import usage_words
from ..pki.holdings import key
from ..pki.pem import PemError
from ..pki.pem import fingerprint
from ..pki.pem import public_key_bytes
from ..pki.pem import read_certificate
from ..pki.pem import read_certificates
from ..pki.pem import to_pem
from ..pki.products import step
from . import reading
from .acme_dns import AcmeDns
from .acme_dns import account_key
from .request import request_of
from .vault import Vault

# Words of the option uses.
USES = {"server": SERVER_AUTH, "client": CLIENT_AUTH}
STEP = "csr-submit"           # of the products that have no step of their own for it
FOLDER_FILES = (".pem", ".cer", ".crt", ".p7b", ".der")
# Methods that ask a server, and the options that each needs.
NEEDS = {"adcs": ("template", "user", "password", "ca_file"), "vault": ("template", "password", "ca_file"),
         "acme_dns": ("url", "accept_terms", "ca_file", "dns_server", "dns_key_file")}
# Whose CA it is -> the variable with its settings, and the one that names the file of its certificates.
AUTHORITIES = {"enterprise": ("collab_enterprise_ca", "collab_ca_file"), "public": ("collab_public_ca", "collab_public_ca_file")}
# What must be known of how a certificate was asked for, to notice that the operator changed it since.
HOW = {"adcs": ("method", "url", "template"), "local": ("method", "ca_certificate"), "folder": ("method", "folder"), "vault": ("method", "url", "template"),
       "acme_dns": ("method", "url")}


class CertificateSignature:
    """One run of the module. args: its checked options; action: report, session, workspace, cluster, variables."""

    def __init__(self, action, args):
        self.action, self.args, self.method, self.name = action, args, args["method"], args["name"]
        self.report, self.signs = action.report, key(args["service"] or args["name"]) == "capf"
        self.step = step(action.node, "sign", self.name) or STEP
        # Variables that the operator knows the CA by.
        self.settings, self.ca_file_variable = AUTHORITIES[args["authority"]]
        self.optional = frozenset() if args["client_use_required"] else frozenset((CLIENT_AUTH,))
        self.how = {name: self._plain(args.get(name)) for name in HOW[self.method]}

    @staticmethod
    def _plain(value):
        """A value as it is recorded: certificates by fingerprint, so that a renewed CA counts as a change."""
        if value and "-----BEGIN" in str(value):
            return fingerprint(read_certificate(value, "ca_certificate"))
        return value

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
        if self.method == "folder":
            return self.by_folder(request, check)
        if entry and entry.get("answer"):
            return self.arrived(entry["answer"], request, check)
        if entry and entry["how"] == self.how and entry.get("request_id"):
            return self.fetch(request, entry["request_id"], check)
        if entry and entry["how"] == self.how and entry["state"] == "submitting":
            self.report.finding("submission-lost", "low", self.name, "an earlier run asked the CA for this certificate and never got the answer; it is asked "
                                "again, and the CA may list a certificate that nobody fetched", step=self.step)
        self.describe(key_id(request)[:16], check)
        if check:
            return self.report
        return {"adcs": self.by_adcs, "local": self.locally, "vault": self.by_vault, "acme_dns": self.by_acme}[self.method](request)

    def workspace(self):
        """Where issued certificates are kept; without such a place nothing is asked of a CA."""
        if self.action.workspace is None:
            raise AnsibleActionFail("collab_workspace is not set: a certificate that is issued would be lost if the run were interrupted. Set it to a "
                                    "directory on the control node that is kept between runs.")
        return self.action.workspace

    def describe(self, key, check):
        """The operation as reported: what is sent to the CA."""
        online = self.method in NEEDS
        where = urlsplit(self.url()).netloc if online else "localhost"
        operation = {"adcs": "POST certfnsh.asp", "local": "sign", "folder": "write request", "vault": "POST sign", "acme_dns": "order"}[self.method]
        self.report.operation(where, self.method if online else "file", operation, self.name, template=self.args["template"], request_key=key)
        self.report.before[self.name] = "not signed"
        self.report.after[self.name] = "signed" if check else "not signed"

    # -- what is kept ------------------------------------------------------------------------------------------------
    def kept(self, entry, request):
        """The certificates kept for this request if they pass; None when the CA is to be asked anew."""
        try:
            found = self.archive.certificates()
        except PemError as e:
            raise AnsibleActionFail("%s. Delete the file to have the request signed anew" % e) from None
        problems = self.problems(found[0], request, found[1:], str(self.archive.pem))
        if not problems:
            return found
        if self.args["reissue"] or entry["how"] != self.how:
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
        why = {"vault": lambda: Vault.settings_of(problems, self.args["template"]), "acme_dns": lambda: AcmeDns.settings_of(problems)}
        todo = " ".join([*why.get(self.method, list)(), todo])
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
        self.archive.issued(request, self.how, certificate, chain, request_id)
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

    def arrived(self, texts, request, check):
        """What the CA answered when the run that asked was gone."""
        if check:                                               # keeping it is a change of the workspace
            self.report.after[self.name] = "issued by the CA, to be taken"
            return self.report
        return self.take(request, read_certificates("".join(texts), str(self.archive.answer)))

    # -- AD CS -------------------------------------------------------------------------------------------------------
    def url(self):
        """URL of the CA: as given, or for AD CS that of the inventory's certificate authority."""
        if self.args["url"]:
            return self.args["url"]
        if self.method != "adcs":
            raise AnsibleActionFail("url is needed for method %s (%s.url): %s" % (self.method, self.settings, {
                "vault": "https://NAME:8200/MOUNT, with the mount of the PKI engine", "acme_dns": "that of the CA's ACME directory"}[self.method]))
        for name, variables in self.authorities():
            if variables.get("collab_product") == "adcs":
                return "https://%s:%s" % (variables.get("collab_fqdn", name), variables.get("collab_https_port", 443))
        raise AnsibleActionFail("url: give the URL of the web enrolment (%s.url), or a host with collab_product: adcs in the group "
                                "certificate_authorities" % self.settings)

    def authorities(self):
        """(name, variables) of the certificate authorities of the inventory."""
        return [(name, self.action.host_variables(name)) for name in self.action.task_vars["groups"].get("certificate_authorities", ())]

    def ca(self, **more):
        """The session with the CA's server; an address in the inventory is dialled under the URL's name. more: options of the channel."""
        for name in NEEDS[self.method]:
            if not self.args[name]:
                raise AnsibleActionFail("%s is needed for method %s (%s)" % (name, self.method, self.settings))
        url = self.url()
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise AnsibleActionFail("url: '%s' must be https://NAME[:PORT]" % url)
        address = parts.hostname
        for name, variables in self.authorities():
            if parts.hostname in (variables.get("collab_fqdn"), name):
                address = variables.get("ansible_host") or address
        return self.action.session(parts.netloc, host=parts.netloc, url=url, address=address, user=self.args["user"], password=self.args["password"],
                                   ca_file=os.path.abspath(os.path.expanduser(self.args["ca_file"])), **more)

    def by_adcs(self, request):
        """Submit; what came of it is fetched at once when the CA issued at once."""
        session = self.ca()
        self.archive.submitting(request, self.how)
        try:
            answer = session.ask("adcs", "submit", csr=to_pem(request), template=self.args["template"], keep=str(self.archive.answer))
        except NodeError as e:
            if e.kind != "lost":                                # nothing is under way at the CA
                self.archive.forget()
            raise AnsibleActionFail(self.explain(e)) from None
        self.archive.pending(request, self.how, answer["request_id"])
        return self.fetch(request, answer["request_id"], False, session)

    def explain(self, error):
        """An error of the CA with what to do about it."""
        if error.kind == "refused":
            return ("%s. Check template '%s' at the CA: does it exist, is it published there, may user %s enrol with it, and does it take the subject from "
                    "the request?" % (error, self.args["template"], self.args["user"]))
        if error.kind == "auth":
            return "%s. Check %s_user and %s_password; accounts lock after a few tries" % (error, self.settings, self.settings)
        if error.kind == "lost":
            return "%s. The CA may have issued; run this again, it asks once more" % error
        return "%s. Check url, ca_file and the way to the CA" % error

    def fetch(self, request, request_id, check, session=None):
        """What became of a request that the CA knows by number. session: given when the request was submitted a moment ago."""
        fresh, session = session is not None, session or self.ca()
        self.report.add(request_id=request_id)
        try:
            answer = session.ask("adcs", "fetch", request_id=request_id)
        except NodeError as e:
            raise AnsibleActionFail(self.explain(e)) from None
        if answer["state"] == "pending":
            reason = "the CA has taken the request as number %d; an administrator of the CA has to issue it (%s)" % (request_id, answer["message"])
            todo = ["Issue request %d at the CA (Certification Authority console, Pending Requests)." % request_id,
                    "Run the playbook again: it fetches the certificate and goes on."]
            self.report.pending("signature-pending", self.name, reason, todo, step=self.step)
            return self.report
        if answer["state"] == "denied":
            if self.args["reissue"] and not fresh:
                self.describe(key_id(request)[:16], check)
                return self.report if check else self.by_adcs(request)
            raise AnsibleActionFail("%s: the CA denied request %d: %s. Settle it with the CA's administrator, then set reissue: true (or delete %s) to have "
                                    "the request submitted anew" % (self.name, request_id, answer["message"], self.archive.record))
        if check:                                               # it is there, but keeping it is a change of the workspace
            self.report.after[self.name] = "issued by the CA, to be fetched"
            return self.report
        found = read_certificates(answer["certificate"], "the certificate of request %d" % request_id)
        return self.take(request, found + self.chain_of(session, found), request_id)

    def chain_of(self, session, found):
        """The CA's chain where ca_file does not complete it; a CA that does not give it is no failure, the checks say what is missing."""
        if chains.build(found[0], found[1:] + self.given())[1]:
            return []
        try:
            return read_certificates(base64.b64decode(session.ask("adcs", "chain")["pkcs7"]), "the CA's chain")
        except (NodeError, PemError) as e:
            self.action.warn("the CA's chain could not be fetched: %s" % e)
            return []

    # -- Vault -------------------------------------------------------------------------------------------------------
    def by_vault(self, request):
        """Sign under the role. A reply that is lost is not read back (channels/vault.py): the next run says so and asks once more."""
        if self.signs:
            raise AnsibleActionFail("%s: Vault's roles issue no certificate that signs others; have this one signed by the enterprise CA in another way "
                                    "(method folder)" % self.name)
        vault = Vault(self.ca(), self.args["template"], self.settings)
        self.archive.submitting(request, self.how)
        try:
            answer = vault.sign(request, self.args["days"], str(self.archive.answer))
        except NodeError as e:
            if e.kind != "lost":                                # nothing is under way
                self.archive.forget()
            raise AnsibleActionFail(vault.explain(e)) from None
        for warning in answer["warnings"]:
            self.action.warn("Vault, role %s: %s" % (self.args["template"], warning))
        return self.take(request, read_certificates("".join(answer["certificates"]), "the answer of Vault"))

    # -- ACME --------------------------------------------------------------------------------------------------------
    def by_acme(self, request):
        """Order, prove, fetch. An order whose reply is lost is left to expire: the next run says so and orders once more."""
        if self.signs:
            raise AnsibleActionFail("%s: no CA issues a certificate that signs others by ACME; have this one signed in another way (method folder)" % self.name)
        ca = self.ca(key_file=str(account_key(self.args["ca_key_file"] or self.workspace() / "acme" / (urlsplit(self.url()).netloc + ".key"),
                                              self.args["ca_key_passphrase"])), key_passphrase=self.args["ca_key_passphrase"])
        dns = self.action.session("DNS " + self.args["dns_server"], host=self.args["dns_server"], server=self.args["dns_server"],
                                  key_file=os.path.abspath(os.path.expanduser(self.args["dns_key_file"])))
        acme = AcmeDns(self.action, ca, dns, self.settings)
        self.archive.submitting(request, self.how)
        try:
            found = acme.sign(request, str(self.archive.answer))
        except NodeError as e:
            if e.kind != "lost":                                # nothing is under way
                self.archive.forget()
            raise AnsibleActionFail(acme.explain(e)) from None
        return self.take(request, read_certificates("".join(found), "the answer of the CA"))

    # -- a CA key at hand --------------------------------------------------------------------------------------------
    def locally(self, request):
        """Sign with the CA key on the control node."""
        for name in ("ca_certificate", "ca_key_file"):
            if not self.args[name]:
                raise AnsibleActionFail("%s is needed for method local" % name)
        issuer = read_certificate(self.args["ca_certificate"], "ca_certificate")
        path = Path(self.args["ca_key_file"]).expanduser()
        try:
            data = path.read_bytes()
        except OSError as e:
            raise AnsibleActionFail("ca_key_file: %s cannot be read: %s" % (path, e.strerror)) from None
        ca_key = ca.read_key(data, self.args["ca_key_passphrase"], "ca_key_file (%s)" % path)
        certificate = ca.sign(request, issuer, ca_key, self.args["days"], reading.now(), signs=self.signs)
        return self.take(request, [certificate, issuer])

    # -- a person and a folder ---------------------------------------------------------------------------------------
    def by_folder(self, request, check):
        """Put the request into the folder, take the certificate from it when a person has put it there."""
        folder = Path(self.args["folder"] or self.workspace() / self.action.cluster / "to-sign").expanduser().absolute()
        file, text = folder / (self.name + ".csr"), to_pem(request)
        written = file.read_text(encoding="utf-8") if file.exists() else None
        answers = [p for p in (folder / (self.name + end) for end in FOLDER_FILES) if p.exists()]
        if written != text:
            self.describe(key_id(request)[:16], check)
            if written is not None:                             # what lies there answers the request before this one
                answers = self.put_aside(answers, request, check)
            if not check:
                write_atomic(file, text)
        for path in answers:
            found = read_certificates(path.read_bytes(), str(path))
            leaf, others = self.sort(found, request)
            problems = self.problems(leaf, request, others, str(path))
            if problems:
                self.fail(problems, "Replace %s by the certificate that the CA issues for %s, or delete it" % (path, file))
            if check:
                return self.report
            self.archive.issued(request, self.how, leaf, others)
            return self.use(request, [leaf, *others])
        todo = [
            "Have %s signed by the %s CA, %s." % (file, self.args["authority"], "with all its alternative names and for servers; use by clients is not needed"
                                                  if self.optional else "with a template that keeps its alternative names, key usage and extended key usage"),
            "Put the certificate (PEM, DER or PKCS#7, with or without its chain) into the same folder as %s.pem or %s.cer." % (self.name, self.name),
            "Run the playbook again: it checks the certificate and goes on.",
        ]
        self.report.pending("signature-by-hand", self.name, "the request waits to be signed by a person", todo, step=self.step)
        return self.report

    def put_aside(self, answers, request, check):
        """Rename what was issued for an earlier request to NAME.previous.*; returns what fits this one."""
        fitting = []
        for path in answers:
            leaf = self.sort(read_certificates(path.read_bytes(), str(path)), request)[0]
            if public_key_bytes(leaf) == public_key_bytes(request):
                fitting.append(path)
            elif not check:
                os.replace(path, path.with_name(self.name + ".previous" + path.suffix))
        return fitting
