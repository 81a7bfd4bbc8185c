"""What Call Bridges connect to: Web Bridges, by C2W from 3.0 on, by HTTPS before, each end with its own trust (cms.md 1.4, 1.5)."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server import files
from lab.ucm.tls import client_context

if TYPE_CHECKING:
    from lab.meeting_server.services import Running
    from lab.meeting_server.state import Server

DEFAULT_PORT = {"c2w": 9999, "https": 443}

variant("cms_c2w_status", ("success", "words"), "success", "cms.md 8 (not found)", "the words of a Web Bridge's status")

refusal("cms_c2w_server_trust", "cms.md 1.5", "a Web Bridge whose certificate is not in the Call Bridge's C2W trust bundle")
refusal("cms_webbridge_trust", "cms.md 1.4 (TN213821); guide, Meeting Server",
        "a Call Bridge whose certificate the trust bundle of a Web Bridge does not have (before 3.0)")


async def web_bridge(server: Server, row: dict[str, str]) -> str:
    """The status of a Web Bridge as the Call Bridge of this server has it, by a real connection."""
    works = await _connects(server, row.get("url", ""))
    if server.world.variant("cms_c2w_status") == "words":
        return "connected" if works else "connection failed"
    return "success" if works else "connectionFailure"


async def refresh(server: Server) -> None:
    """Find out about all of them, for `lab status`."""
    rows = server.objects.get("webBridges", {}).values() if server.serving("callbridge") is not None else ()
    server.web_bridges = {row.get("url", ""): await web_bridge(server, row) for row in rows}


async def _connects(server: Server, url: str) -> bool:
    parts = urlsplit(url)
    address = server.world.resolve(parts.hostname or "")
    running = (server.serving("callbridge") or {}).get("")
    if parts.scheme != ("c2w" if server.major >= 3 else "https") or address is None or running is None:
        return False
    context = _c2w(server, running) if server.major >= 3 else _https(server, running)
    if context is None or not _trusted(server, running, parts.hostname or ""):
        return False
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        _reader, writer = await asyncio.wait_for(asyncio.open_connection(
            address, parts.port or DEFAULT_PORT[parts.scheme], ssl=context, local_addr=(server.appliance.address, 0)), 5)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True


def _c2w(server: Server, running: Running) -> ssl.SSLContext | None:
    """With the certificate of the Call Bridge, and its C2W trust bundle, without which it connects to nobody."""
    trust, strict = server.services["callbridge"].trust.get("c2w"), server.world.refuses("cms_c2w_server_trust")
    if strict and trust is None:
        return None
    context = client_context(running.chain, running.key, (files.pem(trust.content) if trust else running.chain,))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not strict:
        context.verify_mode = ssl.CERT_NONE
    return context


def _https(server: Server, running: Running) -> ssl.SSLContext:
    """Before 3.0 nothing says that a Call Bridge checks the Web Bridge."""
    context = client_context(running.chain, running.key, (running.chain,))
    context.verify_mode = ssl.CERT_NONE
    return context


def _trusted(server: Server, running: Running, host: str) -> bool:
    """Before 3.0: whether the Web Bridge trusts this Call Bridge. Its port is the browsers', so that it asks nobody in the handshake (how it asks is ours)."""
    found = server.cluster.find(host)
    theirs = (found.serving("webbridge") or {}).get("") if found else None
    if server.major >= 3 or theirs is None or not server.world.refuses("cms_webbridge_trust"):
        return True
    if not theirs.trusted:
        return False
    leaf, *more = files.certificates(running.chain.encode())
    trusted = files.certificates(theirs.trusted.encode())
    return leaf in trusted or any(files.issued_by(one, other) for one in (leaf, *more) for other in trusted)
