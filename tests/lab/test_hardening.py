"""What toll-fraud and hardening checks read: the dial plan, call classification, auto-registration, policies, settings of phones."""

from __future__ import annotations

import pytest
import zeep
from zeep.helpers import serialize_object

from tests.lab.axl_lab import ESTATE
from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab
from tests.lab.test_foreign_soap import address
from tests.lab.test_foreign_soap import session_of

PART = {
    **ESTATE["clusters"]["us_cm"],
    "partitions": ["PT_Phones", "PT_PSTN", "PT_Translations"],
    "calling_search_spaces": [{"name": "CSS_In", "partitions": ["PT_Phones"]}, {"name": "CSS_Full", "partitions": ["PT_Phones", "PT_PSTN"]}],
    "route_groups": [{"name": "RG_PSTN", "trunks": ["US_CUBE"]}],
    "route_lists": [{"name": "RL_PSTN", "groups": ["RG_PSTN"]}],
    "route_patterns": [{"pattern": "9.!", "partition": "PT_PSTN", "route_list": "RL_PSTN"},
                       {"pattern": "9.011!", "partition": "PT_PSTN", "trunk": "US_CUBE", "location": "OnNet", "authorization_code": True}],
    "translation_patterns": [{"pattern": "0.!", "partition": "PT_Translations", "css": "CSS_Full"}],
    "common_phone_profiles": [{"name": "Open", "settings": {"webAccess": 0, "sshAccess": 0}}],
    "enterprise_phone_settings": {"webProtocol": 1},
    "phone_services": [{"name": "Canteen", "url": "http://services.ent-pa.com/canteen.xml"}],
    "credential_policies": [{"name": "Strict", "failedLogon": 3, "minCredLength": 12, "trivialCredCheck": True}],
    "credential_defaults": {"End User PIN": "Strict"},
    "universal_line_templates": [{"name": "ULT", "partition": "PT_Phones", "css": "CSS_Full"}],
    "universal_device_templates": [{"name": "UDT", "device_pool": "US_DP_1", "css": "CSS_Full"}],
    "auto_registration": {"us-cm-sub1": {"start": 9000, "end": 9099, "partition": "PT_Phones", "device_template": "UDT", "line_template": "ULT"}},
    "device_pools": [{"name": "US_DP_1", "callmanager_group": "US_CMG_1", "auto_registration_css": "CSS_In"}],
    "phones": [{"name": "SEP0011AABB0001", "model": "Cisco 8845", "device_pool": "US_DP_1", "common_phone_profile": "Open", "css": "CSS_In"},
               {"name": "SEP0011AABB0002", "model": "Cisco 8845", "device_pool": "US_DP_1", "settings": {"webAccess": 0, "settingsAccess": 1}}],
    "trunks": [{**ESTATE["clusters"]["us_cm"]["trunks"][0], "css": "CSS_In", "rerouting_css": "CSS_Full", "location_class": "OffNet"}],
}


@pytest.fixture(scope="module")
def plan_lab(tmp_path_factory):
    """A lab with a dial plan."""
    lab = Lab(tmp_path_factory.mktemp("plan-lab"), 7, estate={"clusters": {"us_cm": PART}})
    lab.snapshot("day0")
    yield lab
    lab.close()


@pytest.fixture
def axl(plan_lab):
    """A client of the publisher, the lab on day 0."""
    plan_lab.restore("day0")
    return Axl(plan_lab)


def listed(axl: Axl, name: str, tags: str, criteria: str = "<name>%</name>") -> list[dict[str, str]]:
    """Rows of a list operation."""
    wanted = "".join(f"<{tag}/>" for tag in tags.split())
    answer = axl.ask(f"list{name}", f"<searchCriteria>{criteria}</searchCriteria><returnedTags>{wanted}</returnedTags>")
    return [{field.tag: field.text or "" for field in row} for row in answer.find("return")]


def got(axl: Axl, name: str, inner: str):
    """The object of a get operation."""
    return axl.ask(f"get{name}", inner).find("return")[0]


