"""A public certificate authority: an ACME server (RFC 8555), and a web page that the command `lab public-ca sign` stands for.

`await start(world, host)` opens it on the address of a host with collab_product `public_ca` and makes it `world.public_ca`. ACME's directory is at
https://HOST:PORT/directory; the name server that it asks takes updates with the key in the lab's file ca/dns.key. Since 2026 public CAs issue for
servers only (variant `public_ca_usage`).

Estate: `public_dns` {name: [host of the inventory or "address:port", ...]}: where public names lead, besides the FQDNs of Expressway-E. A challenge by
HTTP goes to port 80 of the product, which the lab has at `lab_http_port` (20080).
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from lab.ca import Site
from lab.core.keys import load_key
from lab.public_ca.acme import AcmeServer
from lab.public_ca.authority import PublicCa
from lab.public_ca.dns import NameServer
from lab.ucm import tls
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.core.inventory import Host
    from lab.core.world import World


class Doors:
    """Servers that end together."""

    def __init__(self, *servers: Site | NameServer) -> None:
        self._servers = servers

    def close(self) -> None:
        """End them all."""
        for server in self._servers:
            server.close()


async def start(world: World, host: Host) -> Doors:
    """Serve a host's CA. Raises OSError (address taken)."""
    world.public_ca = PublicCa(world, host)
    acme = AcmeServer(world.public_ca)
    world.keep("public CA", world.public_ca.save, world.public_ca.load)
    world.keep("public CA/ACME", acme.save, acme.load)
    key = world.keys.rsa()
    leaf = world.public_ca.authority.issue(load_key(key).public_key(), host.fqdn, [host.fqdn, host.address], "server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_identity(context, x509.to_pem(leaf) + x509.to_pem(world.public_ca.authority.issuing), key)
    site = Site(host)
    await site.open(acme.application(), "https", context)
    names = NameServer(world.public_ca)
    await names.open()
    return Doors(site, names)
