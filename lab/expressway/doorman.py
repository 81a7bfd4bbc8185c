"""TLS of a port where who calls decides what is asked of him: the context is chosen by the caller's address, before the handshake."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from lab.ucm.tls_layer import TlsLayer


class Doorman(asyncio.Protocol):
    """choose(address) gives the context of a caller; inner() the protocol that speaks inside; failed(reason) hears of a refused handshake."""

    def __init__(self, choose: Callable[[str], ssl.SSLContext], inner: Callable[[], asyncio.Protocol], failed: Callable[[str], None]) -> None:
        self._choose = choose
        self._inner = inner
        self._failed = failed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected: the layer that fits takes over."""
        context = self._choose(transport.get_extra_info("peername")[0])
        layer = TlsLayer(lambda: context, self._inner(), self._failed)
        layer.connection_made(transport)
        transport.set_protocol(layer)
