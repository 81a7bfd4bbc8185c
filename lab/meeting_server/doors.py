"""What a Meeting Server listens on besides SSH: each service on its ports while it runs, with the certificate that it was started with."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from aiohttp import web

from lab.core.doors import HttpDoor
from lab.core.doors import PortsDoor
from lab.core.refusals import refusal
from lab.imp import xmpp
from lab.meeting_server import files
from lab.meeting_server.database import PORT
from lab.meeting_server.database import SSL_REQUEST
from lab.ucm.listeners import Listener
from lab.ucm.sip import SipServer
from lab.ucm.sip_ports import failed
from lab.ucm.sip_ports import opened
from lab.ucm.tls import RSA_CIPHERS
from lab.ucm.tls import Offer
from lab.ucm.tls import bare_context
from lab.ucm.tls import certificate_names
from lab.ucm.tls import server_context
from lab.ucm.tls_layer import TlsLayer

if TYPE_CHECKING:
    from lab.meeting_server.services import Running
    from lab.meeting_server.state import Server

CIPHERS = ":".join((*RSA_CIPHERS["all"], "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"))
XMPP = 5222

refusal("cms_c2w_trust", "cms.md 1.4 (TN221729)", "a Call Bridge whose certificate is not in the C2W trust bundle of Web Bridge 3")
refusal("cms_sip_verify", "cms.md 1.4 (TN217320)", "a SIP caller by TLS without a trusted certificate, where `tls sip verify` is enabled")


def context(running: Running, trusted: str = "", verify: ssl.VerifyMode = ssl.CERT_NONE) -> ssl.SSLContext:
    """TLS with what a service runs with."""
    made = server_context.__wrapped__ if trusted and verify == ssl.CERT_REQUIRED else server_context
    result = made(Offer(((running.chain, running.key),), CIPHERS, (trusted,) if trusted else (), "1.2", verify))
    if trusted:
        # A bundle may hold a bare certificate of the peer: that is enough (cms.md 1.4, trust bundles).
        result.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return result


class ServerDoor(PortsDoor):
    """Any number of ports of a Meeting Server."""

    def running(self, service: str, part: str = "") -> Running | None:
        """What a part of a service runs with."""
        return (self._state.serving(service) or {}).get(part)



class SipDoor(ServerDoor):
    """5060 while the Call Bridge runs, 5061 once it has a certificate. `tls sip verify` says whether callers need one, too."""

    def asked(self) -> dict[int, str]:
        """Its ports."""
        running = self._state.serving("callbridge")
        return {} if running is None else {5060: "sip"} | ({5061: "sips"} if running else {})

    async def listener(self, port: int, protocol: str) -> Listener:
        """One port, with the connections to it."""
        connections: set[SipServer] = set()

        def inner() -> SipServer:
            return SipServer(connections, lambda transport: opened(self._appliance, transport, protocol, port, protocol == "sips"),
                             lambda what: self._state.world.note_unknown(self._appliance, "tls", what))

        def factory() -> asyncio.Protocol:
            return inner() if protocol == "sip" else TlsLayer(self._context, inner(), lambda reason: failed(self._appliance, port, reason))

        def end() -> None:
            for connection in list(connections):
                connection.transport.abort()

        return Listener(protocol, self._appliance.address, port, factory, None, end)

    def _context(self) -> ssl.SSLContext:
        running = self.running("callbridge")
        sip = self._state.tls.get("sip", {})
        if sip.get("verify") and sip.get("trust") and self._state.world.refuses("cms_sip_verify"):
            return context(running, files.pem(sip["trust"].content), ssl.CERT_REQUIRED)
        return context(running)


class BridgeDoor(HttpDoor):
    """The pages of the Web Bridge."""

    def _running(self) -> Running | None:
        name, part = ("webbridge", "") if "webbridge" in self._state.services else ("webbridge3", "https")
        return (self._state.serving(name) or {}).get(part)

    def tls(self) -> ssl.SSLContext:
        """Chosen anew at each handshake."""
        return bare_context(lambda: context(self._running()), "1.2")

    def asked(self) -> dict[int, str]:
        """Where its pages are."""
        running = self._running()
        return dict.fromkeys(running.ports, "https-webbridge") if running else {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The page of the web app."""
        if request.method != "GET":
            self._state.world.note_unknown(self._appliance, "tls", f"webbridge {request.method} {request.path}")
            return web.Response(status=404)
        return web.Response(text="<html><head><title>Meeting</title></head><body></body></html>", content_type="text/html")


