"""The sockets of one node: which ports are open, and when.

Ports belong to services: 8443 and the platform port to Tomcat on every product, others as lab.products says. They close when their service
stops (every connection with them) and open when it has started. From release 14 on HAProxy stands before Tomcat (id:63292730053): without it
nobody comes to the web pages.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from lab.ucm.tls import bare_context

if TYPE_CHECKING:
    from lab.core.world import Node

TOMCAT, HAPROXY = "Cisco Tomcat", "Cisco HAProxy"


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
        self._wanted = False
        self._turn = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether it accepts connections."""
        return self._server is not None

    async def open(self) -> None:
        """Bind and listen; nothing when it is open. Raises OSError."""
        self._wanted = True
        async with self._turn:
            if self._server is None:
                loop = asyncio.get_running_loop()
                context = self._context() if self._context else None
                self._server = await loop.create_server(self._factory, self.address, self.port, ssl=context, reuse_address=True, backlog=128)
            if not self._wanted:
                # Closed while it was opening: a service that is stopped again at once.
                self._server.close()
                self._server = None

    def close(self) -> None:
        """Stop listening and abort every connection."""
        self._wanted = False
        if self._server is not None:
            self._server.close()
            self._server = None
        self._end()


class ServicePorts:
    """The ports that a service holds open while it runs.

    ports() -> {port: protocol}: what it would open now. make(protocol, port) -> Listener.
    """

    def __init__(self, service: str, ports: Callable[[], dict[int, str]], make: Callable[[str, int], Listener]) -> None:
        self.service = service
        self.open: dict[int, Listener] = {}
        self._ports = ports
        self._make = make

    async def sync(self, wanted: bool) -> None:
        """Open and close what is asked for now."""
        ports = self._ports() if wanted else {}
        for port, listener in list(self.open.items()):
            if ports.get(port) != listener.protocol:
                listener.close()
                del self.open[port]
        for port, protocol in ports.items():
            if port not in self.open:
                self.open[port] = self._make(protocol, port)
            await self.open[port].open()

    def close(self) -> None:
        """The service stops: connections end, ports close."""
        for listener in self.open.values():
            listener.close()
        self.open.clear()


class NodeListeners:
    """All listeners of a node but SSH."""

    def __init__(self, node: Node, runner: web.AppRunner, more: Iterable[ServicePorts] = ()) -> None:
        """more: the ports of services other than Tomcat."""
        self.node = node
        self._services = {ports.service: ports for ports in (_tomcat(node, runner), *more)}
        for service in self._services:
            node.services.on(service, "stopping", lambda service=service: self._services[service].close())
            node.services.on(service, "started", lambda service=service: self._services[service].sync(not self.is_away and self._reached(service)))
        node.services.on(HAPROXY, "stopping", lambda: self._services[TOMCAT].close())
        node.services.on(HAPROXY, "started", lambda: self._services[TOMCAT].sync(not self.is_away and node.services.running(TOMCAT)))

    def all(self) -> list[Listener]:
        """Every open listener."""
        return [listener for ports in self._services.values() for listener in ports.open.values()]

    async def sync(self) -> None:
        """Open and close what the services' state asks for (after a start, a restart of a service, a restored snapshot)."""
        there = not self.is_away
        for service, ports in self._services.items():
            await ports.sync(there and self.node.services.running(service) and self._reached(service))
        if not there:
            self.node.world.sip_changed(self.node)      # whose connections are cut knows at once

    def _reached(self, service: str) -> bool:
        """Whether nothing stands in the way to a service's ports."""
        return service != TOMCAT or HAPROXY not in {one.name for one in self.node.services.all()} or self.node.services.running(HAPROXY)

    @property
    def is_away(self) -> bool:
        """Whether a standing fault (channel "node", action "never", times 0) has taken the node off the network."""
        return self.node.world.faults.standing(self.node, "node", "listen") is not None

    def close(self) -> None:
        """Close everything; `sync` opens it again."""
        for ports in self._services.values():
            ports.close()


def _tomcat(node: Node, runner: web.AppRunner) -> ServicePorts:
    tls = node.tls

    def end() -> None:
        for connection in list(runner.server.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def make(protocol: str, port: int) -> Listener:
        return Listener(protocol, node.address, port, runner.server, lambda: bare_context(tls.https, tls.highest), end)

    ports = {node.ports["https"]: "https", node.ports["platform"]: "https-platform"}
    return ServicePorts(TOMCAT, lambda: ports, make)
