"""Dial-peers, and what the router finds when it really dials them: OPTIONS to each session target, by TLS where the dial-peer says so.

`await refresh(router)` dials all; `router.outcomes` then has {dial-peer: {"ADDRESS:PORT": "in service" or why not}}.
Sources: ios.md 2 (three levels of session transport, options-keepalive, cn-san-validate).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.ios import signalling
from lab.ucm import sip
from lab.ucm import x509 as pems

if TYPE_CHECKING:
    from lab.ios.config import Section
    from lab.ios.router import Router

LIMIT = 5.0
PORTS = {"tcp tls": 5061}


@dataclass(frozen=True)
class DialPeer:
    """One VoIP dial-peer that speaks SIP. transport: udp, tcp or "tcp tls", as it comes out of all levels. hosts: (address or name, port) to dial."""

    tag: str
    target: str
    pattern: str
    preference: str
    transport: str
    hosts: tuple[tuple[str, int], ...]
    profile: str
    shut: bool
    watched: bool
    up: bool = True


def dial_peers(router: Router) -> list[DialPeer]:
    """In the configuration's order."""
    return [_peer(router, line.text.split()[2], line.section) for line in router.config.starting("dial-peer voice") if line.text.endswith(" voip")]


def _peer(router: Router, tag: str, section: Section) -> DialPeer:
    tenant_tag = section.value("voice-class sip tenant")
    tenant = router.config.below(f"voice class tenant {tenant_tag}") if tenant_tag else None
    transport = next((value for value in (section.value("session transport"), tenant.value("session transport") if tenant else "", _general(router))
                      if value not in ("", "system")), "udp")
    target = section.value("session target")
    watched = bool(section.starting("voice-class sip options-keepalive"))
    outcome = router.outcomes.get(tag, {})
    up = not section.has("shutdown") and (not watched or not outcome or "in service" in outcome.values())
    return DialPeer(tag, target, section.value("destination-pattern"), section.value("preference") or "0", transport,
                    _hosts(router, section, target, transport), tenant.value("tls-profile") if tenant else "", section.has("shutdown"), watched, up)


def _general(router: Router) -> str:
    voice = router.config.below("voice service voip")
    section = voice.below("sip") if voice else None
    return section.value("session transport") if section else ""


def _hosts(router: Router, section: Section, target: str, transport: str) -> tuple[tuple[str, int], ...]:
    default = PORTS.get(transport, 5060)
    group = section.value("session server-group")
    if group:
        servers = router.config.below(f"voice class server-group {group}")
        return tuple((words[1], int(words[3]) if "port" in words[2:3] else default)
                     for words in (line.text.split() for line in (servers.starting("ipv4") if servers else ())))
    kind, _, rest = target.partition(":")
    host, _, port = rest.partition(":")
    return ((host, int(port) if port.isdigit() else default),) if kind in ("ipv4", "dns") and host else ()


def keep_alive(router: Router, peer: DialPeer) -> str:
    """"up", "down", or "" where nobody watches it."""
    if not peer.watched or peer.tag not in router.outcomes:
        return ""
    return "up" if "in service" in router.outcomes[peer.tag].values() else "down"


async def refresh(router: Router) -> None:
    """Dial all session targets that have an address in the estate; those outside are left alone."""
    if not router.appliance.doors.is_up or router.appliance.doors.is_away:
        return
    found: dict[str, dict[str, str]] = {}
    for peer in dial_peers(router):
        if peer.shut or peer.transport == "udp":
            continue
        hosts = [(host, port, address) for host, port in peer.hosts if (address := router.world.resolve(host))]
        outcomes = await asyncio.gather(*(_dial(router, peer, host, address, port) for host, port, address in hosts))
        if hosts:
            found[peer.tag] = {f"{host}:{port}": outcome for (host, port, _address), outcome in zip(hosts, outcomes, strict=True)}
    router.outcomes = found


async def _dial(router: Router, peer: DialPeer, host: str, address: str, port: int) -> str:
    context, wanted = None, None
    if peer.transport == "tcp tls":
        wanted = signalling.policy(router, address, peer.profile)
        if wanted is None:
            return "TLS: no trustpoint for this address"
        context = signalling.context(router, wanted, False)
    problem, certificate = await sip.attempt(address, port, router.fqdn, context, router.appliance.address, LIMIT)
    if problem:
        return problem
    if wanted is not None and wanted.validates in ("server", "bidirectional"):
        names = signalling.names_of(pems.load(certificate["pem"]))
        if not names & set(wanted.names or (host.lower(),)) and router.world.refuses("ios_called_name"):
            return f"TLS: the certificate does not have the name {host}"
    if context is not None:
        router.tls_connections[f"out {address}:{port}"] = {"address": address, "port": port, "local": router.appliance.address, "cipher": ""}
    return "in service"
