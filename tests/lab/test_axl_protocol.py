"""AXL on HTTP: login, sessions, versions, error pages, journal, injected faults (axl.md 5; transcripts/axl)."""

from __future__ import annotations

import io
import zipfile

import pytest
import requests
from lxml import etree

from lab.ucm.axl.limits import Notifications
from tests.lab.axl_lab import PASSWORD
from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab

PHONES = "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/></returnedTags>"
RENAME = "<name>CSFJDOE</name><description>{}</description>"


def test_wrong_password_gets_the_html_page(day_zero):
    client = Axl(day_zero, password=PASSWORD + "x")
    response = client.post("getCCMVersion")
    assert response.status_code == 401
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Basic" in response.headers["WWW-Authenticate"]
    assert "Envelope" not in response.text
    assert client.journal()[-1].detail["refused"] == "401"


def test_login_can_be_taken_out(day_zero):
    day_zero.world.mutated.add("axl_login")
    assert Axl(day_zero, password="wrong").post("getCCMVersion").status_code == 200


def test_session_cookies_stand_for_the_password_until_tomcat_restarts(axl):
    first = axl.post("getCCMVersion")
    assert {"JSESSIONID", "JSESSIONIDSSO"} <= {c.name for c in axl.session.cookies}
    assert "Set-Cookie" in first.headers
    second = axl.post("getCCMVersion")
    assert "Set-Cookie" not in second.headers
    axl.session.auth = None
    assert axl.post("getCCMVersion").status_code == 200
    task = axl.lab.call(lambda: axl.node.services.restart("Cisco Tomcat"))

    async def wait():
        await task
    axl.lab.do(wait())
    with pytest.raises(AssertionError):
        axl.ask("getCCMVersion")
    assert axl.post("getCCMVersion").status_code == 401


@pytest.mark.parametrize(("reading", "status"), [("404", 404), ("503", 503)])
def test_axl_service_that_is_off(axl, reading, status):
    axl.lab.world.set_variant("axl_service_off", reading)
    task = axl.lab.call(lambda: axl.node.services.deactivate("Cisco AXL Web Service"))

    async def wait():
        await task
    axl.lab.do(wait())
    response = axl.post("getCCMVersion")
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("version", ["12.0", "12.5", "14.0", "15.0"])
def test_release_15_accepts_older_versions_and_answers_in_theirs(axl, version):
    reply = axl.ask("listPhone", PHONES, version=version)
    assert etree.QName(reply).namespace == f"http://www.cisco.com/AXL/API/{version}"


@pytest.mark.parametrize("version", ["11.5", "10.0", "16.0", "1.0"])
def test_other_versions_get_599(axl, version):
    response = axl.post("listPhone", PHONES, version=version)
    assert response.status_code == 599
    assert "Incorrect axl version. Supported axl versions are 12.x, 14.0 and 15.0" in response.text
    assert "Envelope" not in response.text


def test_soapaction_version_counts_too(axl):
    response = axl.post("getCCMVersion", headers={"SOAPAction": '"CUCM:DB ver=9.1 getCCMVersion"', "Content-Type": "text/xml"})
    assert response.status_code == 599


@pytest.mark.parametrize("reading", ["echo", "current"])
def test_version_can_be_asked_without_knowing_it(axl, reading):
    axl.lab.world.set_variant("axl_versionless_reply", reading)
    response = axl.post("getCCMVersion", "<processNodeName/>", version="1.0", headers={"Content-Type": "text/xml"}, path="/axl")
    reply = etree.fromstring(response.content)[0][0]
    assert reply.findtext(".//version").startswith("15.")
    assert etree.QName(reply).namespace.endswith({"echo": "/1.0", "current": "/15.0"}[reading])


def test_what_is_no_envelope_or_no_operation_is_refused(axl):
    assert axl.send("POST", "/axl/", data=b"<not-soap/>").status_code == 500
    assert axl.send("POST", "/axl/", data=b"<broken").status_code == 500
    bomb = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'
    assert axl.send("POST", "/axl/", data=bomb).status_code == 500
    code, text = axl.fault("getEverything")
    assert "Operation not found" in text
    assert axl.send("GET", "/axl/").status_code == 200


def test_schema_is_served_with_login_only(axl):
    response = axl.send("GET", "/plugins/axlsqltoolkit.zip")
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        names = set(archive.namelist())
        assert {f"schema/{v}/{n}" for v in ("current", "15.0", "14.0", "12.5") for n in ("AXLAPI.wsdl", "AXLEnums.xsd", "AXLSoap.xsd")} <= names
        assert b'targetNamespace="http://www.cisco.com/AXL/API/15.0"' in archive.read("schema/current/AXLSoap.xsd")
        assert b"ver=15.0 getPhone\"" in archive.read("schema/15.0/AXLAPI.wsdl")
        assert b"12.5" not in archive.read("schema/15.0/AXLAPI.wsdl")
    axl.session.cookies.clear()
    axl.session.auth = None
    assert axl.send("GET", "/plugins/axlsqltoolkit.zip").status_code == 401


