"""Clients that nobody here wrote: stock zeep on the schema that the lab itself serves, and ciscoaxl (design.md 10)."""

from __future__ import annotations

import io
import warnings
import zipfile

import pytest
import requests
import urllib3
import zeep
from zeep.helpers import serialize_object

from tests.lab.axl_lab import PASSWORD
from tests.lab.axl_lab import USER

UDT = "Universal Device Template - Model-independent Security Profile"


def session_of(lab, node="us-cm-pub"):
    """A requests session that trusts the node's pinned certificate, by its name, at its address."""
    session = requests.Session()
    session.trust_env = False
    session.auth = (USER, PASSWORD)
    session.verify = str(lab.world.directory / "pins" / f"{node}.ent-pa.com.pem")
    session.mount("https://", ByName(f"{node}.ent-pa.com"))
    return session


def address(lab, node="us-cm-pub"):
    """Where a node is reached."""
    return f"https://{lab.world.node(node).address}:8443"


class ByName(requests.adapters.HTTPAdapter):
    """Verifies the certificate against a name although an address is dialled."""

    def __init__(self, name):
        self._name = name
        super().__init__()

    def init_poolmanager(self, *args, **options):
        super().init_poolmanager(*args, server_hostname=self._name, assert_hostname=self._name, **options)


@pytest.fixture(scope="module")
def schema(soap_lab, tmp_path_factory):
    """The toolkit as an administrator would download and unpack it."""
    folder = tmp_path_factory.mktemp("toolkit")
    response = session_of(soap_lab).get(address(soap_lab) + "/plugins/axlsqltoolkit.zip", timeout=20)
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        archive.extractall(folder)
    return folder / "schema"


@pytest.fixture
def service(day_zero, schema):
    """zeep's proxy for AXL 15.0."""
    client = zeep.Client(str(schema / "current" / "AXLAPI.wsdl"), transport=zeep.Transport(session=session_of(day_zero), timeout=20))
    return client.create_service("{http://www.cisco.com/AXLAPIService/}AXLAPIBinding", address(day_zero) + "/axl/")


def test_zeep_reads_lists_and_updates(service):
    phones = service.listPhone(searchCriteria={"name": "SEP%"}, returnedTags={"name": "", "securityProfileName": "", "certificateStatus": ""})
    rows = phones["return"]["phone"]
    assert [p["name"] for p in rows] == ["SEP0011AABB0001", "SEP0011AABB0002"]
    assert rows[0]["securityProfileName"]["_value_1"] == "Cisco 8845 - Standard SIP Non-Secure Profile"
    assert service.listPhone(searchCriteria={"name": "NONE"}, returnedTags={"name": ""})["return"] is None
    trunk = service.getSipTrunk(name="US_CUBE")["return"]["sipTrunk"]
    places = [{"addressIpv4": d["addressIpv4"], "port": 5061, "sortOrder": d["sortOrder"]} for d in trunk["destinations"]["destination"]]
    service.updateSipTrunk(name="US_CUBE", srtpAllowed="true", destinations={"destination": places})
    after = service.getSipTrunk(name="US_CUBE")["return"]["sipTrunk"]
    assert [str(d["port"]) for d in after["destinations"]["destination"]] == ["5061", "5061"]
    assert after["srtpAllowed"] == "true"


def test_zeep_adds_a_profile_and_understands_the_faults(service):
    built_in = service.getPhoneSecurityProfile(name=UDT)["return"]["phoneSecurityProfile"]
    profile = {"phoneType": built_in["phoneType"], "protocol": built_in["protocol"], "name": "UDT-LSC", "deviceSecurityMode": "Encrypted",
               "transportType": "TLS", "authenticationMode": "By Existing Certificate (precedence to LSC)"}
    key = service.addPhoneSecurityProfile(phoneSecurityProfile=profile)["return"]
    assert key.startswith("{")
    with pytest.raises(zeep.exceptions.Fault) as duplicate:
        service.addPhoneSecurityProfile(phoneSecurityProfile=profile)
    assert duplicate.value.detail.findtext(".//axlcode") == "-239"
    with pytest.raises(zeep.exceptions.Fault, match="Item not valid: The specified PhoneSecurityProfile was not found"):
        service.getPhoneSecurityProfile(name="NONE")


