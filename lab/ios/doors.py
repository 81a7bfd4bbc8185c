"""What a router listens on: SSH, SIP in the clear and by TLS, the credential service of SRST.

5061 is open while SIP by TLS has a trustpoint that can show a certificate; which one a caller gets depends on the caller's address. A tenant's
`listen-port secure` is one more. 5060 is open unless `no transport tcp`. Sources: ios.md 0, 2 (transport, crypto signaling, credentials).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.core import doors
from lab.core.doors import PortsDoor
from lab.expressway.doorman import Doorman
from lab.ios import signalling
from lab.ios import toll_fraud
from lab.ios.cli.server import CliServer
from lab.ucm.listeners import Listener
from lab.ucm.sip import SipServer
from lab.ucm.sip_ports import failed
from lab.ucm.sip_ports import opened
from lab.ucm.tls_layer import TlsLayer

if TYPE_CHECKING:
    from lab.ios.router import Router

PLAIN, SECURE, CREDENTIALS = 5060, 5061, 2445


class SshDoor(doors.SshDoor):
    """The command line."""

    SERVER = CliServer


class RouterSip(SipServer):
    """One connection. A call (INVITE) is looked at by the toll-fraud check, and leads nowhere: nobody is behind the router."""

    def __init__(self, router: Router, connections: set, opened: Callable[[asyncio.Transport], bool], unknown: Callable[[str], None]) -> None:
        super().__init__(connections, opened, unknown)
        self._router = router

    def respond(self, lines: list[str]) -> tuple[str, ...]:
        """Status and more header lines."""
        if lines[0].partition(" ")[0] != "INVITE":
            return super().respond(lines)
        address = self.transport.get_extra_info("peername")[0]
        if toll_fraud.trusted(self._router, address, self.transport.get_extra_info("peercert") or {}):
            return ("404 Not Found",)
        self._router.world.journal.add(self._router.appliance, "tls", f"call from {address}", "read", refused="toll fraud call rejected")
        return ("403 Forbidden", 'Reason: Q.850;cause=21')


class SipDoor(PortsDoor):
    """5060, 5061, ports of tenants."""

    def asked(self) -> dict[int, str]:
        """{port: protocol}."""
        return sip_ports(self._appliance.state)

    async def listener(self, port: int, protocol: str) -> Listener:
        """One port, with its connections."""
        router, appliance = self._appliance.state, self._appliance
        connections: set[SipServer] = set()

        def inner() -> SipServer:
            return RouterSip(router, connections, lambda transport: self._opened(port, protocol, transport),
                             lambda what: appliance.world.note_unknown(appliance, "tls", what))

        def factory() -> asyncio.Protocol:
            if protocol == "sip":
                return inner()
            return Doorman(lambda address: _context(router, port, address), inner, lambda reason: failed(appliance, port, reason))

        def end() -> None:
            for connection in list(connections):
                connection.transport.abort()

        return Listener(protocol, appliance.address, port, factory, None, end)

    def _opened(self, port: int, protocol: str, transport: asyncio.Transport) -> bool:
        router = self._appliance.state
        if not opened(self._appliance, transport, protocol, port, protocol == "sips"):
            return False
        address, source = transport.get_extra_info("peername")[:2]
        if protocol == "sips":
            wanted = _policy(router, port, address)
            certificate = transport.get_extra_info("peercert")
            if wanted and wanted.validates in ("client", "bidirectional") and certificate and not wanted.has_name_of(certificate):
                failed(self._appliance, port, "the certificate has none of the names of cn-san")
                return False
            cipher = transport.get_extra_info("cipher") or ("",)
            router.tls_connections[f"in {address}"] = {"address": address, "port": source, "local": self._appliance.address, "cipher": cipher[0]}
        return True


def _policy(router: Router, port: int, address: str) -> signalling.Policy | None:
    tag = tenant_ports(router).get(port, "")
    return signalling.policy(router, address, tag)


def _context(router: Router, port: int, address: str) -> ssl.SSLContext:
    return signalling.context(router, _policy(router, port, address), True)


def tenant_ports(router: Router) -> dict[int, str]:
    """{port: tls-profile} of tenants that listen by themselves."""
    found = {}
    for tag, profile in signalling.tenant_profiles(router).items():
        port = router.config.below(f"voice class tenant {tag}").value("listen-port secure")
        if port:
            found[int(port)] = profile
    return found


def sip_ports(router: Router) -> dict[int, str]:
    """{port: protocol} of what the configuration asks for."""
    section = router.config.below("sip-ua")
    found = {} if section is not None and section.get("transport tcp") is not None else {PLAIN: "sip"}
    if any(signalling.identity(router, name) for name in signalling.offered(router)):
        found[SECURE] = "sips"
    found.update(dict.fromkeys(tenant_ports(router), "sips"))
    return found


class CredentialsDoor(PortsDoor):
    """The credential service: Unified CM takes the certificate of the trustpoint from it, by TLS without a certificate of its own."""

    def asked(self) -> dict[int, str]:
        """The port, while the trustpoint has something to show."""
        section = self._appliance.state.config.below("credentials")
        if section is None or not section.value("ip source-address") or not signalling.identity(self._appliance.state, section.value("trustpoint")):
            return {}
        words = section.value("ip source-address").split()
        return {int(words[2]) if len(words) > 2 else CREDENTIALS: "credentials"}

    async def listener(self, port: int, protocol: str) -> Listener:
        """The port."""
        appliance, connections = self._appliance, set()

        def factory() -> asyncio.Protocol:
            return TlsLayer(lambda: _offer(appliance.state), _Silent(connections), lambda reason: failed(appliance, port, reason))

        def end() -> None:
            for connection in list(connections):
                connection.abort()

        return Listener(protocol, appliance.address, port, factory, None, end)


def _offer(router: Router) -> ssl.SSLContext:
    section = router.config.below("credentials")
    made = signalling.context(router, signalling.Policy(section.value("trustpoint")), True)
    made.verify_mode = ssl.CERT_NONE
    return made


class _Silent(asyncio.Protocol):
    """Says nothing more once the handshake is done."""

    def __init__(self, connections: set) -> None:
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._transport)
