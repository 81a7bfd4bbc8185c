"""XMPP ports of Expressway-E: 5222 for clients of mobile and remote access, 5269 for federated servers, as far as the first words of a stream go.

Security mode of federation: with TLS required a stream is not served until STARTTLS; with TLS optional dialback is offered beside it; without TLS
dialback alone. Client-side certificates are asked for where the page says so, and checked against the list of trusted CAs (guide "MRA and XMPP Federation").
Domains are those that the Expressway-C behind it has marked for federation, and the chat node aliases that it has discovered.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from lab.core.doors import PortsDoor
from lab.core.refusals import refusal
from lab.expressway import mra
from lab.expressway import tls
from lab.imp import xmpp
from lab.imp.xmpp import CLIENT
from lab.imp.xmpp import SERVER
from lab.imp.xmpp import Stream
from lab.ucm.listeners import Listener

if TYPE_CHECKING:
    from lab.expressway.state import Peer

DIALBACK = "urn:xmpp:features:dialback"
CLIENTS, FEDERATION = 5222, 5269

refusal("expressway_xmpp_plain", "guide, MRA and XMPP Federation", "a federated stream without TLS where the security mode is TLS required")


def controllers(peer: Peer) -> list[Peer]:
    """The primary peers of the Expressway-C clusters behind this Expressway-E."""
    own = peer.appliance.group.name
    return [group.state.primary for group in peer.world.groups.values()
            if group.product == "expressway_c" and group.variables.get("collab_edge_cluster") == own]


def federated(peer: Peer) -> list[str]:
    """Domains and chat node aliases that others may open a stream to."""
    found: list[str] = []
    for other in controllers(peer):
        config = other.config
        found += [config.get(f"SIP Domain {index} Name") for index in config.indices("SIP Domain") if config.get(f"SIP Domain {index} XmppFederation") == "On"]
        found += [alias for row in other.table("imp").values() for alias in row.get("aliases", ())]
    return found


def reached(peer: Peer) -> list[str]:
    """Domains whose clients may log in from outside."""
    return [other.config.get(f"SIP Domain {index} Name") for other in controllers(peer) for index in other.config.indices("SIP Domain")
            if other.config.get(f"SIP Domain {index} EdgeXmpp") == "On"]


class EdgeStream(Stream):
    """One connection."""

    @property
    def _peer(self) -> Peer:
        return self._node.state

    def domains(self) -> list[str]:
        """What may be asked for."""
        return reached(self._peer) if self._namespace == CLIENT else federated(self._peer)

    def _security(self) -> str:
        if self._namespace == CLIENT:
            return "TLSRequired"
        mode = self._peer.table("xmpp")[""]["security"]
        return "TLSOptional" if mode == "TLSRequired" and not self._node.world.refuses("expressway_xmpp_plain") else mode

    def features_before_tls(self) -> str:
        """STARTTLS, dialback or both."""
        mode = self._security()
        starttls = {"TLSRequired": f"<starttls xmlns='{xmpp.TLS}'><required/></starttls>", "TLSOptional": f"<starttls xmlns='{xmpp.TLS}'/>", "NoTLS": ""}[mode]
        return starttls + ("" if mode == "TLSRequired" else f"<dialback xmlns='{DIALBACK}'/>")

    def _element(self) -> None:
        element = self._buffer.lstrip()
        if self._choose is not None and element.startswith(b"<db:result") and self._security() != "TLSRequired":
            # The authoritative server of the other domain would have to be asked; the lab has none outside.
            self._end("remote-connection-failed")
        elif self._choose is not None and element.startswith(b"<starttls") and self._security() == "NoTLS":
            self._end("policy-violation")
        else:
            super()._element()


class XmppDoor(PortsDoor):
    """Both ports of one peer."""

    def asked(self) -> dict[int, str]:
        """Clients' while mobile and remote access is on, other servers' while federation is."""
        federation = self._state.table("xmpp")[""]["federation"] == "On"
        return {**({CLIENTS: "xmpp"} if mra.is_on(self._state) else {}), **({FEDERATION: "xmpp-s2s"} if federation else {})}

    async def listener(self, port: int, protocol: str) -> Listener:
        """One port, with the streams on it."""
        connections: set[Stream] = set()
        namespace = CLIENT if port == CLIENTS else SERVER

        def choose() -> ssl.SSLContext:
            asks = port == FEDERATION and self._state.table("xmpp")[""]["client_certificates"] == "On"
            return tls.listening(self._state, asks)

        def end() -> None:
            for stream in list(connections):
                stream.transport.abort()

        return Listener(protocol, self._appliance.address, port, lambda: EdgeStream(self._appliance, port, protocol, namespace, choose, connections), None, end)
