"""TLS of a node: real listeners that serve what is installed *and active*, and really check client certificates.

A listener is bound once with a bare context; at each handshake the context in force is looked up (and cached by what it is made of).
So a certificate that becomes active, a trust store that changes, or a restored snapshot is in force at the next handshake, while the
socket stays open. Session tickets are off: a resumed session would hide a new certificate (lab.md 2.4).

Ports: 8443 and the platform port by tomcat; 5061 by CallManager; 5090 and 5091 (SIP OAuth) by tomcat. Sources: vos.md 1.7 and 2,
design.md 10, guide "Cipher Suites" (RSA only unless a cipher parameter says otherwise).
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import x509
from lab.ucm.certificates import Identity

if TYPE_CHECKING:
    from lab.core.world import Node

refusal("tls_client_certificate_untrusted", "design.md 10", "a TLS client whose certificate no CA in the right trust store has signed")

variant("sip_tls_client_certificate", ("required", "optional"), "required", "vos.md 2",
        "whether 5061 and 5091 end a handshake without client certificate, or only ask")
variant("sip_oauth_onprem_client_certificate", ("none", "optional"), "none", "vos.md 2", "whether 5090 asks for a client certificate")
variant("sip_oauth_trust", ("CallManager-trust", "tomcat-trust"), "CallManager-trust", "vos.md 2 (open)",
        "the trust store that 5091 checks client certificates against")
variant("tls_highest_version", ("1.2", "1.3"), "1.2", "axl.md 8", "TLS 1.3 is offered from 15SU2 on")
variant("callmanager_trust_reload", ("live", "restart"), "live", "vos.md 1.7 (open)",
        "whether a new CallManager-trust certificate counts at once or after a restart")
variant("served_chain", ("without_root", "with_root", "leaf"), "without_root", "vos.md 1.2 (open)", "what a listener sends with its certificate")

RSA_CIPHERS = {
    "all": ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES128-SHA"),
    "strong": ("ECDHE-RSA-AES256-GCM-SHA384", "AES256-GCM-SHA384"),
    "medium": ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-GCM-SHA256"),
}
EC_CIPHERS = {
    "all": ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    "strong": ("ECDHE-ECDSA-AES256-GCM-SHA384",),
    "medium": ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"),
}
# Position of the choice in the drop-down "TLS Ciphers" (axl.md 4): strength and whether ECDSA is preferred.
SIP_CHOICES = {"0": ("all", False), "1": ("all", True), "2": ("strong", False), "3": ("strong", True), "4": ("medium", False), "5": ("medium", True)}


@dataclass(frozen=True)
class Offer:
    """Everything a server context is made of. identities: (PEM chain with leaf first, key PEM) each; trusted: PEMs, () = ask nobody."""

    identities: tuple[tuple[str, str], ...]
    ciphers: str
    trusted: tuple[str, ...] = ()
    highest: str = "1.2"
    verify: ssl.VerifyMode = ssl.CERT_NONE


@lru_cache(maxsize=512)
def server_context(offer: Offer) -> ssl.SSLContext:
    """A fresh context for an offer (cached by its content)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context, offer.highest)
    context.set_ciphers(offer.ciphers)
    for chain, key in offer.identities:
        load_identity(context, chain, key)
    if offer.trusted:
        context.load_verify_locations(cadata="".join(offer.trusted))
    context.verify_mode = offer.verify
    return context


def _harden(context: ssl.SSLContext, highest: str) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_3 if highest == "1.3" else ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.num_tickets = 0


def load_identity(context: ssl.SSLContext, chain: str, key: str) -> None:
    """Load certificate and key from text: the ssl module reads files only, so one lives for an instant, readable by its owner."""
    with tempfile.NamedTemporaryFile("w", encoding="ascii", suffix=".pem") as file:
        file.write(key + chain)
        file.flush()
        context.load_cert_chain(file.name)


def bare_context(choose: Callable[[], ssl.SSLContext], highest: str) -> ssl.SSLContext:
    """The context the HTTPS listeners are bound with. choose() gives the context in force at each handshake, with or without SNI."""

    def pick(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = choose()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context, highest)
    context.sni_callback = pick
    return context


