"""Which trustpoint a router uses towards whom, and TLS contexts made of it.

`crypto signaling` of sip-ua says it by the far end's address (the narrowest network wins) or for all; a tls-profile says it with more.
Peers are checked against the CA certificates of all trustpoints unless `client-vtp` names one. A trustpoint whose revocation-check has no
`none` validates nobody here: there is no CRL to be had. Sources: ios.md 0, 1.7, 2.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509

from lab.expressway.usage import allow_any
from lab.ios.modes import STRONG_13
from lab.ucm import x509 as pems
from lab.ucm.tls import load_identity

if TYPE_CHECKING:
    from lab.ios.config import Section
    from lab.ios.router import Router

# {what stands behind `transport tcp tls`: (lowest, highest version)}; alone it means all that the release has.
VERSIONS = {"v1.0": (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2), "v1.1": (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2),
            "v1.2": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2), "v1.2 minimum": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
            "v1.3": (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)}
LEGACY = "DHE-RSA-AES128-SHA:DHE-RSA-AES256-SHA:AES128-SHA:AES256-SHA"
ALL = ("ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:"
       f"DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:{LEGACY}")
STRICT = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"
ECDSA = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"


@dataclass(frozen=True)
class Policy:
    """trustpoint: whose certificate is shown. vtp: the one that checks the peer, "" = all. validates: server, client, bidirectional or "". names: cn-san."""

    trustpoint: str
    vtp: str = ""
    validates: str = ""
    names: tuple[str, ...] = ()
    ciphers: str = ALL

    def has_name_of(self, certificate: dict) -> bool:
        """Whether a certificate, as `getpeercert()` gives it, has one of the names."""
        names = {value.lower() for rdn in certificate.get("subject", ()) for key, value in rdn if key == "commonName"}
        names |= {value.lower() for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"}
        return bool(names & set(self.names))


def policy(router: Router, address: str, tag: str = "") -> Policy | None:
    """What holds towards an address. tag: of the tls-profile of a tenant, which wins."""
    if tag:
        return _profile(router, tag)
    section = router.config.below("sip-ua")
    best: tuple[int, str] | None = None
    for line in section.starting("crypto signaling") if section else ():
        words = line.text.split()
        if words[2] == "default":
            width, rest = -1, " ".join(words[3:])
        else:
            network = ipaddress.ip_network(f"{words[3]}/{words[4]}", strict=False)
            if ipaddress.ip_address(address) not in network:
                continue
            width, rest = network.prefixlen, " ".join(words[5:])
        if best is None or width > best[0]:
            best = (width, rest)
    return None if best is None else _said(router, best[1])


def _said(router: Router, text: str) -> Policy | None:
    words = text.split()
    if words[0] == "tls-profile":
        return _profile(router, words[1])
    vtp = words[words.index("client-vtp") + 1] if "client-vtp" in words else ""
    ciphers = STRICT if "strict-cipher" in words else ECDSA if "ecdsa-cipher" in words else ALL
    return Policy(words[1], vtp, "server" if "cn-san-validate" in words else "", (), ciphers)


def _profile(router: Router, tag: str) -> Policy | None:
    section = router.config.below(f"voice class tls-profile {tag}")
    if section is None or not section.value("trustpoint"):
        return None
    names = tuple(line.text.split()[-1].lower() for line in section.starting("cn-san") if line.text.split()[1].isdigit())
    return Policy(section.value("trustpoint"), section.value("client-vtp"), section.value("cn-san validate"), names, _ciphers(router, section.value("cipher")))


def _ciphers(router: Router, chosen: str) -> str:
    if not chosen.isdigit():
        return STRICT if chosen == "strict-cipher" else ECDSA if chosen else ALL
    section = router.config.below(f"voice class tls-cipher {chosen}")
    named = [line.text.split()[-1] for line in section.lines.values()] if section else []
    return ":".join(_openssl(name) for name in named if name not in STRONG_13.split("|")) or ALL      # those are of TLS 1.3 alone


def _openssl(name: str) -> str:
    """A suite as OpenSSL calls it."""
    text = name.replace("_WITH_AES_128_CBC_SHA", "_AES128_SHA").replace("_WITH_AES_256_CBC_SHA", "_AES256_SHA").removeprefix("RSA_")
    return text.replace("_", "-")


def anchors(router: Router, vtp: str = "") -> tuple[str, ...]:
    """PEM of the CA certificates that a peer may lead to."""
    found = []
    for name in router.pki.trustpoints():
        pem, section = router.pki.holding(name).ca, router.pki.section(name)
        if pem and (not vtp or vtp == name) and "none" in section.value("revocation-check").split() and _leads_on(router, pem, section):
            found.append(pem)
    return tuple(dict.fromkeys(found))


def _leads_on(router: Router, pem: str, section: Section) -> bool:
    """With `chain-validation continue TRUSTPOINT` a CA counts only where that one has its issuer."""
    parent = section.value("chain-validation").removeprefix("stop").removeprefix("continue").strip()
    above = router.pki.holding(parent).ca if parent else ""
    return not parent or (bool(above) and pems.issued_by(pems.load(pem), pems.load(above)))


def identity(router: Router, trustpoint: str) -> tuple[str, str] | None:
    """(PEM chain, PEM key) that a trustpoint lets the router show, None where it cannot. A key that was made anew does not fit any more."""
    if router.pki.section(trustpoint) is None:
        return None
    holding = router.pki.holding(trustpoint)
    key = router.pki.keys.get(router.pki.label(trustpoint))
    if not holding.own or key is None or not _fits(holding.own, key.der()):
        return None
    issuer = holding.ca if holding.ca and not pems.is_self_signed(pems.load(holding.ca)) else ""
    return holding.own + issuer, key.pem


def _fits(pem: str, key: bytes) -> bool:
    return pems.public_bytes(pems.load(pem).public_key()) == key


def context(router: Router, wanted: Policy | None, server: bool) -> ssl.SSLContext:
    """A context of a policy. Without a certificate to show, a server's handshakes fail, as the router's do."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.minimum_version, made.maximum_version = versions(router)
    made.options |= ssl.OP_NO_TICKET | ssl.OP_CIPHER_SERVER_PREFERENCE
    made.set_ciphers(f"{wanted.ciphers if wanted else ALL}:@SECLEVEL=0")
    shown = identity(router, wanted.trustpoint) if wanted else None
    if shown is not None:
        load_identity(made, *shown)
    trusted = anchors(router, wanted.vtp if wanted else "")
    if trusted:
        made.load_verify_locations(cadata="".join(trusted))
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    check = router.world.refuses("ios_caller_trust") if server else router.world.refuses("ios_called_trust")
    if not check:
        made.verify_mode = ssl.CERT_NONE
    elif server and router.world.variant("ios_client_certificate") == "optional":
        made.verify_mode = ssl.CERT_OPTIONAL
    else:
        made.verify_mode = ssl.CERT_REQUIRED
    allow_any(made)
    return made


