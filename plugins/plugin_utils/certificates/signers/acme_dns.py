# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request signed by a CA that speaks ACME, its names proven by TXT records that the control node writes.

Proof by DNS is the only one that fits: proof by HTTP or TLS would have to be given at port 80 or 443 of each name, which are the products' own. Names that
the CA holds proven already (an account bound to an organisation, say) are not proven again.

The account's key is made once and kept 0600 in the workspace, or where ca_key_file says; with ca_key_passphrase it is encrypted. Alone it is worth little: the
CA has every name proven, which takes the key to DNS as well.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from ansible.errors import AnsibleActionFail
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ...errors import NodeError
from ...files import write_atomic
from ...pki.pem import read_certificates
from ...pki.pem import to_pem
from .signer import OnlineSigner

PATIENCE = 300          # seconds for the CA to look at records, and again to issue
# Problem of the certificate (pki/checks.py) -> why a CA of this kind gives such ones.
REASONS = {
    "san_mismatch": "a CA puts the common name among the names of what it issues by ACME, so the request must have it there as well",
    "usage_missing": "the CA's profile says which usages a certificate has, whatever a request asks; public CAs give none for clients since 2026, and none of "
                     "those that Unified CM asks for beyond digital signature and key encipherment",
}


class AcmeDns(OnlineSigner):
    """See the module's option method."""

    channel, operation, recorded = "acme_dns", "order", ("url",)
    needs = ("url", "accept_terms", "ca_file", "dns_server", "dns_key_file")

    def url(self):
        """As given."""
        return self.given_url("that of the CA's ACME directory")

    def sign(self, request):
        """Order, prove, fetch. An order whose reply is lost is left to expire: the next run says so and orders once more."""
        work, passphrase = self.work, self.args["ca_key_passphrase"]
        if work.signs:
            raise AnsibleActionFail("%s: no CA issues a certificate that signs others by ACME; have this one signed in another way (method folder)" % work.name)
        key = account_key(self.args["ca_key_file"] or work.workspace() / "acme" / (urlsplit(self.url()).netloc + ".key"), passphrase)
        ca = self.session(key_file=str(key), key_passphrase=passphrase)
        dns = work.action.session("DNS " + self.args["dns_server"], host=self.args["dns_server"], server=self.args["dns_server"],
                                  key_file=os.path.abspath(os.path.expanduser(self.args["dns_key_file"])))
        found = self.submit(request, lambda: Order(work.action, ca, dns).sign(request, str(work.archive.answer)))
        return work.take(request, read_certificates("".join(found), "the answer of the CA"))

    def explain(self, error):
        """An error of the CA or of the DNS server with what to do about it."""
        todo = {
            "refused": "Check that dns_server is the primary of the names' zone, that its key may change _acme-challenge records, and that the CA sees them",
            "auth": "Check %s_user and %s_password (key identifier and HMAC key of an external account binding), and dns_key_file" % (
                self.work.settings, self.work.settings),
            "lost": "The CA may have issued; run this again, it orders once more",
        }
        return "%s. %s" % (error, todo.get(error.kind, "Check url, ca_file, dns_server and the way there"))

    def hints(self, problems):
        """Why the CA gives such certificates."""
        found = list(dict.fromkeys(REASONS[p.id] for p in problems if p.id in REASONS))
        return ["With ACME: %s." % "; ".join(found)] if found else []


class Order:
    """One order at one CA. ca, dns: sessions with the channels acme and dns_update."""

    def __init__(self, action, ca, dns):
        self.action, self.ca, self.dns = action, ca, dns

    def sign(self, request, keep):
        """[PEM of the certificate, of those above it]. Raises NodeError; records that were written are taken away again in any case."""
        order = self.ca.ask("acme", "order", csr=to_pem(request))
        written = []
        try:
            for proof in order["proofs"]:
                written.append(proof)
                self.dns.ask("dns_update", "add", name=proof["record"], value=proof["value"])
            if written:
                self.ca.ask("acme", "prove", order=order["order"])
                self.until(order["order"], "the CA to see the TXT records of %s" % ", ".join(p["name"] for p in written), ("ready", "valid"))
        finally:
            for proof in written:
                self.remove(proof)
        self.ca.ask("acme", "finalize", order=order["order"])
        self.until(order["order"], "the CA to issue", ("valid",))
        return self.ca.ask("acme", "fetch", order=order["order"], keep=keep)["certificates"]

    def until(self, order, what, states):
        """Wait for an order to come into one of the states. NodeError when the CA has given it up."""
        def reached():
            found = self.ca.ask("acme", "look", order=order)
            if found["status"] == "invalid":
                raise NodeError("refused", "the CA gave the order up: %s" % (found["message"] or "it does not say why"))
            return found["status"] in states
        self.action.poll(what, reached, PATIENCE)

    def remove(self, proof):
        """Take a TXT record away; one that stays is no more than untidy."""
        try:
            self.dns.ask("dns_update", "remove", name=proof["record"], value=proof["value"])
        except NodeError as e:
            self.action.warn("the TXT record of %s could not be removed: %s" % (proof["record"], e))


def account_key(path, passphrase):
    """The file of the account's key, which is made when there is none."""
    path = Path(path).expanduser().absolute()
    if not path.exists():
        kind = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
        key = ec.generate_private_key(ec.SECP256R1())
        write_atomic(path, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, kind).decode("ascii"))
    elif path.stat().st_mode & 0o077:
        raise AnsibleActionFail("ca_key_file: %s can be read by others; chmod 600 it" % path)
    return path
