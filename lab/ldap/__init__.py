"""A directory server of the estate: LDAP with simple binds and searches, plain at 389 and 3268 and by TLS at 636 and 3269.

`await start(world, host)` opens it on the address of a host with collab_product `ldap`. What it holds is in `directories` of estate.yml:
{HOST: {base, tls (see lab.ca.machines; default enterprise), accounts: [{uid, first, last, mail, password, container, dn, disabled}]}}.
The encoding is the lab's own: the libraries that there are speak for clients, or bring an event loop of their own.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from lab.ca import machines
from lab.ldap.directory import Directory
from lab.ldap.server import Server
from lab.ucm import tls

if TYPE_CHECKING:
    from lab.core.inventory import Host
    from lab.core.world import World


async def start(world: World, host: Host) -> Server:
    """Serve a host's directory. Raises OSError (address taken) and ValueError (its description makes no sense)."""
    description = world.estate.get("directories", {}).get(host.name) or {}
    wanted = machines.wanted_of(description.get("tls", "enterprise"), f"directories: {host.name}")
    context, chain = None, ""
    if wanted is not None:
        chain, key = machines.certificate(world, host.fqdn, wanted)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        tls.load_identity(context, chain, key)
    domain = host.fqdn.partition(".")[2]
    server = Server(world, host, Directory(description, domain), context, chain)
    await server.open()
    return server
