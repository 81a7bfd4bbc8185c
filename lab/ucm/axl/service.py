"""The AXL web service of one node: from the HTTP request to the reply."""
from __future__ import annotations

import asyncio
import re
from typing import Any

from aiohttp import web
from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import soap_http
from lab.ucm.axl import effects
from lab.ucm.axl import enums
from lab.ucm.axl import soap
from lab.ucm.axl.context import Context
from lab.ucm.axl.ldap import BEFORE
from lab.ucm.axl.limits import Gate
from lab.ucm.axl.limits import Notifications
from lab.ucm.axl.operations import OPERATIONS
from lab.ucm.axl.operations import is_write
from lab.ucm.axl.schema import NAMESPACE

refusal("axl_version", "axl.md 5; transcripts/axl/http_599_incorrect_axl_version.txt", "A schema version that the release does not accept gives HTTP 599.")
refusal("axl_service_active", "axl.md 5", "AXL answers only where Cisco AXL Web Service runs.")
refusal("axl_write_on_subscriber", "axl.md 5", "Writes are taken by the publisher only.")
variant("axl_service_off", ("404", "503"), "404", "axl.md 5", "HTTP status while Cisco AXL Web Service is not active.")
variant("axl_versionless_reply", ("echo", "current"), "echo", "axl.md 5", "Namespace of the reply to a versionless getCCMVersion.")

AXL_SERVICE = "Cisco AXL Web Service"
MAXIMUM = 16 * 1024 * 1024      # bytes of a request
# release -> version of its own schema, accepted versions, how the page names them (axl.md 5 for 15 and 14; 12.5 inferred)
VERSIONS = {
    15.0: ("15.0", re.compile(r"12\.\d+|14\.0|15\.0"), "versions are 12.x, 14.0 and 15.0"),
    14.0: ("14.0", re.compile(r"11\.5|12\.[05]|14\.0"), "versions: 11.5,12.5,14"),
    12.5: ("12.5", re.compile(r"10\.[05]|11\.[05]|12\.[05]"), "versions: 10.5,11.5,12.5"),
}
_ACTION = re.compile(r'"?CUCM:DB ver=(\d+(?:\.\d+)?)(?:\s+(\w+))?"?$')


def versions(node: Any) -> tuple[str, re.Pattern[str], str]:
    """Schema version of a node's release, pattern of the accepted ones, and their wording."""
    return VERSIONS[max((r for r in VERSIONS if r <= node.cluster.major), default=12.5)]


class _Page(Exception):
    """An answer that is no SOAP. refused: for the journal."""

    def __init__(self, status: int, message: str, refused: str):
        super().__init__(refused)
        self.status, self.message, self.refused = status, message, refused


