# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serviceability and RIS over the wire."""
from __future__ import annotations

import pytest
from lxml import etree

from ansible_collections.collab.security.plugins.plugin_utils.channels import serviceability
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .conftest import EPOCH
from .conftest import FQDN
from .conftest import Reply

SOAP = '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>'
ITEM = ("<ns1:item><ns1:ServiceName>%s</ns1:ServiceName><ns1:ServiceStatus>%s</ns1:ServiceStatus><ns1:ReasonCode>%s</ns1:ReasonCode>"
        "<ns1:ReasonCodeString>%s</ns1:ReasonCodeString><ns1:StartTime>%s</ns1:StartTime><ns1:UpTime>%s</ns1:UpTime></ns1:item>")
RATE = ("<soapenv:Fault><faultcode>soapenv:Server.RateControl</faultcode><faultstring>Exceeded allowed rate for Reatime information. Current allowed rate for "
        "realtime information is 15 requests per minute.</faultstring></soapenv:Fault>")


def services(operation, *items, code="0", reason="Success"):
    inner = "".join(ITEM % item for item in items)
    return SOAP % ('<ns1:%sResponse xmlns:ns1="http://schemas.cisco.com/ast/soap"><ns1:%sReturn><ns1:ReturnCode>%s</ns1:ReturnCode><ns1:ReasonCode>-1</ns1:ReasonCode>'
                   '<ns1:ReasonString>%s</ns1:ReasonString><ns1:ServiceInfoList>%s</ns1:ServiceInfoList></ns1:%sReturn></ns1:%sResponse>'
                   % (operation, operation, code, reason, inner, operation, operation))


@pytest.fixture
def channel(options):
    return serviceability.Channel(options.get)


def sent(stub, number=0):
    request = stub.seen[number]
    [body] = etree.fromstring(request["body"].encode()).find("{*}Body")
    assert all(e.tag.startswith("{http://schemas.cisco.com/ast/soap}") for e in body.iter())      # unlike AXL, every element has the namespace
    return request, body


def test_status_with_the_nodes_own_clock(stub, channel):
    started = ("Cisco Tomcat", "Started", "-1", " ", "Mon Nov 23 20:36:05 2026", "3653")
    stopped = ("Cisco Tftp", "Stopped", "-1068", "Service Not Activated", "", "-1")
    stub.script = [Reply(services("soapGetServiceStatus", started, stopped))] * 2
    reply = channel.status(5)
    assert reply["date"] == EPOCH
    assert reply["services"] == [
        {"name": "Cisco Tomcat", "status": "Started", "reason_code": -1, "reason": "", "start_time": "Mon Nov 23 20:36:05 2026", "up_time": 3653},
        {"name": "Cisco Tftp", "status": "Stopped", "reason_code": serviceability.NOT_ACTIVATED, "reason": "Service Not Activated", "start_time": "",
         "up_time": -1}]
    request, body = sent(stub)
    assert request["path"] == serviceability.CONTROL_CENTER and request["headers"]["soapaction"] == '"soapGetServiceStatus"'
    assert [e.text for e in body] == [None]                     # one empty name asks for all
    channel.status(5, ["Cisco Tftp", "Cisco CallManager"])
    assert [e.text for e in sent(stub, 1)[1]] == ["Cisco Tftp", "Cisco CallManager"]


def test_control_and_deploy_name_the_node(stub, channel):
    item = ("Cisco Tftp", "Starting", "-1", "", "", "-1")
    stub.script = [Reply(services("soapDoControlServices", item)), Reply(services("soapDoServiceDeployment", item))]
    assert channel.control(5, "Restart", ["Cisco Tftp"])["services"][0]["status"] == "Starting"
    channel.deploy(5, ["Cisco Tftp"], node_name="10.1.1.1")
    assert [e.text for e in sent(stub)[1].iter() if e.text] == [FQDN, "Restart", "Cisco Tftp"]
    assert [e.text for e in sent(stub, 1)[1].iter() if e.text] == ["10.1.1.1", "Deploy", "Cisco Tftp"]


