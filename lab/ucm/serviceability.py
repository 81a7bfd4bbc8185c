"""ControlCenterServices of one node: status, start, stop, restart and activation of its services (axl.md 6).

Each node answers for itself only. StartTime is written in the lab's own guess of the product's form (see the variant).
"""
from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web
from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.core.world import IM_PRESENCE
from lab.core.world import UNIFIED_CM
from lab.core.world import UNITY_CONNECTION
from lab.ucm import soap_ast
from lab.ucm.refused import Refused
from lab.ucm.service_names import BY_NAME
from lab.ucm.soap_service import Refusal
from lab.ucm.soap_service import SoapService
from lab.ucm.wsdl import control_center

HAPROXY = "Cisco HAProxy"
PATH = "/controlcenterservice2/services/ControlCenterServices"

# Name, id and short name of each product; those but Unified CM's are ours (ledger: inferred).
PRODUCTS = {
    UNIFIED_CM: ("Cisco Unified CallManager", "CallManager", "CCM"),
    IM_PRESENCE: ("Cisco Unified CM IM and Presence", "CUPS", "CUP"),
    UNITY_CONNECTION: ("Cisco Unity Connection", "UnityConnection", "CUC"),
}

refusal("control_other_node", "axl.md 6", "A node does not control the services of another node.")
refusal("control_uncontrollable", "axl.md 6", "Tomcat, HAProxy and the database cannot be controlled through SOAP.")
variant("haproxy_status", ("known", "unknown"), "known", "id:63102400514 (RTMT and the command line show it; Serviceability is open)",
        "Whether Serviceability knows HAProxy, or shows it as it does a wrong name.")
variant("service_status_words", ("enum", "not_activated"), "enum", "axl.md 6",
        "Whether a service that is not activated reads Stopped (with -1068), or has a status of its own.")
variant("service_start_time", ("ctime", "iso"), "ctime", "axl.md 6", "How StartTime is written (the sheet gives the field, not its form).")


def routes(node: Any) -> list[web.RouteDef]:
    """The service's routes on one node."""
    return ControlCenter(node).service.routes()


