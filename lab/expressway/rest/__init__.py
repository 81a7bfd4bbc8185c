"""The REST API of one peer: /api/provisioning, /api/raml.

A resource is described in `model`; here is what all have in common: GET with the filter `<path>/<key>/<value>`, POST, and PUT and DELETE with the key in the
body. Certificates have a module of their own. Sources: expressway.md 1.1 to 1.3.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.expressway.catalogue import BadValue
from lab.expressway.rest import certs
from lab.expressway.rest import raml
from lab.expressway.rest import servers
from lab.expressway.rest import settings
from lab.expressway.rest import zones
from lab.expressway.rest.model import STATUS
from lab.expressway.rest.model import ApiError
from lab.expressway.rest.model import Resource
from lab.expressway.state import Subordinate
from lab.expressway.version import version

if TYPE_CHECKING:
    from lab.expressway.state import Peer

BASE = "/api/provisioning"
RESOURCES: tuple[Resource, ...] = (*zones.RESOURCES, *settings.RESOURCES, *servers.RESOURCES)
CSRF = "X-CSRF-Header"
# POSTs that need the header from X14.2 on (expressway.md 1.1); certificates by domain are not simulated.
GUARDED = ("/restart", "/common/defaultlinks", "/controller/b2bua/microsoftinterop/restartservice", "/certs/acme/pendingcert", "/certs/acme/pendingcert/deploy")

refusal("expressway_csrf", "expressway.md 1.1", "a POST without the CSRF header, where the release wants it")
refusal("expressway_body", "lab.md 5 (inferred)", "a body that is no JSON object")
variant("expressway_json_type", ("any", "needed"), "any", "expressway.md 7 (7)", "whether a JSON body has to come with Content-Type: application/json")


def offered(peer: Peer) -> list[Resource]:
    """The resources that this peer's release has, under the readings in force."""
    return [resource for resource in RESOURCES if resource.offered(peer)]


async def answer(peer: Peer, request: web.Request, detail: dict[str, Any]) -> web.Response:
    """Answer a request below /api of somebody who is logged in. detail: for the journal; `refused` in it says why something was not done."""
    try:
        return await _answer(peer, request, detail)
    except Subordinate as problem:
        return refused(peer, ApiError("subordinate", str(problem)), detail)
    except BadValue as problem:
        return refused(peer, ApiError("bad", str(problem)), detail)
    except ApiError as problem:
        return refused(peer, problem, detail)


def refused(peer: Peer, problem: ApiError, detail: dict[str, Any]) -> web.Response:
    """The answer to what is not done."""
    detail["refused"] = problem.text
    telling = peer.world.variant("expressway_error_status") == "telling" or problem.kind == "missing"
    return web.json_response({"Message": problem.text}, status=STATUS[problem.kind] if telling else 400)


async def _answer(peer: Peer, request: web.Request, detail: dict[str, Any]) -> web.Response:
    if request.path == "/api/raml" and request.method == "GET" and peer.world.variant("expressway_raml") != "absent":
        return web.Response(text=raml.text(peer, offered(peer)), content_type="application/raml+yaml")
    path = request.path.removeprefix(BASE)
    if request.path.startswith(BASE + "/"):
        _check_csrf(peer, request, path)
        response = await certs.answer(peer, request, path, detail)
        if response is not None:
            return response
        if path == "/restart" and request.method == "POST":
            peer.restart()
            return web.json_response({"Message": "Restarting"})
        if path == "/sysinfo" and request.method == "GET":
            return web.json_response(_sysinfo(peer))
        for resource in offered(peer):
            if path == resource.path or path.startswith(resource.path + "/"):
                found = await _resource(peer, request, resource, path, detail)
                if found is not None:
                    return found
    peer.world.note_unknown(peer.appliance, "expressway_api", f"{request.method} {request.path}")
    detail["refused"] = "404"
    return web.json_response({"Message": "Not Found"}, status=404)


def _check_csrf(peer: Peer, request: web.Request, path: str) -> None:
    if request.method in ("GET", "HEAD") or CSRF in request.headers or not peer.world.refuses("expressway_csrf"):
        return
    if request.method == "POST" and path in GUARDED and peer.appliance.major >= 14.2:
        raise ApiError("subordinate", f"Missing {CSRF}")


def _sysinfo(peer: Peer) -> dict[str, Any]:
    return {"SoftwareVersion": version(peer), "SystemName": peer.config.get("SystemUnit Name"), "HostName": peer.appliance.hostname}


async def body(peer: Peer, request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Raises ApiError."""
    text = await request.text()
    if peer.world.variant("expressway_json_type") == "needed" and request.content_type != "application/json":
        raise ApiError("bad", "Content-Type must be application/json")
    try:
        given = json.loads(text or "{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        if peer.world.refuses("expressway_body"):
            raise ApiError("bad", "Bad Request")
        return {}
    return given


async def _resource(peer: Peer, request: web.Request, resource: Resource, path: str, detail: dict[str, Any]) -> web.Response | None:
    rest = path[len(resource.path):].strip("/").split("/") if path != resource.path else []
    if request.method == "GET":
        return _get(peer, resource, rest)
    call = resource.methods(peer).get(request.method)
    if rest or call is None:
        return None
    given = await body(peer, request)
    detail["keys"] = sorted(given)
    if resource.key:
        detail["object"] = str(given.get(resource.key, ""))
    checked = resource.checked(peer, request.method, given)
    if request.method != "POST":
        resource.find(peer, checked)
    if resource.shared:
        peer.check_primary()
    prepared = resource.prepare(peer, request.method, checked)
    if asyncio.iscoroutine(prepared):
        # What has to be asked of other machines first is asked before anything is changed.
        checked = await prepared
    with peer.change(resource.shared):
        words = call(peer, checked) if request.method == "POST" else call(peer, resource.find(peer, checked), checked)
    return web.json_response({"Message": words or "Success"}, status=resource.created if request.method == "POST" else 200)


def _get(peer: Peer, resource: Resource, rest: list[str]) -> web.Response | None:
    rows = [resource.shown(peer, row) for row in resource.read(peer)]
    if not resource.key:
        if rest:
            return None
        listed = resource.single == "sip" and peer.world.variant("expressway_sip_shape") == "list"
        return web.json_response(rows if listed else rows[0])
    if rest:
        if len(rest) != 2 or rest[0].lower() != resource.key.lower():
            return None
        rows = [row for row in rows if row[resource.key] == rest[1]]
    return web.json_response(resource.listed(rows))
