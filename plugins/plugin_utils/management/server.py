# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A management server without an interface for its certificate: what it serves, what it has to serve, and the files for a person (cms.md 3 to 5).

Everything that is prepared lies in <workspace>/<cluster>/:  NAME.key.pem (encrypted), NAME.csr.pem, and in upload/ what a person needs.
"""

from __future__ import annotations

import base64

from ansible.errors import AnsibleActionFail
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization

from .. import handshakes
from ..certificates import reading
from ..certificates.issuers import issuers
from ..files import write_atomic
from ..pki import chain as chains
from ..pki import checks
from ..pki.facts import certificate_facts
from ..pki.facts import extended_key_usage
from ..pki.facts import request_facts
from ..pki.facts import short
from ..pki.facts import usage_words
from ..pki.pem import PemError
from ..pki.pem import fingerprint
from ..pki.pem import public_key_bytes
from ..pki.pem import read_certificate
from ..pki.pem import read_request
from ..pki.pem import to_pem
from . import keys
from .products import PRODUCTS


class ManagementServer:
    """One server. args: options common to both modules; action: node, report, workspace, cluster, var."""

    def __init__(self, action, args):
        self.action, self.args, self.report, self.node = action, args, action.report, action.node
        name = str(action.var("collab_product") or "")
        if name not in PRODUCTS:
            raise AnsibleActionFail("collab_product of %s is '%s'; this module is for %s" % (action.where, name, ", ".join(PRODUCTS)))
        if action.workspace is None:
            raise AnsibleActionFail("collab_workspace must name a directory on the control node: what a person uploads lies there")
        self.product, self.cas = PRODUCTS[name], issuers(args["issuer_certificates"])
        self.folder = action.workspace / action.cluster
        self.key_file, self.csr_file = (self.folder / (self.node.name + end) for end in (".key.pem", ".csr.pem"))
        self.where = "certificate of %s" % self.node.name
        names = [self.node.fqdn.lower()] + [n.lower() for n in args["names"] or ()]
        wrong = [n for n in names if "*" in n or not n or " " in n]
        if wrong:
            raise AnsibleActionFail("names: '%s' cannot be used: give each name by itself, without '*'" % wrong[0])
        self.want = {"common_name": self.node.fqdn.lower(), "exact_name": False, "names": list(dict.fromkeys(names)), "key_length": keys.BITS,
                     "hash": "sha256", "uses": set(self.product.uses)}

    def passphrase(self):
        """What keys are encrypted with."""
        if not self.args["key_passphrase"] or len(self.args["key_passphrase"]) < 8:
            raise AnsibleActionFail("key_passphrase (collab_management_key_passphrase) must be set, to 8 characters or more: the private key of %s lies "
                                    "encrypted on the control node. Nothing was made" % self.node.name)
        return self.args["key_passphrase"]

    def served(self):
        """The certificate that the server serves, or None where it does not answer."""
        return handshakes.served(self.node.ask("tls", "probe", address=self.node.host, port=self.node.ports["https"], server_name=self.node.fqdn))

    def problems(self, certificate, days, where):
        """Why a certificate is not what the server has to serve: [Problem]."""
        found = checks.installed(certificate, self.want, self.cas, reading.now(), days, where)
        if extended_key_usage(certificate) is None:
            found.append(checks.Problem("usage", where, "it has no extended key usage; needed is %s" % usage_words(self.want["uses"]),
                                        "Correct the CA's template"))
        above = chains.build(certificate, self.cas)[0][1:]
        if self.product.root_only and len(above) > 1:
            found.append(checks.Problem("chain", where, "%s issued it, and %s takes no chains" % (short(above[0]), self.product.title),
                                        "Have the root itself sign it: collab_enterprise_ca.templates or a CA of its own for this server"))
        return found


class ManagementRequest(ManagementServer):
    """Whether the server needs a certificate, and the request for it."""

    def apply(self, check):
        """Returns the report, with needed, csr, reachable and more added."""
        served = self.served()
        out = {"needed": False, "reasons": [], "csr": None, "csr_state": "none", "reachable": served is not None}
        if served is not None:
            out.update(served=certificate_facts(served), certificate=to_pem(served))
        out["reasons"] = [p.what for p in self.problems(served, self.args["renew_before_days"], self.where)] if served is not None else ["it does not answer"]
        if served is not None and out["reasons"]:
            out["needed"] = True
            self.report.finding("management-certificate", "high", self.where, "; ".join(out["reasons"]), step=self.product.steps["request"])
            request, out["csr_state"] = self.settle(served, check)
            if request is not None:
                out.update(csr=to_pem(request), csr_facts=request_facts(request))
        elif served is not None:
            self.unproven(fingerprint(served))
        else:
            self.report.finding("management-not-reachable", "high", self.where, "%s:%s does not answer by TLS, so nothing can be said of its certificate"
                                % (self.node.host, self.node.ports["https"]), step=self.product.steps["served"])
        self.report.add(**out)
        return self.report

    def unproven(self, sha256):
        """What a person has done, or has not, and only that person can say (confirmed: {step: fingerprint of the certificate it was done for})."""
        for step, (reason, todo) in self.product.unproven.items():
            if str((self.args["confirmed"] or {}).get(step, "")).upper() != sha256:
                self.report.pending("not-confirmed", "%s, %s" % (self.where, step), reason, [
                    todo.format(fqdn=self.node.fqdn, sha256=sha256),
                    "Then say so: collab_management_confirmed: {%s: '%s'} for %s." % (step, sha256, self.node.name)], step=step)

    def settle(self, served, check):
        """(request to have signed, its state): present, created, would_create or manual."""
        request = self.kept()
        if request is not None and public_key_bytes(request) == public_key_bytes(served):
            request = None                                      # made for the certificate that is not right any more: a new one has a new key
        if not self.product.key_here:
            return self.from_the_product(request)
        if request is not None and self.usable(request):
            return request, "present"
        passphrase = self.passphrase()
        self.report.before[self.where] = None
        self.report.after[self.where] = {"common_name": self.want["common_name"], "dns_names": sorted(self.want["names"]), "key": "RSA %d" % keys.BITS}
        self.report.operation("localhost", "file", "write", str(self.csr_file), key=str(self.key_file))
        if check:
            return None, "would_create"
        key, request = keys.made(self.want["common_name"], self.want["names"], self.want["uses"], self.args["subject"] or {})
        write_atomic(self.key_file, keys.sealed(key, passphrase))
        write_atomic(self.csr_file, to_pem(request))
        self.report.after[self.where] = request_facts(request)
        return request, "created"

    def kept(self):
        """The request that lies in the workspace, or None."""
        try:
            return read_request(self.csr_file.read_bytes(), str(self.csr_file))
        except FileNotFoundError:
            return None
        except PemError as e:
            raise AnsibleActionFail("%s. Delete or replace the file, then run again" % e) from None

    def usable(self, request):
        """Whether a request fits, and its key can be opened and is its own."""
        if checks.requested(request, self.want, str(self.csr_file)) or not self.key_file.exists():
            return False
        key = keys.opened(self.key_file.read_bytes(), self.passphrase())
        if key is None:
            raise AnsibleActionFail("%s cannot be opened with key_passphrase (collab_management_key_passphrase). Give the one that it was made with, or delete "
                                    "%s and %s to begin anew" % (self.key_file, self.key_file, self.csr_file))
        return public_key_bytes(request) == key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def from_the_product(self, request):
        """The request that a person has had made by the product's page, checked; pending until it is there."""
        problems = [] if request is None else checks.requested(request, {**self.want, "names": []}, str(self.csr_file))
        if request is not None and not problems:
            return request, "present"
        reason = "%s makes its key and request itself, at its own page" % self.product.title
        if problems:
            reason += "; the one in %s does not fit: %s" % (self.csr_file, "; ".join(p.what for p in problems))
        todo = [text.format(fqdn=self.node.fqdn, csr=self.csr_file) for text in self.product.request_by_hand]
        self.report.pending("request-by-hand", self.where, reason, todo, step=self.product.steps["request"])
        return None, "manual"