class ControlCenter:
    """The operations on one node."""

    def __init__(self, node: Any):
        self.node, self.world = node, node.world
        self.service = SoapService(node, "serviceability", PATH, {
            "soapGetServiceStatus": ("read", self.status), "soapGetStaticServiceList": ("read", self.static_list),
            "getProductInformationList": ("read", self.products), "soapDoControlServices": ("write", self.control),
            "soapDoServiceDeployment": ("write", self.deploy)}, control_center)

    async def status(self, body: etree._Element, detail: dict[str, Any]) -> etree._Element:
        """soapGetServiceStatus: the services named, all for one empty name; a name nobody knows just shows Stopped."""
        names = [(n.text or "").strip() for n in soap_ast.all_of(body, "ServiceStatus")]
        return self._answer("soapGetServiceStatus", [n for n in names if n] or [s.name for s in self.node.services.all()])

    async def static_list(self, body: etree._Element, detail: dict[str, Any]) -> etree._Element:
        """soapGetStaticServiceList: which services there are and which can be activated."""
        services = [{"ServiceName": s.name, "ServiceType": "Service", "Deployable": "true" if s.feature else "false",
                     "GroupName": "CM Services" if s.feature else "Platform Services", "DependentServices": None} for s in self.node.services.all()]
        return soap_ast.build("soapGetStaticServiceListResponse", {"soapGetStaticServiceListReturn": {"Services": services}})

    async def products(self, body: etree._Element, detail: dict[str, Any]) -> etree._Element:
        """getProductInformationList."""
        from lab.ucm.seed import version

        number, (name, key, short) = version(self.node), PRODUCTS[self.node.product]
        return soap_ast.build("getProductInformationListResponse", {"getProductInformationListReturn": {
            "ActiveServerVersion": number, "PrimaryNode": "Yes" if self.node.is_publisher else "No", "SecondaryNode": None,
            "Products": [{"ProductName": name, "ProductVersion": number, "ProductDescription": None, "ProductID": key, "ShortName": short}],
            "Services": [{"ServiceName": s.name, "ServiceType": "Service", "Deployable": "true" if s.feature else "false",
                          "GroupName": "CM Services" if s.feature else "Platform Services", "ProductID": key,
                          "DependentServices": None, "ServletContext": None} for s in self.node.services.all()]}})

    async def control(self, body: etree._Element, detail: dict[str, Any]) -> etree._Element:
        """soapDoControlServices: answers when the services have done what was asked."""
        request = soap_ast.find(body, "ControlServiceRequest")
        kind, names = soap_ast.value(request, "ControlType"), self._names(request, detail)
        detail["action"] = kind
        begin = {"Start": self.node.services.start, "Stop": self.node.services.stop, "Restart": self.node.services.restart}.get(kind)
        if begin is None:
            raise Refusal("soapenv:Client", f"ControlType {kind!r} is not one of Start, Stop, Restart")
        refused = {n for n in names if n in BY_NAME and not BY_NAME[n].soap and self.world.refuses("control_uncontrollable")}
        return await self._do("soapDoControlServices", names, begin, refused, detail)

    async def deploy(self, body: etree._Element, detail: dict[str, Any]) -> etree._Element:
        """soapDoServiceDeployment: activates (and starts) or deactivates feature services."""
        request = soap_ast.find(body, "DeploymentServiceRequest")
        kind, names = soap_ast.value(request, "DeployType"), self._names(request, detail)
        detail["action"] = kind
        begin = {"Deploy": self.node.services.activate, "UnDeploy": self.node.services.deactivate}.get(kind)
        if begin is None:
            raise Refusal("soapenv:Client", f"DeployType {kind!r} is not one of Deploy, UnDeploy")
        return await self._do("soapDoServiceDeployment", names, begin, set(), detail)

    # -- inner workings ------------------------------------------------------------------------------------------
    def _names(self, request: etree._Element | None, detail: dict[str, Any]) -> list[str]:
        names = [(n.text or "").strip() for n in soap_ast.all_of(soap_ast.find(request, "ServiceList"), "item")]
        detail["object"] = ", ".join(names)
        node = soap_ast.value(request, "NodeName").lower()
        mine = {self.node.fqdn.lower(), self.node.hostname.lower(), self.node.address}
        if node not in mine and self.world.refuses("control_other_node"):
            raise Refusal("soapenv:Server", f"The node {node} is not the local node")
        return names

    async def _do(self, operation: str, names: list[str], begin: Callable[[str], asyncio.Task], refused: set[str], detail: dict[str, Any]) -> etree._Element:
        tasks, failed = [], dict.fromkeys(refused, "Service cannot be controlled")
        for name in names:
            if name in refused:
                continue
            try:
                tasks.append(begin(name))
            except Refused as error:
                failed[name] = error.text
        if failed:
            detail["refused"] = "; ".join(f"{name}: {text}" for name, text in failed.items())
        # Shielded: a client that goes away does not stop what it began.
        await asyncio.gather(*(asyncio.shield(task) for task in tasks), return_exceptions=True)
        return self._answer(operation, names, "1" if failed else "0", "; ".join(failed.values()))

    def _answer(self, operation: str, names: list[str], code: str = "0", reason: str = "") -> etree._Element:
        return soap_ast.build(operation + "Response", {operation + "Return": {
            "ReturnCode": code, "ReasonCode": "-1", "ReasonString": reason, "ServiceInfoList": [self._info(n) for n in names]}})

    def _info(self, name: str) -> dict[str, Any]:
        try:
            service = self.node.services.find(name)
            if service.name == HAPROXY and self.world.variant("haproxy_status") == "unknown":
                raise Refused("service_unknown", name)
        except Refused:
            return {"ServiceName": name, "ServiceStatus": "Stopped", "ReasonCode": "-1", "ReasonCodeString": "", "StartTime": "", "UpTime": "-1"}
        status = service.status
        if not service.activated and self.world.variant("service_status_words") == "not_activated":
            status = "Not Activated"
        return {"ServiceName": service.name, "ServiceStatus": status, "ReasonCode": str(service.reason_code), "ReasonCodeString": service.reason or " ",
                "StartTime": self._start_time(service.start_time), "UpTime": str(self.node.services.up_time(service.name))}

    def _start_time(self, epoch: float | None) -> str:
        if epoch is None:
            return ""
        iso = self.world.variant("service_start_time") == "iso"
        return time.strftime("%Y-%m-%dT%H:%M:%SZ" if iso else "%a %b %d %H:%M:%S %Y", time.gmtime(epoch))
