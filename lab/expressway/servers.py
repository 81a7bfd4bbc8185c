"""The Unified Communications servers that Expressway-C knows: Unified CM, IM and Presence, Unity Connection.

A server is *discovered*: Expressway-C really connects to it with the account that it was given, reads its nodes and modes, and keeps what it has
read until it is told to look again. With TLS verify On it first tests the connection: the certificate must lead to this peer's trusted CAs and have the
address that was entered, which must be a name. From what Unified CM says follow the automatic zones: CEtcp- always, CEtls- in mixed mode, CEOAuth with SIP
OAuth mode.

`await discover(peer, TABLE, given)` gives the row to keep in `peer.table(TABLE)`; given has the keys of REST. Raises Undiscovered. From X14.2 the traffic
server checks certificates whatever TLS verify says (row["verified"]): without that, no client gets through, though the discovery went well.

Sources: expressway.md 1.3, 2.4, 4.3; id:63293541382 (MRA guide X12.6). Words of errors but for "Socket Error: Timeout" are the lab's own.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

import aiohttp
from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant

if TYPE_CHECKING:
    from lab.core.world import Node
    from lab.expressway.state import Peer

PATIENCE = aiohttp.ClientTimeout(total=10)
LIMIT = 5.0
AXL = "12.5"
CALL_MANAGERS = "select p.name from callmanager c join processnode p on c.fkprocessnode = p.pkid"
MODES = "select paramname, paramvalue from processconfig where paramname in ('ClusterSecurityMode', 'ClusterSIPOAuthMode')"
TABLES = ("cucm", "imp", "ucxn")
OAUTH_PORT, TLS_PORT, TCP_PORT = 5091, 5061, 5060

variant("expressway_oauth_zone_name", ("space", "dash"), "space", "id:63293541382",
        "whether the automatic zone of SIP OAuth is called 'CEOAuth NAME', as the guide writes it, or 'CEOAuth-NAME', as the others are")
variant("expressway_tls_verify_default", ("On", "Off"), "On", "expressway.md 2.4", "TLS verify of a server that is added by REST without saying it")

refusal("expressway_server_login", "id:63293541382", "a server whose account is refused")
refusal("expressway_server_trust", "id:63293541382", "with TLS verify On, a server whose certificate does not lead to a trusted CA")
refusal("expressway_server_name", "expressway.md 2.4", "with TLS verify On, a server whose certificate has another name than the address entered")
refusal("expressway_server_address", "id:63293541382", "with TLS verify On, a server by an address that is no name")


class Undiscovered(Exception):
    """A server could not be discovered; the text is the product's, or the lab's in its style."""


@dataclass(frozen=True)
class Account:
    """How to log in to a server."""

    user: str
    password: str


async def discover(peer: Peer, table: str, given: dict[str, Any]) -> dict[str, Any]:
    """Ask a server for what Expressway-C has to know. given: Publisher, AxlUsername, AxlPassword, TlsVerify (and options that are kept)."""
    address = str(given["Publisher"])
    account = Account(str(given["AxlUsername"]), str(given["AxlPassword"]))
    row = {**given, "TlsVerify": given.get("TlsVerify", peer.world.variant("expressway_tls_verify_default"))}
    verify = row["TlsVerify"] == "On"
    if verify and re.fullmatch(r"[\d.]+|.*:.*", address) and peer.world.refuses("expressway_server_address"):
        raise Undiscovered("TLS verify mode needs an FQDN as address")
    node = peer.world.find(address)
    if node is None:
        raise Undiscovered("CommandError: Socket Error: Name or service not known")
    problem = await _verified(peer, node, address)
    if verify and problem:
        raise Undiscovered(f"CommandError: {problem}")
    call = {"cucm": _unified_cm, "imp": _presence, "ucxn": _unity}[table]
    try:
        async with aiohttp.ClientSession(
                base_url=f"https://{node.address}:{node.ports['https']}", auth=aiohttp.BasicAuth(account.user, account.password, "utf-8"), timeout=PATIENCE,
                connector=aiohttp.TCPConnector(local_addr=(peer.appliance.address, 0), ssl=_context(peer, False))) as session:
            found = await call(peer, session)
    except (TimeoutError, aiohttp.ServerTimeoutError) as error:
        raise Undiscovered("CommandError: Socket Error: Timeout") from error
    except aiohttp.ClientError as error:
        raise Undiscovered("CommandError: Socket Error: Connection refused") from error
    return {**row, **found, "verified": problem == "", "status": "Active"}


def _context(peer: Peer, verify: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if verify:
        context.load_verify_locations(cadata="".join(peer.certificates.trust))
    else:
        context.verify_mode = ssl.CERT_NONE
    return context


async def _verified(peer: Peer, node: Node, address: str) -> str:
    """The test of a secure connection: what is wrong with it, "" when nothing is."""
    trust = peer.world.refuses("expressway_server_trust")
    context = _context(peer, trust)
    context.check_hostname = trust and peer.world.refuses("expressway_server_name")
    try:
        async with asyncio.timeout(LIMIT):
            _reader, writer = await asyncio.open_connection(node.address, node.ports["https"], ssl=context, server_hostname=address,
                                                            local_addr=(peer.appliance.address, 0))
    except ssl.SSLCertVerificationError as error:
        return f"TLS negotiation failed: {error.verify_message}"
    except ssl.SSLError as error:
        return f"TLS negotiation failed: {error.reason}"
    except TimeoutError:
        return "Socket Error: Timeout"
    except OSError:
        return "Socket Error: Connection refused"
    writer.transport.abort()
    return ""


# ---- Unified CM

async def _unified_cm(peer: Peer, session: aiohttp.ClientSession) -> dict[str, Any]:
    version = (await _axl(peer, session, "getCCMVersion", "")).findtext(".//version") or ""
    nodes = [row["name"] for row in await _sql(peer, session, CALL_MANAGERS)]
    modes = {row["paramname"]: row["paramvalue"] for row in await _sql(peer, session, MODES)}
    mixed, oauth = modes.get("ClusterSecurityMode") == "1", modes.get("ClusterSIPOAuthMode") == "1"
    between = " " if peer.world.variant("expressway_oauth_zone_name") == "space" else "-"
    ways = [("tcp", "CEtcp-", TCP_PORT), *([("tls", "CEtls-", TLS_PORT)] if mixed else []), *([("oauth", f"CEOAuth{between}", OAUTH_PORT)] if oauth else [])]
    zones = tuple((f"{head}{node}", way, node, port) for node in nodes for way, head, port in ways)
    return {"version": version, "nodes": tuple(nodes), "mixed": mixed, "oauth": oauth, "zones": zones}


async def _axl(peer: Peer, session: aiohttp.ClientSession, operation: str, inner: str) -> etree._Element:
    body = (f'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns="http://www.cisco.com/AXL/API/{AXL}"><soapenv:Body>'
            f"<ns:{operation}>{inner}</ns:{operation}></soapenv:Body></soapenv:Envelope>")
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"CUCM:DB ver={AXL} {operation}"'}
    async with session.post("/axl/", data=body.encode(), headers=headers) as answer:
        content = await answer.read()
        if answer.status in (401, 403) and peer.world.refuses("expressway_server_login"):
            raise Undiscovered("CommandError: Authentication failed")
        if answer.status != 200:
            raise Undiscovered(f"CommandError: HTTP {answer.status}")
    return etree.fromstring(content)


async def _sql(peer: Peer, session: aiohttp.ClientSession, text: str) -> list[dict[str, str]]:
    root = await _axl(peer, session, "executeSQLQuery", f"<sql>{text}</sql>")
    return [{etree.QName(column).localname: column.text or "" for column in row} for row in root.iter("row")]


# ---- the others

async def _presence(peer: Peer, session: aiohttp.ClientSession) -> dict[str, Any]:
    version = (await _axl(peer, session, "getCCMVersion", "")).findtext(".//version") or ""
    nodes = [row["name"] for row in await _sql(peer, session, "select name from enterprisenode")]
    aliases = [row["aliasname"] for row in await _sql(peer, session, "select aliasname from tcaliases")]
    return {"version": version, "nodes": tuple(nodes), "aliases": tuple(aliases)}


async def _unity(peer: Peer, session: aiohttp.ClientSession) -> dict[str, Any]:
    found = []
    for path in ("/vmrest/version", "/vmrest/vmsservers"):
        async with session.get(path, headers={"Accept": "application/json"}) as answer:
            if answer.status in (401, 403) and peer.world.refuses("expressway_server_login"):
                raise Undiscovered("CommandError: Authentication failed")
            if answer.status != 200:
                raise Undiscovered(f"CommandError: HTTP {answer.status}")
            found.append(await answer.json())
    servers = found[1].get("VmsServer", [])
    names = [one["ServerName"] for one in (servers if isinstance(servers, list) else [servers])]
    return {"version": found[0].get("version", ""), "nodes": tuple(names)}
