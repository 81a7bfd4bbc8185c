"""One SOAP service of Serviceability on one node: HTTP, login, journal and faults; what it does is given as a table of operations."""
from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

from aiohttp import web
from lxml import etree

from lab.ucm import soap_ast
from lab.ucm import soap_http
from lab.ucm.axl import soap

Handler = Callable[[etree._Element, dict[str, Any]], Awaitable[etree._Element]]


class Refusal(Exception):
    """A SOAP fault. code: faultcode; the text is the faultstring."""

    def __init__(self, code: str, text: str):
        super().__init__(text)
        self.code, self.text = code, text


class SoapService:
    """channel: of the journal; path: where it is; operations: name -> (kind, handler(body, journal detail) -> reply element); wsdl: text."""

    def __init__(self, node: Any, channel: str, path: str, operations: dict[str, tuple[str, Handler]], wsdl: Callable[[str], str]):
        self.node, self.world, self.channel, self.path = node, node.world, channel, path
        self.operations, self.wsdl = operations, wsdl
        self.sessions = soap_http.sessions(node)

    def routes(self) -> list[web.RouteDef]:
        """Routes for the node's web application."""
        return [web.post(self.path, self.post), web.post(self.path + "/", self.post), web.get(self.path, self.get)]

    async def get(self, request: web.Request) -> web.StreamResponse:
        """`?wsdl`."""
        let_in, new = soap_http.login(self.node, request)
        self.world.journal.add(self.node, self.channel, f"GET {self.path}?wsdl", "read", **({} if let_in else {"refused": "401"}))
        if not let_in:
            return soap_http.page(401, "", self.world)
        text = self.wsdl(f"https://{self.node.fqdn}:{self.node.ports['https']}{self.path}")
        return self._finish(web.Response(text=text, content_type="text/xml", charset="utf-8"), new)

    async def post(self, request: web.Request) -> web.StreamResponse:
        """One operation."""
        raw = await soap_http.content(request, 8 * 1024 * 1024)
        let_in, new = soap_http.login(self.node, request)
        try:
            body = soap.parse(raw)
        except soap.Malformed as error:
            self.world.journal.add(self.node, self.channel, f"POST {self.path}", "read", refused=f"malformed: {error}" if let_in else "401")
            return self._finish(self._fault("soapenv:Client", str(error)), new) if let_in else soap_http.page(401, "", self.world)
        operation = etree.QName(body).localname
        kind, handler = self.operations.get(operation, ("read", None))
        detail: dict[str, Any] = {}
        if not let_in:
            self.world.journal.add(self.node, self.channel, operation, kind, refused="401")
            return soap_http.page(401, "", self.world)
        if handler is None:
            self.world.note_unknown(self.node, self.channel, operation)
            self.world.journal.add(self.node, self.channel, operation, kind, refused="unknown operation")
            return self._finish(self._fault("soapenv:Client", f"No such operation {operation!r}"), new)
        rule = await self.world.faults.hit(self.node, self.channel, operation, "before")
        if rule:
            self.world.journal.add(self.node, self.channel, operation, kind, refused=f"fault injected: {rule.action}")
            return await soap_http.strike(self.node, request, rule)
        try:
            content = soap.reply(await handler(body, detail))
        except Refusal as error:
            self.world.journal.add(self.node, self.channel, operation, kind, **{**detail, "refused": error.text})
            return self._finish(self._fault(error.code, error.text), new)
        self.world.journal.add(self.node, self.channel, operation, kind, **detail)
        response = self._finish(web.Response(body=content, headers={"Content-Type": "text/xml;charset=utf-8"}), new)
        rule = await self.world.faults.hit(self.node, self.channel, operation, "after")
        return await soap_http.strike(self.node, request, rule, response) if rule else response

    def _fault(self, code: str, text: str) -> web.Response:
        return web.Response(status=500, body=soap_ast.fault(code, text), headers={"Content-Type": "text/xml;charset=utf-8"})

    def _finish(self, response: web.Response, new_session: bool) -> web.Response:
        if new_session:
            self.sessions.open(response, "/" + self.path.split("/")[1])
        return soap_http.dated(response, self.world)
