"""How a node of Unified CM reaches LDAP servers: which certificates it trusts, which name it checks, what OCSP has to say.

Sources: guide "LDAP over SSL Configuration" (tomcat-trust; with OCSP the server's own certificate too), axl.md 2.6.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.names import address_of
from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ldap import client
from lab.ldap.client import LdapError
from lab.ucm import revocation

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

TOMCAT = "Cisco Tomcat"
# Real ports and the protocol behind them; a host of the inventory may serve them elsewhere (lab_ldaps_port ...).
PORTS = {389: "ldap", 636: "ldaps", 3268: "gc", 3269: "gcs"}

variant("ldap_name_check", ("checked", "unchecked"), "checked", "guide, LDAP over SSL (open)",
        "whether the name in the agreement has to be in the LDAP server's certificate")
variant("ldap_trust_reload", ("live", "restart"), "live", "guide, LDAP over SSL (open)",
        "whether a new certificate in tomcat-trust counts for LDAP at once or after a restart of Cisco Tomcat")

refusal("ldap_certificate_untrusted", "guide, LDAP over SSL", "an LDAP server whose certificate does not chain to tomcat-trust")
refusal("ldap_certificate_name", "guide, LDAP over SSL", "an LDAP server whose certificate has another name than the agreement")
refusal("ldap_certificate_for_ocsp", "guide, LDAP over SSL", "with OCSP, an LDAP server whose own certificate is not in tomcat-trust")


@dataclass(frozen=True)
class Server:
    """One server of an agreement."""

    host: str
    port: int
    tls: bool


class Trust:
    """What each node's LDAP connections trust."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._at_start: dict[str, tuple[str, ...]] = {}
        for node in cluster.nodes.values():
            self._started(node)
            node.services.on(TOMCAT, "started", lambda node=node: self._started(node))

    def _started(self, node: Node) -> None:
        self._at_start[node.name] = _trusted(node)

    def context(self, node: Node) -> ssl.SSLContext:
        """For one connection of a node."""
        world = self._cluster.world
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = world.variant("ldap_name_check") == "checked" and world.refuses("ldap_certificate_name")
        if not world.refuses("ldap_certificate_untrusted"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        # Whatever lies in the store is trusted, an intermediate or a server's own certificate as well as a root.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        held = _trusted(node) if world.variant("ldap_trust_reload") == "live" else self._at_start[node.name]
        context.load_verify_locations(cadata="".join(held))
        return context

    def save(self) -> dict[str, tuple[str, ...]]:
        """State for a snapshot."""
        return dict(self._at_start)

    def load(self, state: dict[str, tuple[str, ...]]) -> None:
        """Take over what `save` gave."""
        self._at_start = dict(state)


def _trusted(node: Node) -> tuple[str, ...]:
    return tuple(entry.certificate for entry in node.certificates.trust("tomcat"))


async def reach(trust: Trust, node: Node, servers: Sequence[Server], name: str, password: str) -> tuple[client.Session, Server]:
    """The first server that takes the login, and the session there. Raises LdapError with what became of each."""
    failures = []
    for server in servers:
        try:
            return await _reach(trust, node, server, name, password), server
        except LdapError as error:
            failures.append(f"{server.host}:{server.port}: {error}")
    raise LdapError("; ".join(failures) or "no LDAP server")


async def _reach(trust: Trust, node: Node, server: Server, name: str, password: str) -> client.Session:
    world = node.world
    address = address_of(world, server.host)
    if address is None:
        raise LdapError("unknown host")
    port = _port(node, address, server.port)
    session = await client.connect(address, port, trust.context(node) if server.tls else None, server.host, node.address)
    try:
        if server.tls and revocation.enabled(node):
            await _revocation(node, session.certificate)
        await session.bind(name, password)
    except LdapError:
        session.close()
        raise
    return session


async def _revocation(node: Node, pem: str) -> None:
    if pem not in _trusted(node) and node.world.refuses("ldap_certificate_for_ocsp"):
        raise LdapError("OCSP: the certificate of the server is not in tomcat-trust")
    if await revocation.is_revoked(node, pem):
        raise LdapError("OCSP: the certificate of the server is revoked")


def _port(node: Node, address: str, port: int) -> int:
    """Where a directory server of the inventory really listens."""
    host = next((given for given in node.world.hosts.values() if str(given.get("ansible_host")) == address), {})
    return int(host.get(f"lab_{PORTS.get(port)}_port", port))