class ManagementCertificate(ManagementServer):
    """An issued certificate checked, as files for a person, and looked for on the server."""

    def apply(self, check):
        """Returns the report, with installed, files and sha256 added."""
        self.report.add(installed=None, files={}, sha256=None, thumbprint=None)
        if not self.args["certificate"]:
            return self.report
        certificate = read_certificate(self.args["certificate"], "certificate")
        self.check(certificate)
        served = self.served()
        installed = served is not None and fingerprint(served) == fingerprint(certificate)
        self.report.add(installed=installed, sha256=fingerprint(certificate), facts=certificate_facts(certificate))
        if installed:
            if self.product.pkcs12 and not self.args["by_hand"] and not check:
                self.still_there(certificate)
            return self.report
        files = self.files(certificate)
        self.write(files, certificate, check)
        self.report.add(files={what: str(path) for what, (path, _data) in files.items()})
        if self.product.pkcs12 and not self.args["by_hand"] and not check:
            self.for_windows(files["pkcs12"][0], certificate)
        self.report.finding("certificate-not-installed", "high", self.where, "%s is issued and not served; served is %s" % (
            short(certificate), short(served) if served is not None else "nothing"), step=self.product.steps["upload"], table="7-5")
        if not self.args["by_hand"]:
            return self.report
        places = {what: str(path) for what, (path, _data) in files.items()}
        places |= {"fqdn": self.node.fqdn, "key": str(self.key_file), "plain": str(self.folder / "upload" / (self.node.name + ".plain.key")),
                   "ldap": str(self.args["ldap_ca_file"] or "the PEM file of that CA")}
        self.report.pending("upload-by-hand", self.where, "%s has no interface for its certificate; it is issued and has passed all checks"
                            % self.product.title, [text.format_map(Missing(places)) for text in self.product.by_hand], step=self.product.steps["upload"])
        return self.report

    def still_there(self, certificate):
        """A certificate that is served already: what else Windows needs (access to the key, restarts), a run that was cut off may still owe."""
        path = self.folder / "upload" / (self.node.name + ".p12")
        held = keys.unbundled(path.read_bytes(), self.passphrase()) if path.exists() else None
        if held is not None and fingerprint(held) == fingerprint(certificate):
            self.for_windows(path, certificate)

    def for_windows(self, pkcs12, certificate):
        """What the task for Windows takes: the encrypted PKCS#12 file, the certificate's name there, and the CA's certificates."""
        above = chains.build(certificate, self.cas)[0][1:]
        self.report.add(pkcs12=base64.b64encode(pkcs12.read_bytes()).decode(), thumbprint=certificate.fingerprint(hashes.SHA1()).hex().upper(),
                        authorities=[base64.b64encode(c.public_bytes(serialization.Encoding.DER)).decode() for c in above])

    def check(self, certificate):
        """Everything that can be known beforehand; all problems at once."""
        found = self.problems(certificate, 0, "the " + self.where)
        if self.args["csr"]:
            request = x509.load_pem_x509_csr(self.args["csr"].encode())
            wanted = [] if self.product.key_here else ["san_mismatch"]      # a product's own request may ask for fewer names than the CA gives
            issued = checks.issued(certificate, request, self.cas, None, reading.now(), where="the " + self.where, request_where=self.node.name)
            found += [p for p in issued if p.id not in wanted]
        if found:
            raise AnsibleActionFail("the certificate does not pass, and no file was made (step %s): %s" % (
                self.product.steps["sign"], checks.text_of(list(dict.fromkeys(found)))))

    def files(self, certificate):
        """{what: (path, bytes)} of what a person needs."""
        above, folder = chains.build(certificate, self.cas)[0][1:], self.folder / "upload"
        out = {"certificate": (folder / (self.node.name + ".cer"), to_pem(certificate).encode()),
               "root": (folder / "enterprise-ca.pem", "".join(to_pem(c) for c in above).encode())}
        if not self.product.root_only:
            out["chain"] = (folder / (self.node.name + "-chain.cer"), "".join(to_pem(c) for c in [certificate, *above]).encode())
        if self.product.pkcs12:
            out["pkcs12"] = (folder / (self.node.name + ".p12"), None)
        return out

    def write(self, files, certificate, check):
        """Write what is not there yet. A PKCS#12 file is never the same twice, so it is opened and looked into."""
        for path, data in files.values():
            if data is None:
                if path.exists():
                    held = keys.unbundled(path.read_bytes(), self.passphrase())
                    if held is not None and fingerprint(held) == fingerprint(certificate):
                        continue
            elif path.exists() and path.read_bytes() == data:
                continue
            self.report.operation("localhost", "file", "write", str(path))
            if not check:
                write_atomic(path, data if data is not None else self.pkcs12(certificate))

    def pkcs12(self, certificate):
        """Key and certificate in one encrypted file."""
        passphrase = self.passphrase()
        key = keys.opened(self.key_file.read_bytes(), passphrase) if self.key_file.exists() else None
        if key is None:
            raise AnsibleActionFail("%s is not there, or cannot be opened with key_passphrase (collab_management_key_passphrase)" % self.key_file)
        return keys.bundled("%s-cert-key" % self.node.name, key, certificate, chains.build(certificate, self.cas)[0][1:], passphrase)


class Missing(dict):
    """Words for str.format_map that leave a name that is not known as it is."""

    def __missing__(self, key):
        return "{%s}" % key
