"""ControlCenterServices and RisPort70 over HTTPS (axl.md 6)."""

from __future__ import annotations

import pytest
from lxml import etree

from lab.ucm import ris
from tests.lab.axl_lab import Axl

NS = "{http://schemas.cisco.com/ast/soap}"
CONTROL = "/controlcenterservice2/services/ControlCenterServices"
RIS = "/realtimeservice2/services/RISService70"


class Client(Axl):
    """A raw client of the Serviceability services of one node."""

    def call(self, path, operation, inner):
        """The response; inner is XML in the default namespace."""
        text = (f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><{operation} xmlns="http://schemas.cisco.com/ast/soap">{inner}'
                f"</{operation}></e:Body></e:Envelope>")
        return self.send("POST", path, data=text.encode(), headers={"Content-Type": "text/xml", "SOAPAction": operation})

    def services(self, operation, inner):
        """{service: (status, reason code, start time, up time)} and the return code."""
        response = self.call(CONTROL, operation, inner)
        assert response.status_code == 200, response.text
        body = etree.fromstring(response.content)
        rows = {}
        for item in body.iter(NS + "item"):
            rows[item.findtext(NS + "ServiceName")] = tuple(
                item.findtext(NS + n) for n in ("ServiceStatus", "ReasonCode", "StartTime", "UpTime"))
        return rows, body.findtext(f".//{NS}ReturnCode")

    def status(self, *names):
        """Status of some services."""
        return self.services("soapGetServiceStatus", "".join(f"<ServiceStatus>{n}</ServiceStatus>" for n in names or ("",)))[0]

    def control(self, kind, *names, node=None):
        """soapDoControlServices."""
        items = "".join(f"<item>{n}</item>" for n in names)
        inner = (f"<ControlServiceRequest><NodeName>{node or self.node.fqdn}</NodeName><ControlType>{kind}</ControlType>"
                 f"<ServiceList>{items}</ServiceList></ControlServiceRequest>")
        return self.services("soapDoControlServices", inner)

    def deploy(self, kind, *names):
        """soapDoServiceDeployment."""
        items = "".join(f"<item>{n}</item>" for n in names)
        inner = (f"<DeploymentServiceRequest><NodeName>{self.node.fqdn}</NodeName><DeployType>{kind}</DeployType>"
                 f"<ServiceList>{items}</ServiceList></DeploymentServiceRequest>")
        return self.services("soapDoServiceDeployment", inner)

    def devices(self, names=("*",), operation="selectCmDevice", **criteria):
        """{name: (node, status, class)} of a device query."""
        response = self.query(names, operation, **criteria)
        assert response.status_code == 200, response.text
        found = {}
        for node in etree.fromstring(response.content).iter(NS + "CmNodes"):
            for place in node:
                for device in place.find(NS + "CmDevices"):
                    found[device.findtext(NS + "Name")] = (place.findtext(NS + "Name"), device.findtext(NS + "Status"), device.findtext(NS + "DeviceClass"))
        return found

    def places(self, names):
        """{(node, status)} of a device query that finds one device, on however many nodes."""
        found = etree.fromstring(self.query(names).content).iter(NS + "CmNodes")
        return {(place.findtext(NS + "Name"), one.findtext(NS + "Status")) for nodes in found for place in nodes for one in place.find(NS + "CmDevices")}

    def query(self, names=("*",), operation="selectCmDevice", **criteria):
        """The response to a device query."""
        wanted = {"MaxReturnedDevices": "1000", "DeviceClass": "Any", "Model": "255", "Status": "Any", "NodeName": "", "SelectBy": "Name", **criteria}
        items = "".join(f"<item><Item>{n}</Item></item>" for n in names)
        inner = ("<StateInfo/><CmSelectionCriteria>" + "".join(f"<{n}>{v}</{n}>" for n, v in wanted.items()) + f"<SelectItems>{items}</SelectItems>"
                 "<Protocol>Any</Protocol><DownloadStatus>Any</DownloadStatus></CmSelectionCriteria>")
        return self.call(RIS, operation, inner)


