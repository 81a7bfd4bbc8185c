"""TLS of SIP on a peer: what its ports ask of callers, and what it asks of those it calls.

A certificate's extended key usage is checked by OpenSSL itself, of callers and of the called; X15.5 can switch it off for callers (expressway.md 4.4).
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.expressway.usage import allow_any
from lab.ucm import x509
from lab.ucm.tls import RSA_CIPHERS
from lab.ucm.tls import Offer
from lab.ucm.tls import client_context
from lab.ucm.tls import server_context

if TYPE_CHECKING:
    from cryptography import x509 as c509

    from lab.expressway.state import Peer

CIPHERS = ":".join((*RSA_CIPHERS["all"], "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"))
USAGE_CHECK = "SIP TLS Certificate ExtendedKeyUsage Checking Mode"

refusal("expressway_caller_trust", "expressway.md 2.2", "a SIP caller by TLS whose certificate leads to no trusted CA, where one is needed")
refusal("expressway_caller_usage", "expressway.md 4.4", "a SIP caller by TLS whose certificate is not for client authentication, where that is checked")
refusal("expressway_called_trust", "expressway.md 2.2", "a far end whose certificate leads to no trusted CA, where the zone verifies it")
refusal("expressway_called_name", "expressway.md 2.2", "a far end whose certificate does not have the address of the zone's peer, where the zone verifies it")


def checks_usage(peer: Peer) -> bool:
    """Whether callers need a certificate for client authentication."""
    on = not peer.config.exists(USAGE_CHECK) or peer.config.get(USAGE_CHECK) == "On"
    return on and peer.world.refuses("expressway_caller_usage")


def listening(peer: Peer, verify: bool) -> ssl.SSLContext:
    """For those who call: the certificate in force; verify: they need one that leads to a trusted CA."""
    offer = Offer((peer.certificates.served,), CIPHERS)
    if not verify or not peer.world.refuses("expressway_caller_trust"):
        return server_context(offer)
    offer = Offer(offer.identities, CIPHERS, peer.certificates.trust, "1.2", ssl.CERT_REQUIRED)
    if checks_usage(peer):
        return server_context(offer)
    context = server_context.__wrapped__(offer)
    allow_any(context)
    return context


def calling(peer: Peer, verify: bool) -> ssl.SSLContext:
    """For those that it calls: the certificate that it shows, and with `verify` theirs checked against the trusted CAs."""
    context = client_context(*peer.certificates.presented, peer.certificates.trust)
    if not verify or not peer.world.refuses("expressway_called_trust"):
        context.verify_mode = ssl.CERT_NONE
    return context


def names(certificate: dict | None) -> set[str]:
    """Common name, DNS names and addresses of a certificate, in lower case."""
    if not certificate:
        return set()
    common = {value.lower() for rdn in certificate.get("subject", ()) for key, value in rdn if key == "commonName"}
    return common | {value.lower() for kind, value in certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address")}


def names_of(certificate: c509.Certificate) -> set[str]:
    """The same of a loaded one."""
    return {x509.common_name(certificate.subject).lower()} | set(x509.alternative_names(certificate))