def versions(router: Router) -> tuple[ssl.TLSVersion, ssl.TLSVersion]:
    """The oldest and the newest TLS version in use (ios.md 0, 2)."""
    section = router.config.below("sip-ua")
    line = section.value("transport tcp tls") if section else ""
    if line in VERSIONS:
        return VERSIONS[line]
    if router.release < 17.14:
        return VERSIONS["v1.0"]
    return ssl.TLSVersion.TLSv1_1 if router.release < 26.01 else ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def offered(router: Router) -> list[str]:
    """Trustpoints that TLS of SIP names, profiles and tenants included."""
    section = router.config.below("sip-ua")
    lines = [line.text for line in section.starting("crypto signaling")] if section else []
    found = [wanted.trustpoint for text in lines if (wanted := _said(router, text.split(None, 5 if " remote-addr " in text else 3)[-1]))]
    return list(dict.fromkeys([*found, *(wanted.trustpoint for tag in tenant_profiles(router).values() if (wanted := _profile(router, tag)))]))


def tenant_profiles(router: Router) -> dict[str, str]:
    """{tenant: tls-profile}."""
    found = {}
    for line in router.config.starting("voice class tenant"):
        if line.section.value("tls-profile"):
            found[line.text.split()[-1]] = line.section.value("tls-profile")
    return found


def names_of(certificate: x509.Certificate) -> set[str]:
    """Common name and alternative names, lower case."""
    return {pems.common_name(certificate.subject).lower()} | {name.lower() for name in pems.alternative_names(certificate)}