@pytest.fixture
def sub1(day_zero):
    """A client of the first subscriber."""
    return Client(day_zero, "us-cm-sub1")


@pytest.fixture
def pub(day_zero):
    """A client of the publisher."""
    return Client(day_zero, "us-cm-pub")


def test_status_of_named_all_and_unknown_services(sub1):
    rows = sub1.status("Cisco CallManager", "No Such Service")
    assert rows["Cisco CallManager"][0] == "Started"
    assert int(rows["Cisco CallManager"][3]) > 0
    assert rows["No Such Service"][0] == "Stopped"
    everything = sub1.status()
    assert everything["Cisco Tftp"][:2] == ("Stopped", "-1068")
    assert len(everything) > 40


def test_not_activated_reads_as_the_variant_says(sub1):
    sub1.lab.world.set_variant("service_status_words", "not_activated")
    assert sub1.status("Cisco Tftp")["Cisco Tftp"][:2] == ("Not Activated", "-1068")


def test_restart_gives_a_new_start_time_and_the_date_header_is_the_labs(sub1):
    before = sub1.status("Cisco CTIManager")["Cisco CTIManager"]
    rows, code = sub1.control("Restart", "Cisco CTIManager")
    assert code == "0"
    assert rows["Cisco CTIManager"][0] == "Started"
    assert rows["Cisco CTIManager"][2] != before[2]
    assert int(rows["Cisco CTIManager"][3]) < int(before[3])
    sub1.lab.call(lambda: sub1.lab.world.clock.advance(86400 * 3))
    response = sub1.call(CONTROL, "soapGetServiceStatus", "<ServiceStatus>Cisco CTIManager</ServiceStatus>")
    assert response.headers["Date"].startswith(sub1.lab.world.clock.now().strftime("%a, %d %b %Y"))
    assert sub1.journal()[-2].kind == "write"
    assert sub1.journal()[-2].detail["object"] == "Cisco CTIManager"


def test_stop_and_start(sub1):
    assert sub1.control("Stop", "Cisco CTIManager")[0]["Cisco CTIManager"][:2] == ("Stopped", "-1019")
    assert sub1.status("Cisco CTIManager")["Cisco CTIManager"][2:] == (None, "-1") or sub1.status("Cisco CTIManager")["Cisco CTIManager"][3] == "-1"
    assert sub1.control("Start", "Cisco CTIManager")[0]["Cisco CTIManager"][0] == "Started"


def test_activation_starts_a_feature_service_and_only_such(pub):
    name = "Cisco Certificate Authority Proxy Function"
    rows, code = pub.control("Restart", name)
    assert code != "0"
    assert rows[name][:2] == ("Stopped", "-1068")
    rows, code = pub.deploy("Deploy", name)
    assert (code, rows[name][0]) == ("0", "Started")
    assert pub.deploy("UnDeploy", name)[0][name][:2] == ("Stopped", "-1068")
    assert pub.deploy("Deploy", "Cisco DRF Local")[1] != "0"


def test_tomcat_the_database_and_other_nodes_are_out_of_reach(pub):
    before = pub.status("Cisco Tomcat")["Cisco Tomcat"]
    assert pub.control("Restart", "Cisco Tomcat")[1] != "0"
    assert pub.status("Cisco Tomcat")["Cisco Tomcat"][2] == before[2]
    assert "refused" in pub.journal()[-2].detail
    response = pub.call(CONTROL, "soapDoControlServices", "<ControlServiceRequest><NodeName>us-cm-sub1</NodeName><ControlType>Restart</ControlType>"
                        "<ServiceList><item>Cisco CallManager</item></ServiceList></ControlServiceRequest>")
    assert response.status_code == 500
    assert "not the local node" in response.text


def test_restart_goes_on_when_its_reply_is_lost(sub1):
    before = sub1.status("Cisco CTIManager")["Cisco CTIManager"][2]
    sub1.lab.world.faults.add({"action": "reset", "channel": "serviceability", "operation": "soapDoControlServices", "phase": "after"})
    with pytest.raises(OSError):
        sub1.control("Restart", "Cisco CTIManager")
    assert sub1.status("Cisco CTIManager")["Cisco CTIManager"][2] != before


