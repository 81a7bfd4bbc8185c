"""SRST references of a cluster: the certificates of their routers, and what phones are told of them.

Unified CM takes a router's certificate from its credential service, keeps it, and puts it into the configuration files of the phones that
use the reference, once they are reset. What makes it take the certificate is a button of the page; whether AXL does is open. While the
cluster is not in mixed mode, phones are told nothing of it.

Sources: guide "Survivable Remote Site Telephony (SRST)"; id:63325033716 (the button Update Certificate, the port, non-secure mode); axl.md 2.5.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.variants import variant

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.ucm.store import Store

LIMIT = 5.0
_OF_POOLS = """
select p.pkid, s.name, s.ipaddr1, s.sipport, s.issecure, l.certificate from devicepool p join srst s on s.pkid = p.fksrst
left join lab_srst l on l.fksrst = s.pkid
"""

variant("srst_fetch", ("button", "on_update"), "button", "axl.md 2.5, 9; id:63325033716",
        "Whether a router's certificate is taken only by the page's button, or also when AXL makes or keeps a reference secure.")


@dataclass(frozen=True)
class Reference:
    """An SRST reference as phones are told of it. certificate: PEM of the router's, "" while there is none."""

    name: str
    address: str = ""
    port: int = 5060
    secure: bool = False
    certificate: str = ""


def of_pools(db: Store) -> dict[str, Reference]:
    """The reference of each device pool, by the pool's key."""
    return {row[0]: Reference(row[1], row[2] or "", int(row[3]), row[4] == "t", row[5] or "") for row in db.rows(_OF_POOLS)}


async def fetch(cluster: Cluster, name: str) -> str:
    """Takes the certificate of a reference's router from its credential service, as the button does; gives it as PEM. Raises KeyError, OSError."""
    db = cluster.db
    key = db.key("srst", "srst", name)
    address, port = db.rows("select ipaddr1, srstcertificateport from srst where pkid=?", key)[0]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _reader, writer = await asyncio.wait_for(
        asyncio.open_connection(address, int(port), ssl=context, local_addr=(cluster.publisher.address, 0)), LIMIT)
    try:
        pem = ssl.DER_cert_to_PEM_cert(writer.get_extra_info("ssl_object").getpeercert(binary_form=True))
    finally:
        writer.transport.abort()
    db.run("insert or replace into lab_srst (fksrst, certificate) values (?, ?)", key, pem)
    return pem


async def fetch_quietly(cluster: Cluster, name: str) -> None:
    """The same where nobody learns that it failed (AXL has answered already)."""
    try:
        await fetch(cluster, name)
    except (OSError, TimeoutError, KeyError) as error:
        cluster.world.journal.add(cluster.publisher, "tls", f"credential service of {name}", "read", refused=str(error) or type(error).__name__)