def test_zeep_sql_licence_and_parameters(service):
    rows = service.executeSQLQuery(sql="select name, lscissuername from device where name='CSFJDOE'")["return"]["row"]
    assert [(e.tag, e.text) for e in rows[0]] == [("name", "CSFJDOE"), ("lscissuername", None)]
    assert service.executeSQLQuery(sql="select name from device where 1=2")["return"] is None
    assert service.getSmartLicenseStatus()["LicenseDetails"]["Registration"]["ExportControlFunctionality"] == "ALLOWED"
    listed = service.listServiceParameter(searchCriteria={"service": "Enterprise Wide"}, returnedTags={"name": "", "value": ""})
    assert {"name": "ClusterSecurityMode", "value": "0"} in [
        {k: p[k] for k in ("name", "value")} for p in serialize_object(listed)["return"]["serviceParameter"]]


def test_zeep_loses_the_status_of_html_pages_as_known(day_zero, schema):
    session = session_of(day_zero)
    session.auth = (USER, "wrong")
    client = zeep.Client(str(schema / "current" / "AXLAPI.wsdl"), transport=zeep.Transport(session=session, timeout=20))
    service = client.create_service("{http://www.cisco.com/AXLAPIService/}AXLAPIBinding", address(day_zero) + "/axl/")
    with pytest.raises(zeep.exceptions.Error):
        service.getCCMVersion()


def test_zeep_on_the_serviceability_wsdls(day_zero):
    transport = zeep.Transport(session=session_of(day_zero, "us-cm-sub1"), timeout=20)
    base = address(day_zero, "us-cm-sub1")
    control = zeep.Client(f"{base}/controlcenterservice2/services/ControlCenterServices?wsdl", transport=transport).create_service(
        "{http://schemas.cisco.com/ast/soap}ControlCenterServicesBinding", f"{base}/controlcenterservice2/services/ControlCenterServices")
    status = control.soapGetServiceStatus(["Cisco CallManager"])
    assert status["ReturnCode"]["_value_1"] == "0"
    assert status["ServiceInfoList"]["item"][0]["ServiceStatus"] == "Started"
    answer = control.soapDoControlServices({"NodeName": "us-cm-sub1.ent-pa.com", "ControlType": "Restart", "ServiceList": {"item": ["Cisco CTIManager"]}})
    assert answer["ServiceInfoList"]["item"][0]["ServiceStatus"] == "Started"
    assert len(control.soapGetStaticServiceList("")["item"]) > 40
    ris = zeep.Client(f"{base}/realtimeservice2/services/RISService70?wsdl", transport=transport).create_service(
        "{http://schemas.cisco.com/ast/soap}RisBinding", f"{base}/realtimeservice2/services/RISService70")
    criteria = {"MaxReturnedDevices": 1000, "DeviceClass": "Phone", "Model": 255, "Status": "Any", "NodeName": "", "SelectBy": "Name",
                "SelectItems": {"item": [{"Item": "*"}]}, "Protocol": "Any", "DownloadStatus": "Any"}
    found = ris.selectCmDeviceExt("", {**criteria, "SelectItems": {"item": [{"Item": "CSFJDOE"}]}})
    assert found["SelectCmDeviceResult"]["TotalDevicesFound"] == 1
    assert ris.selectCmDevice("", criteria)["SelectCmDeviceResult"]["TotalDevicesFound"] == 3


@pytest.fixture
def ciscoaxl_client(day_zero, monkeypatch):
    """The PyPI client as it comes (it dials port 8443 only, and falls back to an unverified session by itself)."""
    import ciscoaxl

    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        yield ciscoaxl.axl(username=USER, password=PASSWORD, cucm=day_zero.world.node("us-cm-pub").address, cucm_version="12.5")


def test_ciscoaxl_reads_and_writes(ciscoaxl_client, day_zero):
    client = ciscoaxl_client
    phones = client.get_phones()
    assert {p["name"] for p in phones} == {"CSFJDOE", "SEP0011AABB0001", "SEP0011AABB0002"}
    assert client.get_phone(name="CSFJDOE")["protocol"] == "SIP"
    assert client.run_sql_query("select name from device where name='US_CUBE'")["rows"] == [{"name": "US_CUBE"}]
    assert {t["name"] for t in client.get_sip_trunks()} == {"US_CUBE"}
    client.update_phone(name="CSFJDOE", description="by a stranger")
    assert day_zero.call(lambda: day_zero.cluster.db.value("select description from device where name='CSFJDOE'")) == "by a stranger"
    assert any(pool["name"] == "US_DP_1" for pool in client.get_device_pools())
