"""TLS of a node: real listeners that serve what is installed *and active*, and really check client certificates.

A listener is bound once with a bare context; at each handshake the context in force is looked up (and cached by what it is made of).
So a certificate that becomes active, a trust store that changes, or a restored snapshot is in force at the next handshake, while the
socket stays open. Session tickets are off: a resumed session would hide a new certificate (lab.md 2.4).

Ports: 8443 and the platform port by tomcat; 5061 by CallManager; 5090 and 5091 (SIP OAuth) by tomcat; of IM and Presence 5061 and 5062 by
cup, 5222 by cup-xmpp, 5269 by cup-xmpp-s2s. Sources: vos.md 1.7 and 2,
design.md 10, guide "Cipher Suites" (RSA only unless a cipher parameter says otherwise).
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
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


CLIENT_HELLO, SUPPORTED_VERSIONS = 1, 43


@dataclass(frozen=True)
class Offer:
    """Everything a server context is made of. identities: (PEM chain with leaf first, key PEM) each; trusted: PEMs, () = ask nobody.

    first_in_13: TLS 1.3 clients get the first identity, whatever they prefer (its cipher suites say nothing of keys).
    """

    identities: tuple[tuple[str, str], ...]
    ciphers: str
    trusted: tuple[str, ...] = ()
    highest: str = "1.2"
    verify: ssl.VerifyMode = ssl.CERT_NONE
    first_in_13: bool = False


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
    if offer.first_in_13:
        first = server_context(replace(offer, identities=offer.identities[:1], first_in_13=False))
        new = set()

        def look(connection: ssl.SSLObject, direction: str, _version: int, _content: int, kind: int, data: bytes) -> None:
            if (direction, kind) == ("read", CLIENT_HELLO):
                (new.add if speaks_13(data) else new.discard)(id(connection))

        def pick(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            if id(connection) in new:
                new.discard(id(connection))
                connection.context = first

        context._msg_callback = look  # the module tells the version only once the certificate is chosen
        context.sni_callback = pick
    return context


def speaks_13(hello: bytes) -> bool:
    """Whether a ClientHello (with its handshake header) lists TLS 1.3 among its supported versions (RFC 8446, 4.1.2 and 4.2.1)."""
    at = 4 + 2 + 32
    at += 1 + hello[at]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 1 + hello[at] + 2
    while at + 4 <= len(hello):
        kind, size = int.from_bytes(hello[at : at + 2], "big"), int.from_bytes(hello[at + 2 : at + 4], "big")
        if kind == SUPPORTED_VERSIONS:
            return b"\x03\x04" in (hello[place : place + 2] for place in range(at + 5, at + 4 + size, 2))
        at += 4 + size
    return False


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


def client_context(chain: str, key: str, trusted: tuple[str, ...]) -> ssl.SSLContext:
    """For connections that a node makes itself: its certificate, the peer's chain checked, its names left to the caller."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata="".join(trusted))
    load_identity(context, chain, key)
    return context


class NodeTls:
    """What the TLS listeners of one node have in force: cipher choices and, under a variant, the trust of the last start."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._https_choice = "0"
        self._sip_choice = "0"
        self._sip_trust: tuple[str, ...] = ()

    def day_zero(self) -> None:
        """What runs has started with the parameters of day 0; from now on each start reads them anew."""
        for service in {owner for _unit, owner in self.node.certificates.kinds.consumers.values()}:
            if self.node.services.running(service):
                self.started(service)
            self.node.services.on(service, "started", lambda service=service: self.started(service))

    def started(self, service: str) -> None:
        """A service has started: the parameters it reads at its start are in force now."""
        if service == "Cisco Tomcat":
            self._https_choice = self.node.cluster.parameter("https_ciphers") or "0"
        elif service == "Cisco CallManager":
            self._sip_choice = self.node.cluster.parameter("tls_ciphers") or "0"
            self._sip_trust = self._trusted("CallManager-trust")

    def https(self) -> ssl.SSLContext:
        """8443 and the platform port."""
        identities = [self.pair("https")]
        ciphers = RSA_CIPHERS["all"]
        if self._https_choice == "1":
            identities.append(self.pair("https-ecdsa"))
            ciphers = EC_CIPHERS["all"] + ciphers
        return server_context(Offer(tuple(identities), ":".join(ciphers), (), self.highest))

    def files(self) -> ssl.SSLContext:
        """6972: configuration files of phones."""
        return server_context(Offer((self.pair("files"),), ":".join(RSA_CIPHERS["all"]), (), self.highest))

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

    def presence(self, consumer: str, store: str = "", verify: ssl.VerifyMode = ssl.CERT_NONE) -> ssl.SSLContext:
        """A port of IM and Presence: RSA before ECDSA (id:63356638770). store: what client certificates are checked against, "" = none asked."""
        if verify == ssl.CERT_REQUIRED and not self.node.world.refuses("tls_client_certificate_untrusted"):
            verify = ssl.CERT_NONE
        identities = (self.pair(consumer), self.pair(f"{consumer}-ecdsa"))
        ciphers = ":".join(RSA_CIPHERS["all"] + EC_CIPHERS["all"])
        return server_context(Offer(identities, ciphers, self._trusted(store) if store else (), self.highest, verify))

    def client(self) -> ssl.SSLContext:
        """For connections that CallManager makes itself: its certificate, the peer checked against CallManager-trust."""
        return client_context(*self.pair("sip"), self._trusted("CallManager-trust"))

    def _signalling(self, consumer: str, trusted: tuple[str, ...], verify: ssl.VerifyMode) -> ssl.SSLContext:
        return self.signalling((self.pair(consumer), self.pair(f"{consumer}-ecdsa")), trusted, verify)

    def signalling(self, identities: tuple[tuple[str, str], ...], trusted: tuple[str, ...], verify: ssl.VerifyMode) -> ssl.SSLContext:
        """The context of a SIP port: (chain, key) of each identity, the anchors of client certificates, and whether one is needed."""
        if not self.node.world.refuses("tls_client_certificate_untrusted"):
            verify = ssl.CERT_NONE
        strength, elliptic_first = SIP_CHOICES.get(self._sip_choice, SIP_CHOICES["0"])
        rsa, elliptic = RSA_CIPHERS[strength], EC_CIPHERS[strength]
        ciphers = elliptic + rsa if elliptic_first else rsa + elliptic
        return server_context(Offer(identities, ":".join(ciphers), trusted, self.highest, verify, self.highest == "1.3" and not elliptic_first))

    def pair(self, consumer: str) -> tuple[str, str]:
        """(chain, key) that a consumer serves now."""
        identity = self.node.certificates.served(consumer)
        return chain_text(self.node, identity), identity.key

    def _trusted(self, store: str) -> tuple[str, ...]:
        return tuple(entry.certificate for entry in self.node.certificates.trust(store))

    @property
    def highest(self) -> str:
        """The highest TLS version offered: "1.2" or "1.3"."""
        return self.node.world.variant("tls_highest_version") if self.node.cluster.major >= 15 else "1.2"

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