def test_a_refusal_has_its_reason(stub, channel):
    stub.script = [Reply(services("soapDoControlServices", code="1", reason="Cisco Tomcat cannot be controlled"))]
    with pytest.raises(NodeError, match="Cisco Tomcat cannot be controlled .return code 1") as caught:
        channel.control(5, "Stop", ["Cisco Tomcat"])
    assert caught.value.kind == "refused"
    with pytest.raises(NodeError, match="nothing was sent"):
        channel.control(5, "Kill", ["Cisco Tomcat"])
    assert len(stub.seen) == 1


def test_a_restart_without_an_answer_is_lost(stub, channel):
    stub.script = [Reply(how="silence"), Reply("never")]
    with pytest.raises(NodeError) as caught:
        channel.control(1.2, "Restart", ["Cisco CallManager"])
    assert caught.value.kind == "lost" and len(stub.seen) == 1


def test_devices(stub, channel):
    address = "<ns1:IPAddress><ns1:item><ns1:IP>10.20.0.1</ns1:IP><ns1:IPAddrType>ipv4</ns1:IPAddrType></ns1:item></ns1:IPAddress>"
    device = ("<ns1:item><ns1:Name>SEP1</ns1:Name>" + address +
              "<ns1:Model>36217</ns1:Model><ns1:Protocol>SIP</ns1:Protocol><ns1:Status>Registered</ns1:Status><ns1:StatusReason>0</ns1:StatusReason>"
              "<ns1:TimeStamp>1795469766</ns1:TimeStamp></ns1:item>")
    node = "<ns1:item><ns1:ReturnCode>Ok</ns1:ReturnCode><ns1:Name>us-cm-sub%d</ns1:Name><ns1:CmDevices>%s</ns1:CmDevices></ns1:item>"
    body = SOAP % ('<ns1:selectCmDeviceResponse xmlns:ns1="http://schemas.cisco.com/ast/soap"><ns1:selectCmDeviceReturn><ns1:SelectCmDeviceResult>'
                   '<ns1:TotalDevicesFound>1</ns1:TotalDevicesFound><ns1:CmNodes>%s</ns1:CmNodes></ns1:SelectCmDeviceResult></ns1:selectCmDeviceReturn>'
                   '</ns1:selectCmDeviceResponse>' % (node % (1, device) + node % (2, "")))
    stub.script = [Reply(body), Reply(body)]
    assert channel.devices(5) == [{"name": "SEP1", "node": "us-cm-sub1", "status": "Registered", "reason": 0, "model": "36217", "protocol": "SIP",
                                   "ip": "10.20.0.1", "time": 1795469766}]
    channel.devices(5, names=["SEP1", "SEP2"], device_class="Phone", status="Registered", node="us-cm-sub1")
    request, wild = sent(stub)
    assert etree.QName(wild).localname == "selectCmDevice" and request["path"] == serviceability.RIS
    _request, exact = sent(stub, 1)
    assert etree.QName(exact).localname == "selectCmDeviceExt"
    criteria = {etree.QName(e).localname: e.text for e in exact.find("{*}CmSelectionCriteria")}
    assert list(criteria) == ["MaxReturnedDevices", "DeviceClass", "Model", "Status", "NodeName", "SelectBy", "SelectItems", "Protocol", "DownloadStatus"]
    assert (criteria["DeviceClass"], criteria["Status"], criteria["NodeName"], criteria["Model"]) == ("Phone", "Registered", "us-cm-sub1", "255")
    assert [e.text for e in exact.iter("{*}Item")] == ["SEP1", "SEP2"]


@pytest.mark.parametrize("reply", [Reply(SOAP % RATE, 500), Reply("<html>busy</html>", 503, "text/html")])
def test_the_rate_limit_is_busy(stub, channel, reply):
    stub.script = [reply]
    with pytest.raises(NodeError) as caught:
        channel.devices(5)
    assert caught.value.kind == "busy" and caught.value.keep