class NodeTls:
    """What the TLS listeners of one node have in force: cipher choices and, under a variant, the trust of the last start."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._https_choice = "0"
        self._sip_choice = "0"
        self._sip_trust: tuple[str, ...] = ()

    def started(self, service: str) -> None:
        """A service has started: the parameters it reads at its start are in force now."""
        if service == "Cisco Tomcat":
            self._https_choice = self.node.cluster.parameter("https_ciphers") or "0"
        elif service == "Cisco CallManager":
            self._sip_choice = self.node.cluster.parameter("tls_ciphers") or "0"
            self._sip_trust = self._trusted("CallManager-trust")

    def https(self) -> ssl.SSLContext:
        """8443 and the platform port."""
        identities = [self._pair("https")]
        ciphers = RSA_CIPHERS["all"]
        if self._https_choice == "1":
            identities.append(self._pair("https-ecdsa"))
            ciphers = EC_CIPHERS["all"] + ciphers
        return server_context(Offer(tuple(identities), ":".join(ciphers), (), self.highest))

    def sip(self) -> ssl.SSLContext:
        """5061 and other TLS ports of SIP trunk security profiles: client certificates against CallManager-trust."""
        live = self.node.world.variant("callmanager_trust_reload") == "live"
        return self._signalling("sip", self._trusted("CallManager-trust") if live else self._sip_trust, self._mutual())

    def oauth(self) -> ssl.SSLContext:
        """5090: the tomcat certificate that CallManager has loaded; clients prove themselves by a token."""
        asks = self.node.world.variant("sip_oauth_onprem_client_certificate") != "none"
        return self._signalling("oauth", self._oauth_trust(), ssl.CERT_OPTIONAL if asks else ssl.CERT_NONE)

    def oauth_mra(self) -> ssl.SSLContext:
        """5091: the same certificate; the client (an Expressway-C) proves itself by its own."""
        return self._signalling("oauth", self._oauth_trust(), self._mutual())

    def _oauth_trust(self) -> tuple[str, ...]:
        return self._trusted(self.node.world.variant("sip_oauth_trust"))

    def _mutual(self) -> ssl.VerifyMode:
        return ssl.CERT_REQUIRED if self.node.world.variant("sip_tls_client_certificate") == "required" else ssl.CERT_OPTIONAL

    def client(self) -> ssl.SSLContext:
        """For connections that CallManager makes itself: its certificate, the peer checked against CallManager-trust."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(cadata="".join(self._trusted("CallManager-trust")))
        load_identity(context, *self._pair("sip"))
        return context

    def _signalling(self, consumer: str, trusted: tuple[str, ...], verify: ssl.VerifyMode) -> ssl.SSLContext:
        if not self.node.world.refuses("tls_client_certificate_untrusted"):
            verify = ssl.CERT_NONE
        strength, elliptic_first = SIP_CHOICES.get(self._sip_choice, SIP_CHOICES["0"])
        rsa, elliptic = RSA_CIPHERS[strength], EC_CIPHERS[strength]
        ciphers = elliptic + rsa if elliptic_first else rsa + elliptic
        identities = (self._pair(consumer), self._pair(f"{consumer}-ecdsa"))
        return server_context(Offer(identities, ":".join(ciphers), trusted, self.highest, verify))

    def _pair(self, consumer: str) -> tuple[str, str]:
        identity = self.node.certificates.served(consumer)
        return chain_text(self.node, identity), identity.key

    def _trusted(self, store: str) -> tuple[str, ...]:
        return tuple(entry.certificate for entry in self.node.certificates.trust(store))

    @property
    def highest(self) -> str:
        """The highest TLS version offered: "1.2" or "1.3"."""
        return self.node.world.variant("tls_highest_version")

    def save(self) -> dict:
        """State for a snapshot."""
        return {key: value for key, value in vars(self).items() if key != "node"}

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        vars(self).update(state)


def chain_text(node: Node, identity: Identity) -> str:
    """What is sent in a handshake, leaf first."""
    way = node.world.variant("served_chain")
    issuers = () if way == "leaf" else identity.chain
    root = ""
    if way == "with_root" and not identity.self_signed:
        last = x509.load(issuers[-1] if issuers else identity.certificate)
        found = [e.certificate for e in node.certificates.trust(identity.unit) if x509.load(e.certificate).subject == last.issuer]
        root = found[0] if found else ""
    return identity.certificate + "".join(issuers) + root


def certificate_names(certificate: dict | None) -> tuple[str, list[str]]:
    """Common name and DNS names of `getpeercert()`'s answer; ("", []) when there is none."""
    if not certificate:
        return "", []
    names = [value for rdn in certificate.get("subject", ()) for key, value in rdn if key == "commonName"]
    return (names[0] if names else ""), [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="ascii")
