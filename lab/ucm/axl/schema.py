"""Cisco's AXL schema: where its files are, what its types look like, and the validator of messages.

The files (`AXLSoap.xsd`, `AXLEnums.xsd`, `AXLAPI.wsdl`) are confidential to Cisco and never part of this project.
They are read from a directory the user names (his own toolkit) or from the installed PyPI distribution `ciscoaxl`,
whose newest schema is 12.5. The types in use are identical in 12.5, 14.0 and 15.0 (axl.md 0.1), so the same text with
another version number in its namespaces serves the other releases.
"""
from __future__ import annotations

import functools
import importlib.metadata
import io
import re
import threading
import zipfile
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
NAMESPACE = "http://www.cisco.com/AXL/API/"
FILES = ("AXLAPI.wsdl", "AXLEnums.xsd", "AXLSoap.xsd")
_LIMITED = {"xsd:string": "string", "xsd:integer": "integer", "xsd:unsignedLong": "integer", "axlapi:XInteger": "integer",
            "axlapi:boolean": "boolean", "axlapi:XUUID": "uuid", "axlapi:XFkType": "fk", "xsd:anyType": "any", "xsd:int": "integer"}


class SchemaMissing(Exception):
    """No AXL schema could be found; the text says what to install or pass."""


@dataclass(slots=True)
class Element:
    """One element of a type, in the order of the schema.

    kind: string, integer, boolean, uuid, fk (text with a uuid attribute), complex (see children) or any.
    default: the schema's default text or None. enum: the names the schema lists, or None.
    """

    name: str
    kind: str
    type: str = ""
    minimum: int = 1
    maximum: int | None = 1
    nillable: bool = False
    default: str | None = None
    enum: frozenset[str] | None = None
    children: list[Element] = field(default_factory=list)

    def child(self, name: str) -> Element | None:
        """The child element of that name, or None."""
        return next((c for c in self.children if c.name == name), None)


def locate(directory: str | Path | None = None) -> dict[str, Path]:
    """Paths of the three schema files, by file name.

    directory: a folder that holds them, or a toolkit's `schema` folder (the newest numbered sub-folder is taken).
    Raises SchemaMissing.
    """
    if directory:
        root = Path(directory)
        folders = [root] + sorted((p for p in root.glob("**/") if re.fullmatch(r"\d+\.\d+", p.name)), key=lambda p: -float(p.name))
        for folder in folders:
            if all((folder / name).is_file() for name in FILES):
                return {name: folder / name for name in FILES}
        raise SchemaMissing(f"{root} holds no AXLAPI.wsdl, AXLEnums.xsd and AXLSoap.xsd; unpack axlsqltoolkit.zip there")
    try:
        files = importlib.metadata.files("ciscoaxl") or []
    except importlib.metadata.PackageNotFoundError:
        raise SchemaMissing("the AXL schema is taken from the PyPI package ciscoaxl: install it, or pass --axl-schema DIR") from None
    found = {f.name: Path(str(f.locate())) for f in files if f.parent.name == "12.5" and f.name in FILES}
    if len(found) != len(FILES):
        raise SchemaMissing("the installed ciscoaxl has no schema 12.5: install 0.164 or newer, or pass --axl-schema DIR")
    return found


