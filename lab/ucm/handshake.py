"""A real TLS handshake between two simulated ends without a socket: whether their certificates and trust stores fit together."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from lab.ucm.tls import RSA_CIPHERS
from lab.ucm.tls import Offer
from lab.ucm.tls import client_context
from lab.ucm.tls import server_context

if TYPE_CHECKING:
    from lab.core.world import Node

ROUNDS = 10


def problem(client: Node, server: Node, consumer: str, store: str) -> str:
    """Why two nodes cannot agree on TLS with a certificate of each, "" when they can.

    consumer: what serves the certificates (lab.ucm.certificate_units); store: the trust store that both check the other's against.
    """
    trust = {node: tuple(entry.certificate for entry in node.certificates.trust(store)) for node in (client, server)}
    offer = Offer((server.tls.pair(consumer),), ":".join(RSA_CIPHERS["all"]), trust[server], server.tls.highest, ssl.CERT_REQUIRED)
    return agree(client_context(*client.tls.pair(consumer), trust[client]), server_context(offer))


def agree(client: ssl.SSLContext, server: ssl.SSLContext) -> str:
    """Why the handshake of two contexts fails, "" when it does not."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [client.wrap_bio(to_client, to_server, server_side=False), server.wrap_bio(to_server, to_client, server_side=True)]
    for _round in range(ROUNDS):
        waiting = 0
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                waiting += 1
            except ssl.SSLError as error:
                return getattr(error, "verify_message", "") or error.reason or str(error)
        if not waiting:
            return ""
    return "the handshake does not end"
