"""TLS in front of a protocol, on the server's side, with what asyncio's own layer leaves out.

A refused client gets the TLS alert before the connection closes (asyncio drops it), so that it can tell "bad certificate" from a
broken line; the refusal is reported; and the context is chosen anew for each connection.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

RECORD = 65536


class TlsLayer(asyncio.Protocol):
    """context() gives the context of a new connection; inner is the protocol that speaks inside; failed(reason) hears of a refused handshake."""

    def __init__(self, context: Callable[[], ssl.SSLContext], inner: asyncio.Protocol, failed: Callable[[str], None]) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context().wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._inner = inner
        self._failed = failed
        self._ready = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected; its handshake comes first."""
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        if self._ready:
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes from the wire."""
        self._incoming.write(data)
        try:
            if not self._ready:
                self._tls.do_handshake()
                self._ready = True
                self._flush()
                self._inner.connection_made(Inside(self, self._transport, self._tls))
            self._read()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self._flush()
        except ssl.SSLError as error:
            self._flush()
            if not self._ready:
                self._failed(getattr(error, "verify_message", "") or error.reason or str(error))
            self._transport.close()

    def _read(self) -> None:
        while True:
            data = self._tls.read(RECORD)
            if not data:
                self._flush()
                self._transport.close()
                return
            self._inner.data_received(data)

    def write(self, data: bytes) -> None:
        """Bytes from the inner protocol."""
        if not self._transport.is_closing():
            self._tls.write(data)
            self._flush()

    def _flush(self) -> None:
        if self._outgoing.pending and not self._transport.is_closing():
            self._transport.write(self._outgoing.read())


class Inside:
    """What the inner protocol has for a transport."""

    def __init__(self, layer: TlsLayer, transport: asyncio.Transport, tls: ssl.SSLObject) -> None:
        self._layer = layer
        self._transport = transport
        self._extra = {"peercert": tls.getpeercert(), "cipher": tls.cipher()}

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """"peercert" and "cipher" as asyncio gives them; all else from the socket."""
        return self._extra[name] if name in self._extra else self._transport.get_extra_info(name, default)

    def write(self, data: bytes) -> None:
        """Send."""
        self._layer.write(data)

    def close(self) -> None:
        """End the connection when all is sent."""
        self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether it is ending."""
        return self._transport.is_closing()
