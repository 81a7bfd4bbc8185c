"""Web Admin of a Meeting Server: its REST API at /api/v1 behind the port of `webadmin listen`, with the certificate that it was started with.

HTTP Basic with an account of the MMP (roles api and admin); forms in, XML out; POST names the new object in Location (cms.md 2). The Call Bridge answers:
without one there is no API. Servers of a database cluster have one set of objects.
"""

from __future__ import annotations

import hmac
import re
import uuid
from typing import TYPE_CHECKING
from typing import Any
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

from aiohttp import web

from lab.core import basic
from lab.core.doors import HttpDoor
from lab.core.http_faults import suffer
from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server.api import links
from lab.meeting_server.api.model import COLLECTIONS
from lab.meeting_server.api.model import DEFAULTS
from lab.meeting_server.api.model import EMPTY
from lab.meeting_server.api.model import PROFILES
from lab.meeting_server.api.model import UUID
from lab.meeting_server.doors import context
from lab.meeting_server.mmp.system import BUILDS
from lab.ucm.tls import bare_context

if TYPE_CHECKING:
    import ssl

CHANNEL = "cms_api"
BASE = "/api/v1"
PAGE = 20
TOLD = {*PROFILES, *(field for kind in COLLECTIONS.values() for field in kind.fields)} - {"passcode"}
HEAD = '<?xml version="1.0"?>'

variant("cms_api_unknown_field", ("refused", "ignored"), "refused", "cms.md 2 (silent)", "whether a field that the API does not know is refused or ignored")
variant("cms_api_page", ("20", "10"), "20", "cms.md 2 (a public client steps by 10)", "how many objects a list holds where no limit is asked for")

refusal("cms_api_login", "cms.md 2", "a request to the API without the password of an account that may use it")
refusal("cms_api_value", "cms.md 2", "a value that a field of the API does not take")
refusal("cms_api_object", "cms.md 2", "an object of the API that there is not")
refusal("cms_api_in_use", "lab.md 5 (inferred)", "the removal of a call leg profile that the system's profiles name")


class Refused(Exception):
    """status and body of an answer that says no."""

    def __init__(self, status: int, body: str = "") -> None:
        super().__init__(body)
        self.status = status
        self.body = body


def _failure(reason: str, attributes: str = "") -> Refused:
    return Refused(400, f"{HEAD}<failureDetails><{reason}{attributes} /></failureDetails>")


