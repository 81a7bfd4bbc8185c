"""Envelopes and faults of AXL."""
from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True, remove_pis=True)


class Malformed(Exception):
    """The request is no SOAP envelope; the text says why."""


@dataclass
class Fault(Exception):
    """A SOAP fault as AXL sends it (HTTP 500, detail axlError).

    code: axlcode. message: axlmessage, also the faultstring. side: "Server" or "Client". refused: for the journal, why nothing was done.
    """

    code: int
    message: str
    side: str = "Server"

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def parse(raw: bytes) -> etree._Element:
    """The operation element of an envelope. Raises Malformed."""
    try:
        root = etree.fromstring(raw, _PARSER)
    except etree.XMLSyntaxError as error:
        raise Malformed(str(error)) from None
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise Malformed("the document element is not a SOAP 1.1 Envelope")
    body = root.find(f"{{{ENVELOPE}}}Body")
    children = [] if body is None else [c for c in body if isinstance(c.tag, str)]
    if len(children) != 1:
        raise Malformed("the Body must hold exactly one element")
    return children[0]


def reply(body: etree._Element) -> bytes:
    """The envelope of an answer, serialised."""
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soapenv": ENVELOPE})
    etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(body)
    etree.cleanup_namespaces(envelope, keep_ns_prefixes=["soapenv"])
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)


def fault(error: Fault, operation: str) -> bytes:
    """The envelope of a fault."""
    root = etree.Element(f"{{{ENVELOPE}}}Fault")
    etree.SubElement(root, "faultcode").text = f"soapenv:{error.side}"
    etree.SubElement(root, "faultstring").text = error.message
    detail = etree.SubElement(etree.SubElement(root, "detail"), "axlError")
    etree.SubElement(detail, "axlcode").text = str(error.code)
    etree.SubElement(detail, "axlmessage").text = error.message
    etree.SubElement(detail, "request").text = operation
    return reply(root)


def text(node: etree._Element | None) -> str:
    """Text of an element, '' for none."""
    return "" if node is None else (node.text or "")


def escaped(value: str) -> str:
    """Text for XML; characters that XML cannot hold are left out."""
    return escape(_CONTROL.sub("", value), {"\r": "&#13;"})


def is_nil(node: etree._Element) -> bool:
    """Whether an element carries xsi:nil."""
    return node.get(NIL) in ("true", "1")
