# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request signed by AD CS web enrolment. The CA gives each request a number, by which what became of it is fetched: at once, or by a later run."""

from __future__ import annotations

import base64

from ansible.errors import AnsibleActionFail

from ...errors import NodeError
from ...pki import chain as chains
from ...pki.archive import key_id
from ...pki.pem import PemError
from ...pki.pem import read_certificates
from ...pki.pem import to_pem
from .signer import OnlineSigner


class Adcs(OnlineSigner):
    """See the module's option method."""

    channel, operation, recorded = "adcs", "POST certfnsh.asp", ("url", "template")
    needs = ("template", "user", "password", "ca_file")

    def url(self):
        """As given, or that of the inventory's certificate authority."""
        if self.args["url"]:
            return self.args["url"]
        for name, variables in self.authorities():
            if variables.get("collab_product") == "adcs":
                return "https://%s:%s" % (variables.get("collab_fqdn", name), variables.get("collab_https_port", 443))
        raise AnsibleActionFail("url: give the URL of the web enrolment (%s.url), or a host with collab_product: adcs in the group "
                                "certificate_authorities" % self.work.settings)

    def bring(self, request, entry, check):
        """Go on with the number, where it is known."""
        if entry and entry["how"] == self.how and entry.get("request_id"):
            return self.fetch(request, entry["request_id"], check)
        return super().bring(request, entry, check)

    def sign(self, request):
        """Submit; what came of it is fetched at once when the CA issued at once."""
        session, archive = self.session(), self.work.archive
        answer = self.submit(request, lambda: session.ask("adcs", "submit", csr=to_pem(request), template=self.args["template"], keep=str(archive.answer)))
        archive.pending(request, self.how, answer["request_id"])
        return self.fetch(request, answer["request_id"], False, session)

    def explain(self, error):
        """An error of the CA with what to do about it."""
        if error.kind == "refused":
            return ("%s. Check template '%s' at the CA: does it exist, is it published there, may user %s enrol with it, and does it take the subject from "
                    "the request?" % (error, self.args["template"], self.args["user"]))
        if error.kind == "auth":
            return "%s. Check %s_user and %s_password; accounts lock after a few tries" % (error, self.work.settings, self.work.settings)
        if error.kind == "lost":
            return "%s. The CA may have issued; run this again, it asks once more" % error
        return "%s. Check url, ca_file and the way to the CA" % error

    def fetch(self, request, request_id, check, session=None):
        """What became of a request that the CA knows by number. session: given when the request was submitted a moment ago."""
        work, fresh, session = self.work, session is not None, session or self.session()
        work.report.add(request_id=request_id)
        try:
            answer = session.ask("adcs", "fetch", request_id=request_id)
        except NodeError as e:
            raise AnsibleActionFail(self.explain(e)) from None
        if answer["state"] == "pending":
            reason = "the CA has taken the request as number %d; an administrator of the CA has to issue it (%s)" % (request_id, answer["message"])
            todo = ["Issue request %d at the CA (Certification Authority console, Pending Requests)." % request_id,
                    "Run the playbook again: it fetches the certificate and goes on."]
            work.report.pending("signature-pending", work.name, reason, todo, step=work.step)
            return work.report
        if answer["state"] == "denied":
            if self.args["reissue"] and not fresh:
                work.describe(key_id(request)[:16], check)
                return work.report if check else self.sign(request)
            raise AnsibleActionFail("%s: the CA denied request %d: %s. Settle it with the CA's administrator, then set reissue: true (or delete %s) to have "
                                    "the request submitted anew" % (work.name, request_id, answer["message"], work.archive.record))
        if check:                                               # it is there, but keeping it is a change of the workspace
            work.report.after[work.name] = "issued by the CA, to be fetched"
            return work.report
        found = read_certificates(answer["certificate"], "the certificate of request %d" % request_id)
        return work.take(request, found + self.chain_of(session, found), request_id)

    def chain_of(self, session, found):
        """The CA's chain where ca_file does not complete it; a CA that does not give it is no failure, the checks say what is missing."""
        if chains.build(found[0], found[1:] + self.work.given())[1]:
            return []
        try:
            return read_certificates(base64.b64decode(session.ask("adcs", "chain")["pkcs7"]), "the CA's chain")
        except (NodeError, PemError) as e:
            self.work.action.warn("the CA's chain could not be fetched: %s" % e)
            return []