def test_journal_tells_reads_from_writes_and_what_was_refused(axl):
    axl.ask("listPhone", PHONES)
    axl.ask("updatePhone", RENAME.format("x"))
    axl.fault("updatePhone", "<name>NONE</name><description>x</description>")
    entries = [(e.node, e.channel, e.operation, e.kind, e.detail.get("object"), "refused" in e.detail) for e in axl.journal()[-3:]]
    assert entries == [("us-cm-pub", "axl", "listPhone", "read", "%", False), ("us-cm-pub", "axl", "updatePhone", "write", "CSFJDOE", False),
                       ("us-cm-pub", "axl", "updatePhone", "write", "NONE", True)]


def test_journal_holds_no_secret(axl):
    axl.ask("updateLdapDirectory", "<name>AD</name><ldapPassword>Geheim-77</ldapPassword>")
    axl.ask("updateServiceParameter", "<processNodeName>us-cm-pub.ent-pa.com</processNodeName><name>OnlineCAPassword</name>"
            "<service>Cisco Certificate Authority Proxy Function</service><value>Geheim-78</value>")
    assert "Geheim" not in repr(axl.journal())


def test_subscriber_reads_and_does_not_write(day_zero):
    client = Axl(day_zero, "us-cm-sub1")
    client.ask("listPhone", PHONES)
    assert client.fault("updatePhone", RENAME.format("x"))[0] == 5003


def description(axl):
    """What the phone's description is now."""
    return axl.ask("getPhone", "<name>CSFJDOE</name><returnedTags><description/></returnedTags>").findtext(".//description")


def test_fault_before_the_commit_leaves_nothing_done(axl):
    axl.lab.world.faults.add({"action": "status", "status": 503, "channel": "axl", "operation": "updatePhone"})
    response = axl.post("updatePhone", RENAME.format("new"))
    assert response.status_code == 503
    assert response.headers["Content-Type"].startswith("text/html")
    assert description(axl) == "CSFJDOE"
    axl.ask("updatePhone", RENAME.format("new"))
    assert description(axl) == "new"


@pytest.mark.parametrize("action", ["reset", "truncate", "drop"])
def test_fault_after_the_commit_loses_the_reply_only(axl, action):
    axl.ask("getCCMVersion")
    axl.lab.world.faults.add({"action": action, "channel": "axl", "operation": "updatePhone", "phase": "after"})
    with pytest.raises(requests.exceptions.RequestException):
        axl.post("updatePhone", RENAME.format(action))
    axl.session.auth, account = None, axl.session.auth
    assert axl.post("getCCMVersion").status_code == (401 if action == "drop" else 200)
    axl.session.auth = account
    assert description(axl) == action


def test_writes_wait_for_change_notifications_and_reads_do_not(axl, monkeypatch):
    queue, drain = axl.lab.cluster.change_notifications, axl.lab.world.drain
    monkeypatch.setattr(axl.lab.world, "drain", 0.0)
    queue.add(1501)
    response = axl.post("updatePhone", RENAME.format("new"))
    assert response.status_code == 503
    assert response.headers["Content-Type"].startswith("text/html")
    axl.ask("listPhone", PHONES)
    monkeypatch.setattr(axl.lab.world, "drain", drain)
    axl.lab.call(lambda: axl.lab.world.clock.advance(3600))
    axl.ask("updatePhone", RENAME.format("new"))
    assert description(axl) == "new"


def test_queue_drains_in_virtual_time(axl, monkeypatch):
    monkeypatch.setattr(axl.lab.world, "drain", 1e-6)
    queue = Notifications(axl.lab.world)
    queue.add(1550)
    assert queue.refuse_writes()
    axl.lab.call(lambda: axl.lab.world.clock.advance(1e6))
    assert not queue.refuse_writes()
    assert queue.outstanding < 1550


@pytest.mark.parametrize(("names", "values", "name", "value"), [
    ("first", "numbers", "TLSCiphers", "1"), ("second", "words", "InterfaceTlsCipherSuite", "ALL_ECDSA"),
    ("second", "numbers", "InterfaceTlsCipherSuite", "1")])
