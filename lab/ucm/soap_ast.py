"""Envelopes of the Serviceability services (namespace http://schemas.cisco.com/ast/soap, elements qualified; axl.md 6)."""
from __future__ import annotations

from typing import Any

from lxml import etree

from lab.ucm.axl import soap

NAMESPACE = "http://schemas.cisco.com/ast/soap"
_Q = f"{{{NAMESPACE}}}"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def find(node: etree._Element | None, *names: str) -> etree._Element | None:
    """The element down a path; both qualified and unqualified names are understood, as on the product."""
    for name in names:
        if node is None:
            return None
        found = node.find(_Q + name)
        node = found if found is not None else node.find(name)
    return node


def all_of(node: etree._Element | None, name: str) -> list[etree._Element]:
    """All children of that name, qualified or not."""
    return [] if node is None else [*node.findall(_Q + name), *node.findall(name)]


def value(node: etree._Element | None, *names: str) -> str:
    """Text at the end of a path, '' for none."""
    return soap.text(find(node, *names)).strip()


def build(name: str, content: Any) -> etree._Element:
    """An element of the namespace from plain data: dict = children, list = repeated `item`, None = empty."""
    node = etree.Element(_Q + name, nsmap={"ns1": NAMESPACE})
    _fill(node, content)
    return node


def _fill(node: etree._Element, content: Any) -> None:
    if isinstance(content, dict):
        for name, inner in content.items():
            _fill(etree.SubElement(node, _Q + name), inner)
    elif isinstance(content, list):
        for inner in content:
            _fill(etree.SubElement(node, _Q + "item"), inner)
    elif content is None:
        node.set(f"{{{XSI}}}nil", "true")
    else:
        node.text = str(content)


def fault(code: str, text: str) -> bytes:
    """A fault without detail."""
    root = etree.Element(f"{{{soap.ENVELOPE}}}Fault", nsmap={"soapenv": soap.ENVELOPE})
    etree.SubElement(root, "faultcode").text = code
    etree.SubElement(root, "faultstring").text = text
    etree.SubElement(root, "detail")
    return soap.reply(root)
