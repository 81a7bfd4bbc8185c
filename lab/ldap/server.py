"""LDAP on the wire: one connection of a directory server, plain or inside TLS, and the listeners of a server.

It answers in the words of Microsoft Active Directory: nothing but the root entry before a bind, an empty password is an anonymous login,
wrong ones get "AcceptSecurityContext error, data 52e" (Microsoft's texts).
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING
from typing import Any

from lab.core.names import name_of
from lab.ldap import ber
from lab.ldap import messages
from lab.ldap.directory import Directory
from lab.ucm.tls_layer import TlsLayer

if TYPE_CHECKING:
    from lab.core.inventory import Host
    from lab.core.world import World

CHANNEL = "ldap"
NO_BIND = ("000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be completed on the connection., "
           "data 0, v4563")
WRONG = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 52e, v4563"
NO_OBJECT = "0000208D: NameErr: DSID-03100245, problem 2001 (NO_OBJECT), data 0, best match of: ''"
PORTS = {"ldap": False, "ldaps": True, "gc": False, "gcs": True}


class Server:
    """All listeners of one directory server. chain: PEM of what it serves by TLS, "" where it offers none."""

    def __init__(self, world: World, host: Host, directory: Directory, context: ssl.SSLContext | None, chain: str) -> None:
        self.world = world
        self.host = host
        self.directory = directory
        self.chain = chain
        self.connections: set[Connection] = set()
        self._context = context
        self._listeners: list[asyncio.Server] = []

    async def open(self) -> None:
        """Listen on all ports. Raises OSError (address taken, or a port below 1024 without the right to it)."""
        for protocol, secure in PORTS.items():
            port = self.host.ports[protocol]
            try:
                self._listeners.append(await asyncio.get_running_loop().create_server(
                    lambda port=port, secure=secure: self._connection(port, secure), self.host.address, port, reuse_address=True))
            except PermissionError as error:
                raise PermissionError(f"{self.host.name}: port {port} needs a privilege here; let users have it (sysctl net.ipv4.ip_unprivileged_port_start)"
                                      f" or give the host lab_{protocol}_port") from error

    def _connection(self, port: int, secure: bool) -> asyncio.Protocol:
        if not secure:
            return Connection(self, port, False)
        if self._context is None:
            return NoTls()
        return TlsLayer(lambda: self._context, Connection(self, port, True), lambda reason: self.note(None, f"handshake {port}", refused=reason))

    def note(self, transport: Any, operation: str, **detail: object) -> None:
        """Write a request down. Never a password."""
        asker = transport.get_extra_info("peername")[0] if transport is not None else ""
        self.world.journal.add(self.host.name, CHANNEL, operation, "read", asked_by=name_of(self.world, asker) or asker, **detail)

    def close(self) -> None:
        """Stop listening and end all connections."""
        for listener in self._listeners:
            listener.close()
        for connection in list(self.connections):
            connection.transport.abort()


class NoTls(asyncio.Protocol):
    """A TLS port of a server that has no certificate: it accepts, and cuts the connection at the first bytes (as Active Directory does)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """It wants TLS."""
        self._transport.abort()


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, server: Server, port: int, secure: bool) -> None:
        self._server = server
        self._detail = {"port": port, "tls": secure}
        self._data = b""
        self._user: str | None = None
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self.transport = transport
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Bytes from the client."""
        self._data += data
        try:
            while (found := ber.split(self._data)) is not None:
                tag, content, self._data = found
                if tag != ber.SEQUENCE:
                    raise ber.Malformed("no LDAP message")
                self._handle(messages.read(content))
        except (ber.Malformed, ValueError) as error:
            # A TLS hello on the plain port ends here, too.
            self._note("malformed", refused=str(error))
            self.transport.abort()

    def _note(self, operation: str, **more: object) -> None:
        self._server.note(self.transport, operation, **self._detail, **more)

    def _handle(self, message: messages.Message) -> None:
        operation = {messages.BIND: "bind", messages.SEARCH: "search", messages.UNBIND: "unbind", messages.EXTENDED: "extended"}.get(message.operation)
        if operation == "unbind":
            self.transport.close()
            return
        fault = self._server.world.faults.strike(self._server.host.name, CHANNEL, operation or "other")
        if fault is not None:
            self._note(operation or "other", refused=f"fault {fault.action}")
            if fault.action != "never":
                self.transport.abort()
            return
        if operation == "bind":
            self._bind(message)
        elif operation == "search":
            self._search(message)
        elif operation == "extended":
            self._note("extended", refused="not offered")
            self._send(message, messages.result(messages.EXTENDED_ANSWER, messages.PROTOCOL_ERROR, "unsupported extended operation"))
        elif message.operation != messages.ABANDON:
            self._server.world.note_unknown(self._server.host.name, CHANNEL, f"operation {message.operation:#x}")
            self._send(message, messages.result(message.operation + 1, messages.UNWILLING, "this directory is read only"))

    def _send(self, message: messages.Message, operation: bytes, controls: dict[str, bytes] | None = None) -> None:
        self.transport.write(messages.write(message.number, operation, controls))

    def _bind(self, message: messages.Message) -> None:
        version, name, password = messages.read_bind(message.content)
        code, text = messages.SUCCESS, ""
        if version != 3:
            code = messages.PROTOCOL_ERROR
        elif password is None:
            code = messages.AUTH_METHOD
        elif password == "":
            self._user = ""
        else:
            account = self._server.directory.login(name, password)
            self._user = account.name if account else None
            if account is None:
                code, text = messages.INVALID_CREDENTIALS, WRONG
        self._note("bind", name=name, **({"refused": text or f"result {code}"} if code else {}))
        self._send(message, messages.result(messages.BIND_ANSWER, code, text))

    def _search(self, message: messages.Message) -> None:
        what = messages.read_search(message.content)
        about = {"base": what.base}
        if what.base == "" and what.scope == 0:
            self._note("search", **about)
            self._send(message, messages.entry("", self._root()))
            self._send(message, messages.result(messages.DONE, messages.SUCCESS))
            return
        if not self._user:
            self._note("search", refused="no bind", **about)
            self._send(message, messages.result(messages.DONE, messages.OPERATIONS_ERROR, NO_BIND))
            return
        found = self._server.directory.search(what)
        if found is None:
            self._note("search", refused="no such object", **about)
            self._send(message, messages.result(messages.DONE, messages.NO_OBJECT, NO_OBJECT))
            return
        self._note("search", found=len(found), **about)
        self._deliver(message, what, found)

    def _deliver(self, message: messages.Message, what: messages.Search, found: list) -> None:
        asked, control = messages.read_page(message.controls), None
        if asked is not None:
            size, cookie = asked
            first = int(cookie or b"0")
            control = messages.page(0, str(first + size).encode() if first + size < len(found) else b"")
            found = found[first:first + size]
        wanted = {name.lower() for name in what.attributes if name != "*"}
        everything = not what.attributes or "*" in what.attributes
        for name, attributes in found[:what.limit or None]:
            self._send(message, messages.entry(name, {key: values for key, values in attributes.items() if everything or key in wanted}))
        self._send(message, messages.result(messages.DONE, messages.SUCCESS), control)

    def _root(self) -> dict[str, list[str]]:
        base = self._server.directory.base
        return {"defaultNamingContext": [base], "rootDomainNamingContext": [base], "namingContexts": [base], "supportedLDAPVersion": ["3", "2"],
                "dnsHostName": [self._server.host.fqdn], "supportedControl": [messages.PAGED], "isGlobalCatalogReady": ["TRUE"]}
