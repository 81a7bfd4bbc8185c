"""Certificates of a peer by REST: /certs/generate_csr, /certs/root, /certs/server, and from X15.5 the client store.

Forms that public code shows: multipart with one part `file`; texts "Root Certificate updated.", "OK", "Conflict", "Bad Request" (expressway.md 1.3). They
are of each peer by itself, so that it does not matter whether it is the primary.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.expressway import acme
from lab.expressway.certificates import SUBJECT
from lab.expressway.certificates import Refused
from lab.expressway.rest.model import ApiError

if TYPE_CHECKING:
    from lab.expressway.state import Peer

variant("expressway_csr_delete", ("offered", "absent"), "offered", "expressway.md 7 (2)", "whether the pending request can be discarded")
variant("expressway_client_store", ("client", "client_server", "absent"), "client", "expressway.md 4.4, 7 (4)",
        "where the client certificate of X15.5 is uploaded: /certs/client, /certs/clientcert, or by the web page only")
variant("expressway_acme_resource", ("offered", "absent"), "offered", "expressway.md 1.3 (names only)",
        "whether /certs/acme/pendingcert signs by POST, shows by GET and discards by DELETE, or is not there")
variant("expressway_pem_line_ends", ("lf", "crlf"), "lf", "expressway.md 1.3", "line ends of the server certificate that GET gives")
variant("expressway_pem_type", ("text/html", "text/plain"), "text/html", "expressway.md 1.3, 7 (7)", "Content-Type of the PEM texts")
variant("expressway_upload_text", ("Bad Request", "telling"), "Bad Request", "expressway.md 1.1", "what the answer to a refused certificate says")
refusal("expressway_upload_part", "expressway.md 1.3", "an upload that has no part named file")

CLIENT_PATHS = {"client": "/certs/client", "client_server": "/certs/clientcert"}


def paths(peer: Peer) -> dict[str, tuple[str, ...]]:
    """{path: methods} of what this peer offers, for the RAML."""
    requests = ("GET", "POST", "DELETE") if peer.world.variant("expressway_csr_delete") == "offered" else ("GET", "POST")
    result = {"/certs/generate_csr": requests, "/certs/root": ("GET", "POST"), "/certs/server": ("GET", "POST")}
    reading = peer.world.variant("expressway_client_store")
    if peer.certificates.two_stores and reading in CLIENT_PATHS:
        result[CLIENT_PATHS[reading]] = ("GET", "POST")
    if peer.appliance.product == "expressway_e" and peer.world.variant("expressway_acme_resource") == "offered":
        result |= {"/certs/acme/pendingcert": ("GET", "POST", "DELETE"), "/certs/acme/pendingcert/deploy": ("POST",)}
    return result


def request_schema() -> dict[str, Any]:
    """The JSON Schema of a request's body."""
    texts = {name: {"type": "string"} for name in SUBJECT}
    names = {"Additional_FQDNS": {"type": "array", "items": {"type": "string"}}}
    return {**names, **texts, "KeyLength": {"type": "integer"}, "DigestAlgorithm": {"type": "string"}}


async def answer(peer: Peer, request: web.Request, path: str, detail: dict[str, Any]) -> web.Response | None:
    """Answer a request below /certs; None for a path that is not here."""
    if request.method not in paths(peer).get(path, ()):
        return None
    try:
        if path == "/certs/generate_csr":
            return await _request(peer, request, detail)
        if path.startswith("/certs/acme/"):
            return await _acme(peer, request, path)
        if path == "/certs/root":
            return await _root(peer, request, detail)
        return await _identity(peer, request, detail, path != "/certs/server")
    except Refused as problem:
        detail["reason"] = str(problem)
        telling = peer.world.variant("expressway_upload_text") == "telling"
        words = {"conflict": "Conflict", "bad": f"Bad Request: {problem}" if telling else "Bad Request", "missing": "Not Found",
                 "command": f"CommandError: {problem}"}
        raise ApiError(problem.kind, words[problem.kind]) from problem


async def _request(peer: Peer, request: web.Request, detail: dict[str, Any]) -> web.Response:
    store = peer.certificates
    if request.method == "GET":
        if store.pending is None:
            raise Refused("missing", "no request is pending")
        return _pem(peer, store.pending.csr)
    if request.method == "DELETE":
        store.discard()
        return web.json_response({"Message": "OK"})
    try:
        given = json.loads(await request.text() or "{}")
    except ValueError:
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("Additional_FQDNS", []), list):
        raise Refused("bad", "no JSON object")
    given = dict(given)
    detail["names"] = [str(name) for name in given.pop("Additional_FQDNS", [])]
    bits, digest = given.pop("KeyLength", 4096), str(given.pop("DigestAlgorithm", "sha256")).lower()
    if type(bits) is not int:
        raise Refused("bad", "KeyLength is no number")
    detail["key_length"] = bits
    store.request(detail["names"], given, bits, digest)
    return web.json_response({"Message": "CSR generated."})


async def _acme(peer: Peer, request: web.Request, path: str) -> web.Response:
    if path.endswith("/deploy"):
        acme.deploy(peer)
    elif request.method == "GET":
        return _pem(peer, acme.pending(peer))
    elif request.method == "DELETE":
        acme.discard(peer)
    else:
        await acme.sign(peer)
    return web.json_response({"Message": "OK"})


async def _root(peer: Peer, request: web.Request, detail: dict[str, Any]) -> web.Response:
    if request.method == "GET":
        return _pem(peer, "".join(peer.certificates.listed))
    with peer.change(shared=False):
        detail["added"] = peer.certificates.append_trust(await _file(peer, request))
    return web.json_response({"Message": "Root Certificate updated."})


async def _identity(peer: Peer, request: web.Request, detail: dict[str, Any], client: bool) -> web.Response:
    store = peer.certificates
    if request.method == "GET":
        return _pem(peer, (store.client if client else store.installed).certificate)
    text = await _file(peer, request)
    with peer.change(shared=False):
        if client and not text.strip():
            store.copy_to_client()
        elif client:
            store.upload_client(text)
        else:
            store.upload(text)
    detail["store"] = "client" if client else "server"
    return web.json_response({"Message": "OK"})


async def _file(peer: Peer, request: web.Request) -> str:
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if part.name == "file" or not peer.world.refuses("expressway_upload_part"):
                return (await part.read()).decode("ascii", "replace")
    raise Refused("bad", "no part named file")


def _pem(peer: Peer, text: str) -> web.Response:
    if peer.world.variant("expressway_pem_line_ends") == "crlf":
        text = text.replace("\n", "\r\n")
    return web.Response(text=text, content_type=peer.world.variant("expressway_pem_type"))
