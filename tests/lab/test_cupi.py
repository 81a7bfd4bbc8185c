"""CUPI: its forms of text, what can be read and written, what it refuses, and the readings of what nobody is sure of."""

from __future__ import annotations

import re

import pytest

from lab.cuc.port_groups import NO_ENCRYPTED_MODE
from lab.cuc.port_groups import NO_SRTP
from tests.lab.cuc_lab import Cupi
from tests.lab.cuc_lab import started

PROFILES = "/sipsecurityprofiles"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def cuc_lab(tmp_path_factory):
    """The lab itself."""
    lab = started(tmp_path_factory.mktemp("cuc-lab"), speed=5)    # slow: what is under way is seen under way
    lab.snapshot("day0")
    yield lab
    lab.close()


@pytest.fixture
def cupi(cuc_lab):
    """CUPI of the publisher on day 0, without faults, variants or mutations."""
    cuc_lab.restore("day0")
    cuc_lab.world.unknown = 0
    return Cupi(cuc_lab)


@pytest.fixture
def secure(cupi):
    """The same with encryption enabled and a profile 5061/TLS, whose id `profile` is."""
    cupi.lab.call(cupi.node.cluster.unity.encryption.enable)
    cupi.profile = cupi.add(PROFILES, {"Port": "5061", "DoTLS": "true"}).rsplit("/", 1)[1]
    return cupi


# ---- login and forms of text

def test_wrong_password(cupi):
    response = Cupi(cupi.lab, password="wrong").send("GET", PROFILES)
    assert response.status_code == 401 and response.headers["WWW-Authenticate"].startswith("Basic")


def test_the_platform_administrator_is_nobody_here(cupi):
    assert Cupi(cupi.lab, user="administrator", password="Platform-1").send("GET", PROFILES).status_code == 401


def test_a_list_in_xml_and_in_json(cupi):
    cupi.add(PROFILES, {"Port": "5066", "DoTLS": "true"})
    root = cupi.xml(PROFILES)
    assert (root.tag, root.get("total")) == ("SipSecurityProfiles", "2")
    rows = [{child.tag: child.text for child in row} for row in root]
    assert [list(row) for row in rows] == [["URI", "ObjectId", "Port", "DoTLS", "DisplayName"]] * 2
    assert [(row["Port"], row["DoTLS"], row["DisplayName"]) for row in rows] == [("5060", "false", "5060"), ("5066", "true", "5066/TLS")]
    assert rows[0]["URI"] == f"/vmrest/sipsecurityprofiles/{rows[0]['ObjectId']}" and UUID.fullmatch(rows[0]["ObjectId"])
    assert cupi.get(PROFILES) == {"@total": "2", "SipSecurityProfile": rows}
    one = cupi.xml(f"{PROFILES}/{rows[1]['ObjectId']}")
    assert one.tag == "SipSecurityProfile" and {child.tag: child.text for child in one} == rows[1] == cupi.get(f"{PROFILES}/{rows[1]['ObjectId']}")


@pytest.mark.parametrize(("reading", "kind"), [("object", dict), ("list", list)])
def test_a_list_with_one_element(cupi, reading, kind):
    cupi.lab.world.set_variant("cupi_json_single", reading)
    assert isinstance(cupi.get(PROFILES)["SipSecurityProfile"], kind)
    assert len(cupi.xml(PROFILES)) == 1


@pytest.mark.parametrize(("reading", "status"), [("any", 201), ("strings", 400)])
def test_numbers_in_json(cupi, reading, status):
    cupi.lab.world.set_variant("cupi_json_numbers", reading)
    assert cupi.send("POST", PROFILES, {"Port": 5066, "DoTLS": True}).status_code == status
    assert len(cupi.rows(PROFILES, "SipSecurityProfile")) == (2 if status == 201 else 1)