def test_parameters_whose_names_nobody_knows_come_in_readings(axl, names, values, name, value):
    axl.lab.world.set_variant("parameter_names", names)
    axl.lab.world.set_variant("parameter_values", values)
    where = f"<processNodeName>EnterpriseWideData</processNodeName><name>{name}</name><service>Enterprise Wide</service>"
    listed = axl.ask("listServiceParameter", "<searchCriteria><service>Enterprise Wide</service></searchCriteria><returnedTags><name/><value/></returnedTags>")
    names_listed = {p.findtext("name") for p in listed.iter("serviceParameter")}
    assert name in names_listed
    assert len({"TLSCiphers", "InterfaceTlsCipherSuite"} & names_listed) == 1
    assert axl.fault("updateServiceParameter", where + "<value>no such choice</value>")[0] == 5003
    axl.ask("updateServiceParameter", where + f"<value>{value}</value>")
    assert axl.ask("getServiceParameter", where).findtext(".//value") == value
    assert axl.lab.call(lambda: axl.lab.cluster.parameter("tls_ciphers")) == "1"


def test_modes_are_no_parameters_to_write(axl):
    where = "<processNodeName>EnterpriseWideData</processNodeName><name>{}</name><service>Enterprise Wide</service>"
    for name in ("ClusterSecurityMode", "ClusterSIPOAuthMode"):
        assert axl.fault("updateServiceParameter", where.format(name) + "<value>1</value>")[0] == 5003
        assert axl.ask("getServiceParameter", where.format(name)).findtext(".//value") == "0"
    axl.lab.call(lambda: axl.lab.cluster.set_parameter("ClusterSIPOAuthMode", "1"))
    assert axl.ask("getServiceParameter", where.format("ClusterSIPOAuthMode")).findtext(".//value") == "1"


def test_capf_parameters_stand_under_the_node_that_the_variant_says(axl):
    where = "<processNodeName>{}</processNodeName><name>OnlineCAHostname</name><service>Cisco Certificate Authority Proxy Function</service>"
    axl.ask("updateServiceParameter", where.format("us-cm-pub.ent-pa.com") + "<value>ca.ent-pa.com</value>")
    axl.lab.world.set_variant("capf_parameters_node", "enterprise")
    assert axl.ask("getServiceParameter", where.format("EnterpriseWideData")).findtext(".//value") == "ca.ent-pa.com"
    assert axl.fault("getServiceParameter", where.format("us-cm-pub.ent-pa.com"))[0] == 5007


def test_parameters_of_a_service_go_back_to_their_defaults(axl):
    where = "<processNodeName>EnterpriseWideData</processNodeName>{}<service>Cisco CallManager</service>"
    axl.ask("updateServiceParameter", where.format("<name>AAREnable</name>") + "<value>T</value>")
    axl.ask("doServiceParametersReset", where.format(""))
    assert axl.ask("getServiceParameter", where.format("<name>AAREnable</name>")).findtext(".//value") == "F"


def test_presence_trunk_parameter_in_both_readings(axl):
    where = "<processNodeName>EnterpriseWideData</processNodeName><name>SIPPublishTrunk</name><service>Cisco CallManager</service>"
    assert axl.ask("getServiceParameter", where).findtext(".//value") == "US_CUBE"
    axl.lab.world.set_variant("sip_publish_trunk_value", "pkid")
    key = axl.ask("getServiceParameter", where).findtext(".//value")
    assert axl.sql(f"select name from device where pkid='{key}'") == [{"name": "US_CUBE"}]


@pytest.mark.parametrize(("release", "number", "accepted", "refused", "words"), [
    ("14", 3, ("14.0", "12.5", "11.5"), "15.0", "Supported axl versions: 11.5,12.5,14"), ("12.5", 4, ("12.5",), "14.0", "12.5")])
def test_other_releases(tmp_path, release, number, accepted, refused, words):
    other = Lab(tmp_path, number, release)
    try:
        client = Axl(other)
        for version in accepted:
            assert client.ask("getCCMVersion", version=version).findtext(".//version").startswith(release)
        response = client.post("getCCMVersion", version=refused)
        assert response.status_code == 599
        assert words in response.text
        assert client.send("GET", "/plugins/axlsqltoolkit.zip").status_code == 200
    finally:
        other.close()


def test_request_that_no_check_held_back_does_not_kill_the_connection(axl):
    axl.lab.world.mutated.add("axl_schema")
    before = axl.lab.world.unknown
    assert axl.fault("updateSipTrunkSecurityProfile", "<name>CUBE SIP Trunk Profile</name><incomingPort>many</incomingPort>")[0] == 5000
    assert axl.lab.world.unknown == before + 1
    axl.ask("getCCMVersion")
