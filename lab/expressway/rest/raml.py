"""What the API says of itself: RAML 0.8 at /api/raml, bodies as JSON Schema draft 4 (expressway.md 1.1). How it is laid out is a reading."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from typing import Any

import yaml

from lab.core.variants import variant
from lab.expressway.rest import certs
from lab.expressway.rest.model import Key
from lab.expressway.rest.model import Resource

if TYPE_CHECKING:
    from lab.expressway.state import Peer

variant("expressway_raml", ("flat", "nested", "named", "included", "absent"), "flat", "id:63322592885 (\"does not support nested APIs\"); no sample",
        "whether resources stand each with its whole path, inside each other, with their schemas by name at the top, or in files that are not served; or "
        "whether there is no document")
DRAFT = "http://json-schema.org/draft-04/schema#"
PLAIN = {"/restart": ("POST",), "/sysinfo": ("GET",)}


class _Block(str):
    """Text that is written as a block."""


class _Include(str):
    """The name of a file with the text."""


class _Dumper(yaml.SafeDumper):
    """A dumper of our own: block texts, includes."""


_Dumper.add_representer(_Block, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|"))
_Dumper.add_representer(_Include, lambda dumper, value: dumper.represent_scalar("!include", value))


def text(peer: Peer, resources: list[Resource]) -> str:
    """The document."""
    schemas: dict[str, _Block] = {}
    layout = peer.world.variant("expressway_raml")
    named = layout if layout in ("named", "included") else ""
    found: dict[str, dict[str, Any]] = {}
    for resource in resources:
        methods: dict[str, Any] = {"get": _reply(_schema(resource.keys(peer), set(), bool(resource.key)), schemas, named, resource.path)}
        for method in resource.methods(peer):
            body = _schema(resource.body(peer, method), resource.required(peer, method))
            methods[method.lower()] = _body(body, schemas, named, f"{resource.path} {method.lower()}")
        found["/provisioning" + resource.path] = methods
        if resource.key:
            found[f"/provisioning{resource.path}/{resource.key.lower()}/{{{resource.key}}}"] = {"get": {}}
    for path, methods in certs.paths(peer).items():
        found["/provisioning" + path] = {method.lower(): _certificate(path, method, schemas, named) for method in methods}
    for path, methods in PLAIN.items():
        found["/provisioning" + path] = {method.lower(): {} for method in methods}
    head: dict[str, Any] = {"title": "Cisco Expressway API", "version": "v1", "baseUri": f"https://{peer.appliance.fqdn}/api", "mediaType": "application/json"}
    if named == "named":
        head["schemas"] = [{name: schema} for name, schema in schemas.items()]
    tree = _nested(found) if layout == "nested" else found
    return "#%RAML 0.8\n" + yaml.dump({**head, **tree}, Dumper=_Dumper, sort_keys=False, default_flow_style=False, width=10**6)


def _schema(keys: list[Key], required: set[str], many: bool = False) -> dict[str, Any]:
    one: dict[str, Any] = {"type": "object", "properties": {key.name: key.schema() for key in keys}, "additionalProperties": False}
    if required:
        one["required"] = sorted(required)
    return {"$schema": DRAFT, **({"type": "array", "items": one} if many else one)}


def _held(schema: dict[str, Any], schemas: dict[str, _Block], named: str, name: str) -> str:
    block = _Block(json.dumps(schema, indent=2) + "\n")
    if not named:
        return block
    word = name.strip("/").replace("/", "_").replace(" ", "_")
    if named == "included":
        return _Include(f"schemas/{word}.json")
    schemas[word] = block
    return word


def _body(schema: dict[str, Any], schemas: dict[str, _Block], named: str, name: str) -> dict[str, Any]:
    return {"body": {"application/json": {"schema": _held(schema, schemas, named, name)}}}


def _reply(schema: dict[str, Any], schemas: dict[str, _Block], named: str, name: str) -> dict[str, Any]:
    return {"responses": {200: _body(schema, schemas, named, f"{name} get")}}


def _certificate(path: str, method: str, schemas: dict[str, _Block], named: str) -> dict[str, Any]:
    if method != "POST":
        return {}
    if path == "/certs/generate_csr":
        schema = {"$schema": DRAFT, "type": "object", "properties": certs.request_schema(), "additionalProperties": False}
        return _body(schema, schemas, named, f"{path} post")
    return {"body": {"multipart/form-data": {"formParameters": {"file": {"type": "file", "required": True}}}}}


def _nested(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, methods in found.items():
        place = tree
        for word in path.strip("/").split("/"):
            place = place.setdefault(f"/{word}", {})
        place.update(methods)
    return tree
