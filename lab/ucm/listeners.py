"""The sockets of one node: which ports are open, when, and who answers there.

8443 and the platform port belong to Tomcat, 5060/5061 and the SIP OAuth ports to CallManager: they close when their service stops
(every connection with them) and open when it has started.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from lab.core.world import SIP_PORTS
from lab.ucm.sip import SipServer
from lab.ucm.tls import bare_context
from lab.ucm.tls import certificate_names
from lab.ucm.tls_layer import TlsLayer

if TYPE_CHECKING:
    from lab.core.world import Node

CALL_MANAGER = "Cisco CallManager"
TOMCAT = "Cisco Tomcat"


class Listener:
    """One address and port. factory() makes a protocol for each connection; context() the bare TLS context, None = no TLS."""

    def __init__(self, protocol: str, address: str, port: int, factory: Callable[[], asyncio.Protocol],
                 context: Callable[[], ssl.SSLContext] | None, end: Callable[[], None]) -> None:
        self.protocol = protocol
        self.address = address
        self.port = port
        self._factory = factory
        self._context = context
        self._end = end
        self._server: asyncio.Server | None = None

    @property
    def is_open(self) -> bool:
        """Whether it accepts connections."""
        return self._server is not None

    async def open(self) -> None:
        """Bind and listen; nothing when it is open. Raises OSError."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            context = self._context() if self._context else None
            self._server = await loop.create_server(self._factory, self.address, self.port, ssl=context, reuse_address=True, backlog=128)

    def close(self) -> None:
        """Stop listening and abort every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._end()


class NodeListeners:
    """All listeners of a node but SSH."""

    def __init__(self, node: Node, runner: web.AppRunner) -> None:
        self.node = node
        self._runner = runner
        tls = node.tls
        self.web = [
            Listener(protocol, node.address, node.ports[port], runner.server, lambda: bare_context(tls.https, tls.highest), self._end_web)
            for protocol, port in (("https", "https"), ("https-platform", "platform"))
        ]
        self.sip: dict[int, Listener] = {}

    def all(self) -> list[Listener]:
        """Every listener there is, open or not."""
        return [*self.web, *self.sip.values()]

    async def sync(self) -> None:
        """Open and close what the services' state asks for (after a start, a restart of a service, a restored snapshot)."""
        services, there = self.node.services, not self.is_away
        await self._sync_web(there and services.find(TOMCAT).status == "Started")
        await self._sync_sip(there and services.find(CALL_MANAGER).status == "Started")

    @property
    def is_away(self) -> bool:
        """Whether a standing fault (channel "node", action "never", times 0) has taken the node off the network."""
        return self.node.world.faults.standing(self.node, "node", "listen") is not None

    async def open_web(self) -> None:
        """Tomcat has started."""
        await self._sync_web(not self.is_away)

    async def open_sip(self) -> None:
        """CallManager has started: its ports as the parameters and trunk security profiles are now."""
        await self._sync_sip(not self.is_away)

    def close_web(self) -> None:
        """Tomcat stops: connections end, ports close."""
        for listener in self.web:
            listener.close()

    def close_sip(self) -> None:
        """CallManager stops."""
        for listener in self.sip.values():
            listener.close()
        self.sip.clear()

    async def _sync_web(self, wanted: bool) -> None:
        for listener in self.web:
            if wanted:
                await listener.open()
            else:
                listener.close()

    async def _sync_sip(self, wanted: bool) -> None:
        ports = self._sip_ports() if wanted else {}
        for port, listener in list(self.sip.items()):
            if ports.get(port) != listener.protocol:
                listener.close()
                del self.sip[port]
        for port, protocol in ports.items():
            if port not in self.sip:
                self.sip[port] = self._sip_listener(protocol, port)
            await self.sip[port].open()

    def _sip_ports(self) -> dict[int, str]:
        ports = {SIP_PORTS["sip"]: "sip", SIP_PORTS["sips"]: "sips"}
        if self.node.cluster.security.oauth_in_force(self.node):
            ports.update({SIP_PORTS["sip-oauth"]: "sip-oauth", SIP_PORTS["sip-oauth-mra"]: "sip-oauth-mra"})
        for port, secure in self.node.cluster.phones.trunk_ports(self.node).items():
            ports.setdefault(port, "sips" if secure else "sip")
        return ports

    def _sip_listener(self, protocol: str, port: int) -> Listener:
        tls = self.node.tls
        choose = {"sip": None, "sips": tls.sip, "sip-oauth": tls.oauth, "sip-oauth-mra": tls.oauth_mra}[protocol]
        connections: set[SipServer] = set()

        def connection() -> asyncio.Protocol:
            server = SipServer(connections, lambda transport: self._opened(transport, protocol, port), self._unknown)
            return server if choose is None else TlsLayer(choose, server, lambda reason: self._failed(port, reason))

        def end() -> None:
            for server in list(connections):
                server.transport.abort()

        return Listener(protocol, self.node.address, port, connection, None, end)

    def _failed(self, port: int, reason: str) -> None:
        self.node.world.journal.add(self.node, "tls", f"handshake {port}", "read", refused=reason)

    def _opened(self, transport: asyncio.Transport, protocol: str, port: int) -> bool:
        world = self.node.world
        fault = world.faults.strike(self.node, "tls", f"{protocol} {port}")
        if protocol != "sip":
            name, _names = certificate_names(transport.get_extra_info("peercert"))
            cipher = transport.get_extra_info("cipher") or ("",)
            detail = {"refused": fault.action} if fault else {}
            world.journal.add(self.node, "tls", f"handshake {port}", "read", client=name, cipher=cipher[0], **detail)
        return fault is None

    def _unknown(self, what: str) -> None:
        self.node.world.note_unknown(self.node, "tls", what)

    def _end_web(self) -> None:
        for connection in list(self._runner.server.connections):
            if connection.transport is not None:
                connection.transport.abort()