class Schema:
    """One set of schema files: element structure at once, the validator on first use (about 0.4 s and 47 MB)."""

    def __init__(self, files: dict[str, Path]):
        self.files = files
        self._tree = etree.parse(str(files["AXLSoap.xsd"]))
        root = self._tree.getroot()
        self.namespace = root.get("targetNamespace")
        self.version = self.namespace.removeprefix(NAMESPACE)
        self._types = {e.get("name"): e for e in root if e.tag in (XSD + "complexType", XSD + "simpleType")}
        self._roots = {e.get("name"): e for e in root if e.tag == XSD + "element"}
        self._shapes: dict[str, list[Element]] = {}
        self._compiled: etree.XMLSchema | None = None
        self._lock = threading.Lock()

    # -- structure -----------------------------------------------------------------------------------------------
    def has(self, operation: str) -> bool:
        """Whether the schema knows this operation."""
        return operation in self._roots and operation + "Response" in self._roots

    @functools.cache  # noqa: B019  (schemas live as long as the process)
    def root(self, name: str) -> Element:
        """The shape of a global element: an operation or its response."""
        node = self._roots[name]
        return self._element(node)

    def shape(self, type_name: str) -> list[Element]:
        """Child elements of a complex type in schema order, choices flattened; [] for simple types."""
        if type_name not in self._shapes:
            self._shapes[type_name] = []            # recursive types (conferences of trees) end here
            self._shapes[type_name] = self._walk(self._types[type_name])
        return self._shapes[type_name]

    def enumeration(self, type_name: str) -> list[str]:
        """Names listed by an enumerated type, in order (their order is the lab's source of type numbers)."""
        node = self._types.get(type_name)
        return [] if node is None else [e.get("value") for e in node.iter(XSD + "enumeration")]

    def _walk(self, node: etree._Element) -> list[Element]:
        out: list[Element] = []
        for child in node:
            if not isinstance(child.tag, str):
                continue
            tag = child.tag.removeprefix(XSD)
            if tag == "element":
                out.append(self._element(child))
            elif tag == "any":
                out.append(Element("*", "any", minimum=0, maximum=None))
            elif tag in ("sequence", "choice", "all", "complexContent", "complexType"):
                out.extend(self._walk(child))
            elif tag in ("extension", "restriction"):
                base = child.get("base", "").removeprefix("axlapi:")
                if base in self._types and self._types[base].tag == XSD + "complexType":
                    out.extend(self.shape(base))
                out.extend(self._walk(child))
        return out

    def _element(self, node: etree._Element) -> Element:
        named = node.get("type") or ""
        most = node.get("maxOccurs", "1")
        element = Element(node.get("name") or "*", "string", named.removeprefix("axlapi:"), int(node.get("minOccurs", "1")),
                          None if most == "unbounded" else int(most), node.get("nillable") == "true", node.get("default"))
        inline = node.find(XSD + "complexType")
        if named in _LIMITED:
            element.kind = _LIMITED[named]
        elif inline is not None and inline.find(XSD + "simpleContent") is not None:
            element.kind = "string"
        elif inline is not None:
            element.kind, element.children = "complex", self._walk(inline)
        elif element.type in self._types:
            target = self._types[element.type]
            if target.tag == XSD + "simpleType":
                values = frozenset(e.get("value") for e in target.iter(XSD + "enumeration"))
                element.enum = values or None
            elif target.find(XSD + "simpleContent") is None:
                element.kind, element.children = "complex", self.shape(element.type)
        return element

    # -- validation ----------------------------------------------------------------------------------------------
    def errors(self, body: etree._Element) -> list[str]:
        """What is wrong with an operation element or its reply; [] when it is valid.

        body: the element below soapenv:Body, in any version's namespace. Empty elements below `returnedTags` are names,
        not values, so that complaints about their emptiness are left out.
        """
        if self._compiled is None:
            with self._lock:
                if self._compiled is None:
                    self._compiled = etree.XMLSchema(self._tree)
        given = body.tag
        with self._lock:
            body.tag = f"{{{self.namespace}}}{etree.QName(body).localname}"
            try:
                if self._compiled.validate(body):
                    return []
                log = list(self._compiled.error_log)
            finally:
                body.tag = given
        return [e.message for e in log if not ("/returnedTags" in (e.path or "") and e.type_name != "SCHEMAV_ELEMENT_CONTENT")]

    # -- the toolkit ---------------------------------------------------------------------------------------------
    def text(self, name: str, version: str) -> bytes:
        """A schema file as the given version would have it (the version stands in namespaces and SOAP actions only)."""
        raw = self.files[name].read_bytes()
        if version == self.version:
            return raw
        old, new = self.version.encode(), version.encode()
        for mark in (b"AXL/API/", b"AXL/", b"version=\"", b"ver="):
            raw = raw.replace(mark + old, mark + new)
        return raw

    @functools.cache  # noqa: B019
    def toolkit(self, versions: tuple[str, ...]) -> bytes:
        """axlsqltoolkit.zip with a folder for each version, the first of which is also `schema/current`."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for version in versions:
                for name in FILES:
                    content = self.text(name, version)
                    archive.writestr(zipfile.ZipInfo(f"schema/{version}/{name}", (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 1)
                    if version == versions[0]:
                        archive.writestr(zipfile.ZipInfo(f"schema/current/{name}", (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 1)
        return buffer.getvalue()


@functools.lru_cache(maxsize=4)
def load(directory: str | None = None) -> Schema:
    """The schema of the given directory, or of the installed ciscoaxl; parsed once per process."""
    return Schema(locate(directory))
