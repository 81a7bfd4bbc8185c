# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request signed by Vault under a role, and what to change of the role when its certificate is not what was asked for.

`sign/ROLE` is used and never `sign-verbatim`: that one copies whatever a request says and asks no role whether the name may be issued, so an account with it
could have certificates for every name of the enterprise. A role decides instead, and what it makes of the request is compared with the request.
"""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ...pki.facts import common_name
from ...pki.pem import read_certificates
from ...pki.pem import to_pem
from .signer import OnlineSigner

# Problem of the certificate (pki/checks.py) -> settings of the role that it comes from.
SETTINGS = {
    "san_mismatch": "use_csr_sans must be true for the request's names to be kept",
    "usage_missing": "key_usage, server_flag, client_flag, ext_key_usage and ext_key_usage_oids are what it gives, whatever a request asks for",
    "expired": "ttl and max_ttl",
    "issuer_missing": "issuer_ref says which CA of the mount signs",
    "bad_signature": "issuer_ref says which CA of the mount signs",
    "weak_hash": "signature_bits",
}


class Vault(OnlineSigner):
    """See the module's option method; its option template is the role."""

    channel, operation, recorded = "vault", "POST sign", ("url", "template")
    needs = ("template", "password", "ca_file")

    def url(self):
        """As given."""
        return self.given_url("https://NAME:8200/MOUNT, with the mount of the PKI engine")

    def sign(self, request):
        """Sign under the role. A reply that is lost is not read back (channels/vault.py): the next run says so and asks once more."""
        work, role = self.work, self.args["template"]
        if work.signs:
            raise AnsibleActionFail("%s: Vault's roles issue no certificate that signs others; have this one signed by the enterprise CA in another way "
                                    "(method folder)" % work.name)
        session = self.session()
        answer = self.submit(request, lambda: session.ask("vault", "sign", csr=to_pem(request), role=role, common_name=common_name(request),
                                                          days=self.args["days"], keep=str(work.archive.answer)))
        for warning in answer["warnings"]:
            work.action.warn("Vault, role %s: %s" % (role, warning))
        return work.take(request, read_certificates("".join(answer["certificates"]), "the answer of Vault"))

    def explain(self, error):
        """An error of Vault with what to do about it."""
        role, settings = self.args["template"], self.work.settings
        if error.kind == "refused":
            return ("%s. Check url (its mount) and the role '%s': allow_any_name, or allowed_domains with allow_subdomains and allow_bare_domains, say which "
                    "names it issues; allow_ip_sans, key_type and key_bits what else a request may have" % (error, role))
        if error.kind == "auth":
            return ("%s. Check %s_password (the token, or with %s_user the AppRole's secret ID), and that its policy allows update on MOUNT/sign/%s"
                    % (error, settings, settings, role))
        if error.kind == "lost":
            return "%s. Vault may have issued; run this again, it asks once more" % error
        return "%s. Check url, ca_file and the way to Vault" % error

    def hints(self, problems):
        """What to change of the role."""
        found = list(dict.fromkeys(SETTINGS[p.id] for p in problems if p.id in SETTINGS))
        return ["Settings of Vault's role '%s': %s." % (self.args["template"], "; ".join(found))] if found else []
