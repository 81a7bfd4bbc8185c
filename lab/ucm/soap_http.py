"""What AXL, Serviceability and RIS share on HTTP: login, Tomcat sessions, Cisco's error pages, and what an injected fault does."""
from __future__ import annotations

import secrets
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from lab.core import basic
from lab.core import http_faults
from lab.core.faults import Fault
from lab.core.refusals import refusal

refusal("axl_login", "axl.md 5", "Requests without the right name and password are refused with 401.")

IDLE = 1800.0       # virtual seconds after which a session that nobody used ends (axl.md 5: 30 min)
_REASONS = {401: "This request requires HTTP authentication.", 403: "Access to the specified resource has been forbidden.",
            404: "The requested resource is not available.", 503: "The requested service is not currently available."}


async def content(request: web.Request, most: int) -> bytes:
    """The body of a request, cut off behind `most` bytes."""
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > most:
            break
    return bytes(body[:most])


def page(status: int, message: str = "", world: Any = None) -> web.Response:
    """An error page as Tomcat sends it: HTML, no SOAP. message: shown behind the status."""
    text = (f"<!-- custom Cisco error page --><html><head><title>Cisco System - Error report</title></head><body><div id=\"content\">"
            f"<div id=\"content-header\">HTTP Status {status} - {message}</div><p><b>type:</b> Status report</p><p><b>message:</b> {message}</p>"
            f"<p><b>description:</b> {_REASONS.get(status, message)}</p></div></body></html>")
    response = web.Response(status=status, text=text, content_type="text/html", charset="utf-8", reason="Error" if status == 599 else None)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Cisco Unified Communications Manager"'
    return dated(response, world)


def dated(response: web.Response, world: Any) -> web.Response:
    """Puts the lab's date into the Date header."""
    if world is not None:
        response.headers["Date"] = format_datetime(world.clock.now(), usegmt=True)
    return response


class Sessions:
    """The Tomcat sessions of one node: cookie value -> moment it ends. A restart of Tomcat ends them all."""

    def __init__(self, node: Any):
        self._node, self._ends = node, {}
        services = getattr(node, "services", None)
        if services is not None:
            services.on("Cisco Tomcat", "stopping", self._ends.clear)

    def known(self, request: web.Request) -> bool:
        """Whether the request carries the cookie of a session that still lives; its idle time begins anew."""
        clock = self._node.world.clock
        for name in ("JSESSIONID", "JSESSIONIDSSO"):
            cookie = request.cookies.get(name, "")
            if self._ends.get(cookie, 0) > clock.epoch():
                self._ends[cookie] = clock.after(IDLE)
                return True
        return False

    def open(self, response: web.StreamResponse, path: str) -> None:
        """Begins a session and gives the client its cookies."""
        for name, where in (("JSESSIONID", path), ("JSESSIONIDSSO", "/")):
            value = secrets.token_hex(16).upper()
            self._ends[value] = self._node.world.clock.after(IDLE)
            response.set_cookie(name, value, path=where, secure=True, httponly=True)

    def forget(self, request: web.Request) -> None:
        """Ends the session of a request."""
        for name in ("JSESSIONID", "JSESSIONIDSSO"):
            self._ends.pop(request.cookies.get(name, ""), None)

    def __len__(self) -> int:
        return len(self._ends)


def sessions(node: Any) -> Sessions:
    """The sessions of a node, made on first use; all SOAP services share them."""
    if getattr(node, "tomcat_sessions", None) is None:
        node.tomcat_sessions = Sessions(node)
    return node.tomcat_sessions


def password_fits(node: Any, request: web.Request) -> bool:
    """Whether the Authorization header names the node's application user."""
    given, account = basic.credentials(request.headers.get("Authorization", "")), node.credentials
    return basic.same(given, (account.application_user, account.application_password)) or (given is not None and not node.world.refuses("axl_login"))


def login(node: Any, request: web.Request) -> tuple[bool, bool]:
    """(let in, by password): a living session needs no password, a wrong password is refused whatever the cookie."""
    if "Authorization" in request.headers:
        right = password_fits(node, request)
        return right, right and not sessions(node).known(request)
    return sessions(node).known(request), False


async def strike(node: Any, request: web.Request, fault: Fault, response: web.Response | None = None) -> web.StreamResponse:
    """Does what an injected fault says; response: the answer that would have been sent (phase "after").

    A status without a body of its own comes as Tomcat's page; a dropped session is forgotten before the connection is cut.
    """
    if fault.action == "status" and not fault.body:
        return page(fault.status, "", node.world)
    if fault.action == "drop":
        sessions(node).forget(request)
    return await http_faults.suffer(fault, request, response)
