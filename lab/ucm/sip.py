"""As much SIP as the lab speaks: it answers and sends OPTIONS, over TCP and TLS (a trunk's keep-alive, guide "SIP Trunk Encryption").

Everything else is answered with 405 and counted as unknown.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from collections.abc import Iterable

COPIED = ("via", "from", "to", "call-id", "cseq")


class SipServer(asyncio.Protocol):
    """One connection to a SIP port.

    opened(transport) is told about the connection and may refuse it (False: it is aborted); unknown(method) about a method other than
    OPTIONS; answers(transport) gives the status (and more header lines) for OPTIONS. connections: a set that it keeps itself in, so that
    an owner can end all at once.
    """

    def __init__(self, connections: set, opened: Callable[[asyncio.Transport], bool], unknown: Callable[[str], None],
                 answers: Callable[[asyncio.Transport], tuple[str, ...]] = lambda _transport: ("200 OK",)) -> None:
        self._connections = connections
        self._opened = opened
        self._unknown = unknown
        self._answers = answers
        self._buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there (and its handshake done)."""
        self.transport = transport
        self._connections.add(self)
        if not self._opened(transport):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Answer each complete request head (bodies are not used with OPTIONS)."""
        self._buffer += data
        if len(self._buffer) > 65536:
            self.transport.abort()
            return
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            lines = head.decode("utf-8", "replace").split("\r\n")
            if not lines[0].endswith("SIP/2.0"):
                self.transport.close()
                return
            self.transport.write(answer(lines[1:], *self.respond(lines)))

    def respond(self, lines: list[str]) -> tuple[str, ...]:
        """Status and more header lines for a request with these lines."""
        method = lines[0].partition(" ")[0]
        if method == "OPTIONS":
            return self._answers(self.transport)
        self._unknown(f"SIP {method}")
        return ("405 Method Not Allowed",)


def answer(headers: Iterable[str], status: str, *more: str) -> bytes:
    """A response to a request with these header lines; more: header lines of its own."""
    kept = [line for line in headers if line.partition(":")[0].strip().lower() in COPIED]
    return "\r\n".join([f"SIP/2.0 {status}", *kept, *more, "Allow: OPTIONS", "Content-Length: 0", "", ""]).encode()


async def ping(address: str, port: int, caller: str, context: ssl.SSLContext | None, local: str, limit: float) -> dict | None:
    """Connect from `local`, send OPTIONS, and give the peer's certificate as `getpeercert()` does, with its `pem` ({} for TCP), when it answers 200.

    Raises OSError (incl. ssl.SSLError), asyncio.TimeoutError after `limit` real seconds, ConnectionError for another answer.
    """
    return await asyncio.wait_for(_ping(address, port, caller, context, local), limit)


async def attempt(address: str, port: int, caller: str, context: ssl.SSLContext | None, local: str, limit: float) -> tuple[str, dict | None]:
    """(why a ping failed, None), or ("", the peer's certificate)."""
    try:
        return "", await ping(address, port, caller, context, local, limit)
    except (ssl.SSLError, ValueError) as error:
        return f"TLS: {getattr(error, 'verify_message', '') or getattr(error, 'reason', '') or error}", None
    except TimeoutError:
        return "no answer", None
    except OSError as error:
        return f"connection failed: {error.strerror or error}", None


async def _ping(address: str, port: int, caller: str, context: ssl.SSLContext | None, local: str) -> dict | None:
    reader, writer = await asyncio.open_connection(address, port, ssl=context, local_addr=(local, 0))
    try:
        scheme = "TLS" if context else "TCP"
        request = [
            f"OPTIONS sip:{address}:{port} SIP/2.0",
            f"Via: SIP/2.0/{scheme} {local};branch=z9hG4bKlab",
            f"From: <sip:{caller}>;tag=1",
            f"To: <sip:{address}>",
            f"Call-ID: {caller}-{port}",
            "CSeq: 1 OPTIONS",
            "Max-Forwards: 0",
            "Content-Length: 0",
            "",
            "",
        ]
        writer.write("\r\n".join(request).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"SIP/2.0 200"):
            raise ConnectionError(head.split(b"\r\n")[0].decode("utf-8", "replace"))
        peer = writer.get_extra_info("ssl_object")
        return {**peer.getpeercert(), "pem": ssl.DER_cert_to_PEM_cert(peer.getpeercert(True))} if context else {}
    except asyncio.IncompleteReadError as error:
        raise ConnectionError("the far end closed the connection") from error
    finally:
        writer.transport.abort()
