"""What comes of a peer's zones: it really calls the far ends, when somebody looks, and not more often than the product would: a connection that is up is kept,
so its far end is called anew only when something has changed at either end.

* A traversal client zone calls each peer of Expressway-E at the zone's port, with TLS and this peer's certificate, checks the other's chain and name, and
  proves user and password. A failed one is tried again after RetryInterval.
* A neighbor zone asks each of its peers by OPTIONS; any answer means that it is alive (ClassFiveResponseLiveness, RM150).
* The automatic zones of Unified CM nodes show Address Resolvable from X14.0.2 on, and are called before that.
* A traversal server zone is up while a traversal client's connection to it is.
* An SSH tunnel belongs to each pair of peers of a Unified Communications zone; it wants client authentication in Expressway-C's certificate, whatever SIP
  checks (expressway.md 4.4).

`await refresh(peer)` brings `peer.zone_results` and `peer.tunnels` up to date; nothing is called while nobody looks. A change of the peer's own settings is
tried at once, one of a far end shows at once where the zone was up.

Causes: "System unreachable" and "Connect failed" are the product's (status.xml of X8.11.3), the others ours.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.expressway import sip
from lab.expressway import tls
from lab.expressway.certificates import usage
from lab.expressway.zones import Result
from lab.expressway.zones import Zone
from lab.ucm.handshake import agree
from lab.ucm.x509 import load

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.world import World
    from lab.expressway.state import Cluster
    from lab.expressway.state import Peer

PATIENCE = 5.0          # real seconds
AGAIN = 60.0            # virtual seconds after which a far end that has failed is called again; of a traversal client, RetryInterval; ours
SETTLE = 1.0            # virtual seconds after which others hear of a change; ours
ACTIVE, FAILED, RESOLVABLE, ON, OFF = "Active", "Failed", "Address Resolvable", "On", "Off"
UNREACHABLE, NO_CONNECTION, NO_NAME = "System unreachable", "Connect failed", "DNS resolution failed"
TLS_FAILED, NOT_ADMITTED, SILENT, NO_PEER = "TLS negotiation failure", "Authentication failure", "No response", "No peer address"
CAUSES = {"connect": NO_CONNECTION, "tls": TLS_FAILED, "name": TLS_FAILED, "closed": TLS_FAILED, "silence": SILENT}

refusal("expressway_tunnel_usage", "expressway.md 4.4", "an SSH tunnel whose client certificate is not for client authentication")
variant("expressway_neighbor_alive", ("any_answer", "success"), "any_answer", "RM150 (ClassFiveResponseLiveness, of 5xx alone)",
        "whether a neighbor that was set up by a person and refuses OPTIONS counts as alive; automatic zones of Unified CM work without a trunk to Expressway")
variant("expressway_automatic_zone_status", ("release", "called"), "release", "expressway.md 3 (X14.0.2)",
        "whether automatic zones show Address Resolvable from X14.0.2 on, or what a call came to")


class Links:
    """The far ends of one peer."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._turn = asyncio.Lock()
        self._own = True                        # own settings have changed
        self._far = False                       # something else has
        self._again: dict[str, float] = {}      # when a zone that has failed is called again
        self._announcing = False

    def reset(self) -> None:
        """A snapshot was brought back: nothing is known of what goes on outside."""
        self._own, self._announcing = True, False

    def changed(self, peer: Peer) -> None:
        """A peer of this cluster has changed."""
        if peer is self._peer:
            self._own = True
            if not self._announcing:
                self._announcing = True
                peer.world.spawn(self._announce(), f"{peer.name}: others hear of a change")

    def far_changed(self, other: object) -> None:
        """Somebody else's SIP has changed."""
        self._far = self._far or other is not self._peer.appliance

    async def _announce(self) -> None:
        try:
            await self._peer.world.clock.sleep(SETTLE)
        finally:
            self._announcing = False
        self._peer.world.sip_changed(self._peer.appliance)

    async def call(self) -> None:
        """Call what is due."""
        peer = self._peer
        async with self._turn:
            own, far, self._own, self._far = self._own, self._far, False, False
            zones, before = peer.zones(), peer.zone_results
            due = [zone for zone in zones if zone.type != "TraversalServer" and self._is_due(zone, before.get(zone.name), own, far)]
            if not due and not own and not far:
                return
            found = dict(zip((zone.name for zone in due), await asyncio.gather(*(self._result(zone) for zone in due)), strict=True))
            for zone in due:
                self._again[zone.name] = peer.world.clock.after(_interval(peer, zone))
            kept = {zone.name: found.get(zone.name, before.get(zone.name)) for zone in zones}
            peer.zone_results = {name: result for name, result in kept.items() if result is not None}
            peer.tunnels = _tunnels(peer)

    def _is_due(self, zone: Zone, before: Result | None, own: bool, far: bool) -> bool:
        if before is None or own:
            return True
        if before.state != FAILED:
            return far
        return self._peer.world.clock.epoch() >= self._again.get(zone.name, 0.0)

    async def _result(self, zone: Zone) -> Result:
        if not zone.sip or self._peer.config.get("SIP Mode") != "On":
            return Result(OFF)
        if zone.type in ("DNS", "ENUM"):
            return Result(ON)
        calls = await asyncio.gather(*(self._peer_of(zone, address) for address in zone.peers))
        ends = tuple((address, zone.port, state, cause) for address, (state, cause) in zip(zone.peers, calls, strict=True))
        good = next((state for _address, _port, state, _cause in ends if state != FAILED), None)
        if good is None:
            return Result(FAILED, UNREACHABLE if ends else NO_PEER, ends)
        return Result(good, "", ends)

    async def _peer_of(self, zone: Zone, address: str) -> tuple[str, str]:
        """(state, cause) of one far end."""
        world = self._peer.world
        place = world.resolve(address)
        if place is None:
            return FAILED, NO_NAME
        if zone.automatic and _resolves_only(self._peer):
            return RESOLVABLE, ""
        if zone.type == "Neighbor" and not zone.automatic and self._peer.config.get(f"Zones Zone {zone.index} Neighbor Monitor") == "No":
            return ACTIVE, ""
        if zone.transport == "UDP":
            return FAILED, SILENT
        outcome = await sip.ask(self._call(zone, address, place), PATIENCE)
        if outcome.stage != "answer":
            return FAILED, SILENT if outcome.stage == "closed" and zone.transport != "TLS" else CAUSES[outcome.stage]
        if zone.type == "TraversalClient":
            return (ACTIVE, "") if outcome.status == 200 else (FAILED, NOT_ADMITTED)
        # Unified CM, which has no trunk for it on the port of an automatic zone, refuses OPTIONS, and the zone is Active nevertheless (before X14.0.2).
        alive = outcome.status == 200 or zone.automatic or world.variant("expressway_neighbor_alive") == "any_answer"
        return (ACTIVE, "") if alive else (FAILED, SILENT)

    def _call(self, zone: Zone, address: str, place: str) -> sip.Call:
        peer = self._peer
        secured = zone.transport == "TLS"
        named = zone.tls_verify and peer.world.refuses("expressway_called_name")
        return sip.Call(place, zone.port, peer.appliance.address, peer.appliance.fqdn, tls.calling(peer, zone.tls_verify) if secured else None,
                        zone.user, zone.password, lambda certificate: not named or address.lower() in tls.names(certificate))


