"""The Certificate Management REST API of a node (release 14 and later): vos.md 1.2, transcripts 40 and 41.

Every call acts on the node it is sent to. Authentication is Basic with the platform administrator's account, whose failures count as
those of the command line do. What the public tools do not show (the content of the options, the key of an error, list or object) exists
as variants. The truth about certificates is in lab.ucm.certificates; its refusals become HTTP 400 with the product's text.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from lab.core import basic
from lab.core.http_faults import suffer
from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm.certificate_units import is_elliptic
from lab.ucm.platform_login import platform_login
from lab.ucm.refused import Refused

if TYPE_CHECKING:
    from lab.core.world import Node

BASE = "/platformcom/api/v1/certmgr/config"
CHANNEL = "certmgr"
REALM = "CMPlatform Realm"
FIRST_RELEASE = 14
MULTI = "multi-server"
CSR_FIELDS = {"service", "distribution", "commonName", "keyType", "keyLength", "hashAlgorithm", "altNames"}
TRUST_FIELDS = {"service", "certificates", "description"}
IDENTITY_FIELDS = {"service", "certificates"}

variant("certmgr_options", ("by-service", "flat", "missing"), "by-service", "vos.md 1.2 (contents unknown)", "what GET /options answers")
variant(
    "certmgr_multi_server",
    ("multi-server", "other-spelling", "absent"),
    "multi-server",
    "vos.md 1.2 (recall only)",
    "how the API calls a multi-server request: as in recall, otherwise (Multi-Server(SAN)), or not at all",
)
variant("certmgr_error", ("message", "messages", "error"), "message", "vos.md 1.2, transcript 40", "key of the text in an error")
variant("certmgr_created", ("200", "201"), "200", "vos.md 1.2, transcript 40", "status of a successful upload")
variant("certmgr_trust_reply", ("list", "object"), "list", "vos.md 1.2, transcript 40", "GET /trust/certificate: a list or an object with one")
variant("certmgr_trust_names", ("unit", "store"), "unit", "vos.md 1.2 (values unknown)", "trusts in a snapshot are called tomcat or tomcat-trust")
refusal("certmgr_credentials", "vos.md 1.2", "a request without the platform administrator's password")
refusal("certmgr_unknown_field", "lab.md 5", "a body with a field that no known client sends")
refusal("certmgr_multi_server", "vos.md 1.2", "a distribution that the release's API does not offer")

# What the journal says about a body: which service, which distribution.
ABOUT = web.RequestKey("about", dict)
Handler = Callable[["Api", web.Request], Awaitable[web.Response]]


def routes(node: Node) -> list[web.RouteDef]:
    """The routes of one node. Before release 14 there is no such API: everything under it is 404."""
    api = Api(node)
    if node.cluster.major < FIRST_RELEASE:
        return [web.route("*", "/platformcom/{rest:.*}", api.guarded(Api.missing))]
    table = {
        ("GET", "/snapshot/server"): Api.snapshot,
        ("GET", "/options"): Api.options,
        ("GET", "/snapshot/options"): Api.snapshot_options,
        ("POST", "/csr"): Api.csr,
        ("POST", "/trust/certificates"): Api.upload_trust,
        ("GET", "/trust/certificate"): Api.trust,
        ("POST", "/identity/certificates"): Api.upload_identity,
        ("GET", "/identity/certificate"): Api.identity,
    }
    known = [web.route(method, BASE + path, api.guarded(handler)) for (method, path), handler in table.items()]
    return [*known, web.route("*", "/platformcom/{rest:.*}", api.guarded(Api.unknown))]


class BadRequest(Exception):
    """The body is not what the API takes."""


class Api:
    """All operations of one node's API."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.world = node.world

    def guarded(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler with authentication, faults, refusals and the journal around it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            operation = f"{request.method} {request.path.removeprefix(BASE)}"
            kind = "read" if request.method in ("GET", "HEAD") else "write"
            if not self._authenticated(request) and self.world.refuses("certmgr_credentials"):
                self.world.journal.add(self.node, CHANNEL, operation, kind, refused="401")
                challenge = {"WWW-Authenticate": f'Basic realm="{REALM}"'}
                return web.Response(status=401, headers=challenge, text="<html><body>HTTP Status 401</body></html>", content_type="text/html")
            fault = await self.world.faults.hit(self.node, CHANNEL, operation, "before")
            if fault is not None:
                self.world.journal.add(self.node, CHANNEL, operation, kind, refused=f"fault {fault.action}")
                return await suffer(fault, request)
            response, detail = await self._answer(handler, request)
            fault = await self.world.faults.hit(self.node, CHANNEL, operation, "after")
            if fault is not None:
                detail["fault"] = fault.action
            self.world.journal.add(self.node, CHANNEL, operation, kind, **detail)
            return response if fault is None else await suffer(fault, request, response)

        return handle

    async def _answer(self, handler: Handler, request: web.Request) -> tuple[web.Response, dict]:
        try:
            response = await handler(self, request)
            return response, {**request.get(ABOUT, {}), "status": response.status}
        except (Refused, BadRequest) as problem:
            return self._error(str(problem)), {**request.get(ABOUT, {}), "status": 400, "refused": str(problem)}
        except web.HTTPNotFound:
            return web.Response(status=404, text="<html><body>HTTP Status 404</body></html>", content_type="text/html"), {"refused": "404"}

    def _authenticated(self, request: web.Request) -> bool:
        given = basic.credentials(request.headers.get("Authorization", ""))
        return given is not None and platform_login(self.node).refused(*given) is None

    def _error(self, text: str) -> web.Response:
        key = self.world.variant("certmgr_error")
        return web.json_response({"trackingId": str(uuid.uuid4()), key: [text] if key == "messages" else text}, status=400)

    # --- reading

    async def missing(self, _request: web.Request) -> web.Response:
        """All that no release before 14 has."""
        raise web.HTTPNotFound()

    async def unknown(self, request: web.Request) -> web.Response:
        """What no source shows in the API: loud."""
        self.world.note_unknown(self.node, CHANNEL, f"{request.method} {request.path}")
        raise web.HTTPNotFound()

    async def snapshot(self, _request: web.Request) -> web.Response:
        """All identities, requests and trust stores of this node."""
        certificates = self.node.certificates
        identities = []
        for unit in certificates.units():
            request = certificates.request(unit)
            identities.append({"service": unit, "certificate": certificates.identity(unit).certificate, "csr": request.csr if request else None})
        trusts = []
        for store in certificates.stores():
            entries = [{"filename": entry.filename, "certificate": entry.certificate} for entry in certificates.trust(store)]
            trusts.append({"service": self._trust_name(store), "certificate_data": entries})
        body = {"trackingId": str(uuid.uuid4()), "server": self.node.fqdn, "identities": identities, "trusts": trusts, "revokedCertificates": []}
        return web.json_response(body)

    async def options(self, _request: web.Request) -> web.Response:
        """What a request may ask for. The layout is the lab's own: no source shows it."""
        way = self.world.variant("certmgr_options")
        if way == "missing":
            raise web.HTTPNotFound()
        units = [unit for unit in self.node.certificates.units() if unit not in ("ITLRecovery",)]
        if way == "flat":
            flat = {
                "service": units,
                "distribution": self._distributions("tomcat"),
                "keyType": ["rsa", "ec"],
                "keyLength": [2048, 3072, 4096, 256, 384, 521],
                "hashAlgorithm": ["sha256", "sha384", "sha512"],
            }
            return web.json_response({"trackingId": str(uuid.uuid4()), "csr": flat})
        by_service = [
            {
                "service": unit,
                "distribution": self._distributions(unit),
                "keyType": ["ec" if is_elliptic(unit) else "rsa"],
                "keyLength": [256, 384, 521] if is_elliptic(unit) else [2048, 3072, 4096],
                "hashAlgorithm": ["sha256", "sha384", "sha512"],
            }
            for unit in units
        ]
        return web.json_response({"trackingId": str(uuid.uuid4()), "csr": by_service})

    async def snapshot_options(self, _request: web.Request) -> web.Response:
        """Which snapshots there are."""
        return web.json_response({"trackingId": str(uuid.uuid4()), "snapshots": ["server"]})

    async def trust(self, request: web.Request) -> web.Response:
        """The certificates of one trust store."""
        store = self._trust_service(self._service(request))
        entries = [{"certificate": entry.certificate} for entry in self.node.certificates.trust(store)]
        return web.json_response(entries if self.world.variant("certmgr_trust_reply") == "list" else {"certificates": entries})

    async def identity(self, request: web.Request) -> web.Response:
        """One identity certificate."""
        unit = self._service(request)
        return web.json_response({"service": unit, "certificate": self.node.certificates.identity(unit).certificate})

    # --- changing

    async def csr(self, request: web.Request) -> web.Response:
        """Make a key and a request; a pending one is replaced without a word, as on the product."""
        body = await self._body(request, CSR_FIELDS, ("service", "distribution", "commonName"))
        unit = _text(body, "service")
        wanted = _text(body, "distribution")
        spelled = {"multi-server": MULTI, "other-spelling": "Multi-Server(SAN)", "absent": None}[self.world.variant("certmgr_multi_server")]
        if wanted not in ("this-server", spelled) and self.world.refuses("certmgr_multi_server"):
            raise BadRequest(f"Invalid value for distribution: {wanted}")
        kind = "ec" if is_elliptic(unit) else "rsa"
        if str(body.get("keyType", kind)).lower() != kind:
            raise BadRequest(f"Invalid value for keyType: {body['keyType']}")
        length = body.get("keyLength")
        if length is not None and (isinstance(length, bool) or not isinstance(length, int)):
            raise BadRequest("Invalid value for keyLength")
        made = self.node.certificates.generate_request(
            unit,
            "this-server" if wanted == "this-server" else MULTI,
            _text(body, "commonName"),
            _texts(body, "altNames") if "altNames" in body else (),
            length,
            str(body.get("hashAlgorithm", "sha256")),
        )
        return web.json_response({"csr": made.csr})

    async def upload_trust(self, request: web.Request) -> web.Response:
        """Certificates for trust stores; `service` is a list."""
        body = await self._body(request, TRUST_FIELDS, ("service", "certificates"))
        stores = [self._trust_service(name) for name in _texts(body, "service")]
        self.node.certificates.upload_trust(stores, _texts(body, "certificates"), str(body.get("description", "")))
        return self._done()

    async def upload_identity(self, request: web.Request) -> web.Response:
        """A signed certificate, alone or with its chain; `service` is one text."""
        body = await self._body(request, IDENTITY_FIELDS, ("service", "certificates"))
        self.node.certificates.upload_identity(_text(body, "service"), _texts(body, "certificates"))
        return self._done()

    # --- inner workings

    def _done(self) -> web.Response:
        return web.json_response({"trackingId": str(uuid.uuid4())}, status=int(self.world.variant("certmgr_created")))

    def _distributions(self, unit: str) -> list[str]:
        spelled = {"multi-server": [MULTI], "other-spelling": ["Multi-Server(SAN)"], "absent": []}[self.world.variant("certmgr_multi_server")]
        return ["this-server", *(spelled if unit in self.node.certificates.kinds.multi else [])]

    def _trust_name(self, store: str) -> str:
        return store if self.world.variant("certmgr_trust_names") == "store" else store.removesuffix("-trust")

    def _trust_service(self, name: str) -> str:
        """A store from a client's word: plain unit names work with public tools; the long ones only where snapshots say so, too."""
        if name.endswith("-trust") and self.world.variant("certmgr_trust_names") == "unit":
            raise BadRequest(f"Invalid value for service: {name}")
        return name

    def _service(self, request: web.Request) -> str:
        name = request.query.get("service", "")
        if not name:
            raise BadRequest("Missing parameter: service")
        return name

    async def _body(self, request: web.Request, fields: set[str], required: tuple[str, ...]) -> dict:
        try:
            body = json.loads(await request.text())
        except ValueError as problem:
            raise BadRequest("The request body is not valid JSON") from problem
        if not isinstance(body, dict):
            raise BadRequest("The request body is not a JSON object")
        missing = [name for name in required if name not in body]
        if missing:
            raise BadRequest(f"Missing field: {', '.join(missing)}")
        unknown = sorted(set(body) - fields)
        if unknown and self.world.refuses("certmgr_unknown_field"):
            raise BadRequest(f"Unrecognized field: {', '.join(unknown)}")
        request[ABOUT] = {name: body[name] for name in ("service", "distribution") if name in body}
        return body


def _text(body: dict, name: str) -> str:
    if not isinstance(body[name], str):
        raise BadRequest(f"Invalid value for {name}")
    return body[name]


def _texts(body: dict, name: str) -> list[str]:
    value = body[name]
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise BadRequest(f"Invalid value for {name}")
    return value
