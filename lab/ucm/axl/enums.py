"""Values that the schema lists but does not enforce: its enumerations are unions with any text, so the server itself must check."""
from __future__ import annotations

from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm.axl import soap
from lab.ucm.axl.context import Context
from lab.ucm.axl.schema import Element
from lab.ucm.axl.soap import Fault
from lab.ucm.tables import TYPE_TABLES

refusal("axl_enumeration", "axl.md 5 (zeep pitfalls)", "A name that its enumeration does not have is refused.")
refusal("axl_schema", "axl.md 1; lab.md 2.2", "A request that the schema does not allow is refused.")
variant("axl_capitalised_booleans", ("refused", "accepted"), "refused", "axl.md 9", "Whether True and False, as zeep sends Python's, are taken.")

_TABLE_OF = {type_name: table for table, (type_name, _) in TYPE_TABLES.items()}
_LATER = {"XReset": {"Generate PRT", "Extended Config Pull"}}       # in later updates of the same schema version (axl.md 2.3)


def lower_booleans(context: Context, request: etree._Element) -> None:
    """Under the variant that accepts them, makes True and False what the schema wants."""
    if context.variant("axl_capitalised_booleans") == "accepted":
        for node in request.iter():
            if node.text in ("True", "False") and len(node) == 0:
                node.text = node.text.lower()


def check(context: Context, request: etree._Element) -> None:
    """Raises Fault for the first name that its enumeration does not have. Search criteria are patterns and returned tags are empty."""
    if context.refuses("axl_enumeration"):
        _check(context, request, context.schema.root(context.operation).children)


def _check(context: Context, node: etree._Element, shape: list[Element]) -> None:
    elements = {e.name: e for e in shape}
    for child in node:
        element = elements.get(child.tag)
        if element is None or child.tag in ("searchCriteria", "returnedTags"):
            continue
        if element.kind == "complex":
            _check(context, child, element.children)
        elif element.enum and soap.text(child) and soap.text(child) not in element.enum and not _later(context, element, soap.text(child)):
            raise Fault(5007, f"Item not valid: The specified {element.type.removeprefix('X')} {soap.text(child)!r} was not found")


def _later(context: Context, element: Element, text: str) -> bool:
    """Names that newer releases know and the database learnt from the estate (phone models)."""
    table = _TABLE_OF.get(element.type)
    return text in _LATER.get(element.type, ()) or bool(table and context.store.known(table, text))