class Silent(asyncio.Protocol):
    """Stays connected and says nothing: the far end has proven itself, and that is all the lab needs of it."""

    def __init__(self, connections: set, started) -> None:
        """started(transport): the connection stands; False ends it."""
        self._connections = connections
        self._started = started
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is done."""
        self.transport = transport
        self._connections.add(self)
        if not self._started(transport):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._connections.discard(self)


class C2wDoor(ServerDoor):
    """C2W of Web Bridge 3: Call Bridges connect with a certificate that its trust bundle has."""

    def asked(self) -> dict[int, str]:
        """Where it listens."""
        running = self.running("webbridge3", "c2w")
        return dict.fromkeys(running.ports, "c2w") if running else {}

    async def listener(self, port: int, protocol: str) -> Listener:
        """One port."""
        connections: set[Silent] = set()

        def factory() -> asyncio.Protocol:
            inner = Silent(connections, lambda transport: opened(self._appliance, transport, protocol, port, True))
            return TlsLayer(self._context, inner, lambda reason: failed(self._appliance, port, reason))

        def end() -> None:
            for connection in list(connections):
                connection.transport.abort()

        return Listener(protocol, self._appliance.address, port, factory, None, end)

    def _context(self) -> ssl.SSLContext:
        running = self.running("webbridge3", "c2w")
        if not self._state.world.refuses("cms_c2w_trust"):
            return context(running)
        # Nobody is trusted as long as there is no bundle: its own certificate stands in for "nothing".
        return context(running, running.trusted or running.chain, ssl.CERT_REQUIRED)


class PostgresDoor(ServerDoor):
    """Port 5432 of a server with a clustered database: PostgreSQL's request for SSL, then TLS with a client certificate of the cluster's CA."""

    def asked(self) -> dict[int, str]:
        """Its port."""
        return {PORT: "postgres"} if self._state.database.serves else {}

    async def listener(self, port: int, protocol: str) -> Listener:
        """The port."""
        connections: set[Postgres] = set()

        def end() -> None:
            for connection in list(connections):
                connection.transport.abort()

        return Listener(protocol, self._appliance.address, port, lambda: Postgres(self._state, connections), None, end)


class Postgres(asyncio.Protocol):
    """One connection, before TLS and (as its own inner protocol) inside it."""

    def __init__(self, server: Server, connections: set, inside: bool = False) -> None:
        self._server, self._connections, self._inside = server, connections, inside
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self.transport = transport
        self._connections.add(self)
        if self._inside and not opened(self._server.appliance, transport, "postgres", PORT, True):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """SSLRequest outside, the startup message inside."""
        if self._inside:
            self._authenticate()
        elif data.startswith(SSL_REQUEST):
            self.transport.write(b"S")
            inner = Postgres(self._server, self._connections, inside=True)
            layer = TlsLayer(self._server.database.context, inner, lambda reason: failed(self._server.appliance, PORT, reason))
            layer.connection_made(self.transport)
            self._connections.discard(self)
            self.transport.set_protocol(layer)
        else:
            failed(self._server.appliance, PORT, "no SSL")
            self.transport.write(_error("no pg_hba.conf entry for host, no encryption"))
            self.transport.close()

    def _authenticate(self) -> None:
        name, _others = certificate_names(self.transport.get_extra_info("peercert"))
        asked = self._server.world.refuses("cms_database_client_trust")     # where nobody is asked for a certificate, there is no name to look at
        if asked and "postgres" not in name and self._server.world.refuses("cms_database_client_name"):
            failed(self._server.appliance, PORT, f"client {name or 'without certificate'} is not postgres")
            self.transport.write(_error('certificate authentication failed for user "postgres"'))
            self.transport.close()
            return
        self.transport.write(b"R\x00\x00\x00\x08\x00\x00\x00\x00")


def _error(text: str) -> bytes:
    """An ErrorResponse of PostgreSQL's protocol."""
    body = b"SFATAL\x00C28000\x00M" + text.encode() + b"\x00\x00"
    return b"E" + (len(body) + 4).to_bytes(4, "big") + body


class XmppDoor(ServerDoor):
    """XMPP for Meeting Apps (before 3.0): STARTTLS with the certificate of the service."""

    def asked(self) -> dict[int, str]:
        """Its port."""
        return {XMPP: "xmpp"} if self.running("xmpp") else {}

    async def listener(self, port: int, protocol: str) -> Listener:
        """The port, with the streams on it."""
        connections: set[xmpp.Stream] = set()

        def end() -> None:
            for stream in list(connections):
                stream.transport.abort()

        return Listener(protocol, self._appliance.address, port,
                        lambda: Stream(self._appliance, port, protocol, xmpp.CLIENT, lambda: context(self.running("xmpp")), connections), None, end)


class Stream(xmpp.Stream):
    """One stream: it hosts the one domain of `xmpp domain`."""

    def domains(self) -> list[str]:
        """That domain."""
        return [self._node.state.services["xmpp"].settings["domain"]]
