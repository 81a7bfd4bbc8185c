"""XMPP ports of an IM and Presence node: 5222 for clients, 5269 for federated servers, both by STARTTLS.

As much XMPP as a handshake needs (RFC 6120, 4 and 5): the stream is opened, STARTTLS is offered and required, and inside TLS the stream is
opened anew. Logging in and stanzas are not part of the lab: they end the stream and are counted as unknown. A stream to a domain that the
cluster does not host is refused, as RFC 6120, 4.9.3.6 asks.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from lab.core.refusals import refusal
from lab.imp.domains import presence_domains
from lab.ucm import sip_ports
from lab.ucm.listeners import Listener
from lab.ucm.listeners import ServicePorts
from lab.ucm.tls_layer import TlsLayer

if TYPE_CHECKING:
    from lab.core.world import Node

CONNECTION_MANAGER = "Cisco XCP Connection Manager"
FEDERATION = "Cisco XCP XMPP Federation Connection Manager"
STREAMS = "http://etherx.jabber.org/streams"
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"
CLIENT, SERVER = "jabber:client", "jabber:server"
MECHANISMS = {CLIENT: ("PLAIN", "CISCO-VTG-TOKEN"), SERVER: ("EXTERNAL",)}
OPENING = re.compile(rb"<stream:stream\b([^>]*)>")
ATTRIBUTE = re.compile(rb"""\b(to|xmlns)\s*=\s*["']([^"']*)["']""")
STARTTLS = re.compile(rb"<starttls\b[^>]*?(?:/>|>\s*</starttls>)")
LIMIT = 16384

refusal("xmpp_host_unknown", "RFC 6120, 4.9.3.6 (inferred)", "an XMPP stream to a domain that the cluster does not host")


def clients(node: Node) -> ServicePorts:
    """5222, by cup-xmpp."""
    return _port(node, CONNECTION_MANAGER, 5222, "xmpp", CLIENT, lambda: node.tls.presence("xmpp"))


def federation(node: Node) -> ServicePorts:
    """5269, by cup-xmpp-s2s; federated servers may prove themselves by a certificate."""
    return _port(node, FEDERATION, 5269, "xmpp-s2s", SERVER, lambda: node.tls.presence("xmpp-s2s", "cup-xmpp-trust", ssl.CERT_OPTIONAL))


def _port(node: Node, service: str, port: int, protocol: str, namespace: str, choose: Callable[[], ssl.SSLContext]) -> ServicePorts:
    connections: set[Stream] = set()

    def end() -> None:
        for stream in list(connections):
            stream.transport.abort()

    def make(name: str, number: int) -> Listener:
        return Listener(name, node.address, number, lambda: Stream(node, number, name, namespace, choose, connections), None, end)

    return ServicePorts(service, lambda: {port: protocol}, make)


class Stream(asyncio.Protocol):
    """One connection, before TLS and (as its own inner protocol) inside it."""

    def __init__(self, node: Node, port: int, protocol: str, namespace: str, choose: Callable[[], ssl.SSLContext] | None, connections: set[Stream]) -> None:
        """choose: the TLS context that STARTTLS leads to; None = this is inside TLS already."""
        self.transport: asyncio.Transport | None = None
        self._node, self._port, self._protocol, self._namespace = node, port, protocol, namespace
        self._choose = choose
        self._connections = connections
        self._buffer = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there (inside TLS: its handshake is done)."""
        self.transport = transport
        self._connections.add(self)
        if self._choose is None and not sip_ports.opened(self._node, transport, self._protocol, self._port, True):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Whatever has come; complete elements are answered."""
        self._buffer += data
        if not self._open:
            found = OPENING.search(self._buffer)
            if found is None:
                if len(self._buffer) > LIMIT or not _may_begin(self._buffer):
                    self._end("not-well-formed")
                return
            self._buffer = self._buffer[found.end():]
            self._answer({name.decode(): value.decode("utf-8", "replace") for name, value in ATTRIBUTE.findall(found[1])})
        if self._open and self._buffer.strip():
            self._element()

    def domains(self) -> list[str]:
        """What it hosts; the first is what it calls itself towards strangers."""
        return presence_domains(self._node.cluster)

    def features_before_tls(self) -> str:
        """What is offered on a stream without TLS."""
        return f"<starttls xmlns='{TLS}'><required/></starttls>"

    def _answer(self, attributes: dict[str, str]) -> None:
        hosted = {name.lower() for name in (*self.domains(), self._node.fqdn)}
        to = attributes.get("to", "").lower()
        own = quoteattr(to if to in hosted else (*self.domains(), self._node.fqdn)[0])
        self._send(f"<?xml version='1.0'?><stream:stream xmlns='{self._namespace}' xmlns:stream='{STREAMS}' from={own} id='{id(self):x}' version='1.0'>")
        if attributes.get("xmlns") != self._namespace:
            self._end("invalid-namespace")
        elif to and to not in hosted and self._node.world.refuses("xmpp_host_unknown"):
            self._end("host-unknown")
        else:
            self._open = True
            self._send(f"<stream:features>{self._features()}</stream:features>")

    def _features(self) -> str:
        if self._choose is not None:
            return self.features_before_tls()
        offered = "".join(f"<mechanism>{name}</mechanism>" for name in MECHANISMS[self._namespace])
        return f"<mechanisms xmlns='{SASL}'>{offered}</mechanisms>"

    def _element(self) -> None:
        element = self._buffer.lstrip()
        if element.startswith(b"</stream:stream"):
            self.transport.close()
        elif self._choose is None or not element.startswith(b"<starttls"):
            self._node.world.note_unknown(self._node, "tls", f"XMPP {element[:100].decode('utf-8', 'replace')}")
            self._end("policy-violation")
        elif STARTTLS.match(element):
            self._send(f"<proceed xmlns='{TLS}'/>")
            self._to_tls()

    def _to_tls(self) -> None:
        inner = type(self)(self._node, self._port, self._protocol, self._namespace, None, self._connections)
        inner.transport = self.transport
        self._connections.discard(self)
        self._connections.add(inner)
        layer = TlsLayer(self._choose, inner, lambda reason: sip_ports.failed(self._node, self._port, reason))
        layer.connection_made(self.transport)
        self.transport.set_protocol(layer)

    def _send(self, text: str) -> None:
        self.transport.write(text.encode())

    def _end(self, condition: str) -> None:
        sip_ports.failed(self._node, self._port, condition)
        self._send(f"<stream:error><{condition} xmlns='{ERRORS}'/></stream:error></stream:stream>")
        self.transport.close()


def _may_begin(data: bytes) -> bool:
    """Whether this can be the beginning of an XML stream."""
    return data.lstrip()[:1] in (b"", b"<")