def test_lists_of_services_and_products(pub):
    services = etree.fromstring(pub.call(CONTROL, "soapGetStaticServiceList", "<ServiceInformationResponse/>").content)
    found = {i.findtext(NS + "ServiceName"): i.findtext(NS + "Deployable") for i in services.iter(NS + "item")}
    assert found["Cisco CallManager"] == "true"
    assert found["Cisco Tomcat"] == "false"
    products = etree.fromstring(pub.call(CONTROL, "getProductInformationList", "<ServiceInfo/>").content)
    assert products.findtext(f".//{NS}ActiveServerVersion").startswith("15.0")


def test_login_is_needed_and_unknown_operations_are_loud(day_zero):
    client = Client(day_zero, "us-cm-pub", password="wrong")
    assert client.call(CONTROL, "soapGetServiceStatus", "<ServiceStatus/>").status_code == 401
    assert client.query().status_code == 401
    before = day_zero.world.unknown
    assert Client(day_zero, "us-cm-pub").call(CONTROL, "soapDoEverything", "").status_code == 500
    assert day_zero.world.unknown == before + 1


def test_devices_and_where_they_are_registered(pub):
    found = pub.devices()
    assert found["CSFJDOE"] == ("us-cm-sub1.ent-pa.com", "Registered", "Phone")
    assert found["US_CUBE"][2] == "SIPTrunk"
    assert set(pub.devices(DeviceClass="Phone")) == {"CSFJDOE", "SEP0011AABB0001", "SEP0011AABB0002"}
    assert set(pub.devices(("SEP*",), MaxReturnedDevices="1")) < {"SEP0011AABB0001", "SEP0011AABB0002"}
    assert pub.devices(("SEP*",), "selectCmDeviceExt") == {}
    assert set(pub.devices(("SEP0011AABB0002", "CSFJDOE"), "selectCmDeviceExt")) == {"SEP0011AABB0002", "CSFJDOE"}
    assert pub.devices(Status="Rejected") == {}
    assert set(pub.devices(NodeName="us-cm-sub2.ent-pa.com", DeviceClass="Phone")) == set()


def test_no_answer_has_more_devices_than_the_product_gives(pub, monkeypatch):
    monkeypatch.setattr(ris, "MOST", 2)
    assert len(pub.devices(MaxReturnedDevices="1000")) == 2


def test_devices_follow_a_call_manager_that_stops(sub1):
    sub1.control("Stop", "Cisco CallManager")

    def moved():
        return sub1.lab.cluster.phones.registration("CSFJDOE").node == "us-cm-sub2"

    async def wait():
        while not moved():
            await sub1.lab.world.clock.sleep(1)
    sub1.lab.do(wait())
    assert sub1.devices(("CSFJDOE",), "selectCmDeviceExt")["CSFJDOE"][:2] == ("us-cm-sub2.ent-pa.com", "Registered")
    # The node that it has left remembers it, which a wildcard shows as well.
    assert sub1.places(("CSF*",)) == {("us-cm-sub1.ent-pa.com", "UnRegistered"), ("us-cm-sub2.ent-pa.com", "Registered")}
    sub1.lab.world.set_variant("ris_wildcards", "latest")
    assert sub1.places(("CSF*",)) == {("us-cm-sub2.ent-pa.com", "Registered")}


def test_sixteenth_query_of_a_minute_is_refused(pub):
    pub.lab.call(lambda: pub.lab.world.clock.advance(3600))
    pub.lab.world.clock.speed, before = 0.5, pub.lab.world.clock.speed
    try:
        answers = [pub.query() for _ in range(16)]
    finally:
        pub.lab.world.clock.speed = before
    assert [a.status_code for a in answers[:15]] == [200] * 15
    assert answers[15].status_code == 500
    assert "Server.RateControl" in answers[15].text
    assert "Exceeded allowed rate" in answers[15].text
    pub.lab.call(lambda: pub.lab.world.clock.advance(3600))
    assert pub.query().status_code == 200
