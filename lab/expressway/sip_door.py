"""SIP ports of a peer: 5060 and 5061 as configured, the port for mutual TLS, and on Expressway-E one for each traversal server zone.

Who calls 5061 from the address of a zone's peer belongs to that zone, and needs a certificate with the peer's name where the zone verifies; all others
belong to the default zone, which needs a certificate once its mutual TLS is on (guide Table 7-21). The port of a traversal server zone takes its client only:
a certificate with the TLS verify subject name, and the user and password that the zone and the local authentication database have.

Sources: expressway.md 2.2, 2.3, 4.3; RM150.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lab.core.doors import PortsDoor
from lab.core.refusals import refusal
from lab.expressway import sip
from lab.expressway import tls
from lab.expressway.doorman import Doorman
from lab.expressway.zones import Zone
from lab.ucm.listeners import Listener
from lab.ucm.sip_ports import failed
from lab.ucm.sip_ports import opened

if TYPE_CHECKING:
    from lab.expressway.state import Peer

PLAIN, SECURE, MUTUAL, TRAVERSAL, TRAVERSAL_PLAIN = "sip", "sips", "sip-mtls", "sips-traversal", "sip-traversal"

refusal("expressway_caller_name", "expressway.md 2.2",
        "a SIP caller by TLS from a neighbor zone's peer without its name in the certificate, where the zone verifies")
refusal("expressway_traversal_subject", "expressway.md 2.2", "a traversal client whose certificate does not have the TLS verify subject name")
refusal("expressway_traversal_login", "expressway.md 2.2", "a traversal client without the zone's user and its password")
refusal("expressway_default_zone_credentials", "expressway.md 2.3", "a request to the default zone without credentials, where it checks them")


def ports(peer: Peer) -> dict[int, str]:
    """{port: protocol} of what the configuration asks for."""
    config = peer.config
    if config.get("SIP Mode") != "On":
        return {}
    found: dict[int, str] = {}
    for way, protocol in (("TCP", PLAIN), ("TLS", SECURE), ("MutualTLS", MUTUAL)):
        if config.get(f"SIP {way} Mode") == "On":
            found.setdefault(int(config.get(f"SIP {way} Port")), protocol)
    for zone in peer.zones():
        if zone.type == "TraversalServer" and zone.sip and peer.appliance.product == "expressway_e":
            found.setdefault(zone.port, TRAVERSAL if zone.transport == "TLS" else TRAVERSAL_PLAIN)
    return found


def caller_zone(peer: Peer, address: str) -> Zone | None:
    """The neighbor zone that a caller belongs to; None = the default zone."""
    return next((zone for zone in peer.zones() if zone.type == "Neighbor" and address in {peer.world.resolve(host) for host in zone.peers}), None)


def traversal_zone(peer: Peer, port: int) -> Zone | None:
    """The zone behind a port."""
    return next((zone for zone in peer.zones() if zone.type == "TraversalServer" and zone.port == port), None)


class SipDoor(PortsDoor):
    """All of them."""

    def asked(self) -> dict[int, str]:
        """See `ports`."""
        return ports(self._state)

    async def listener(self, port: int, protocol: str) -> Listener:
        """One port, with the connections to it."""
        connections: set[sip.Port] = set()
        secured = protocol not in (PLAIN, TRAVERSAL_PLAIN)

        def inner() -> sip.Port:
            return sip.Port(connections, lambda transport: self._opened(port, protocol, transport),
                            lambda what: self._state.world.note_unknown(self._appliance, "tls", what),
                            lambda request, transport: self._answer(port, protocol, request, transport))

        def factory() -> asyncio.Protocol:
            if not secured:
                return inner()
            return Doorman(lambda address: tls.listening(self._state, self._verifies(port, protocol, address)), inner,
                           lambda reason: failed(self._appliance, port, reason))

        def end() -> None:
            for connection in list(connections):
                connection.transport.abort()
            self._state.world.sip_changed(self._appliance)      # whose connections are cut knows at once

        return Listener(protocol, self._appliance.address, port, factory, None, end)

    def _verifies(self, port: int, protocol: str, address: str) -> bool:
        peer = self._state
        if protocol == MUTUAL:
            return True
        if protocol == TRAVERSAL:
            zone = traversal_zone(peer, port)
            return zone is not None and zone.tls_verify
        zone = caller_zone(peer, address)
        return zone.tls_verify if zone else peer.config.get("Zones DefaultZone SIP TLS Verify Mode") == "On"

    def _opened(self, port: int, protocol: str, transport: asyncio.Transport) -> bool:
        if not opened(self._appliance, transport, protocol, port, protocol not in (PLAIN, TRAVERSAL_PLAIN)):
            return False
        problem = self._problem(port, protocol, transport)
        if problem:
            failed(self._appliance, port, problem)
        return not problem

    def _problem(self, port: int, protocol: str, transport: asyncio.Transport) -> str:
        """What is wrong with a caller whose handshake is done."""
        peer, world = self._state, self._state.world
        certificate = transport.get_extra_info("peercert")
        if not certificate and not world.refuses("expressway_caller_trust"):
            return ""
        names, address = tls.names(certificate), transport.get_extra_info("peername")[0]
        if protocol == TRAVERSAL:
            zone = traversal_zone(peer, port)
            if zone is not None and zone.tls_verify and zone.subject.lower() not in names and world.refuses("expressway_traversal_subject"):
                return f"the certificate does not have the TLS verify subject name {zone.subject}"
        elif protocol == SECURE:
            zone = caller_zone(peer, address)
            expected = {host.lower() for host in zone.peers if world.resolve(host) == address} if zone else set()
            if zone is not None and zone.tls_verify and not expected & names and world.refuses("expressway_caller_name"):
                return f"the certificate does not have the name of a peer of zone {zone.name}"
        return ""

    def _answer(self, port: int, protocol: str, request: sip.Request, transport: asyncio.Transport) -> tuple[str, ...]:
        peer, world = self._state, self._state.world
        if protocol in (TRAVERSAL, TRAVERSAL_PLAIN):
            zone = traversal_zone(peer, port)
            known = peer.table("credential").get(zone.user, {}).get("Password", "") if zone else ""
            if zone is None or (not sip.proves(request, zone.user, known) and world.refuses("expressway_traversal_login")):
                return "401 Unauthorised", sip.challenge()
            return ("200 OK",)
        address = transport.get_extra_info("peername")[0]
        checks = peer.config.get("Zones DefaultZone Authentication Mode") == "CheckCredentials"
        if caller_zone(peer, address) is None and checks and world.refuses("expressway_default_zone_credentials"):
            return "407 Proxy Authentication Required", sip.challenge().replace("WWW-", "Proxy-")
        return ("200 OK",)
