"""The LDAP client of the simulated products: bind and search on one connection, with or without TLS."""

from __future__ import annotations

import asyncio
import ssl

from lab.ldap import ber
from lab.ldap import filters
from lab.ldap import messages

PATIENCE = 5.0
PAGE = 500


class LdapError(Exception):
    """There is no answer, or one that refuses; the text says why."""


class Session:
    """One connection. `await open(...)` makes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._number = 0

    @property
    def certificate(self) -> str:
        """The server's certificate as PEM, "" without TLS."""
        peer = self._writer.get_extra_info("ssl_object")
        return ssl.DER_cert_to_PEM_cert(peer.getpeercert(True)) if peer is not None else ""

    async def bind(self, name: str, password: str) -> None:
        """Log in. Raises LdapError."""
        _controls, content = (await self._ask(messages.bind(name, password), messages.BIND_ANSWER))[-1]
        code, text = messages.read_result(content)
        if code:
            raise LdapError(f"LDAP: error code {code} - {text}")

    async def search(self, base: str, where: str, attributes: tuple[str, ...]) -> list[tuple[str, dict[str, list[str]]]]:
        """All entries below a base that fit a filter, page by page. Raises LdapError."""
        found, cookie = [], b""
        while True:
            request = messages.search(base, 2, filters.encode(where), attributes)
            answers = await self._ask(request, messages.DONE, messages.page(PAGE, cookie))
            found += [messages.read_entry(content) for _controls, content in answers[:-1]]
            controls, content = answers[-1]
            code, text = messages.read_result(content)
            if code:
                raise LdapError(f"LDAP: error code {code} - {text}")
            page = messages.read_page(controls)
            if page is None or not page[1]:
                return found
            cookie = page[1]

    async def _ask(self, operation: bytes, last: int, controls: dict[str, bytes] | None = None) -> list[tuple[dict[str, bytes], bytes]]:
        """(controls, content) of each answer up to the last of that kind."""
        self._number += 1
        answers: list[tuple[dict[str, bytes], bytes]] = []
        try:
            async with asyncio.timeout(PATIENCE):
                self._writer.write(messages.write(self._number, operation, controls))
                while True:
                    message = messages.read(await self._read())
                    answers.append((dict(message.controls), message.content))
                    if message.operation == last:
                        return answers
        except TimeoutError as error:
            raise LdapError("no answer") from error
        except (OSError, asyncio.IncompleteReadError, ber.Malformed, ValueError) as error:
            raise LdapError("the connection was closed") from error

    async def _read(self) -> bytes:
        head = await self._reader.readexactly(2)
        if head[1] & 0x80:
            head += await self._reader.readexactly(head[1] & 0x7F)
        size = head[1] if not head[1] & 0x80 else int.from_bytes(head[2:], "big")
        if head[0] != ber.SEQUENCE or size > ber.MAXIMUM:
            raise ber.Malformed("no LDAP message")
        return await self._reader.readexactly(size)

    def close(self) -> None:
        """End the connection."""
        self._writer.transport.abort()


async def connect(address: str, port: int, context: ssl.SSLContext | None, name: str, local: str) -> Session:
    """Connect from `local`. context: for TLS, checked against `name` where it checks names. Raises LdapError."""
    try:
        async with asyncio.timeout(PATIENCE):
            return Session(*await asyncio.open_connection(address, port, ssl=context, server_hostname=name if context else None, local_addr=(local, 0)))
    except ssl.SSLCertVerificationError as error:
        raise LdapError(f"TLS: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise LdapError(f"TLS: {error.reason or error}") from error
    except TimeoutError as error:
        raise LdapError("TLS: no answer" if context else "no answer") from error
    except OSError as error:
        raise LdapError(f"{'TLS: ' if context else ''}connection failed: {error.strerror or error}") from error
