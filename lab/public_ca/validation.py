"""Whether somebody who asks for a name holds it: challenges http-01 and dns-01 (RFC 8555 8.3, 8.4)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import aiohttp

from lab.core.variants import variant
from lab.public_ca import jose

if TYPE_CHECKING:
    from lab.public_ca.authority import PublicCa

PATIENCE = aiohttp.ClientTimeout(total=5)
variant("public_ca_validation", ("checked", "always_valid"), "checked", "the lab's own (as Pebble's PEBBLE_VA_ALWAYS_VALID)",
        "whether challenges are looked at, or always found to be met")


class NotMet(Exception):
    """A challenge was not met. kind: of the ACME error."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


async def check(ca: PublicCa, kind: str, name: str, token: str, authorization: str, turn: int) -> None:
    """Look whether a challenge is met. turn: which of a name's places is asked. Raises NotMet."""
    if ca.world.variant("public_ca_validation") == "always_valid":
        return
    if kind == "dns-01":
        wanted = jose.encode(hashlib.sha256(authorization.encode("ascii")).digest())
        host = f"_acme-challenge.{name.removeprefix('*.')}"
        if wanted not in ca.records.get(host, ()):
            raise NotMet("unauthorized", f"Incorrect TXT record found at {host}" if ca.records.get(host) else f"No TXT record found at {host}")
        return
    places = ca.places(name)
    if not places:
        raise NotMet("dns", f"DNS problem: NXDOMAIN looking up A for {name}")
    address, port = places[turn % len(places)]
    path = f"/.well-known/acme-challenge/{token}"
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE, connector=aiohttp.TCPConnector(local_addr=(ca.host.address, 0))) as session:
            async with session.get(f"http://{address}:{port}{path}", headers={"Host": name}, allow_redirects=False) as answer:
                text = (await answer.content.read(1024)).decode("ascii", "replace").strip()
                status = answer.status
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NotMet("connection", f"{address}: Fetching http://{name}{path}: Connection refused") from error
    if status != 200:
        raise NotMet("unauthorized", f"{address}: Invalid response from http://{name}{path}: {status}")
    if text != authorization:
        raise NotMet("unauthorized", f"{address}: The key authorization file from the server did not match this challenge")