def test_xml_is_written_as_it_is_read(cupi):
    body = "<SipSecurityProfile><Port>5070</Port><DoTLS>true</DoTLS></SipSecurityProfile>"
    made = cupi.send("POST", PROFILES, body, accept="*/*", kind="application/xml")
    assert made.status_code == 201 and UUID.search(made.text)
    path = made.text.removeprefix("/vmrest")
    assert cupi.get(path)["DisplayName"] == "5070/TLS"
    assert cupi.send("PUT", path, "<SipSecurityProfile><Port>5071</Port></SipSecurityProfile>", kind="application/xml").status_code == 204
    assert cupi.get(path)["DisplayName"] == "5071/TLS"
    assert cupi.send("DELETE", path).status_code == 204
    assert cupi.send("GET", path).status_code == 404


@pytest.mark.parametrize(("body", "kind", "status"), [
    ("{", "application/json", 400), ("[]", "application/json", 400), ('{"Port": null}', "application/json", 400), ("<a", "application/xml", 400),
    ("<PortGroup><Port>5070</Port></PortGroup>", "application/xml", 400), ("<SipSecurityProfile><Port><a/></Port></SipSecurityProfile>", "text/xml", 400),
    ("Port=5070", "application/x-www-form-urlencoded", 415)])
def test_bodies_that_nobody_can_read(cupi, body, kind, status):
    cupi.refused("POST", PROFILES, body, status, kind=kind)


@pytest.mark.parametrize(("reading", "accept", "body"), [
    ("errors", "application/json", '{"errors": {"code": "INVALID_PARAMETER", "message": "Unknown field Name"}}'),
    ("errors", "application/xml", "<ErrorDetails><errors><code>INVALID_PARAMETER</code><message>Unknown field Name</message></errors></ErrorDetails>"),
    ("plain", "application/json", "Unknown field Name"), ("empty", "application/json", "")])
def test_the_body_of_an_error(cupi, reading, accept, body):
    cupi.lab.world.set_variant("cupi_error_body", reading)
    response = cupi.send("POST", PROFILES, {"Port": "5070", "Name": "x"}, accept=accept)
    assert response.status_code == 400 and response.text.rpartition("?>")[2].strip() == body


# ---- questions

def test_query_sort_and_pages(cupi):
    for port, tls in ((5066, "true"), (5065, "false")):
        cupi.add(PROFILES, {"Port": str(port), "DoTLS": tls})

    def ports(question: str) -> tuple[str, list[str]]:
        body = cupi.get(f"{PROFILES}?{question}")
        rows = body.get("SipSecurityProfile", [])
        return body["@total"], [row["Port"] for row in ([rows] if isinstance(rows, dict) else rows)]

    assert ports("query=(displayname startswith 506)&sort=(DisplayName desc)") == ("3", ["5066", "5065", "5060"])
    assert ports("query=(DisplayName is 5066/TLS)") == ports("query=(DoTLS is 1)") == ("1", ["5066"])
    assert ports("query=(DisplayName is nothing)") == ("0", [])
    assert ports("sort=(DisplayName)&rowsPerPage=2&pageNumber=1") == ("3", ["5060", "5065"])
    assert ports("sort=(DisplayName)&rowsPerPage=2&pageNumber=2") == ("3", ["5066"])
    assert ports("rowsPerPage=0") == ("3", [])


@pytest.mark.parametrize(("reading", "rows"), [("empty", 0), ("repeated", 1)])
def test_a_page_after_the_last(cupi, reading, rows):
    cupi.lab.world.set_variant("cupi_last_page", reading)
    assert len(cupi.rows(f"{PROFILES}?rowsPerPage=1&pageNumber=2", "SipSecurityProfile")) == rows


@pytest.mark.parametrize("question", ["query=(Port is 5060)", "query=(Nothing is 1)", "query=DisplayName", "query=(DisplayName like x)", "sort=(DoTLS)",
                                      "sort=DisplayName", "pageNumber=0", "rowsPerPage=x", "query=(DoTLS is 1)&sort=(DisplayName)"])
def test_questions_that_are_refused(cupi, question):
    cupi.refused("GET", f"{PROFILES}?{question}")