def test_partitions_and_calling_search_spaces(axl):
    assert listed(axl, "RoutePartition", "name partitionUsage")[0] == {"name": "PT_PSTN", "partitionUsage": "General"}
    assert {row["name"]: row["clause"] for row in listed(axl, "Css", "clause name")} == {"CSS_Full": "PT_Phones:PT_PSTN", "CSS_In": "PT_Phones"}
    members = got(axl, "Css", "<name>CSS_Full</name>").findall("members/member")
    assert [(m.findtext("routePartitionName"), m.findtext("index")) for m in members] == [("PT_Phones", "1"), ("PT_PSTN", "2")]
    axl.ask("updateCss", "<name>CSS_In</name><members><member><routePartitionName>PT_PSTN</routePartitionName><index>1</index></member></members>")
    assert [row["clause"] for row in listed(axl, "Css", "clause", "<name>CSS_In</name>")] == ["PT_PSTN"]
    assert axl.fault("removeRoutePartition", "<name>PT_PSTN</name>")[0] == -692
    rows = axl.sql("select css.name as space, rp.name as partition, m.sortorder from callingsearchspacemember m join callingsearchspace css on "
                   "css.pkid=m.fkcallingsearchspace join routepartition rp on rp.pkid=m.fkroutepartition where css.name='CSS_Full' order by m.sortorder")
    assert [row["partition"] for row in rows] == ["PT_Phones", "PT_PSTN"]


def test_patterns_lead_to_trunks_and_route_lists(axl):
    rows = listed(axl, "RoutePattern", "pattern routePartitionName networkLocation authorizationCodeRequired", "<pattern>9.%</pattern>")
    assert rows == [{"pattern": "9.!", "routePartitionName": "PT_PSTN", "networkLocation": "OffNet", "authorizationCodeRequired": "false"},
                    {"pattern": "9.011!", "routePartitionName": "PT_PSTN", "networkLocation": "OnNet", "authorizationCodeRequired": "true"}]
    inner = "<pattern>{}</pattern><routePartitionName>PT_PSTN</routePartitionName><dialPlanName/><routeFilterName/>"
    first, second = (got(axl, "RoutePattern", inner.format(pattern)).find("destination") for pattern in ("9.!", "9.011!"))
    assert [(e.tag, e.text) for e in first] == [("routeListName", "RL_PSTN")] and [(e.tag, e.text) for e in second] == [("gatewayName", "US_CUBE")]
    assert axl.fault("getRoutePattern", inner.format("8.!"))[0] == 5007
    assert got(axl, "RouteList", "<name>RL_PSTN</name>").findtext("members/member/routeGroupName") == "RG_PSTN"
    assert got(axl, "RouteGroup", "<name>RG_PSTN</name>").findtext("members/member/deviceName") == "US_CUBE"
    assert listed(axl, "TransPattern", "pattern callingSearchSpaceName", "<pattern>%</pattern>") == [{"pattern": "0.!", "callingSearchSpaceName": "CSS_Full"}]
    reach = axl.sql("select n.dnorpattern, d.name from numplan n join devicenumplanmap m on m.fknumplan=n.pkid join device d on d.pkid=m.fkdevice "
                    "join typepatternusage u on u.enum=n.tkpatternusage and u.name='Route' where n.tkpatternusage='5' order by n.dnorpattern")
    assert [row["name"] for row in reach] == ["RL_PSTN", "US_CUBE"]
    assert [row["name"] for row in listed(axl, "Phone", "name")] == ["SEP0011AABB0001", "SEP0011AABB0002"], "a route list is no phone"


def test_trunks_have_spaces_and_a_network_location(axl):
    trunk = got(axl, "SipTrunk", "<name>US_CUBE</name>")
    assert [trunk.findtext(tag) for tag in ("callingSearchSpaceName", "rerouteCallingSearchSpaceName", "networkLocation")] == ["CSS_In", "CSS_Full", "OffNet"]
    axl.ask("updateSipTrunk", "<name>US_CUBE</name><networkLocation>Use System Default</networkLocation><rerouteCallingSearchSpaceName>CSS_In"
            "</rerouteCallingSearchSpaceName>")
    assert listed(axl, "SipTrunk", "callingSearchSpaceName networkLocation")[0]["networkLocation"] == "Use System Default"
    assert axl.sql("select l.name from device d join typenetworklocation l on l.enum=d.tknetworklocation where d.name='US_CUBE' and l.enum=2") == [
        {"name": "Use System Default"}]
    assert axl.fault("updateSipTrunk", "<name>US_CUBE</name><networkLocation>Elsewhere</networkLocation>")[0] == 5007
    assert axl.fault("updateSipTrunk", "<name>US_CUBE</name><callingSearchSpaceName>Nobody's</callingSearchSpaceName>")[0] == 5007


