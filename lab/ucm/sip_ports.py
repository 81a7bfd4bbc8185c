"""SIP ports of a node: those of CallManager, and what any service that speaks SIP needs to open one."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.core.world import SIP_PORTS
from lab.ucm import trunk_callers
from lab.ucm.listeners import Listener
from lab.ucm.listeners import ServicePorts
from lab.ucm.sip import SipServer
from lab.ucm.tls import certificate_names
from lab.ucm.tls_layer import TlsLayer

if TYPE_CHECKING:
    from lab.core.world import Node

CALL_MANAGER = "Cisco CallManager"


def call_manager(node: Node) -> ServicePorts:
    """5060 and 5061, the SIP OAuth ports once that mode is in force, and those of the trunk security profiles in use."""
    tls = node.tls
    choose = {"sip": None, "sips": tls.sip, "sip-oauth": tls.oauth, "sip-oauth-mra": tls.oauth_mra}

    def ports() -> dict[int, str]:
        result = {SIP_PORTS["sip"]: "sip", SIP_PORTS["sips"]: "sips"}
        if node.cluster.security.oauth_in_force(node):
            result.update({SIP_PORTS["sip-oauth"]: "sip-oauth", SIP_PORTS["sip-oauth-mra"]: "sip-oauth-mra"})
        for port, secure in node.cluster.phones.trunk_ports(node).items():
            result.setdefault(port, "sips" if secure else "sip")
        return result

    def make(protocol: str, port: int) -> Listener:
        if protocol not in ("sip", "sips"):
            return listener(node, protocol, port, choose[protocol])
        return listener(node, protocol, port, choose[protocol], lambda transport: trunk_callers.answer(node, port, protocol == "sips", transport))

    return ServicePorts(CALL_MANAGER, ports, make)


def listener(node: Node, protocol: str, port: int, choose: Callable[[], ssl.SSLContext] | None,
             answers: Callable[[asyncio.Transport], tuple[str, ...]] = lambda _transport: ("200 OK",)) -> Listener:
    """A SIP port. choose() gives the TLS context of a new connection, None = plain TCP; answers: to OPTIONS, as SipServer has it."""
    connections: set[SipServer] = set()

    def connection() -> asyncio.Protocol:
        server = SipServer(connections, lambda transport: opened(node, transport, protocol, port, choose is not None), unknown, answers)
        return server if choose is None else TlsLayer(choose, server, lambda reason: failed(node, port, reason))

    def unknown(what: str) -> None:
        node.world.note_unknown(node, "tls", what)

    def end() -> None:
        for server in list(connections):
            server.transport.abort()

    return Listener(protocol, node.address, port, connection, None, end)


def failed(node: Node, port: int, reason: str) -> None:
    """Write down a refused handshake."""
    node.world.journal.add(node, "tls", f"handshake {port}", "read", refused=reason)


def opened(node: Node, transport: asyncio.Transport, protocol: str, port: int, tls: bool) -> bool:
    """Write down a finished handshake; False where an injected fault ends the connection."""
    world = node.world
    fault = world.faults.strike(node, "tls", f"{protocol} {port}")
    if tls:
        name, _names = certificate_names(transport.get_extra_info("peercert"))
        cipher = transport.get_extra_info("cipher") or ("",)
        detail = {"refused": fault.action} if fault else {}
        world.journal.add(node, "tls", f"handshake {port}", "read", client=name, cipher=cipher[0], **detail)
    return fault is None
