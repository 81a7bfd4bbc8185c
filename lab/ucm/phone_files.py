"""Configuration files of phones on ports 6970 and 6972 of the nodes that run TFTP: what a phone would be given at its last reset, not all of it.

6972 is the same by TLS, with the tomcat certificate as it was when the service started: it "continues to offer the old one" until then
(id:63428964096, which does not name the port; id:225476 of Cisco's technotes does).

A profile with TFTP Encrypted Config leaves nothing but the few lines that a phone needs to ask for the encrypted file, which the lab
does not serve. Where a router's certificate stands in the file nobody says: the lab has two places for it, both its own.

Sources: id:5929097124 (a real file), id:118929 technote "Encrypted Phone Configuration" (the partial file), id:63089099132 (the address).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from aiohttp import web

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm.axl import product_settings
from lab.ucm.listeners import Listener
from lab.ucm.listeners import ServicePorts
from lab.ucm.tls import bare_context

if TYPE_CHECKING:
    from lab.core.world import Node
    from lab.ucm.admission import Held

TFTP = "Cisco Tftp"
PORT, SECURE_PORT = 6970, 6972
MODES = {"Non Secure": 1, "Authenticated": 2, "Encrypted": 3}
_FILE = re.compile(r"/([A-Za-z0-9]+)\.cnf\.xml")

variant("srst_certificate_place", ("in_srst_info", "beside"), "in_srst_info", "id:63325033716 (that it is there)",
        "Where a phone's configuration file holds the certificate of its SRST router.")
refusal("file_encrypted", "guide 'TFTP Configuration File Encryption'", "the plain configuration file of a phone whose profile has it encrypted")


def ports(node: Node) -> ServicePorts:
    """The two ports while Cisco Tftp runs."""
    server = web.Server(lambda request: _answer(node, request))

    def end() -> None:
        for connection in list(server.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def make(protocol: str, port: int) -> Listener:
        context = (lambda: bare_context(node.tls.files, node.tls.highest)) if protocol == "https" else None
        return Listener(protocol, node.address, port, server, context, end)

    return ServicePorts(TFTP, lambda: {PORT: "http", SECURE_PORT: "https"}, make)


async def _answer(node: Node, request: web.BaseRequest) -> web.StreamResponse:
    match = _FILE.fullmatch(request.path)
    held = node.cluster.phones.held(match.group(1)) if match and request.method == "GET" else None
    node.world.journal.add(node, "tftp", f"{request.method} {request.path}"[:200], "read", **({} if held else {"refused": "404"}))
    if held is None:
        return web.Response(status=404)
    whole = not held.config.encrypted_file or not node.world.refuses("file_encrypted")
    return web.Response(text=_whole(node, held) if whole else _partial(node), content_type="text/xml")


def _security(node: Node, encrypted: bool) -> str:
    publisher = node.cluster.publisher.address
    return ("<capfAuthMode>0</capfAuthMode><capfList><capf><phonePort>3804</phonePort>"
            f"<processNodeName>{publisher}</processNodeName></capf></capfList><certHash></certHash><encrConfig>{str(encrypted).lower()}</encrConfig>")


def _partial(node: Node) -> str:
    return f"<device><fullConfig>False</fullConfig><ipAddressMode>0</ipAddressMode>{_security(node, True)}</device>"


def _whole(node: Node, held: Held) -> str:
    config, db = held.config, node.cluster.db
    managers = "".join(f'<member priority="{place}"><callManager><name>{escape(name)}</name></callManager></member>' for place, name in enumerate(config.group))
    secure = config.srst.secure and held.mixed and config.secure
    body = "".join(config.srst.certificate.splitlines()[1:-1]) if secure else ""
    inside = node.world.variant("srst_certificate_place") == "in_srst_info"
    certificate = f"<certificate>{body}</certificate>" if body else ""
    key = db.value("select pkid from device where name=?", config.name)
    profile = db.value("select fkcommonphoneconfig from device where pkid=?", key)
    return (
        f"<device><deviceProtocol>{escape(config.protocol)}</deviceProtocol><devicePool><callManagerGroup><members>{managers}</members></callManagerGroup>"
        f"<srstInfo><name>{escape(config.srst.name)}</name><sipIpAddr1>{escape(config.srst.address)}</sipIpAddr1><sipPort1>{config.srst.port}</sipPort1>"
        f"<isSecure>{str(secure).lower()}</isSecure>{certificate if inside else ''}</srstInfo></devicePool>"
        f"{'' if inside or not certificate else f'<srst>{certificate}</srst>'}"
        f"<vendorConfig>{product_settings.OF_PHONES.read(db, key)}</vendorConfig><commonConfig>{product_settings.OF_COMMON.read(db, profile)}</commonConfig>"
        f"<enterpriseConfig>{db.value('select xml from enterprisephoneconfigxml') or ''}</enterpriseConfig>"
        f"<deviceSecurityMode>{MODES[config.mode] if held.mixed else 1}</deviceSecurityMode>{_security(node, False)}</device>")