def test_the_classification_that_holds_by_default_is_a_parameter(axl):
    rows = {row["name"]: row["value"] for row in listed(axl, "ServiceParameter", "name value", "<service>Cisco CallManager</service>")}
    assert rows["CallClassification"] == "1" and rows["BlockOffNetToOffNetTransfer"] == "F" and rows["DropAdHocConference"] == "0"


def test_auto_registration_and_its_templates(axl):
    rows = axl.ask("listCallManager", "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/><autoRegistration/></returnedTags>").find("return")
    found = {row.findtext("name"): row.find("autoRegistration") for row in rows}
    assert found["CM_us-cm-sub2"].findtext("autoRegistrationEnabled") == "false"
    wanted = {"startDn": "9000", "endDn": "9099", "routePartitionName": "PT_Phones", "autoRegistrationEnabled": "true", "universalDeviceTemplate": "UDT",
              "lineTemplate": "ULT"}
    assert {tag: found["CM_us-cm-sub1"].findtext(tag) for tag in wanted} == wanted
    assert got(axl, "UniversalDeviceTemplate", "<name>UDT</name>").findtext("callingSearchSpace") == "CSS_Full"
    assert got(axl, "UniversalLineTemplate", "<name>ULT</name>").findtext("callingSearchSpace") == "CSS_Full"
    assert listed(axl, "DevicePool", "autoSearchSpaceName", "<name>US_DP_1</name>") == [{"autoSearchSpaceName": "CSS_In"}]
    axl.ask("updateCallManager", "<name>CM_us-cm-sub1</name><autoRegistration><startDn>1000</startDn><endDn>1000</endDn><routePartitionName/>"
            "<autoRegistrationEnabled>false</autoRegistrationEnabled></autoRegistration>")
    assert got(axl, "CallManager", "<name>CM_us-cm-sub1</name>").findtext("autoRegistration/autoRegistrationEnabled") == "false"


def test_credential_policies_and_where_they_hold(axl):
    rows = {row["name"]: row for row in listed(axl, "CredentialPolicy", "name failedLogon minCredLength trivialCredCheck")}
    assert rows["Strict"] == {"name": "Strict", "failedLogon": "3", "minCredLength": "12", "trivialCredCheck": "true"}
    assert rows["Default Credential Policy"]["minCredLength"] == "8"
    inner = "<credentialUser>End User</credentialUser><credentialType>PIN</credentialType><credPolicyName>{}</credPolicyName>"
    assert got(axl, "CredentialPolicyDefault", inner.format("Strict")).findtext("credPolicyName") == "Strict"
    assert axl.fault("getCredentialPolicyDefault", inner.format("Default Credential Policy"))[0] == 5007
    axl.lab.world.set_variant("credential_default_policy", "ignored")
    assert got(axl, "CredentialPolicyDefault", inner.format("Default Credential Policy")).findtext("credPolicyName") == "Strict"


def settings_of(node) -> dict[str, str]:
    """What a vendorConfig holds."""
    return {child.tag: child.text for child in node.find("vendorConfig")}


def test_phone_services_are_the_built_in_ones_and_those_of_the_estate(axl):
    """A service of one's own has the URL that phones get; what is built in is an application of the phone."""
    found = listed(axl, "IpPhoneServices", "serviceName serviceUrl secureServiceUrl serviceType enabled", "<serviceName>%</serviceName>")
    rows = {row["serviceName"]: row for row in found}
    assert rows["Canteen"] == {"serviceName": "Canteen", "serviceUrl": "http://services.ent-pa.com/canteen.xml", "secureServiceUrl": "",
                               "serviceType": "Standard IP Phone Service", "enabled": "true"}
    assert rows["Missed Calls"]["serviceUrl"] == "Application:Cisco/MissedCalls" and rows["Missed Calls"]["serviceType"] == "Directories"
    assert [row["serviceName"] for row in listed(axl, "IpPhoneServices", "serviceName", "<serviceName>Cant%</serviceName>")] == ["Canteen"]


