"""Doors of an appliance (lab.core.appliances): SSH, ports that are open while the configuration asks for them, and web servers behind one."""

from __future__ import annotations

import ssl
from abc import ABC
from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web

from lab.core.hostkey import ssh_key
from lab.ucm.listeners import Listener

if TYPE_CHECKING:
    from lab.core.appliances import Appliance


class SshDoor:
    """The SSH port of an appliance, open as long as it runs. SERVER: made of the appliance, with `start(address, port, host_key)` and `close()`."""

    SERVER: type

    def __init__(self, appliance: Appliance) -> None:
        self._appliance = appliance
        self._server: Any = None

    async def sync(self, wanted: bool) -> None:
        """Open or close."""
        if not wanted:
            self.close()
        elif self._server is None:
            server = self.SERVER(self._appliance)
            await server.start(self._appliance.address, self._appliance.ports["ssh"], ssh_key(self._appliance))
            self._server = server

    def close(self) -> None:
        """Stop listening and cut every session."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def listening(self) -> dict[int, str]:
        """The port, while it is open."""
        return {} if self._server is None else {self._appliance.ports["ssh"]: "ssh"}


class PortsDoor(ABC):
    """Any number of ports. A subclass says which (`asked`) and makes their listeners (`listener`)."""

    def __init__(self, appliance: Appliance) -> None:
        self._appliance = appliance
        self._state: Any = appliance.state
        self._open: dict[int, Listener] = {}

    @abstractmethod
    def asked(self) -> dict[int, str]:
        """{port: protocol} of what the configuration asks for now."""

    @abstractmethod
    async def listener(self, port: int, protocol: str) -> Listener:
        """The listener of a port, still closed."""

    async def sync(self, wanted: bool) -> None:
        """Open and close what the configuration asks for."""
        asked = self.asked() if wanted else {}
        for port, listener in list(self._open.items()):
            if asked.get(port) != listener.protocol:
                listener.close()
                del self._open[port]
        for port, protocol in asked.items():
            if port not in self._open:
                listener = await self.listener(port, protocol)
                await listener.open()
                self._open[port] = listener

    def close(self) -> None:
        """Stop listening and cut what is connected."""
        for listener in self._open.values():
            listener.close()
        self._open.clear()

    def listening(self) -> dict[int, str]:
        """What is open."""
        return {port: listener.protocol for port, listener in self._open.items()}


class HttpDoor(PortsDoor):
    """A web server that hands every request to `handle`. tls: makes the context of its listener, None = plain HTTP."""

    tls: Callable[[], ssl.SSLContext] | None = None

    def __init__(self, appliance: Appliance) -> None:
        super().__init__(appliance)
        self._runner: web.AppRunner | None = None

    @abstractmethod
    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The answer to a request."""

    async def listener(self, port: int, protocol: str) -> Listener:
        """Of the one server, which is made for the first."""
        if self._runner is None:
            app = web.Application(client_max_size=4 * 1024**2)
            app.router.add_route("*", "/{path:.*}", self.handle)
            self._runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=0, keepalive_timeout=600)
            await self._runner.setup()
        return Listener(protocol, self._appliance.address, port, self._runner.server, self.tls, self._end)

    def _end(self) -> None:
        for connection in list(self._runner.server.connections):
            if connection.transport is not None:
                connection.transport.abort()