def attach(cluster: Cluster) -> None:
    """Let the peers of a cluster have links, and hear of changes."""
    for peer in cluster.peers:
        peer.links = Links(peer)
        cluster.on_change(peer.links.changed)
        cluster.world.on_sip_change(peer.links.far_changed)


async def refresh(peer: Peer) -> None:
    """Bring what is shown of a peer's zones and tunnels up to date."""
    if peer.appliance.product == "expressway_c":
        await peer.links.call()
        return
    clients = _clients(peer)
    for client in clients:
        await client.links.call()
    await peer.links.call()
    results = dict(peer.zone_results)
    for zone in peer.zones():
        if zone.type == "TraversalServer":
            results[zone.name] = _served(peer, zone, clients)
    peer.zone_results = results
    peer.tunnels = tuple({**row, "Peer": client.appliance.fqdn} for client in clients for row in client.tunnels
                         if peer.world.resolve(row["Peer"]) == peer.appliance.address)


def _clients(peer: Peer) -> list[Peer]:
    """The peers of Expressway-C that call a peer of Expressway-E."""
    return [one.state for one in _controllers(peer.world) if any(
        zone.type == "TraversalClient" and peer.appliance.address in {peer.world.resolve(host) for host in zone.peers} for zone in one.state.zones())]


def _controllers(world: World) -> list[Appliance]:
    return [one for one in world.appliances() if one.product == "expressway_c"]


def _served(peer: Peer, zone: Zone, clients: list[Peer]) -> Result:
    """A traversal server zone: who is connected to its port."""
    if not zone.sip or peer.config.get("SIP Mode") != "On":
        return Result(OFF)
    connected = [client.appliance.address for client in clients for result in client.zone_results.values() for host, port, state, _cause in result.peers
                 if (port, state) == (zone.port, ACTIVE) and peer.world.resolve(host) == peer.appliance.address]
    if not connected:
        return Result(FAILED, UNREACHABLE)
    return Result(ACTIVE, "", tuple((address, zone.port, ACTIVE, "") for address in connected))


def _interval(peer: Peer, zone: Zone) -> float:
    return float(peer.config.get(f"Zones Zone {zone.index} TraversalClient RetryInterval")) if zone.type == "TraversalClient" else AGAIN


def _resolves_only(peer: Peer) -> bool:
    if peer.world.variant("expressway_automatic_zone_status") == "called":
        return False
    return tuple(int(part) for part in re.findall(r"\d+", peer.appliance.release)) >= (14, 0, 2)


# ---- SSH tunnels

def _tunnels(peer: Peer) -> tuple[dict[str, str], ...]:
    """One for each peer of Expressway-E that a Unified Communications zone leads to."""
    if peer.appliance.product != "expressway_c" or peer.config.get("CollaborationEdge Enabled") != "On":
        return ()
    rows = []
    for zone in peer.zones():
        result = peer.zone_results.get(zone.name)
        for host, _port, state, _cause in result.peers if zone.uc and result is not None else ():
            problem = _tunnel_problem(peer, host, state)
            rows.append({"Peer": host, "Status": FAILED if problem else ACTIVE, **({"Cause": problem} if problem else {})})
    return tuple(rows)


def _tunnel_problem(peer: Peer, host: str, state: str) -> str:
    other = peer.world.find_appliance(host)
    if state != ACTIVE or other is None:
        return NO_CONNECTION
    edge: Peer = other.state
    if edge.config.get("CollaborationEdge Enabled") != "On":
        return NO_CONNECTION
    usages = usage(peer.certificates.presented[0])
    if ExtendedKeyUsageOID.CLIENT_AUTH not in usages and peer.world.refuses("expressway_tunnel_usage"):
        return TLS_FAILED
    # OpenSSL would look at the usages again: what they may be is said above.
    server, client = tls.listening(edge, True), tls.calling(peer, True)
    problem = agree(client, server) if ExtendedKeyUsageOID.CLIENT_AUTH in usages else ""
    return TLS_FAILED if problem or host.lower() not in tls.names_of(load(edge.certificates.served[0])) else ""
