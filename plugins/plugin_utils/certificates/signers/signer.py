# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a way of having a request signed is, and what those have in common that ask a server."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from ansible.errors import AnsibleActionFail

from ...errors import NodeError
from ...pki.archive import key_id
from ...pki.pem import fingerprint
from ...pki.pem import read_certificate
from ...pki.pem import read_certificates


class Signer:
    """One way of having a request signed. work: the CertificateSignature that it is for, which keeps, checks and reports what comes of it.

    channel, operation   as they are reported
    recorded             options that say, beside the method, how a certificate was asked for: it is noticed when the operator changed them since
    """

    channel, operation, recorded = "file", "", ()

    def __init__(self, work):
        self.work, self.args = work, work.args

    @property
    def how(self):
        """How a certificate is asked for, as it is recorded: certificates by fingerprint, so that a renewed CA counts as a change."""
        return {name: self._plain(self.args.get(name)) for name in ("method", *self.recorded)}

    @staticmethod
    def _plain(value):
        if value and "-----BEGIN" in str(value):
            return fingerprint(read_certificate(value, "ca_certificate"))
        return value

    @property
    def where(self):
        """Where the operation takes place."""
        return "localhost"

    def hints(self, problems):
        """What to change of the signer, for problems of a certificate that it issued: sentences."""
        return []

    def bring(self, request, entry, check):
        """Have the request signed, or go on with what is kept of it (entry, None: nothing). Returns the report."""
        work = self.work
        if entry and entry.get("answer"):                       # it came when the run that asked was gone
            if check:                                           # keeping it is a change of the workspace
                work.report.after[work.name] = "issued by the CA, to be taken"
                return work.report
            return work.take(request, read_certificates("".join(entry["answer"]), str(work.archive.answer)))
        if entry and entry["how"] == self.how and entry["state"] == "submitting":
            work.report.finding("submission-lost", "low", work.name, "an earlier run asked the CA for this certificate and never got the answer; it is asked "
                                "again, and the CA may list a certificate that nobody fetched", step=work.step)
        work.describe(key_id(request)[:16], check)
        return work.report if check else self.sign(request)

    def sign(self, request):
        """Have it signed. Returns the report."""
        raise NotImplementedError


class OnlineSigner(Signer):
    """One that asks a CA's server. needs: options without which it cannot."""

    needs = ()

    @property
    def where(self):
        """The CA's server."""
        return urlsplit(self.url()).netloc

    def url(self):
        """URL of the CA."""
        raise NotImplementedError

    def given_url(self, example):
        """The option url; example: for the message where it is missing."""
        if not self.args["url"]:
            raise AnsibleActionFail("url is needed for method %s (%s.url): %s" % (self.args["method"], self.work.settings, example))
        return self.args["url"]

    def authorities(self):
        """(name, variables) of the certificate authorities of the inventory."""
        action = self.work.action
        return [(name, action.host_variables(name)) for name in action.task_vars["groups"].get("certificate_authorities", ())]

    def session(self, **more):
        """The session with the CA's server; an address in the inventory is dialled under the URL's name. more: options of the channel."""
        for name in self.needs:
            if not self.args[name]:
                raise AnsibleActionFail("%s is needed for method %s (%s)" % (name, self.args["method"], self.work.settings))
        url = self.url()
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise AnsibleActionFail("url: '%s' must be https://NAME[:PORT]" % url)
        address = parts.hostname
        for name, variables in self.authorities():
            if parts.hostname in (variables.get("collab_fqdn"), name):
                address = variables.get("ansible_host") or address
        return self.work.action.session(parts.netloc, host=parts.netloc, url=url, address=address, user=self.args["user"], password=self.args["password"],
                                        ca_file=os.path.abspath(os.path.expanduser(self.args["ca_file"])), **more)

    def submit(self, request, ask):
        """The answer of ask(). While it is under way the archive says so; an answer that is lost is left to the next run."""
        self.work.archive.submitting(request, self.how)
        try:
            return ask()
        except NodeError as e:
            if e.kind != "lost":                                # nothing is under way at the CA
                self.work.archive.forget()
            raise AnsibleActionFail(self.explain(e)) from None

    def explain(self, error):
        """An error of the CA with what to do about it."""
        raise NotImplementedError
