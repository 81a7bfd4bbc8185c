"""RisPort70 of one node: where phones and SIP trunks are registered (axl.md 6)."""
from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from aiohttp import web
from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import seed
from lab.ucm import soap_ast
from lab.ucm import wsdl
from lab.ucm.soap_service import Refusal
from lab.ucm.soap_service import SoapService

PATH = "/realtimeservice2/services/RISService70"
MINUTE = 60.0       # virtual seconds
MOST = 1000         # devices of one answer
ANY, ANY_MODEL = "Any", "255"
REASONS = {"": 0, "DeviceInitiatedReset": 8, "CallManagerReset": 9}

variant("ris_wildcards", ("every_node", "latest"), "every_node", "axl.md 6", "whether a wildcard brings a device from each node that has had it, or once")
refusal("ris_rate", "axl.md 6", "More device queries a minute than the enterprise parameter allows are refused.")
refusal("ris_maximum", "axl.md 6", "An answer holds at most 1,000 devices.")


def routes(node: Any) -> list[web.RouteDef]:
    """The service's routes on one node."""
    return Ris(node).service.routes()


class _Criteria:
    """What a selection asks for, made ready for thousands of rows."""

    def __init__(self, criteria: etree._Element | None, items: list[str], wildcards: bool, number: Callable[[str, str], int], place: Callable[[Any], str]):
        ask = functools.partial(soap_ast.value, criteria)
        self._status, self._group, self._protocol = ask("Status") or ANY, ask("DeviceClass") or ANY, ask("Protocol") or ANY
        self._model, self._node = ask("Model") or ANY_MODEL, ask("NodeName").lower()
        self._field = {"Name": "name", "IPV4Address": "ip", "Description": "description"}.get(ask("SelectBy") or "Name")
        self._number, self._place = functools.cache(number), place
        patterns = [item.lower() for item in items if wildcards and set(item) & set("*?[")]
        self._exact = {item.lower() for item in items} - set(patterns)
        self._pattern = re.compile("|".join(map(fnmatch.translate, patterns))) if patterns else None

    def met_by(self, row: Any) -> bool:
        """Whether a device is one of those asked for."""
        if (self._status not in (ANY, row.status) or self._group not in (ANY, row.device_class) or self._protocol not in (ANY, row.protocol)
                or (self._model != ANY_MODEL and self._model != str(self._number("typemodel", row.model)))
                or self._node not in ("", "any", self._place(row).lower())):
            return False
        value = getattr(row, self._field).lower() if self._field else ""
        return value in self._exact or bool(self._pattern and self._pattern.match(value))


class Ris:
    """The operations on one node; every node answers for the whole cluster."""

    def __init__(self, node: Any):
        self.node, self.world = node, node.world
        self._asked: list[float] = []
        self.service = SoapService(node, "ris", PATH, {"selectCmDevice": ("read", self.select), "selectCmDeviceExt": ("read", self.select_exact)}, wsdl.ris)

    async def select(self, body: etree._Element, detail: dict[str, Any]) -> etree._Element:
        """selectCmDevice: names with wildcards."""
        return self._select(body, detail, True)

    async def select_exact(self, body: etree._Element, detail: dict[str, Any]) -> etree._Element:
        """selectCmDeviceExt: exact names."""
        return self._select(body, detail, False)

    def _rate(self) -> None:
        allowed = int(self.node.cluster.db.parameter("device_queries_per_minute") or 15)
        clock = self.world.clock
        self._asked = [t for t in self._asked if t > clock.epoch() - MINUTE / clock.speed]
        if len(self._asked) >= allowed and self.world.refuses("ris_rate"):
            raise Refusal("Server.RateControl", "Exceeded allowed rate for Reatime information. "
                          f"Current allowed rate for realtime information is {allowed} requests per minute.")
        self._asked.append(clock.epoch())

    def _select(self, body: etree._Element, detail: dict[str, Any], wildcards: bool) -> etree._Element:
        self._rate()
        criteria = soap_ast.find(body, "CmSelectionCriteria")
        items = [soap_ast.value(i, "Item") for i in soap_ast.all_of(soap_ast.find(criteria, "SelectItems"), "item")]
        detail["object"] = ", ".join(items)[:200]
        wanted = _Criteria(criteria, items, wildcards, self._number, self._place)
        found = [row for row in self._rows(wildcards) if wanted.met_by(row)]
        asked = soap_ast.value(criteria, "MaxReturnedDevices")
        most = int(asked) if asked.isdigit() else MOST
        if self.world.refuses("ris_maximum"):
            most = min(most, MOST)
        return self._answer(found[:most], soap_ast.value(criteria, "NodeName"))

    def _rows(self, wildcards: bool) -> Iterator[Any]:
        """What the nodes know of devices: exact names bring the latest state of each alone."""
        remembered = wildcards and self.world.variant("ris_wildcards") == "every_node"
        for row in self.node.cluster.phones.registrations():
            yield row
            for name in row.former if remembered else ():
                yield replace(row, status="UnRegistered", node=name, reason="DeviceInitiatedReset", since=row.since - 1)

    def _number(self, table: str, name: str) -> int:
        store = self.node.cluster.db
        return store.enum(table, name) if store.known(table, name) else 0

    def _place(self, row: Any) -> str:
        """Name of the node a device is shown under; one that is nowhere is shown under the first call-processing node."""
        nodes = self.node.cluster.nodes
        node = nodes.get(row.node) or next((n for n in nodes.values() if "call_processing" in n.roles), self.node)
        return seed.node_name(node)

    def _answer(self, rows: list[Any], only: str) -> etree._Element:
        nodes: dict[str, list[dict[str, Any]]] = {}
        for node in self.node.cluster.nodes.values():
            if "call_processing" in node.roles and (not only or only.lower() in ("any", seed.node_name(node).lower())):
                nodes[seed.node_name(node)] = []
        for row in rows:
            nodes.setdefault(self._place(row), []).append(self._device(row))
        listed = [{"ReturnCode": "Ok" if devices else "NotFound", "Name": name, "NoChange": "false", "CmDevices": devices} for name, devices in nodes.items()]
        return soap_ast.build("selectCmDeviceResponse", {"selectCmDeviceReturn": {
            "SelectCmDeviceResult": {"TotalDevicesFound": len(rows), "CmNodes": listed}, "StateInfo": ""}})

    def _device(self, row: Any) -> dict[str, Any]:
        phone = row.device_class == "Phone"
        return {
            "Name": row.name, "DirNumber": "", "DeviceClass": row.device_class, "Model": self._number("typemodel", row.model),
            "Product": self._number("typeproduct", row.model), "BoxProduct": 0, "Httpd": "Yes" if phone else "No", "RegistrationAttempts": 0,
            "IsCtiControllable": "true" if phone else "false", "LoginUserId": None, "Status": row.status, "StatusReason": REASONS.get(row.reason, 1),
            "PerfMonObject": 2, "DChannel": 0, "Description": row.description, "H323Trunk": None, "TimeStamp": int(row.since), "Protocol": row.protocol,
            "NumOfLines": 0, "LinesStatus": None, "ActiveLoadID": "", "InactiveLoadID": "", "DownloadStatus": "Unknown", "DownloadFailureReason": "",
            "DownloadServer": "", "IPAddress": [{"IP": row.ip, "IPAddrType": "ipv4", "Attribute": "Unknown"}] if row.ip else []}
