"""SIP as far as zones need it: OPTIONS asked and answered, with digest authentication where a traversal server asks for it.

A request is answered by what the owner of the port says; anything but OPTIONS gets 405 and is counted as unknown. Source of the realm
TraversalZone: Expressway logs in TAC documents; digest as in RFC 2617 without qop.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from lab.ucm.sip import SipServer

REALM = "TraversalZone"
FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True)
class Request:
    """One request. headers: names in lower case; of several with one name, the last."""

    method: str
    uri: str
    headers: dict[str, str]


class Port(SipServer):
    """One connection to a SIP port whose answers depend on the request: answer(request, transport) gives the status and more header lines.

    connections, opened: as SipServer has them.
    """

    def __init__(self, connections: set[SipServer], opened: Callable[[asyncio.Transport], bool], unknown: Callable[[str], None],
                 answer: Callable[[Request, asyncio.Transport], tuple[str, ...]]) -> None:
        super().__init__(connections, opened, unknown)
        self._answers = lambda transport: answer(self._request, transport)

    def respond(self, lines: list[str]) -> tuple[str, ...]:
        """What the owner says, who sees the request."""
        self._request = parsed(lines)
        return super().respond(lines)


def parsed(lines: list[str]) -> Request:
    """A request's head."""
    method, _, rest = lines[0].partition(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Request(method, rest.partition(" ")[0], headers)


# ---- digest


def challenge() -> str:
    """The header line of a 401."""
    return f'WWW-Authenticate: Digest realm="{REALM}", nonce="{secrets.token_hex(16)}", algorithm=MD5'


def response(user: str, password: str, realm: str, nonce: str, method: str, uri: str) -> str:
    """The digest that proves a password."""
    first = hashlib.md5(f"{user}:{realm}:{password}".encode(), usedforsecurity=False).hexdigest()
    second = hashlib.md5(f"{method}:{uri}".encode(), usedforsecurity=False).hexdigest()
    return hashlib.md5(f"{first}:{nonce}:{second}".encode(), usedforsecurity=False).hexdigest()


def fields(header: str) -> dict[str, str]:
    """The fields of a Digest header."""
    return {name.lower(): quoted or bare for name, quoted, bare in FIELD.findall(header)}


def proves(request: Request, user: str, password: str) -> bool:
    """Whether a request's Authorization is that of a user with this password."""
    given = fields(request.headers.get("authorization", ""))
    if not given or not user or not password or given.get("username") != user:
        return False
    expected = response(user, password, given.get("realm", ""), given.get("nonce", ""), request.method, given.get("uri", ""))
    return hmac.compare_digest(expected, given.get("response", ""))


# ---- asking


@dataclass(frozen=True)
class Call:
    """How to reach a far end. context: of TLS, None = TCP. user, password: for a challenge. caller: who asks.

    accepts: whether a far end with this certificate (as `getpeercert()` gives it) is the one; asked before anything is said to it.
    """

    address: str
    port: int
    local: str
    caller: str
    context: ssl.SSLContext | None = None
    user: str = ""
    password: str = ""
    accepts: Callable[[dict], bool] = lambda _certificate: True


@dataclass(frozen=True)
class Outcome:
    """What came of a call. stage: "connect", "tls", "name", "closed", "silence" (no answer) or "answer". detail: the reason, or the status line's rest.

    certificate: of the far end, as `getpeercert()` gives it.
    """

    stage: str
    detail: str = ""
    certificate: dict | None = None

    @property
    def status(self) -> int:
        """The answer's number, 0 without one."""
        return int(self.detail[:3]) if self.stage == "answer" and self.detail[:3].isdigit() else 0


async def ask(call: Call, limit: float) -> Outcome:
    """Connect, send OPTIONS (once more with credentials when asked for them), and give what came of it. Never raises OSError."""
    try:
        return await asyncio.wait_for(_ask(call), limit)
    except ssl.SSLError as error:
        return Outcome("tls", getattr(error, "verify_message", "") or error.reason or str(error))
    except TimeoutError:
        return Outcome("silence", "no answer")
    except OSError as error:
        return Outcome("connect", error.strerror or str(error))


async def _ask(call: Call) -> Outcome:
    reader, writer = await asyncio.open_connection(call.address, call.port, ssl=call.context, local_addr=(call.local, 0))
    try:
        secured = writer.get_extra_info("ssl_object")
        certificate = {**secured.getpeercert(), "pem": ssl.DER_cert_to_PEM_cert(secured.getpeercert(True))} if secured else None
        if secured and not call.accepts(certificate):
            return Outcome("name", "another name than expected", certificate)
        head = await _options(reader, writer, call, 1, "")
        if head.startswith("SIP/2.0 401") and call.user:
            asked = fields(next((line for line in head.split("\r\n") if line.lower().startswith("www-authenticate")), ""))
            uri = f"sip:{call.address}:{call.port}"
            proof = response(call.user, call.password, asked.get("realm", ""), asked.get("nonce", ""), "OPTIONS", uri)
            header = (f'Authorization: Digest username="{call.user}", realm="{asked.get("realm", "")}", nonce="{asked.get("nonce", "")}", '
                      f'uri="{uri}", response="{proof}", algorithm=MD5')
            head = await _options(reader, writer, call, 2, header)
        return Outcome("answer", head.split("\r\n")[0].partition(" ")[2], certificate)
    except asyncio.IncompleteReadError:
        return Outcome("closed", "the far end closed the connection", certificate)
    finally:
        writer.transport.abort()


async def _options(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, call: Call, number: int, authorization: str) -> str:
    scheme = "TLS" if call.context else "TCP"
    lines = [
        f"OPTIONS sip:{call.address}:{call.port} SIP/2.0",
        f"Via: SIP/2.0/{scheme} {call.local};branch=z9hG4bK{secrets.token_hex(6)}",
        f"From: <sip:{call.caller}>;tag={secrets.token_hex(4)}",
        f"To: <sip:{call.address}>",
        f"Call-ID: {secrets.token_hex(8)}@{call.local}",
        f"CSeq: {number} OPTIONS",
        *([authorization] if authorization else []),
        "Max-Forwards: 0",
        "Content-Length: 0",
        "",
        "",
    ]
    writer.write("\r\n".join(lines).encode())
    return (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
