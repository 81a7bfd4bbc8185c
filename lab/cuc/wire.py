"""CUPI's two forms of text: XML (default) and JSON (by Accept). Numbers and booleans are strings in both (vos.md 4, transcripts 30, 31)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lxml import etree

from lab.core.variants import variant
from lab.cuc.model import CupiError
from lab.cuc.model import Row
from lab.cuc.model import invalid

if TYPE_CHECKING:
    from lab.core.world import World

variant("cupi_json_single", ("object", "list"), "object", "vos.md 4", "JSON of a list with one element: the object itself, or a list of one")
variant("cupi_json_numbers", ("any", "strings"), "any", "vos.md 4 (the SDK posts XML, the documents quote every number)",
        "whether a JSON body may hold numbers and booleans, or strings only")
variant("cupi_error_body", ("errors", "plain", "empty"), "errors", "vos.md 4 (not captured)", "what the body of an error is made of")

XML, JSON, TEXT = "application/xml", "application/json", "text/plain"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)


def wants_json(accept: str) -> bool:
    """Whether an Accept header asks for JSON."""
    return JSON in accept.lower()


def one(element: str, row: Row, as_json: bool) -> bytes:
    """One object."""
    return _json(row) if as_json else _xml(_element(element, row))


def many(plural: str, element: str, rows: list[Row], total: int, as_json: bool, world: World) -> bytes:
    """A list, or a page of it; total counts all."""
    if as_json:
        body: dict = {"@total": str(total)}
        if rows:
            body[element] = rows[0] if len(rows) == 1 and world.variant("cupi_json_single") == "object" else rows
        return _json(body)
    root = etree.Element(plural, total=str(total))
    root.extend(_element(element, row) for row in rows)
    return _xml(root)


def error(problem: CupiError, as_json: bool, world: World) -> tuple[bytes, str]:
    """(body, content type) of an error."""
    way = world.variant("cupi_error_body")
    if way == "empty":
        return b"", XML
    if way == "plain":
        return problem.text.encode(), TEXT
    row = {"code": problem.code, "message": problem.text}
    if as_json:
        return _json({"errors": row}), JSON
    root = etree.Element("ErrorDetails")
    root.append(_element("errors", row))
    return _xml(root), XML


def read(raw: bytes, content_type: str, element: str, world: World) -> Row:
    """The fields of a request body. Raises CupiError (400 for what cannot be read, 415 for another content type)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == JSON:
        return _read_json(raw, world)
    if kind in (XML, "text/xml"):
        return _read_xml(raw, element)
    raise CupiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Unsupported content type {kind or '(none)'}")


def _read_json(raw: bytes, world: World) -> Row:
    try:
        body = json.loads(raw)
    except ValueError:
        raise invalid("The request body is not valid JSON") from None
    if not isinstance(body, dict):
        raise invalid("The request body is not a JSON object")
    result = {}
    for name, value in body.items():
        if isinstance(value, (bool, int)) and world.variant("cupi_json_numbers") == "any":
            value = json.dumps(value)
        if not isinstance(value, str):
            raise invalid(f"Invalid value for {name}")
        result[name] = value
    return result


def _read_xml(raw: bytes, element: str) -> Row:
    try:
        root = etree.fromstring(raw, _PARSER)
    except etree.XMLSyntaxError:
        raise invalid("The request body is not well-formed XML") from None
    if root.tag != element:
        raise invalid(f"The document element must be {element}, it is {root.tag}")
    if any(len(child) for child in root):
        raise invalid(f"Elements of {element} hold text only")
    return {child.tag: (child.text or "").strip() for child in root}


def _element(name: str, row: Row) -> etree._Element:
    element = etree.Element(name)
    for field, value in row.items():
        etree.SubElement(element, field).text = value or None
    return element


def _xml(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)


def _json(body: dict) -> bytes:
    return json.dumps(body).encode()