class Service:
    """AXL on one node."""

    def __init__(self, node: Any):
        self.node, self.world = node, node.world
        self.sessions = soap_http.sessions(node)
        self.gate = node.axl_gate = Gate(self.world)
        if node.is_publisher:
            cluster = node.cluster
            cluster.change_notifications = Notifications(self.world)
            self.world.keep(f"{cluster.name}/change-notifications", lambda: cluster.change_notifications.outstanding,
                            lambda count: cluster.change_notifications.set(count))

    def routes(self) -> list[web.RouteDef]:
        """Routes for the node's web application."""
        return [web.post("/axl/", self.post), web.post("/axl", self.post), web.get("/axl/", self.get), web.get("/axl", self.get),
                web.get("/plugins/axlsqltoolkit.zip", self.toolkit)]

    # -- plain HTTP ----------------------------------------------------------------------------------------------
    def _admit(self, request: web.Request) -> bool:
        """Login; True when a session has to be opened. Raises _Page."""
        let_in, by_password = soap_http.login(self.node, request)
        if not let_in:
            raise _Page(401, "", "401")
        services = getattr(self.node, "services", None)
        if services is not None and not services.running(AXL_SERVICE) and self.world.refuses("axl_service_active"):
            raise _Page(int(self.world.variant("axl_service_off")), "", AXL_SERVICE + " is not active")
        return by_password

    async def get(self, request: web.Request) -> web.StreamResponse:
        """A browser's look at /axl/."""
        try:
            new = self._admit(request)
        except _Page as error:
            return self._page(error, "GET /axl/")
        self.world.journal.add(self.node, "axl", "GET /axl/", "read")
        response = web.Response(text="<html><body><h1>Cisco CallManager: AXL Web Service</h1><p>The service works; send requests by POST.</p></body></html>",
                                content_type="text/html")
        return self._finish(response, new)

    async def toolkit(self, request: web.Request) -> web.StreamResponse:
        """The zip with the schema. Takes the same login; it is a file of Tomcat's, so the AXL service itself may be off."""
        let_in, new = soap_http.login(self.node, request)
        if not let_in:
            return self._page(_Page(401, "", "401"), "GET /plugins/axlsqltoolkit.zip")
        fault = await self.world.faults.hit(self.node, "axl", "GET /plugins/axlsqltoolkit.zip", "before")
        self.world.journal.add(self.node, "axl", "GET /plugins/axlsqltoolkit.zip", "read", **({"fault": fault.action} if fault else {}))
        if fault:
            return await soap_http.strike(self.node, request, fault)
        own = versions(self.node)[0]
        offered = tuple(v for v in ("15.0", "14.0", "12.5") if float(v) <= float(own))
        content = await asyncio.to_thread(self.node.cluster.db.schema.toolkit, offered)
        return self._finish(web.Response(body=content, content_type="application/zip"), new)

    def _page(self, error: _Page, operation: str) -> web.Response:
        self.world.journal.add(self.node, "axl", operation, "write" if is_write(operation) and " " not in operation and operation else "read",
                               refused=error.refused)
        return soap_http.page(error.status, error.message, self.world)

    def _finish(self, response: web.Response, new_session: bool) -> web.Response:
        if new_session:
            self.sessions.open(response, "/axl")
        return soap_http.dated(response, self.world)

    # -- SOAP ----------------------------------------------------------------------------------------------------
    async def post(self, request: web.Request) -> web.StreamResponse:
        """One operation."""
        raw = await soap_http.content(request, MAXIMUM)
        body, operation = None, ""
        try:
            body = soap.parse(raw)
            operation = etree.QName(body).localname
        except soap.Malformed as error:
            problem: Exception | None = error
        else:
            problem = None
        try:
            new_session = self._admit(request)
            if problem is None:
                self._version(request, body, operation)
        except _Page as error:
            return self._page(error, operation or "POST /axl/")
        if problem is not None:
            self.world.journal.add(self.node, "axl", "POST /axl/", "read", refused=f"malformed: {problem}")
            return self._fault(soap.Fault(-1, f"The request is not a SOAP message: {problem}", "Client"), "", new_session)
        kind = "write" if is_write(operation) else "read"
        rule = await self.world.faults.hit(self.node, "axl", operation, "before")
        if rule:
            self.world.journal.add(self.node, "axl", operation, kind, refused=f"fault injected: {rule.action}")
            return await soap_http.strike(self.node, request, rule)
        return await self._serve(request, body, operation, kind, new_session)

    async def _serve(self, request: web.Request, body: etree._Element, operation: str, kind: str, new_session: bool) -> web.StreamResponse:
        context = Context(self.node, operation, etree.QName(body).namespace or "")
        try:
            if kind == "write":
                self._may_write()
            if operation in BEFORE and not context.schema.errors(body):
                await BEFORE[operation](context, body)
            reply = self._operate(context, body)
            content = soap.reply(reply)
            await self.gate.pass_through(_rows(reply), len(content))
        except _Page as error:
            return self._page(error, operation)
        except soap.Fault as error:
            self.world.journal.add(self.node, "axl", operation, kind, **{**context.detail, "object": _object(body), "refused": str(error)})
            return self._fault(error, operation, new_session)
        self.world.journal.add(self.node, "axl", operation, kind, **{**context.detail, "object": _object(body)})
        response = self._finish(web.Response(body=content, headers={"Content-Type": "text/xml;charset=utf-8"}), new_session)
        rule = await self.world.faults.hit(self.node, "axl", operation, "after")
        return await soap_http.strike(self.node, request, rule, response) if rule else response

    def _version(self, request: web.Request, body: etree._Element, operation: str) -> None:
        """Checks the version that namespace and SOAPAction speak of. Raises _Page(599)."""
        _, accepted, words = versions(self.node)
        namespace = etree.QName(body).namespace or ""
        spoken = [namespace.removeprefix(NAMESPACE)] if namespace.startswith(NAMESPACE) else [""]
        action = _ACTION.match(request.headers.get("SOAPAction", ""))
        if action:
            spoken.append(action.group(1))
        if spoken == ["1.0"] and operation == "getCCMVersion":
            return
        if not all(accepted.fullmatch(v) for v in spoken) and self.world.refuses("axl_version"):
            raise _Page(599, f"Incorrect axl version. Supported axl {words}", "599")

    def _may_write(self) -> None:
        if not self.node.is_publisher and self.world.refuses("axl_write_on_subscriber"):
            raise soap.Fault(5003, "Updates are not allowed on a subscriber; the database is read-only")
        if self.node.cluster.change_notifications.refuse_writes():
            raise _Page(503, "", "503: too many outstanding change notifications")

    def _operate(self, context: Context, body: etree._Element) -> etree._Element:
        operation, schema = context.operation, context.schema
        if not schema.has(operation):
            raise soap.Fault(-1, f"The endpoint reference (EPR) for the Operation not found is /axl/services/AXLAPIService, operation {operation}", "Client")
        enums.lower_booleans(context, body)
        errors = schema.errors(body)
        if errors and context.refuses("axl_schema"):
            raise soap.Fault(5000, _wording(errors[0]), "Client")
        handler = OPERATIONS.get(operation)
        if handler is None:
            self.world.note_unknown(self.node, "axl", operation)
            raise soap.Fault(5000, f"{operation}: the lab does not know this operation of the schema")
        enums.check(context, body)
        self.node.cluster.db.adapt()
        try:
            with context.store.transaction():
                reply = handler(context, body)
        except soap.Fault:
            raise
        except Exception as error:
            # Only a request that no check held back (a mutation) or a fault of the lab's own gets here: loud, but no dead connection.
            self.world.note_unknown(self.node, "axl", f"{operation}: {type(error).__name__}: {error}")
            raise soap.Fault(5000, f"{operation}: the lab failed: {type(error).__name__}: {error}") from error
        if context.changes:
            self.node.cluster.change_notifications.add(context.changes)
        effects.carry_out(context)
        if context.namespace == NAMESPACE + "1.0" and self.world.variant("axl_versionless_reply") == "current":
            reply.tag = f"{{{NAMESPACE}{versions(self.node)[0]}}}{etree.QName(reply).localname}"
        wrong = [] if context.off_schema else schema.errors(reply)
        if wrong:
            self.world.note_unknown(self.node, "axl", f"{operation}: the lab's own reply breaks the schema: {wrong[0]}")
            raise soap.Fault(5000, f"{operation}: the lab's own reply breaks the schema: {wrong[0]}")
        return reply

    def _fault(self, error: soap.Fault, operation: str, new_session: bool) -> web.Response:
        response = web.Response(status=500, body=soap.fault(error, operation), headers={"Content-Type": "text/xml;charset=utf-8"})
        return self._finish(response, new_session)


