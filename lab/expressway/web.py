"""The web server of one peer: REST and XML behind the port of the administration, with the server certificate that is in force.

Login is HTTP Basic with the administrator's account; failures count for the automated protection. Every request stands in the journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web

from lab.core import basic
from lab.core.doors import HttpDoor
from lab.core.faults import Fault
from lab.core.http_faults import cut
from lab.core.http_faults import suffer
from lab.core.refusals import refusal
from lab.expressway import links
from lab.expressway import rest
from lab.expressway import xmlapi
from lab.expressway.tls import CIPHERS
from lab.ucm.tls import Offer
from lab.ucm.tls import bare_context
from lab.ucm.tls import server_context

if TYPE_CHECKING:
    import ssl

    from lab.expressway.state import Peer

API, XML = "expressway_api", "expressway_xml"
CATEGORY = "apache-auth"

refusal("expressway_credentials", "expressway.md 1.1", "a request without the administrator's password")


def context(peer: Peer) -> ssl.SSLContext:
    """TLS with the server certificate in force; nobody is asked for a certificate."""
    return server_context(Offer((peer.certificates.served,), CIPHERS))


class WebDoor(HttpDoor):
    """The listener of one peer."""

    def tls(self) -> ssl.SSLContext:
        """Chosen anew at each handshake."""
        return bare_context(lambda: context(self._state), "1.2")

    def asked(self) -> dict[int, str]:
        """The port of the administration."""
        return {self._appliance.ports["https"]: "https"}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Protection, login, faults, then what REST or XML says."""
        peer, world = self._state, self._state.world
        channel = API if request.path.startswith("/api/") else XML
        operation = f"{request.method} {request.path.removeprefix(rest.BASE) if channel == API else request.path}"
        kind = "read" if request.method in ("GET", "HEAD") else "write"
        if peer.intrusion.banned(CATEGORY, request.remote or ""):
            world.journal.add(self._appliance, channel, operation, kind, refused="address is blocked")
            cut(request)
            return web.Response(status=403)
        given = basic.credentials(request.headers.get("Authorization", ""))
        if not basic.same(given, self._appliance.account) and world.refuses("expressway_credentials"):
            world.journal.add(self._appliance, channel, operation, kind, refused="401")
            if given is not None:
                peer.intrusion.failed(CATEGORY, request.remote or "")
            return web.Response(status=401, text="Unauthorized", headers={"WWW-Authenticate": 'Basic realm="TANDBERG"'})
        fault = await world.faults.hit(self._appliance, channel, operation, "before")
        if fault is not None:
            return await self._suffer(fault, request, channel, operation, kind)
        detail: dict[str, Any] = {}
        response = await self._answer(request, channel, detail)
        fault = await world.faults.hit(self._appliance, channel, operation, "after")
        world.journal.add(self._appliance, channel, operation, kind, status=response.status, **detail, **({"fault": fault.action} if fault else {}))
        return response if fault is None else await suffer(fault, request, response)

    async def _suffer(self, fault: Fault, request: web.Request, channel: str, operation: str, kind: str) -> web.StreamResponse:
        self._state.world.journal.add(self._appliance, channel, operation, kind, refused=f"fault {fault.action}")
        return await suffer(fault, request)

    async def _answer(self, request: web.Request, channel: str, detail: dict[str, Any]) -> web.Response:
        if request.method == "GET" and (channel == XML or "/zone/" in request.path):
            await links.refresh(self._state)
        if channel == API:
            return await rest.answer(self._state, request, detail)
        response = xmlapi.answer(self._state, request)
        if response is not None:
            detail.update({"location": request.query["location"]} if "location" in request.query else {})
            return response
        self._state.world.note_unknown(self._appliance, XML, f"{request.method} {request.path}")
        detail["refused"] = "404"
        return web.Response(status=404, text="Not Found")
