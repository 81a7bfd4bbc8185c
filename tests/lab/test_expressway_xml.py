"""Expressway's XML: status and configuration as public clients read them."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.lab.expressway_lab import NEIGHBOR
from tests.lab.expressway_lab import UC_CLIENT
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import ca_chain
from tests.lab.expressway_lab import sign
from tests.lab.expressway_lab import started
from tests.lab.expressway_lab import until

NS = {"ns": "http://www.tandberg.no/XML/CUIL/1.0"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The lab itself."""
    running = started(tmp_path_factory.mktemp("expressway"))
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def api(lab):
    """The primary Expressway-C on day 0."""
    lab.restore("day0")
    lab.world.unknown, lab.world.clock.speed = 0, 6000.0
    return Api(lab)


def xml(api: Api, path: str) -> etree._Element:
    """An XML answer that must succeed; parsed as bytes."""
    response = api.send("GET", path)
    assert response.status_code == 200 and response.headers["Content-Type"].startswith("text/xml"), response.text
    return etree.fromstring(response.content)


def text(root: etree._Element, path: str) -> str | None:
    """The text at a path of plain names."""
    return root.findtext("/".join(f"ns:{word}" for word in path.split("/")), namespaces=NS)


def reasons(api: Api) -> list[str]:
    """The alarms' words."""
    return [one.text.split(" - ")[0] for one in xml(api, "/status.xml").findall("ns:Warnings/ns:Warning/ns:Reason", NS)]


def test_status_as_public_clients_read_it(api):
    root = xml(api, "/status.xml")
    assert (root.tag, root.get("product"), root.get("version")) == (f"{{{NS['ns']}}}Status", "TANDBERG VCS", "X15.4.0")
    serial = root.find("ns:SystemUnit[@item='1']/ns:Hardware[@item='1']/ns:SerialNumber[@item='1']", NS)
    assert serial is not None and text(root, "SystemUnit/Software/Version") == "X15.4.0" and text(root, "Fips/Mode") == "off"
    assert all(element.get("item") for element in root.iterdescendants())
    assert [one.text for one in root.findall("ns:IntrusionProtection/ns:Category/ns:Name", NS)] == ["apache-auth", "ssh-auth", "web-auth"]


def test_one_section(api):
    root = xml(api, "/getxml?location=/Status/SystemUnit")
    assert [etree.QName(one).localname for one in root] == ["SystemUnit"] and int(text(root, "SystemUnit/Uptime")) >= 0
    assert [etree.QName(one).localname for one in xml(api, "/getxml?location=/Status/SystemUnit/Software")[0]] == ["Software"]


@pytest.mark.parametrize("path", ["/getxml?location=/Status/Nothing", "/getxml?location=/Status/SystemUnit/Nothing", "/getxml", "/putxml", "/nothing.xml"])
def test_what_is_not_there_is_counted(api, path):
    assert api.send("GET", path).status_code == 404 and api.lab.world.unknown == 1


def test_a_login_is_needed(api):
    assert Api(api.lab, password="wrong").send("GET", "/status.xml").status_code == 401


def test_zones_with_type_and_peers(api):
    api.done("POST", NEIGHBOR, {"Name": "CUCM", "PeerAddress": ["us-expe1.ent-pa.com", "10.0.0.1"], "SIPPort": 5561})
    api.done("POST", UC_CLIENT, {"Name": "UC", "PeerAddress": ["us-expe1.ent-pa.com"], "SIPPort": 7001})
    zones = xml(api, "/status.xml").findall("ns:Zones/ns:Zone", NS)
    assert [(zone.get("item"), text(zone, "Name"), text(zone, "Type")) for zone in zones] == [("1", "CUCM", "Neighbor"), ("2", "UC", "TraversalClient")]
    peers = zones[0].findall("ns:Neighbor/ns:Peer/ns:SIP", NS)
    assert [(text(one, "Address"), text(one, "Port")) for one in peers] == [
        (next(a.address for a in api.lab.world.appliances() if a.name == "us-expe1"), "5561"), ("10.0.0.1", "5561")]


def test_the_cluster(api):
    peers = xml(api, "/status.xml").findall("ns:Alternates/ns:Peer", NS)
    assert [(one.get("item"), text(one, "Address"), text(one, "Status")) for one in peers] == [("2", "us-expc2.ent-pa.com", "Active")]
    assert reasons(api) == ["Cluster TLS permissive"]
    api.lab.world.clock.speed = 60.0
    Api(api.lab, "us-expc2").done("POST", "/restart")
    until(lambda: "Cluster communication failure" in reasons(api))
    peers = xml(api, "/status.xml").findall("ns:Alternates/ns:Peer", NS)
    assert [text(one, "Status") for one in peers] == ["Failed"]


def test_alarms_come_and_go(api):
    api.upload("/certs/root", ca_chain(api.lab))
    api.done("POST", "/certs/generate_csr", {})
    assert api.upload("/certs/server", sign(api.lab, api.send("GET", "/certs/generate_csr").text)).status_code == 200
    assert "Restart required" in reasons(api)
    api.restart()
    assert "Restart required" not in reasons(api)
    api.lab.world.faults.add({"channel": "replication", "node": "us-expc1", "action": "never", "times": 0})
    assert "Cluster replication error" in reasons(api)


def test_configuration_mirrors_xconfiguration(api):
    api.done("POST", UC_CLIENT, {"Name": "UC", "PeerAddress": ["us-expe1.ent-pa.com"], "AuthenticationPassword": "secret-1"})
    root = xml(api, "/configuration.xml")
    assert root.find("ns:SystemUnit[@item='1']/ns:Name", NS).text == "us-expc1"
    assert text(root, "Zones/DefaultZone/SIP/TLS/Verify/Mode") == "Off" and text(root, "Policy/AdministratorPolicy/Mode") == "Off"
    zone = root.find("ns:Zones/ns:Zone[@item='1']", NS)
    assert text(zone, "TraversalClient/Peer/Address") == "us-expe1.ent-pa.com"
    assert text(zone, "TraversalClient/Authentication/Password").startswith("{cipher}") and "secret-1" not in etree.tostring(root).decode()
    assert root.find("ns:Alternates/ns:Peer[@item='2']/ns:Address", NS).text == "us-expc2.ent-pa.com"
    assert root.find("ns:IP/ns:DNS/ns:Server[@item='1']/ns:Address", NS).text == "127.0.0.53"


def test_configuration_may_not_be_there(api):
    api.lab.world.set_variant("expressway_configuration_xml", "absent")
    assert api.send("GET", "/configuration.xml").status_code == 404


@pytest.mark.parametrize(("reading", "status"), [("absent", 404), ("offered", 200)])
def test_configuration_by_getxml(api, reading, status):
    api.lab.world.set_variant("expressway_getxml_configuration", reading)
    response = api.send("GET", "/getxml?location=/Configuration/Zones/DefaultZone")
    assert response.status_code == status
    if status == 200:
        root = etree.fromstring(response.content)
        assert [etree.QName(one).localname for one in root] == ["Zones"] and [etree.QName(one).localname for one in root[0]] == ["DefaultZone"]


@pytest.mark.parametrize(("reading", "head"), [("plain", b"<?xml"), ("blank_line", b"\n<?xml")])
def test_the_head_of_the_text(api, reading, head):
    api.lab.world.set_variant("expressway_xml_head", reading)
    assert api.send("GET", "/status.xml").content.startswith(head)