def test_port_groups_of_a_phone_system(cupi):
    group = cupi.rows("/portgroups", "PortGroup")[0]
    assert cupi.rows(f"/portgroups?query=(MediaSwitchObjectId is {group['MediaSwitchObjectId']})", "PortGroup") == [group]
    assert cupi.rows("/portgroups?query=(MediaSwitchObjectId is none)", "PortGroup") == []


# ---- SIP security profiles

@pytest.mark.parametrize(("body", "words"), [
    ({"Port": "5061", "Name": "x"}, "Unknown field Name"), ({"Port": "5061", "DisplayName": "x"}, "DisplayName cannot be modified"),
    ({"DoTLS": "true"}, "Port is required"), ({"Port": "65536"}, "Invalid value for Port"), ({"Port": "5061", "DoTLS": "yes"}, "Invalid value for DoTLS"),
    ({"Port": "5060", "DoTLS": "true"}, "There is a SIP security profile for port 5060 already"),
], ids=["unknown", "read-only", "missing", "range", "boolean", "twice"])
def test_profiles_that_are_refused(cupi, body, words):
    assert cupi.refused("POST", PROFILES, body) == words


def test_a_profile_in_use_stays(cupi):
    used = cupi.get(cupi.group)["MediaSipSecurityProfileObjectId"]
    assert "in use" in cupi.refused("DELETE", f"{PROFILES}/{used}")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_object_that_is_not_there(cupi, method):
    path = f"{PROFILES}/00000000-0000-0000-0000-000000000000"
    assert cupi.refused(method, path, {"DoTLS": "true"} if method == "PUT" else None, 404) == f"/vmrest{path} was not found"


# ---- port groups

def test_a_port_group_as_installed(cupi):
    row = cupi.get(cupi.group)
    assert row["PhoneSystemURI"] == cupi.rows("/phonesystems", "PhoneSystem")[0]["URI"]
    assert cupi.get(f"{PROFILES}/{row['MediaSipSecurityProfileObjectId']}")["DisplayName"] == "5060"
    wanted = {"DisplayName": "PhoneSystem-1", "MediaSwitchDisplayName": "PhoneSystem", "TelephonyIntegrationMethodEnum": "2", "PortCount": "4",
              "SipDoSRTP": "false", "SipTLSModeEnum": "10", "ResetStatusEnum": "0", "SipEnableNextGenSecurity": "false"}
    assert {name: row[name] for name in wanted} == wanted
    ports = cupi.rows("/ports", "Port")
    assert {port["PortGroupURI"] for port in ports} == {row["URI"]} and {port["VmsServerName"] for port in ports} == {"us-cuc-pub", "us-cuc-sub"}
    assert ports[0]["DisplayName"] == "PhoneSystem-1-001"


@pytest.mark.parametrize(("method", "path"), [("POST", "/portgroups"), ("DELETE", "/portgroups/ID")])
def test_port_groups_are_neither_made_nor_removed(cupi, method, path):
    cupi.refused(method, path.replace("/portgroups/ID", cupi.group), {"DisplayName": "x"}, 405)
    assert cupi.lab.world.unknown == 0


def test_a_secure_port_group(secure):
    secure.change(secure.group, MediaSipSecurityProfileObjectId=secure.profile, SipEnableNextGenSecurity="true", SipDoSRTP="true")
    row = secure.get(secure.group)
    assert (row["MediaSipSecurityProfileObjectId"], row["SipEnableNextGenSecurity"], row["SipDoSRTP"]) == (secure.profile, "true", "true")
    assert row["ResetStatusEnum"] == "100"
    assert "in use" in secure.refused("DELETE", f"{PROFILES}/{secure.profile}")


def test_mwi_codes_need_no_reset(cupi):
    cupi.change(cupi.group, MwiOnCode="678", MwiOffCode="876")
    row = cupi.get(cupi.group)
    assert (row["MwiOnCode"], row["MwiOffCode"], row["ResetStatusEnum"]) == ("678", "876", "0")


