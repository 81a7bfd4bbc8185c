# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at what a far end serves, with chain and name judged apart: a wrong name must not hide a right chain."""
from __future__ import annotations

from cryptography import x509

from .pki.facts import common_name
from .pki.facts import dns_names


def look(node, address, port, server_name, **tls):
    """(what the probe saw, why the chain does not verify or None) of one address and port. tls: ca_file, ca_pem, client_certificate ...

    A first probe asks for the expected name (or the address). Where that does not verify but a certificate was served, a second one asks for
    a name that the certificate itself carries: if that verifies, the chain is proven and only the name is in question. The RSA certificate is
    asked for first, as Unified CM does by the recommended cipher parameters: a product may have a self-signed ECDSA one beside it.
    """
    def probe(name, rsa_only):
        return node.ask("tls", "probe", address=address, port=port, server_name=name, rsa_only=rsa_only, **tls)

    rsa_only = True
    seen = probe(server_name or None, rsa_only)
    if seen.get("reachable") and not seen.get("chain"):             # it has no RSA certificate, or speaks TLS 1.3 only
        rsa_only = False
        seen = probe(server_name or None, rsa_only)
    chain_error = seen.get("error")
    if seen.get("chain") and not seen.get("verified"):
        name = own_name(served(seen))
        if name:
            chain_error = probe(name, rsa_only).get("error")
    return seen, chain_error


def served(seen):
    """The certificate that a probe was served, or None."""
    return x509.load_pem_x509_certificate(seen["chain"][0].encode()) if seen.get("chain") else None


def own_name(certificate):
    """A host name that a TLS client would accept this certificate for, or ""."""
    names = dns_names(certificate) or [common_name(certificate)]
    return names[0].replace("*", "any", 1) if names else ""
