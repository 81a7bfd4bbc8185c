# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serviceability SOAP of one node: services (ControlCenterServices) and registered devices (RisPort70). Source: axl.md 6.

Envelopes are made by hand: few and small, and no WSDL has to be had. Unlike AXL's, all elements carry the namespace. A call acts on the node that it
is sent to, and on no other.
"""

from __future__ import annotations

from lxml import etree

from ..errors import NodeError
from .axl import ENVELOPE
from .axl import local
from .axl import parse
from .https import Https
from .https import refuse

AST = "http://schemas.cisco.com/ast/soap"
CONTROL_CENTER = "/controlcenterservice2/services/ControlCenterServices"
RIS = "/realtimeservice2/services/RISService70"
ROLE = "a role for Serviceability (Standard CCM Admin Users, Standard Realtime And Trace Collection)"
ACTIONS = ("Start", "Stop", "Restart")
MOST = 1000                 # devices in one answer of RIS
ANY_MODEL = "255"
NOT_ACTIVATED = -1068       # the reason code of a service that is stopped because it is not activated
RATE = ("exceeded allowed rate", "ratecontrol")


class Channel:
    """Services of the node and, by RIS, devices of its cluster."""

    login = ("application", "application_user", "application_password")

    def __init__(self, option):
        self.option = option
        self.https = Https(option, "https_port", "application_user", "application_password", ("collab_application_user", "collab_application_password"))

    def close(self):
        """End the connection."""
        self.https.close()

    def status(self, left, services=()):
        """State of services (all without names): {"date": epoch by the node's clock, "services": [{name, status, reason_code (int), reason,
        start_time (text as the node has it), up_time (seconds, int, or None)}]}. status: Started, Stopped, Starting, Stopping, Unknown.
        """
        request = etree.Element(_ast("soapGetServiceStatus"))
        for name in services or ("",):
            etree.SubElement(request, _ast("ServiceStatus")).text = name
        reply, date = self._exchange(left, CONTROL_CENTER, request, write=False)
        return {"date": date, "services": _services(reply)}

    def control(self, left, action, services, node_name=None):
        """Start, Stop or Restart services of this node. Returns their state, as status() does; the work goes on after the answer."""
        if action not in ACTIONS:
            raise NodeError("refused", "action must be one of %s, not '%s'; nothing was sent" % (", ".join(ACTIONS), action), {"sent": False})
        return self._act(left, "soapDoControlServices", "ControlServiceRequest", ("ControlType", action), services, node_name)

    def deploy(self, left, services, node_name=None):
        """Activate (and so start) feature services on this node. Returns their state, as status() does."""
        return self._act(left, "soapDoServiceDeployment", "DeploymentServiceRequest", ("DeployType", "Deploy"), services, node_name)

    def devices(self, left, names=("*",), device_class="Any", node=None, status="Any"):
        """Devices as RIS knows them: [{name, node, status, reason (int), model, protocol, ip, time (epoch of that state)}].

        With wildcards a device can come more than once, from each node that ever had it; with exact names (1,000 at most) it comes once, with its latest
        state. Raises NodeError "busy" when RIS has been asked too often (15 times a minute).
        """
        wild = any("*" in name for name in names)
        request = etree.Element(_ast("selectCmDevice" if wild else "selectCmDeviceExt"))
        etree.SubElement(request, _ast("StateInfo"))
        criteria = etree.SubElement(request, _ast("CmSelectionCriteria"))
        for tag, value in (("MaxReturnedDevices", str(MOST)), ("DeviceClass", device_class), ("Model", ANY_MODEL), ("Status", status), ("NodeName", node or ""),
                           ("SelectBy", "Name")):
            etree.SubElement(criteria, _ast(tag)).text = value
        items = etree.SubElement(criteria, _ast("SelectItems"))
        for name in names:
            etree.SubElement(etree.SubElement(items, _ast("item")), _ast("Item")).text = name
        for tag in ("Protocol", "DownloadStatus"):
            etree.SubElement(criteria, _ast(tag)).text = "Any"
        reply, _date = self._exchange(left, RIS, request, write=False)
        return _devices(reply)

    def _act(self, left, operation, wrapper, kind, services, node_name):
        request = etree.Element(_ast(operation))
        inner = etree.SubElement(request, _ast(wrapper))
        etree.SubElement(inner, _ast("NodeName")).text = node_name or self.option("fqdn")
        etree.SubElement(inner, _ast(kind[0])).text = kind[1]
        listed = etree.SubElement(inner, _ast("ServiceList"))
        for name in services:
            etree.SubElement(listed, _ast("item")).text = name
        reply, date = self._exchange(left, CONTROL_CENTER, request, write=True)
        code, reason = _text(reply, "ReturnCode"), _text(reply, "ReasonString")
        if code not in ("", "0"):
            raise NodeError("refused", "%s %s of %s: %s (return code %s)" % (operation, kind[1], ", ".join(services), reason or "no reason given", code),
                            {"return_code": code, "reason": reason, "services": _services(reply)})
        return {"date": date, "services": _services(reply)}

    def _exchange(self, left, path, request, write):
        operation = local(request)
        envelope = etree.Element("{%s}Envelope" % ENVELOPE, nsmap={"soapenv": ENVELOPE, "ast": AST})
        etree.SubElement(envelope, "{%s}Body" % ENVELOPE).append(request)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"%s"' % operation}
        answer = self.https.request(left, "POST", path, etree.tostring(envelope, encoding="utf-8", xml_declaration=True), headers, write=write)
        if answer.html or answer.status not in (200, 500):
            raise refuse(answer, operation, ROLE)
        try:
            content = parse(answer.body).find("{%s}Body/*" % ENVELOPE)
        except ValueError as e:
            raise NodeError("lost", "%s: the answer cannot be read (%s); it may have been done" % (operation, e)) from None
        if content is None:
            raise NodeError("lost", "%s: an answer without content; it may have been done" % operation)
        if local(content) == "Fault":
            code, text = _text(content, "faultcode"), _text(content, "faultstring")
            rate = any(word in (code + " " + text).lower() for word in RATE)
            raise NodeError("busy" if rate else "refused", "%s: %s" % (operation, text or code), {"code": code, "text": text})
        return content, answer.date


def _ast(tag):
    return "{%s}%s" % (AST, tag)


def _text(element, name):
    """Text of the first element of that local name, "" without."""
    for found in element.iter():
        if isinstance(found.tag, str) and local(found) == name:
            return (found.text or "").strip()
    return ""


def _number(text):
    try:
        return int(text)
    except ValueError:
        return None


def _items(element, name):
    """The item elements directly in elements of that local name."""
    return [item for found in element.iter() if isinstance(found.tag, str) and local(found) == name for item in found if local(item) == "item"]


def _services(reply):
    return [{"name": _text(item, "ServiceName"), "status": _text(item, "ServiceStatus"), "reason_code": _number(_text(item, "ReasonCode")),
             "reason": _text(item, "ReasonCodeString"), "start_time": _text(item, "StartTime"), "up_time": _number(_text(item, "UpTime"))}
            for item in _items(reply, "ServiceInfoList")]


def _devices(reply):
    found = []
    for node in _items(reply, "CmNodes"):
        name = next(((e.text or "").strip() for e in node if local(e) == "Name"), "")
        for device in _items(node, "CmDevices"):
            values = {local(e): (e.text or "").strip() for e in device}
            address = _text(device, "IP") or values.get("IpAddress", "")
            found.append({"name": values.get("Name", ""), "node": name, "status": values.get("Status", ""), "reason": _number(values.get("StatusReason", "")),
                          "model": values.get("Model", ""), "protocol": values.get("Protocol", ""), "ip": address,
                          "time": _number(values.get("TimeStamp", ""))})
    return found