@pytest.mark.parametrize(("body", "words"), [
    ({"SipDoSRTP": "true"}, "need a SIP security profile with TLS"), ({"SipEnableNextGenSecurity": "true"}, "need a SIP security profile with TLS"),
    ({"MediaSipSecurityProfileObjectId": "none"}, "There is no SIP security profile none"), ({"SipTLSModeEnum": "12"}, "Invalid value"),
    ({"sipDoSRTP": "true"}, "Unknown field sipDoSRTP"), ({"PortCount": "2"}, "PortCount cannot be modified"),
], ids=["srtp", "nge", "profile", "enumeration", "letters", "read-only"])
def test_port_group_settings_that_are_refused(secure, body, words):
    assert words in secure.refused("PUT", secure.group, body)


@pytest.mark.parametrize(("body", "words"), [({"SipDoSRTP": "true"}, NO_SRTP), ({"SipTLSModeEnum": "11"}, NO_ENCRYPTED_MODE)], ids=["srtp", "mode"])
@pytest.mark.parametrize("reading", ["refused", "accepted"])
def test_settings_that_need_encryption(secure, body, words, reading):
    secure.lab.call(secure.node.cluster.unity.encryption.disable)
    secure.lab.world.set_variant("cupi_encryption_check", reading)
    body = {"MediaSipSecurityProfileObjectId": secure.profile, **body}
    if reading == "refused":
        assert secure.refused("PUT", secure.group, body) == words
    else:
        secure.change(secure.group, **body)


@pytest.mark.parametrize(("reading", "status", "kept"), [("all", 204, True), ("ignored", 204, False), ("refused", 400, False)])
def test_which_fields_of_a_port_group_can_be_written(secure, reading, status, kept):
    secure.lab.world.set_variant("cupi_port_group_writes", reading)
    body = {"MediaSipSecurityProfileObjectId": secure.profile, "SipDoSRTP": "true"}
    assert secure.send("PUT", secure.group, body).status_code == status
    row = secure.get(secure.group)
    assert (row["SipDoSRTP"] == "true") is (row["MediaSipSecurityProfileObjectId"] == secure.profile) is (row["ResetStatusEnum"] == "100") is kept
    secure.change(secure.group, MwiOnCode="1")
    assert secure.get(secure.group)["MwiOnCode"] == "1"


@pytest.mark.parametrize(("reading", "shown"), [("shown", True), ("hidden", False)])
def test_whether_a_port_group_shows_its_profile(secure, reading, shown):
    secure.lab.world.set_variant("cupi_profile_shown", reading)
    secure.change(secure.group, MediaSipSecurityProfileObjectId=secure.profile)
    assert (secure.get(secure.group).get("MediaSipSecurityProfileObjectId") == secure.profile) is shown
    assert secure.get(secure.group)["ResetStatusEnum"] == "100"


@pytest.mark.parametrize("field", ["SipEnableNextGenSecurity", "SIPEnableNextGenSecurity", "absent"])
@pytest.mark.parametrize(("write", "status", "kept"), [("stored", 204, "true"), ("ignored", 204, "false"), ("refused", 400, "false")])
def test_next_generation_encryption(secure, field, write, status, kept):
    secure.lab.world.set_variant("cupi_nge_field", field)
    secure.lab.world.set_variant("cupi_nge_write", write)
    name = "SipEnableNextGenSecurity" if field == "absent" else field
    secure.change(secure.group, MediaSipSecurityProfileObjectId=secure.profile)
    assert secure.send("PUT", secure.group, {name: "true"}).status_code == (400 if field == "absent" else status)
    row = secure.get(secure.group)
    assert {key: value for key, value in row.items() if "nextgen" in key.lower()} == ({} if field == "absent" else {field: kept})


@pytest.mark.parametrize(("reading", "value", "works"), [("100", "100", True), ("100", "101", False), ("101", "101", True), ("101", "100", False),
                                                         ("none", "100", False), ("none", "101", False)])
