# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Expressway says of its own API: RAML 0.8 with JSON Schema (draft 4), as served at /api/raml. Source: expressway.md 1.1.

No sample of the document is public. RAML itself lets resources stand inside each other or each with its whole path, and schemas in place or by name at
the top: all of that is read. Schemas in other files, and methods that come with a resource's type, are not.
"""

from __future__ import annotations

import json
import re

import yaml

METHODS = ("get", "post", "put", "delete", "patch")
PREFIX = re.compile(r"^(/api)?(/v\d+)?(/provisioning)?(?=/)|^(/api)?/provisioning/v\d+(?=/)", re.IGNORECASE)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML without anything that reaches outside: what is included is not there."""


_Loader.add_constructor("!include", lambda loader, node: None)


class BadRaml(ValueError):
    """The document cannot be read."""


def resources(text):
    """{path below /api/provisioning: {"methods": [...], "keys": {name: {"type": text or None, "enum": list or None}}}}.

    keys: what a body may hold that is written; where nothing is written, what is read. A path may have parts such as {Name}.
    """
    try:
        document = yaml.load(text, Loader=_Loader)      # a safe loader
    except (yaml.YAMLError, RecursionError) as e:
        raise BadRaml("no YAML: %s" % str(e).splitlines()[0]) from None
    if not isinstance(document, dict):
        raise BadRaml("no RAML: it has no resources")
    found, named = {}, _named(document.get("schemas"))
    _collect(document, "", named, found)
    if not found:
        raise BadRaml("no RAML: it has no resources")
    return found


def match(found, path):
    """The resource of a path, parts such as {Name} standing for any text; None without one."""
    if path in found:
        return found[path]
    parts = path.strip("/").split("/")
    for known, resource in found.items():
        names = known.strip("/").split("/")
        if len(names) == len(parts) and all(n == p or re.fullmatch(r"\{[^}]*\}", n) for n, p in zip(names, parts)):
            return resource
    return None


def _named(schemas):
    """Schemas by name: a dict, or a list of dicts as RAML 0.8 has it."""
    named = {}
    for part in schemas if isinstance(schemas, list) else [schemas]:
        named.update(part if isinstance(part, dict) else {})
    return named


def _collect(resource, path, named, found):
    methods = {key.lower(): value for key, value in resource.items() if str(key).lower() in METHODS}
    if path and (methods or "type" in resource):        # its type may have the methods: then they are not said here
        found[PREFIX.sub("", path) or path] = {"methods": sorted(methods), "keys": _keys(methods, named)}
    for key, value in resource.items():
        if str(key).startswith("/"):
            _collect(value if isinstance(value, dict) else {}, path + str(key).rstrip("/"), named, found)


def _keys(methods, named):
    keys = {}
    for method in ("post", "put"):
        keys.update(_properties(_schema((methods.get(method) or {}).get("body"), named)))
    for answer in ((methods.get("get") or {}).get("responses") or {}).values() if not keys else ():
        keys.update(_properties(_schema((answer or {}).get("body"), named)))
    return keys


def _schema(body, named):
    """The JSON schema of a body, as a dict; {} without one."""
    if not isinstance(body, dict):
        return {}
    for kind in ("application/json", *body):
        text = (body.get(kind) or {}).get("schema") if isinstance(body.get(kind), dict) else None
        text = named.get(text, text) if isinstance(text, str) else text
        if isinstance(text, dict):
            return text
        if isinstance(text, str):
            try:
                schema = json.loads(text)
            except ValueError:
                continue
            return schema if isinstance(schema, dict) else {}
    return body if "properties" in body else {}


def _properties(schema, root=None, depth=0):
    """{name: {"type", "enum"}} of an object's schema, or of that of a list's items."""
    root = schema if root is None else root
    schema = _resolved(schema, root)
    if depth > 8 or not schema:
        return {}
    keys = {}
    for part in (*(schema.get("allOf") or ()), *(schema.get("oneOf") or ()), *(schema.get("anyOf") or ())):
        keys.update(_properties(part, root, depth + 1))
    for name, one in (schema.get("properties") or {}).items():
        one = _resolved(one, root)
        kind = one.get("type")
        keys[name] = {"type": kind if isinstance(kind, str) else None, "enum": list(one["enum"]) if isinstance(one.get("enum"), list) else None}
    items = schema.get("items")
    return keys or (_properties(items, root, depth + 1) if isinstance(items, dict) else {})


def _resolved(schema, root):
    """A schema with "$ref" to a part of the same document followed."""
    for _step in range(8):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            break
        schema = root
        for part in reference.lstrip("#").strip("/").split("/"):
            schema = schema.get(part) if isinstance(schema, dict) else None
    return schema if isinstance(schema, dict) else {}
