"""Who may call: addresses of the trusted list, session targets of dial-peers that are up, and those whose name a TLS profile has checked (ios.md 2)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.ios import calling
from lab.ios import signalling

if TYPE_CHECKING:
    from lab.ios.router import Router

refusal("ios_toll_fraud", "ios.md 2", "a call from an address that nobody trusts, while ip address trusted authenticate is on")


def trusted(router: Router, address: str, certificate: dict) -> bool:
    """Whether a call from an address is let through. certificate: of a TLS caller, as `getpeercert()` gives it."""
    voice = router.config.below("voice service voip")
    if (voice is not None and voice.get("ip address trusted authenticate") is not None) or not router.world.refuses("ios_toll_fraud"):
        return True
    entries = voice.below("ip address trusted list") if voice else None
    if entries is not None and any(_has(line.text.split()[1:], address) for line in entries.starting("ipv4")):
        return True
    if any(address == router.world.resolve(host) for peer in calling.dial_peers(router) if peer.up for host, _port in peer.hosts):
        return True
    wanted = signalling.policy(router, address) if certificate else None
    return wanted is not None and wanted.validates in ("client", "bidirectional") and wanted.has_name_of(certificate)


def _has(words: list[str], address: str) -> bool:
    network = words[0] if len(words) == 1 else f"{words[0]}/{words[1]}"
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