def test_how_a_port_group_is_reset(secure, reading, value, works):
    secure.lab.world.set_variant("cupi_reset", reading)
    secure.change(secure.group, SipTransportProtocolEnum="10")
    assert secure.get(secure.group)["ResetStatusEnum"] == "100"
    secure.change(secure.group, ResetStatusEnum=value)
    assert secure.get(secure.group)["ResetStatusEnum"] == ("101" if works else "100")
    secure.lab.world.clock.advance(60)
    secure.lab.do(secure.lab.world.quiet())
    assert secure.get(secure.group)["ResetStatusEnum"] == ("0" if works else "100")


# ---- servers of a port group

def test_servers_of_a_port_group(cupi):
    path = cupi.group + "/portgroupservers"
    rows = cupi.rows(path, "PortGroupServer")
    assert [(row["MediaRemoteServiceEnum"], row["HostOrIPAddress"], row["Port"], row["TlsPort"], row["Precedence"]) for row in rows] == [
        ("102", "us-cm-sub1.ent-pa.com", "5060", "5061", "0"), ("102", "us-cm-sub2.ent-pa.com", "5060", "5061", "1")]
    made = cupi.add(path, {"MediaRemoteServiceEnum": 101, "HostOrIPAddress": "us-cm-tftp1.ent-pa.com"})
    assert made.startswith(path + "/") and cupi.get(cupi.group)["ResetStatusEnum"] == "100"
    row = cupi.get(made)
    assert (row["URI"], row["MediaRemoteServiceEnum"], row["Precedence"]) == (f"/vmrest{made}", "101", "0")
    cupi.change(made, HostOrIPAddress="us-cm-pub.ent-pa.com", Precedence="3")
    assert cupi.get(made)["HostOrIPAddress"] == "us-cm-pub.ent-pa.com"
    assert cupi.send("DELETE", made).status_code == 204 and len(cupi.rows(path, "PortGroupServer")) == 2


def test_servers_of_a_port_group_that_does_not_exist_are_none(cupi):
    assert cupi.get("/portgroups/bogus/portgroupservers") == {"@total": "0"}
    root = cupi.xml("/portgroups/bogus/portgroupservers")
    assert (root.tag, root.get("total"), len(root)) == ("PortGroupServers", "0", 0)
    cupi.refused("POST", "/portgroups/bogus/portgroupservers", {"MediaRemoteServiceEnum": "101", "HostOrIPAddress": "x"}, 404)


@pytest.mark.parametrize(("body", "words"), [
    ({"MediaRemoteServiceEnum": "102", "HostOrIPAddress": "US-CM-SUB1.ent-pa.com"}, "has this server already"),
    ({"MediaRemoteServiceEnum": "102"}, "HostOrIPAddress or HostOrIPAddressV6 is required"),
    ({"HostOrIPAddress": "x"}, "MediaRemoteServiceEnum is required"), ({"MediaRemoteServiceEnum": "99", "HostOrIPAddress": "x"}, "Invalid value"),
    ({"MediaRemoteServiceEnum": "101", "HostOrIPAddress": "x", "MediaPortGroupObjectId": "other"}, "Invalid value for MediaPortGroupObjectId"),
], ids=["twice", "address", "service", "enumeration", "owner"])
def test_servers_that_are_refused(cupi, body, words):
    assert words in cupi.refused("POST", cupi.group + "/portgroupservers", body)


def test_a_server_under_another_port_group(cupi):
    key = cupi.rows(cupi.group + "/portgroupservers", "PortGroupServer")[0]["ObjectId"]
    cupi.refused("DELETE", f"/portgroups/other/portgroupservers/{key}", status=404)


# ---- what is only read

