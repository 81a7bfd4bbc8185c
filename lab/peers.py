"""The far ends of SIP trunks: small SIP servers on their own loopback addresses, with and without TLS.

`sip_peers` of estate.yml says for each: name, fqdn, address, port (TCP), tls_port and `tls`:
"enterprise" (a certificate of the enterprise CA with the FQDN), "self-signed", "none", or a dict with any of
cn, san (list), expired (true), issuer ("enterprise" or "self"), profile ("both", "server", "client").
`client_certificate`: "required" (default), "optional" or "none" says how it treats its clients; trusted is the enterprise CA.
"""

from __future__ import annotations

import asyncio
import datetime
import ssl
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from lab.core.keys import load_key
from lab.ucm import tls
from lab.ucm import x509
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
    return [await _start(world, entry) for entry in world.estate.get("sip_peers", [])]


async def _start(world: World, entry: dict) -> Peer:
    wanted = entry.get("tls", "none")
    if isinstance(wanted, str) and wanted not in ("enterprise", "self-signed", "none"):
        raise ValueError(f"sip_peers: {entry.get('name')}: tls can be enterprise, self-signed, none, or a dict; it is {wanted!r}")
    if wanted is False or wanted == "none":
        wanted = None
    tls_port = int(entry.get("tls_port", 5061)) if wanted else None
    peer = Peer(entry["name"], entry.get("fqdn", entry["name"]), entry["address"], int(entry.get("port", 5060)), tls_port)
    loop = asyncio.get_running_loop()

    def connection() -> SipServer:
        return SipServer(peer.connections, lambda _transport: True, lambda _method: None)

    peer.servers.append(await loop.create_server(connection, peer.address, peer.port, reuse_address=True))
    if wanted:
        peer.chain, key = _certificate(world, peer, {"issuer": "self"} if wanted == "self-signed" else {} if wanted == "enterprise" else dict(wanted))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = VERIFY[entry.get("client_certificate", "required")]
        context.options |= ssl.OP_NO_TICKET
        context.load_verify_locations(cadata=world.ca.chain_pem())
        tls.load_identity(context, peer.chain, key)
        peer.servers.append(await loop.create_server(
            lambda: TlsLayer(lambda: context, connection(), lambda _reason: None), peer.address, peer.tls_port, reuse_address=True))
    return peer


def _certificate(world: World, peer: Peer, wanted: dict) -> tuple[str, str]:
    key = world.keys.rsa()
    cn = str(wanted.get("cn", peer.fqdn))
    names = [str(name) for name in wanted.get("san", [cn])]
    now = world.clock.now()
    if wanted.get("issuer") == "self":
        start, days = (now - datetime.timedelta(days=800), 730) if wanted.get("expired") else (now - datetime.timedelta(days=1), 730)
        return x509.self_signed("sip", x509.subject(cn, {}), key, start, names, days), key
    end = now - datetime.timedelta(days=1) if wanted.get("expired") else None
    leaf = world.ca.issue(load_key(key).public_key(), cn, names, wanted.get("profile", "both"), not_after=end)
    return x509.to_pem(leaf) + x509.to_pem(world.ca.issuing), key
