"""AXL of an IM and Presence node, as far as Expressway-C asks it: version, process nodes, and the chat servers' aliases.

Queries that it does not know get an SQL fault, and count as unknown. Sources: id:63293541382 (Expressway reads IM and Presence by AXL); the names of
the tables are inferred.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from lxml import etree

from lab.imp import domains
from lab.ucm import seed
from lab.ucm.axl import soap
from lab.ucm.soap_service import Refusal
from lab.ucm.soap_service import SoapService

NAMESPACE = "http://www.cisco.com/AXL/API/12.5"
QUERIES = ("select name from enterprisenode", "select aliasname from tcaliases")


def routes(node: Any) -> list[web.RouteDef]:
    """Routes for the node's web application."""

    def reply(name: str) -> tuple[etree._Element, etree._Element]:
        root = etree.Element(f"{{{NAMESPACE}}}{name}Response", nsmap={"ns": NAMESPACE})
        return root, etree.SubElement(root, "return")

    async def version(_body: etree._Element, _detail: dict[str, Any]) -> etree._Element:
        root, inside = reply("getCCMVersion")
        etree.SubElement(etree.SubElement(inside, "componentVersion"), "version").text = seed.version(node)
        return root

    async def query(body: etree._Element, detail: dict[str, Any]) -> etree._Element:
        text = " ".join(soap.text(body.find("sql")).lower().split())
        detail["sql"] = text
        if text not in QUERIES:
            node.world.note_unknown(node, "axl", text)
            raise Refusal("soapenv:Server", "A syntax error has occurred.")
        column, values = ("name", [one.fqdn for one in node.cluster.nodes.values()]) if text == QUERIES[0] else (
            "aliasname", domains.chat_aliases(node.cluster))
        root, inside = reply("executeSQLQuery")
        for value in values:
            etree.SubElement(etree.SubElement(inside, "row"), column).text = value
        return root

    operations = {"getCCMVersion": ("read", version), "executeSQLQuery": ("read", query)}
    return SoapService(node, "axl", "/axl", operations, lambda _address: "").routes()
