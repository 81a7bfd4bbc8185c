"""Phones at a branch router when they reach no CallManager: who gets in, and how.

A phone whose profile is secure, and whose configuration file says that its router is, comes by TLS and believes only the certificate that it holds;
the router wants the phone's own certificate to lead to one of its trustpoints (the CAPF's or the LSC issuer's CA, the manufacturer's roots). All other
phones come in the clear, which `security-policy secure` turns down. Sources: guide "Survivable Remote Site Telephony (SRST)"; ios.md 0, 2 (SRST).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.ios import signalling
from lab.ucm import x509 as pems

if TYPE_CHECKING:
    from lab.ios.router import Router

refusal("ios_srst_phone_certificate", "ios.md 0", "a phone by TLS whose certificate leads to no trustpoint of the SRST router")
refusal("ios_srst_router_certificate", "guide 'SRST'", "an SRST router whose certificate is not the one that the phone holds")
refusal("ios_srst_policy", "ios.md 2", "a phone in the clear where security-policy secure is set")


@dataclass(frozen=True)
class Caller:
    """A phone. protocol: SIP or SCCP. believes: PEM of the router's certificate that it holds, "" = it comes in the clear.

    issuer: subject of whoever signed its LSC, "" = it has none; roots: PEMs that its manufacturer's certificate leads to, () = it has none.
    """

    name: str
    address: str
    protocol: str
    believes: str = ""
    issuer: str = ""
    roots: tuple[str, ...] = ()


def objection(router: Router, phone: Caller) -> str:
    """Why a phone cannot register, "" if it can."""
    if not router.appliance.doors.is_up or router.appliance.doors.is_away:
        return "no answer"
    problem = _service(router, phone)
    if problem:
        return problem
    if not phone.believes:
        strict = _section(router, "voice register global", "security-policy") and phone.protocol == "SIP"
        return "only TLS is admitted" if strict and router.world.refuses("ios_srst_policy") else ""
    wanted = signalling.policy(router, phone.address)
    shown = signalling.identity(router, wanted.trustpoint) if wanted else None
    if shown is None:
        return "no certificate is served"
    if pems.fingerprint(router.pki.holding(wanted.trustpoint).own) != pems.fingerprint(phone.believes) and router.world.refuses("ios_srst_router_certificate"):
        return "the phone holds another certificate of the router"
    trusted = signalling.anchors(router, wanted.vtp)
    by_lsc = phone.issuer and phone.issuer in {pems.subject_text(pem) for pem in trusted}
    by_mic = not phone.issuer and phone.roots and set(phone.roots) <= set(trusted)
    return "" if by_lsc or by_mic or not router.world.refuses("ios_srst_phone_certificate") else "the phone's certificate leads to no trustpoint"


def _section(router: Router, key: str, head: str) -> str:
    section = router.config.below(key)
    return section.value(head) if section else ""


def _service(router: Router, phone: Caller) -> str:
    """Whether there is a registrar, and a pool (SIP) or fallback service (SCCP) that has the phone."""
    if phone.protocol != "SIP":
        return "" if _section(router, "call-manager-fallback", "ip source-address") else "no call-manager-fallback"
    voice = router.config.below("voice service voip")
    sip = voice.below("sip") if voice else None
    if sip is None or not sip.starting("registrar server"):
        return "no registrar"
    return "" if any(_has(line.section.value("id"), phone) for line in router.config.starting("voice register pool")) else "no pool has the phone"


def _has(identity: str, phone: Caller) -> bool:
    words = identity.split()
    if words[:1] == ["mac"]:
        return phone.name.removeprefix("SEP").lower() == words[1].replace(".", "").lower()
    return len(words) == 4 and ipaddress.ip_address(phone.address) in ipaddress.ip_network(f"{words[1]}/{words[3]}", strict=False)