def test_product_settings_of_phones_profiles_and_the_enterprise(axl):
    assert settings_of(got(axl, "CommonPhoneConfig", "<name>Open</name>")) == {"webAccess": "0", "sshAccess": "0"}
    assert settings_of(got(axl, "CommonPhoneConfig", "<name>Standard Common Phone Profile</name>")) == {"webAccess": "1", "sshAccess": "1"}
    assert settings_of(got(axl, "EnterprisePhoneConfig", ""))["webProtocol"] == "1"
    assert settings_of(got(axl, "Phone", "<name>SEP0011AABB0002</name>")) == {"webAccess": "0", "settingsAccess": "1"}
    assert settings_of(got(axl, "Phone", "<name>SEP0011AABB0001</name>")) == {}
    assert {row["name"]: row["commonPhoneConfigName"] for row in listed(axl, "Phone", "name commonPhoneConfigName")} == {
        "SEP0011AABB0001": "Open", "SEP0011AABB0002": "Standard Common Phone Profile"}
    axl.ask("updateCommonPhoneConfig", "<name>Open</name><vendorConfig><webAccess>1</webAccess></vendorConfig>")
    assert settings_of(got(axl, "CommonPhoneConfig", "<name>Open</name>")) == {"webAccess": "1"}


@pytest.mark.parametrize(("reading", "tag", "below"), [("vendor_config", "vendorConfig", "0"), ("elements", "xml", "0"), ("text", "xml", None)])
def test_settings_by_sql_come_in_readings(axl, reading, tag, below):
    axl.lab.world.set_variant("sql_xml_column", reading)
    query = "select d.name, x.xml from device d join devicexml4k x on x.fkdevice=d.pkid"
    row = axl.ask("executeSQLQuery", f"<sql>{query}</sql>").find("return/row")
    assert [child.tag for child in row] == ["name", tag] and row.findtext(f"{tag}/webAccess") == below
    assert reading != "text" or row.findtext("xml") == "<webAccess>0</webAccess><settingsAccess>1</settingsAccess>"
    key = axl.sql("select pkid from device where name='SEP0011AABB0002'")[0]["pkid"]
    answer = axl.ask("executeSQLQuery", f"<sql>execute procedure dbreaddevicexml('{key}')</sql>")
    assert answer.findtext("return/row/expression") == "<webAccess>0</webAccess><settingsAccess>1</settingsAccess>"
    assert axl.sql("select c.name from commonphoneconfig c join commonphoneconfigxml x on x.fkcommonphoneconfig=c.pkid where x.xml like '%webAccess>0%'") == [
        {"name": "Open"}]


def test_other_procedures_and_hidden_tables_are_refused(axl):
    before = axl.lab.world.unknown
    assert axl.fault("executeSQLQuery", "<sql>execute procedure dbwritedevicexml('a','b')</sql>")[0] == -201
    assert axl.fault("executeSQLQuery", "<sql>select * from lab_credentialpolicy</sql>")[0] == -206
    assert axl.fault("executeSQLQuery", "<sql>select displayname from credentialpolicy</sql>")[0] == -206
    assert axl.lab.world.unknown == before + 3


def test_zeep_reads_the_dial_plan(plan_lab, axl, tmp_path):
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(session_of(plan_lab).get(address(plan_lab) + "/plugins/axlsqltoolkit.zip", timeout=20).content)) as archive:
        archive.extractall(tmp_path)
    client = zeep.Client(str(tmp_path / "schema" / "current" / "AXLAPI.wsdl"), transport=zeep.Transport(session=session_of(plan_lab), timeout=20))
    service = client.create_service("{http://www.cisco.com/AXLAPIService/}AXLAPIBinding", address(plan_lab) + "/axl/")
    pattern = serialize_object(service.getRoutePattern(pattern="9.!", routePartitionName="PT_PSTN", dialPlanName="", routeFilterName=""))
    assert pattern["return"]["routePattern"]["destination"]["routeListName"]["_value_1"] == "RL_PSTN"
    space = serialize_object(service.getCss(name="CSS_Full"))["return"]["css"]
    assert [m["routePartitionName"]["_value_1"] for m in space["members"]["member"]] == ["PT_Phones", "PT_PSTN"]
    config = service.getCommonPhoneConfig(name="Open")["return"]["commonPhoneConfig"]["vendorConfig"]
    assert {e.tag: e.text for e in config["_value_1"]} == {"webAccess": "0", "sshAccess": "0"}