def _rows(reply: etree._Element) -> int:
    result = reply.find("return")
    return 0 if result is None else len(result)


def _object(body: etree._Element) -> str:
    """What a request is about, for the journal: the object's name or uuid, or a shortened SQL text."""
    for path in ("name", "uuid", "deviceName", "sql", "searchCriteria/name"):
        node = body.find(path)
        if node is not None:
            return soap.text(node)[:500]
    names = body.findall("*/name")
    return soap.text(names[0]) if names else ""


def _wording(message: str) -> str:
    """libxml2's complaint in the words of Java's validator, which AXL passes on."""
    if match := re.match(r"Element '([^']+)': This element is not expected\.(?: Expected is (?:one of )?\( ?(.*?) ?\))?", message):
        wanted = f" One of '{{{match.group(2)}}}' is expected." if match.group(2) else " No child element is expected at this point."
        return f"cvc-complex-type.2.4.a: Invalid content was found starting with element '{match.group(1)}'.{wanted}"
    if match := re.match(r"Element '([^']+)': Missing child element\(s\)\.(?: Expected is (?:one of )?\( ?(.*?) ?\))?", message):
        return f"cvc-complex-type.2.4.b: The content of element '{match.group(1)}' is not complete. One of '{{{match.group(2)}}}' is expected."
    if match := re.match(r"Element '([^']+)': \[facet '(\w+)'\] (.*)", message):
        return f"cvc-{match.group(2)}-valid: Value of element '{match.group(1)}' is not facet-valid: {match.group(3)}"
    return "cvc-type: " + re.sub(r"\{http://[^}]*\}", "", message)
