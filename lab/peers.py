"""The far ends of SIP trunks: small SIP servers on their own loopback addresses, with and without TLS.

`sip_peers` of estate.yml says for each: name, fqdn, address, port (TCP), tls_port and `tls` (see lab.ca.machines).
`client_certificate`: "required" (default), "optional" or "none" says how it treats its clients; trusted is the enterprise CA.
`unless_cluster`: NAME of a cluster that it stands in for: it is not there while the inventory has that cluster.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from lab.ca import machines
from lab.ucm import tls
from lab.ucm.sip import SipServer
from lab.ucm.tls_layer import TlsLayer

if TYPE_CHECKING:
    from lab.core.world import World

VERIFY = {"required": ssl.CERT_REQUIRED, "optional": ssl.CERT_OPTIONAL, "none": ssl.CERT_NONE}


@dataclass(eq=False)
class Peer:
    """One far end that listens. chain: PEM of what it serves by TLS, "" when it has none."""

    name: str
    fqdn: str
    address: str
    port: int
    tls_port: int | None
    chain: str = ""
    servers: list[asyncio.Server] = field(default_factory=list, repr=False)
    connections: set[SipServer] = field(default_factory=set, repr=False)

    def close(self) -> None:
        """Stop listening and end all connections."""
        for server in self.servers:
            server.close()
        for connection in list(self.connections):
            connection.transport.abort()


async def start(world: World) -> list[Peer]:
    """Start all peers of the estate. Raises OSError (address taken) and ValueError (a peer's description makes no sense)."""
    return [await _start(world, entry) for entry in world.estate.get("sip_peers", [])
            if entry.get("unless_cluster") not in {*world.clusters, *world.groups}]


async def _start(world: World, entry: dict) -> Peer:
    wanted = machines.wanted_of(entry.get("tls", "none"), f"sip_peers: {entry.get('name')}")
    tls_port = None if wanted is None else int(entry.get("tls_port", 5061))
    peer = Peer(entry["name"], entry.get("fqdn", entry["name"]), entry["address"], int(entry.get("port", 5060)), tls_port)
    loop = asyncio.get_running_loop()

    def connection() -> SipServer:
        return SipServer(peer.connections, lambda _transport: True, lambda _method: None)

    peer.servers.append(await loop.create_server(connection, peer.address, peer.port, reuse_address=True))
    if wanted is not None:
        peer.chain, key = machines.certificate(world, peer.fqdn, wanted)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = VERIFY[entry.get("client_certificate", "required")]
        context.options |= ssl.OP_NO_TICKET
        context.load_verify_locations(cadata=world.ca.chain_pem())
        tls.load_identity(context, peer.chain, key)
        peer.servers.append(await loop.create_server(
            lambda: TlsLayer(lambda: context, connection(), lambda _reason: None), peer.address, peer.tls_port, reuse_address=True))
    return peer

