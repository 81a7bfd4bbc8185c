"""SRST routers, as far as Unified CM meets them: the credential service that serves their certificate by TLS.

`srst_routers` of estate.yml says for each: name, fqdn, address, port (2445) and `tls`, as for SIP peers (lab.ca.machines), and `unless_cluster`:
NAME of a group of routers (lab.ios) that it stands in for.
Sources: guide "Survivable Remote Site Telephony (SRST)"; id:63325033716 (default port 2445).
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.ca import machines
from lab.ucm import tls

if TYPE_CHECKING:
    from lab.core.world import World

PORT = 2445


@dataclass(eq=False)
class Router:
    """One router whose credential service listens. chain: PEM of what it serves."""

    name: str
    address: str
    port: int
    chain: str
    server: asyncio.Server

    def close(self) -> None:
        """Stop listening."""
        self.server.close()


async def start(world: World) -> list[Router]:
    """Start all routers of the estate that have a certificate. Raises OSError (address taken) and ValueError (a description makes no sense)."""
    routers = []
    for entry in world.estate.get("srst_routers", []):
        if entry.get("unless_cluster") in world.groups:
            continue
        wanted = machines.wanted_of(entry.get("tls", "enterprise"), f"srst_routers: {entry.get('name')}")
        if wanted is not None:
            routers.append(await _start(world, entry, wanted))
    return routers


async def _start(world: World, entry: dict, wanted: dict) -> Router:
    chain, key = machines.certificate(world, entry.get("fqdn", entry["name"]), wanted)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_identity(context, chain, key)
    port = int(entry.get("port", PORT))
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), entry["address"], port, ssl=context, reuse_address=True)
    return Router(entry["name"], entry["address"], port, chain, server)