def test_restriction_tables_and_classes_of_service(cupi):
    tables = {row["ObjectId"]: row for row in cupi.rows("/restrictiontables", "RestrictionTable")}
    for cos in cupi.rows("/coses", "Cos"):
        names = [tables[cos[f"{kind}RestrictionObjectId"]]["DisplayName"] for kind in ("Fax", "Outcall", "Xfer")]
        assert names == ["Default Fax", "Default Outdial", "Default Transfer"]
    root = cupi.xml("/coses")
    assert (root.tag, root[0].tag) == ("Coses", "Cos")
    table = next(row for row in tables.values() if row["DisplayName"] == "Default Transfer")
    patterns = cupi.rows(table["RestrictionPatternsURI"].removeprefix("/vmrest"), "RestrictionPattern")
    assert (patterns[-1]["NumberPattern"], patterns[-1]["Blocked"], patterns[0]["Blocked"]) == ("*", "false", "true")
    assert [row["SequenceNumber"] for row in patterns] == [str(number) for number in range(len(patterns))]
    assert table["Undeletable"] == "true" and patterns[0]["RestrictionTableURI"] == table["URI"]


def test_authentication_rules(cupi):
    rules = {row["DisplayName"]: row for row in cupi.rows("/authenticationrules", "AuthenticationRule")}
    rule = rules["Recommended Voice Mail Authentication Rule"]
    assert (rule["MinLength"], rule["MaxHacks"], rule["TrivialCredChecking"]) == ("6", "3", "true")


def test_version_and_nodes(cupi):
    assert cupi.get("/version") == {"name": "vmrest", "version": "15.0.1.11900-40"}
    assert cupi.xml("/version").tag == "VersionInformation"
    nodes = cupi.rows("/vmsservers", "VmsServer")
    assert [(row["ServerName"], row["ServerState"], row["ServerDisplayState"]) for row in nodes] == [("us-cuc-pub", "1", "3"), ("us-cuc-sub", "8", "4")]
    assert cupi.get("/cluster") == cupi.get("/vmsservers")
    cupi.lab.world.faults.add({"channel": "node", "node": "us-cuc-pub", "action": "never", "times": 0})
    seen = Cupi(cupi.lab, "us-cuc-sub").rows("/cluster", "VmsServer")
    assert [(row["ServerState"], row["ServerDisplayState"]) for row in seen] == [("24", "1"), ("9", "3")]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/ldapdirectories", 404), ("POST", "/restrictiontables", 405), ("PUT", PROFILES, 405),
                                                        ("GET", "/portgroups/a/b/c/d", 404), ("DELETE", PROFILES, 405)])
def test_what_the_lab_does_not_know_is_loud(cupi, method, path, status):
    cupi.refused(method, path, {"DisplayName": "x"} if method != "GET" else None, status)
    assert cupi.lab.world.unknown == 1


# ---- faults, journal, snapshots

def test_faults_and_journal(cupi):
    group, since = cupi.group, len(cupi.lab.world.journal)
    cupi.lab.world.faults.add({"channel": "cupi", "operation": "PUT /portgroups/*", "action": "status", "status": 500})
    cupi.lab.world.faults.add({"channel": "cupi", "operation": "PUT /portgroups/*", "action": "status", "status": 502, "phase": "after"})
    codes = [cupi.send("PUT", group, {"MwiOnCode": code}).status_code for code in ("1", "2", "3")]
    assert codes == [500, 502, 204]
    cupi.send("PUT", group, {"Bogus": "1"})
    writes = [entry for entry in cupi.lab.world.journal.entries(since, writes=True) if entry.channel == "cupi"]
    assert [entry.detail.get("refused", entry.detail.get("fault")) for entry in writes] == ["fault status", "status", None, "400: Unknown field Bogus"]
    assert writes[2].operation == f"PUT {group}" and writes[2].detail["object"] == "PhoneSystem-1" and writes[2].detail["fields"] == ["MwiOnCode"]


def test_a_snapshot_holds_everything(secure):
    secure.change(secure.group, MediaSipSecurityProfileObjectId=secure.profile, SipDoSRTP="true")
    secure.lab.snapshot("secure")
    secure.lab.restore("day0")
    assert secure.get(secure.group)["SipDoSRTP"] == "false" and len(secure.rows(PROFILES, "SipSecurityProfile")) == 1
    secure.lab.restore("secure")
    assert secure.get(secure.group)["SipDoSRTP"] == "true" and secure.node.cluster.unity.encryption.enabled
