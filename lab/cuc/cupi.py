"""CUPI, Unity Connection's provisioning interface, on a node's web ports under /vmrest (vos.md 4, id:63117344626, id:63254436486).

Basic authentication of the application user; XML, or JSON by Accept; POST 201 with the new object's URI as text, PUT and DELETE 204.
What the resources are and what they refuse stands in modules of their own; the data in lab.cuc.state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from lab.core import basic
from lab.core.http_faults import suffer
from lab.core.refusals import refusal
from lab.cuc import query
from lab.cuc import values
from lab.cuc import wire
from lab.cuc.calling import AUTHENTICATION_RULES
from lab.cuc.calling import CLASSES_OF_SERVICE
from lab.cuc.calling import RESTRICTION_PATTERNS
from lab.cuc.calling import RESTRICTION_TABLES
from lab.cuc.model import CupiError
from lab.cuc.model import Field
from lab.cuc.model import Resource
from lab.cuc.model import Row
from lab.cuc.model import invalid
from lab.cuc.model import not_found
from lab.cuc.nodes import CLUSTER
from lab.cuc.nodes import NODES
from lab.cuc.nodes import version
from lab.cuc.phone_systems import PHONE_SYSTEMS
from lab.cuc.phone_systems import PORTS
from lab.cuc.port_groups import PORT_GROUPS
from lab.cuc.profiles import PROFILES
from lab.cuc.servers import SERVERS

if TYPE_CHECKING:
    from lab.core.world import Node

CHANNEL = "cupi"
BASE = "/vmrest"
REALM = "Cisco Unity Connection"
RESOURCES = (PROFILES, PORT_GROUPS, SERVERS, PORTS, PHONE_SYSTEMS, RESTRICTION_TABLES, RESTRICTION_PATTERNS, CLASSES_OF_SERVICE, AUTHENTICATION_RULES,
             NODES, CLUSTER)
IDENTITY = (Field("URI"), Field("ObjectId"))

refusal("cupi_credentials", "vos.md 4", "a request without the application user's password")
refusal("cupi_unknown_object", "lab.md 5", "reading, changing or removing an object that is not there")
refusal("cupi_wrong_owner", "lab.md 5 (inferred)", "a server of a port group under the address of another port group")


def routes(node: Node) -> list[web.RouteDef]:
    """The routes of one node."""
    return [web.route("*", BASE + "/{rest:.*}", Cupi(node).handle)]


class Cupi:
    """CUPI on one node."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.world = node.world
        self.system = node.cluster.unity

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request: login, faults, answer, journal."""
        operation = f"{request.method} {request.path.removeprefix(BASE)}"
        kind = "read" if request.method in ("GET", "HEAD") else "write"
        if not self._authenticated(request) and self.world.refuses("cupi_credentials"):
            self.world.journal.add(self.node, CHANNEL, operation, kind, refused="401")
            return web.Response(status=401, headers={"WWW-Authenticate": f'Basic realm="{REALM}"'}, content_type="text/html",
                                text="<html><head><title>HTTP Status 401 - Unauthorized</title></head></html>")
        fault = await self.world.faults.hit(self.node, CHANNEL, operation, "before")
        if fault is not None:
            self.world.journal.add(self.node, CHANNEL, operation, kind, refused=f"fault {fault.action}")
            return await suffer(fault, request)
        detail: dict = {}
        response = self._answer(request, await request.read(), detail)
        fault = await self.world.faults.hit(self.node, CHANNEL, operation, "after")
        self.world.journal.add(self.node, CHANNEL, operation, kind, **detail, **({"fault": fault.action} if fault else {}))
        return response if fault is None else await suffer(fault, request, response)

    def _authenticated(self, request: web.Request) -> bool:
        account = self.node.credentials
        return basic.same(basic.credentials(request.headers.get("Authorization", "")), (account.application_user, account.application_password))

    def _answer(self, request: web.Request, body: bytes, detail: dict) -> web.Response:
        as_json = wire.wants_json(request.headers.get("Accept", ""))
        try:
            response = self._do(request, body, as_json, detail)
        except CupiError as problem:
            detail["refused"] = f"{problem.status}: {problem.text}"
            text, kind = wire.error(problem, as_json, self.world)
            response = web.Response(status=problem.status, body=text, content_type=kind)
        detail["status"] = response.status
        return response

    def _do(self, request: web.Request, body: bytes, as_json: bool, detail: dict) -> web.Response:
        parts = request.path.removeprefix(BASE).strip("/").split("/")
        form = wire.JSON if as_json else wire.XML
        if parts == ["version"] and request.method == "GET":
            return web.Response(body=wire.one("VersionInformation", version(self.node), as_json), content_type=form)
        resource, owner, key = self._find(parts)
        if resource is None:
            self.world.note_unknown(self.node, CHANNEL, f"{request.method} {request.path}")
            raise not_found(request.path)
        row = None if key is None else self._row(resource, owner, key, request.path)
        if row is not None:
            detail["object"] = row.get("DisplayName") or row.get("HostOrIPAddress") or key
        if request.method == "GET":
            content = self._list(resource, owner, request, as_json) if row is None else wire.one(resource.element, self._shown(resource, row), as_json)
            return web.Response(body=content, content_type=form)
        if request.method not in resource.verbs or (request.method == "POST") != (row is None):
            if request.method not in resource.never:
                self.world.note_unknown(self.node, CHANNEL, f"{request.method} {request.path}")
            raise CupiError(405, "METHOD_NOT_ALLOWED", f"{request.method} is not allowed here")
        if request.method == "DELETE":
            self._remove(resource, row)
            return web.Response(status=204)
        given = wire.read(body, request.headers.get("Content-Type", ""), resource.element, self.world)
        detail["fields"] = sorted(given)
        made = self._change(resource, row, owner, given)
        if row is None:
            detail["object"] = made.get("DisplayName") or made.get("HostOrIPAddress") or made["ObjectId"]
            return web.Response(status=201, text=resource.address(made), content_type=wire.TEXT)
        return web.Response(status=204)

    # ---- finding and reading

    def _find(self, parts: list[str]) -> tuple[Resource | None, str | None, str | None]:
        """(resource, its owner's id, the object's id) of an address."""
        for resource in RESOURCES:
            if resource.under and len(parts) in (3, 4) and (parts[0], parts[2]) == (resource.under, resource.path):
                return resource, parts[1], parts[3] if len(parts) == 4 else None
            if not resource.under and len(parts) in (1, 2) and parts[0] == resource.path:
                return resource, None, parts[1] if len(parts) == 2 else None
        return None, None, None

    def _row(self, resource: Resource, owner: str | None, key: str, path: str) -> Row:
        table = self.system.table(resource.table)
        row = table.get(key)
        if row is None and self.world.refuses("cupi_unknown_object"):
            raise not_found(path)
        if row is not None and owner is not None and row[resource.owner] != owner and self.world.refuses("cupi_wrong_owner"):
            raise not_found(path)
        return row if row is not None else next(iter(table.values()))

    def _shown(self, resource: Resource, row: Row) -> Row:
        derived = resource.shown(self.system, row) if resource.shown else {}
        values_ = {"URI": resource.address(row), **row, **derived}
        return {field.name: values_[field.name] for field in (*IDENTITY, *resource.fields_of(self.system))
                if values_.get(field.name) is not None}

    def _list(self, resource: Resource, owner: str | None, request: web.Request, as_json: bool) -> bytes:
        rows = [self._shown(resource, row) for row in self.system.rows(resource.table) if owner is None or row[resource.owner] == owner]
        page, total = query.select(rows, resource.fields_of(self.system), request.query, self.world)
        return wire.many(resource.plural, resource.element, page, total, as_json, self.world)

    # ---- changing

    def _change(self, resource: Resource, before: Row | None, owner: str | None, given: Row) -> Row:
        if owner is not None and before is None:
            self._check_owner(resource, owner, given)
            given = {**given, resource.owner: owner}
        body = values.checked(given, resource.fields_of(self.system), before is None, self.world)
        taken = resource.taken(self.system, before, body) if resource.taken else body
        after = {**(before or {"ObjectId": self.system.new_id()}), **taken}
        if resource.check:
            resource.check(self.system, before, after)
        self.system.table(resource.table)[after["ObjectId"]] = after
        if resource.settle:
            resource.settle(self.system, before, after, body)
        return after

    def _check_owner(self, resource: Resource, owner: str, given: Row) -> None:
        if owner not in self.system.table(resource.under) and self.world.refuses("cupi_unknown_object"):
            raise not_found(f"{BASE}/{resource.under}/{owner}")
        if given.get(resource.owner, owner) != owner and self.world.refuses("cupi_wrong_owner"):
            raise invalid(f"Invalid value for {resource.owner}")

    def _remove(self, resource: Resource, row: Row) -> None:
        if resource.check:
            resource.check(self.system, row, None)
        del self.system.table(resource.table)[row["ObjectId"]]
        if resource.settle:
            resource.settle(self.system, row, None, {})
