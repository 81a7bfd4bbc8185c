"""User Data Services of a node, as much as shows that a user can log in: GET /cucm-uds/user/USER with Basic authentication.

Sources: developer.cisco.com/docs/user-data-services/user-resources (request and reply), id:63150744600 (realm).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from aiohttp import web

from lab.core import basic
from lab.core.http_faults import suffer
from lab.core.refusals import refusal
from lab.ucm import seed

if TYPE_CHECKING:
    from lab.core.world import Node

CHANNEL = "uds"
REALM = "Cisco Web Services Realm"
BASE = "/cucm-uds/user/"

refusal("uds_login", "user-resources page of UDS", "a request without the user's own name and password")


def routes(node: Node) -> list[web.RouteDef]:
    """The routes of one node."""

    async def handle(request: web.Request) -> web.StreamResponse:
        user = request.match_info["user"]
        operation = f"GET {BASE}{user}"
        fault = await node.world.faults.hit(node, CHANNEL, operation, "before")
        if fault is not None:
            node.world.journal.add(node, CHANNEL, operation, "read", refused=f"fault {fault.action}")
            return await suffer(fault, request)
        name, password = basic.credentials(request.headers.get("Authorization", "")) or ("", "")
        refused = "not the user's own" if name.lower() != user.lower() else await node.cluster.directory.login(node, name, password)
        if refused is not None and node.world.refuses("uds_login"):
            node.world.journal.add(node, CHANNEL, operation, "read", refused=refused)
            return web.Response(status=401, headers={"WWW-Authenticate": f'Basic realm="{REALM}"'}, text="", content_type="text/html")
        node.world.journal.add(node, CHANNEL, operation, "read")
        return web.Response(text=_user(node, user.lower(), str(request.url.origin())), content_type="application/xml", charset="utf-8")

    return [web.get(BASE + "{user:[^/]+}", handle)]


def _user(node: Node, user: str, origin: str) -> str:
    found = node.cluster.db.rows("select pkid, firstname, lastname, mailid from enduser where userid=?", user)
    key, first, last, mail = found[0] if found else ("", "", "", "")
    fields = {"id": key, "userName": user, "firstName": first, "lastName": last, "displayName": f"{first} {last}".strip(), "email": mail}
    inner = "".join(f"<{tag}>{escape(text or '')}</{tag}>" for tag, text in fields.items())
    version = ".".join(seed.version(node).split(".")[:3])
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><user uri="{escape(origin)}{BASE}{escape(user)}" version="{version}">{inner}</user>'