class WebAdminDoor(HttpDoor):
    """Web Admin of one server."""

    def tls(self) -> ssl.SSLContext:
        """Chosen anew at each handshake."""
        return bare_context(lambda: context(self._state.services["webadmin"].running[""]), "1.2")

    def asked(self) -> dict[int, str]:
        """The port of `webadmin listen`, while it runs."""
        running = (self._state.serving("webadmin") or {}).get("")
        return dict.fromkeys(running.ports, "https") if running else {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Login, faults, then what the API says."""
        world = self._state.world
        operation = f"{request.method} {request.path.removeprefix(BASE)}"
        kind = "read" if request.method in ("GET", "HEAD") else "write"
        name = self._login(request)
        if name is None and world.refuses("cms_api_login"):
            world.journal.add(self._appliance, CHANNEL, operation, kind, refused="401")
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="acano"'})
        fault = await world.faults.hit(self._appliance, CHANNEL, operation, "before")
        if fault is not None:
            world.journal.add(self._appliance, CHANNEL, operation, kind, refused=f"fault {fault.action}")
            return await suffer(fault, request)
        fields = dict(await request.post()) if kind == "write" else dict(request.query)
        # Fields that nobody knows, and passcodes, may hold anything: their names alone are written down.
        detail: dict[str, Any] = {"fields": {name: value if name in TOLD else "***" for name, value in fields.items()}} if fields and kind == "write" else {}
        try:
            response = await self._answer(request, fields)
        except Refused as refused:
            detail["refused"] = str(refused.status)
            response = web.Response(status=refused.status, text=refused.body, content_type="text/xml")
        fault = await world.faults.hit(self._appliance, CHANNEL, operation, "after")
        world.journal.add(self._appliance, CHANNEL, operation, kind, status=response.status, **detail, **({"fault": fault.action} if fault else {}))
        return response if fault is None else await suffer(fault, request, response)

    def _login(self, request: web.Request) -> str | None:
        given = basic.credentials(request.headers.get("Authorization", ""))
        user = self._state.users.get(given[0]) if given else None
        right = user is not None and user.role in ("api", "admin") and hmac.compare_digest(given[1].encode(), user.password.encode())
        return given[0] if right else None

    async def _answer(self, request: web.Request, fields: dict[str, str]) -> web.Response:
        """Raises Refused."""
        server, path = self._state, request.path.rstrip("/")
        if not path.startswith(BASE + "/"):
            if request.method == "GET" and path == "":
                return web.Response(text="<html><head><title>Cisco Meeting Server</title></head></html>", content_type="text/html")
            raise self._unknown(request)
        if server.serving("callbridge") is None:
            raise Refused(503)
        words = path.removeprefix(BASE + "/").split("/")
        if words[0] == "system" and len(words) >= 2:
            return self._system(request, "/".join(words[1:]), fields)
        if words[0] in EMPTY and len(words) == 1 and request.method == "GET":
            return self._xml(f"<{words[0]} total=\"0\"></{words[0]}>")
        if words[0] not in COLLECTIONS or len(words) > 3:
            raise self._unknown(request)
        rows = server.objects.setdefault(words[0], {})
        if len(words) == 1:
            return self._list(words[0], rows, fields) if request.method == "GET" else self._create(request, words[0], rows, fields)
        if (not re.fullmatch(UUID, words[1]) or words[1] not in rows) and (server.world.refuses("cms_api_object") or words[1] not in rows):
            raise _failure(COLLECTIONS[words[0]].missing)
        if len(words) == 3:
            return await self._part(request, words, rows[words[1]])
        return self._object(request, words[0], words[1], rows, fields)

    def _unknown(self, request: web.Request) -> Refused:
        self._state.world.note_unknown(self._appliance, CHANNEL, f"{request.method} {request.path}")
        return Refused(404)

    def _checked(self, known: dict, fields: dict[str, str]) -> dict[str, str]:
        """Raises Refused."""
        world, kept = self._state.world, {}
        for name, value in fields.items():
            if name not in known:
                if world.variant("cms_api_unknown_field") == "refused":
                    raise _failure("parameterError", f" parameter={quoteattr(name)} error=\"unrecognised\"")
                continue
            if not known[name](value) and world.refuses("cms_api_value"):
                raise _failure("parameterError", f" parameter={quoteattr(name)} error=\"valueInvalid\"")
            kept[name] = value
        return kept

    def _xml(self, body: str) -> web.Response:
        return web.Response(text=HEAD + body, content_type="text/xml")

    def _list(self, name: str, rows: dict[str, dict], fields: dict[str, str]) -> web.Response:
        kind = COLLECTIONS[name]
        word = fields.get("filter", "").lower()
        found = [(key, row) for key, row in rows.items() if not word or any(word in value.lower() for value in row.values())]
        offset, limit = int(fields.get("offset", 0)), int(fields.get("limit", self._state.world.variant("cms_api_page")))
        body = "".join(f"<{kind.element} id=\"{key}\">{_elements({field: row[field] for field in kind.shown if field in row})}</{kind.element}>"
                       for key, row in found[offset:offset + limit])
        return self._xml(f"<{name} total=\"{len(found)}\">{body}</{name}>")

    def _create(self, request: web.Request, name: str, rows: dict[str, dict], fields: dict[str, str]) -> web.Response:
        if request.method != "POST":
            raise self._unknown(request)
        kind = COLLECTIONS[name]
        kept = self._checked(kind.fields, fields)
        missing = [field for field in kind.required if not kept.get(field)]
        if missing and self._state.world.refuses("cms_api_value"):
            raise _failure("parameterError", f" parameter={quoteattr(missing[0])} error=\"missing\"")
        key = str(uuid.uuid4())
        rows[key] = {**DEFAULTS[name], **kept}
        return web.Response(status=200, headers={"Location": f"{BASE}/{name}/{key}"})

    def _object(self, request: web.Request, name: str, key: str, rows: dict[str, dict], fields: dict[str, str]) -> web.Response:
        kind = COLLECTIONS[name]
        if request.method == "GET":
            return self._xml(f"<{kind.element} id=\"{key}\">{_elements(rows[key])}</{kind.element}>")
        if request.method == "PUT":
            rows[key] = {**rows[key], **self._checked(kind.fields, fields)}
        elif request.method == "DELETE":
            if key in self._state.objects.get("system/profiles", {}).values() and self._state.world.refuses("cms_api_in_use"):
                raise _failure("objectInUse")
            del rows[key]
        else:
            raise self._unknown(request)
        return web.Response(status=200)

    async def _part(self, request: web.Request, words: list[str], row: dict[str, str]) -> web.Response:
        if request.method == "GET" and words[0] == "webBridges" and words[2] == "status":
            return self._xml(f"<webBridge><status>{await links.web_bridge(self._state, row)}</status></webBridge>")
        if request.method == "GET" and words[0] == "callLegProfiles" and words[2] == "usage":
            used = self._state.objects.get("system/profiles", {}).get("callLegProfile") == words[1]
            return self._xml(f"<callLegProfileUsage>{_elements({'globalProfile': 'true'}) if used else ''}</callLegProfileUsage>")
        raise self._unknown(request)

    def _system(self, request: web.Request, name: str, fields: dict[str, str]) -> web.Response:
        server = self._state
        if name == "profiles":
            row = server.objects.setdefault("system/profiles", {})
            if request.method == "PUT":
                kept = self._checked(PROFILES, fields)
                for field, value in kept.items():
                    rows = server.objects.get(f"{field}s", {})
                    if value and value not in rows and server.world.refuses("cms_api_object"):
                        raise _failure(f"{field}DoesNotExist")
                row.update(kept)
                return web.Response(status=200)
            if request.method == "GET":
                return self._xml(f"<profiles>{_elements({field: value for field, value in row.items() if value})}</profiles>")
        if name == "status" and request.method == "GET":
            values = {"softwareVersion": BUILDS.get(server.major, server.appliance.release), "activated": "true", "clusterEnabled": "false",
                      "uptimeSeconds": str(int(server.world.clock.elapsed(server.started))), "callLegsActive": "0"}
            return self._xml(f"<status>{_elements(values)}</status>")
        if name == "database" and request.method == "GET":
            return self._xml(f"<database>{_elements({'clustered': 'enabled' if server.database.role else 'disabled'})}</database>")
        raise self._unknown(request)


def _elements(row: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())
