"""Objects through AXL: what is read, written, refused (axl.md 2 and 5)."""

from __future__ import annotations

import pytest
from lxml import etree

UDT = "Universal Device Template - Model-independent Security Profile"
PROFILE = ("<phoneSecurityProfile><phoneType>Universal Device Template</phoneType><protocol>{protocol}</protocol><name>{name}</name>"
           "<deviceSecurityMode>Encrypted</deviceSecurityMode><authenticationMode>By Existing Certificate (precedence to LSC)</authenticationMode>"
           "<tftpEncryptedConfig>true</tftpEncryptedConfig><transportType>TLS</transportType></phoneSecurityProfile>")


def listed(axl, cls, tag, *tags, name="%"):
    """Rows of a list operation as dicts of element texts."""
    inner = f"<searchCriteria><name>{name}</name></searchCriteria><returnedTags>{''.join(f'<{t}/>' for t in tags)}</returnedTags>"
    return [{e.tag: e.text for e in row} for row in axl.ask("list" + cls, inner).iter(tag)]


def got(axl, cls, tag, name):
    """An object read by name."""
    return axl.ask("get" + cls, f"<name>{name}</name>").find(f"return/{tag}")


@pytest.mark.parametrize("protocol", ["Protocol Not Specified", "SIP"])
def test_built_in_universal_profile_reads_as_the_variant_says_and_new_ones_must_match(axl, protocol):
    axl.lab.world.set_variant("udt_profile_protocol", protocol)
    built_in = got(axl, "PhoneSecurityProfile", "phoneSecurityProfile", UDT)
    assert built_in.findtext("protocol") == protocol
    assert built_in.findtext("phoneType") == "Universal Device Template"
    other = {"SIP": "Protocol Not Specified"}.get(protocol, "SIP")
    assert axl.fault("addPhoneSecurityProfile", PROFILE.format(protocol=other, name="X"))[0] == 5003
    axl.ask("addPhoneSecurityProfile", PROFILE.format(protocol=protocol, name="UDT-Encrypted-LSC"))
    made = got(axl, "PhoneSecurityProfile", "phoneSecurityProfile", "UDT-Encrypted-LSC")
    assert (made.findtext("deviceSecurityMode"), made.findtext("transportType"), made.findtext("keySize")) == ("Encrypted", "TLS", "2048")
    assert made.findtext("EnableOAuthAuthentication") == "false"
    assert made.findtext("nonceValidityTime") == "600"


def test_phone_profile_without_type_is_refused(axl):
    inner = '<phoneSecurityProfile><phoneType xsi:nil="true"/><protocol xsi:nil="true"/><name>X</name></phoneSecurityProfile>'
    assert axl.fault("addPhoneSecurityProfile", inner)[0] == 5003


def test_second_profile_of_a_name_is_a_duplicate(axl):
    inner = PROFILE.format(protocol="Protocol Not Specified", name="Twice")
    axl.ask("addPhoneSecurityProfile", inner)
    code, text = axl.fault("addPhoneSecurityProfile", inner)
    assert code == -239
    assert "duplicate value in a UNIQUE INDEX column" in text
    assert "<faultcode>soapenv:Client</faultcode>" in axl.post("addPhoneSecurityProfile", inner).text
    assert len(listed(axl, "PhoneSecurityProfile", "phoneSecurityProfile", "name", name="Twice")) == 1


def test_profile_in_use_and_standard_profile_cannot_be_removed(axl):
    assert axl.fault("removeSipTrunkSecurityProfile", "<name>CUBE SIP Trunk Profile</name>")[0] == -692
    assert axl.fault("removeSipTrunkSecurityProfile", "<name>Non Secure SIP Trunk Profile</name>")[0] == 5003
    axl.ask("addPhoneSecurityProfile", PROFILE.format(protocol="Protocol Not Specified", name="Gone"))
    axl.ask("removePhoneSecurityProfile", "<name>Gone</name>")
    assert axl.fault("getPhoneSecurityProfile", "<name>Gone</name>") == (5007, "Item not valid: The specified PhoneSecurityProfile was not found")


def test_absent_objects_give_5007_on_get_and_5003_on_update(axl):
    assert axl.fault("getSipTrunk", "<name>NONE</name>") == (5007, "Item not valid: The specified SipTrunk was not found")
    assert axl.fault("updateSipTrunk", "<name>NONE</name><description>x</description>") == (5003, "SipTrunk not found")
    assert axl.fault("resetPhone", "<name>SEP000000000000</name>")[0] == 5007
    assert axl.fault("doDeviceReset", "<deviceName>NONE</deviceName><isHardReset>true</isHardReset>")[0] == 5007


def test_trunk_profile_is_changed_by_name_and_by_uuid(axl):
    before = got(axl, "SipTrunkSecurityProfile", "sipTrunkSecurityProfile", "CUBE SIP Trunk Profile")
    assert before.findtext("acceptOutOfDialogRefer") == "true"
    axl.ask("updateSipTrunkSecurityProfile", "<name>CUBE SIP Trunk Profile</name><securityMode>Encrypted</securityMode>"
            "<incomingTransport>TLS</incomingTransport><outgoingTransport>TLS</outgoingTransport><x509SubjectName>cube1.ent-pa.com</x509SubjectName>")
    axl.ask("updateSipTrunkSecurityProfile", f"<uuid>{before.get('uuid')}</uuid><newName>Secure CUBE</newName><incomingPort>5061</incomingPort>")
    after = got(axl, "SipTrunkSecurityProfile", "sipTrunkSecurityProfile", "Secure CUBE")
    assert after.get("uuid") == before.get("uuid")
    changed = {e.tag for e in after if (e.text or "") != before.findtext(e.tag)}
    assert changed == {"name", "securityMode", "incomingTransport", "outgoingTransport", "x509SubjectName", "incomingPort"}
    assert got(axl, "SipTrunk", "sipTrunk", "US_CUBE").findtext("securityProfileName") == "Secure CUBE"


@pytest.mark.parametrize(("reading", "outcome"), [("as_sent", "TCP"), ("forced_tls", "TLS"), ("refused", None)])
def test_encrypted_profile_without_tls_follows_the_variant(axl, reading, outcome):
    axl.lab.world.set_variant("encrypted_transport", reading)
    inner = ("<sipTrunkSecurityProfile><name>P</name><securityMode>Encrypted</securityMode><incomingTransport>TLS</incomingTransport>"
             "<outgoingTransport>TCP</outgoingTransport><sipV150OutboundSdpOfferFiltering>Use Default Filter</sipV150OutboundSdpOfferFiltering>"
             "</sipTrunkSecurityProfile>")
    if outcome is None:
        assert axl.fault("addSipTrunkSecurityProfile", inner)[0] == 5003
    else:
        axl.ask("addSipTrunkSecurityProfile", inner)
        assert got(axl, "SipTrunkSecurityProfile", "sipTrunkSecurityProfile", "P").findtext("outgoingTransport") == outcome


def destinations(axl, name="US_CUBE"):
    """A trunk's destinations as (address, port, place)."""
    return [(d.findtext("addressIpv4"), d.findtext("port"), d.findtext("sortOrder"))
            for d in got(axl, "SipTrunk", "sipTrunk", name).iterfind("destinations/destination")]


def test_destinations_are_replaced_whole_or_changed_one_by_one(axl):
    whole = "".join(f"<destination><addressIpv4>127.78.49.{n}</addressIpv4><port>5061</port><sortOrder>{n}</sortOrder></destination>" for n in (1, 2))
    axl.ask("updateSipTrunk", f"<name>US_CUBE</name><srtpAllowed>true</srtpAllowed><destinations>{whole}</destinations>")
    assert destinations(axl) == [("127.78.49.1", "5061", "1"), ("127.78.49.2", "5061", "2")]
    assert got(axl, "SipTrunk", "sipTrunk", "US_CUBE").findtext("srtpAllowed") == "true"
    one = "<destination><addressIpv4>127.78.49.{0}</addressIpv4><port>5061</port><sortOrder>{0}</sortOrder></destination>"
    axl.ask("updateSipTrunk", f"<name>US_CUBE</name><removeDestinations>{one.format(2)}</removeDestinations><addDestinations>{one.format(3)}</addDestinations>")
    assert destinations(axl) == [("127.78.49.1", "5061", "1"), ("127.78.49.3", "5061", "3")]
    axl.ask("updateSipTrunk", "<name>US_CUBE</name><description>only this</description>")
    assert len(destinations(axl)) == 2


def test_destinations_need_places_of_their_own(axl):
    same = "<destination><addressIpv4>127.78.49.9</addressIpv4><port>5061</port><sortOrder>1</sortOrder></destination>" * 2
    assert axl.fault("updateSipTrunk", f"<name>US_CUBE</name><destinations>{same}</destinations>")[0] == 5003
    assert len(destinations(axl)) == 2
    assert destinations(axl)[0][1] == "5060"


NEW_TRUNK = ("<sipTrunk><name>NEW</name><product>SIP Trunk</product><class>Trunk</class><protocol>SIP</protocol><protocolSide>Network</protocolSide>"
             "<devicePoolName>US_DP_1</devicePoolName><locationName>Hub_None</locationName><securityProfileName>{}"
             "</securityProfileName><sipProfileName>Standard SIP Profile</sipProfileName><presenceGroupName>Standard Presence group</presenceGroupName>"
             "<destinations><destination><addressIpv4>127.78.49.7</addressIpv4><sortOrder>1</sortOrder></destination></destinations>"
             "<callingAndCalledPartyInfoFormat>Deliver DN only in connected party</callingAndCalledPartyInfoFormat></sipTrunk>")
SECURE = ("<securityMode>Encrypted</securityMode><incomingTransport>TLS</incomingTransport><outgoingTransport>TLS</outgoingTransport>"
          "<x509SubjectName>{}</x509SubjectName><incomingPort>{}</incomingPort>")


def secure_profile(axl, name, subjects, port):
    """Add a trunk security profile with TLS."""
    axl.ask("addSipTrunkSecurityProfile", f"<sipTrunkSecurityProfile><name>{name}</name>{SECURE.format(subjects, port)}"
            "<sipV150OutboundSdpOfferFiltering>Use Default Filter</sipV150OutboundSdpOfferFiltering></sipTrunkSecurityProfile>")


def test_trunk_is_added_with_its_required_elements_only(axl):
    axl.ask("addSipTrunk", NEW_TRUNK.format("Non Secure SIP Trunk Profile"))
    made = got(axl, "SipTrunk", "sipTrunk", "NEW")
    assert destinations(axl, "NEW") == [("127.78.49.7", "5060", "1")]
    assert made.findtext("presenceGroupName") == "Standard Presence group"
    assert made.findtext("trunkTrafficSecure") == "When using both sRTP and TLS"
    axl.ask("removeSipTrunk", "<name>NEW</name>")
    assert [t["name"] for t in listed(axl, "SipTrunk", "sipTrunk", "name")] == ["US_CUBE"]


def test_a_trunk_by_tls_does_not_share_its_port_with_another(axl):
    secure_profile(axl, "Secure", "a.ent-pa.com", 5060)
    code, text = axl.fault("addSipTrunk", NEW_TRUNK.format("Secure"))
    assert code == 5003 and "Incoming port 5060" in text
    axl.ask("updateSipTrunkSecurityProfile", "<name>Secure</name><incomingPort>5061</incomingPort>")
    axl.ask("addSipTrunk", NEW_TRUNK.format("Secure"))
    assert axl.fault("updateSipTrunkSecurityProfile", "<name>Secure</name><incomingPort>5060</incomingPort>")[0] == 5003
    axl.ask("updateSipTrunk", "<name>US_CUBE</name><securityProfileName>Secure</securityProfileName>")
    axl.ask("updateSipTrunkSecurityProfile", "<name>Secure</name><incomingPort>5060</incomingPort>")


def test_two_profiles_of_trunks_do_not_share_a_name_on_a_port(axl):
    axl.ask("updateSipTrunkSecurityProfile", f"<name>CUBE SIP Trunk Profile</name>{SECURE.format('cube1.ent-pa.com, cube2.ent-pa.com', 5061)}")
    secure_profile(axl, "Secure", "CUBE2.ent-pa.com", 5061)
    code, text = axl.fault("addSipTrunk", NEW_TRUNK.format("Secure"))
    assert code == 5003 and "cube2.ent-pa.com" in text
    axl.ask("updateSipTrunkSecurityProfile", "<name>Secure</name><x509SubjectName>cube3.ent-pa.com</x509SubjectName>")
    axl.ask("addSipTrunk", NEW_TRUNK.format("Secure"))
    assert axl.fault("updateSipTrunkSecurityProfile", "<name>Secure</name><x509SubjectName>cube1.ent-pa.com;x</x509SubjectName>")[0] == 5003
    axl.ask("updateSipTrunkSecurityProfile", "<name>Secure</name><x509SubjectName>cube1.ent-pa.com</x509SubjectName><incomingPort>5071</incomingPort>")


def test_list_of_trunks_has_no_destinations_and_returned_tags_keep_their_order(axl):
    code, text = axl.fault("listSipTrunk", "<searchCriteria><name>%</name></searchCriteria><returnedTags><destinations/></returnedTags>")
    assert code == 5000
    assert "destinations" in text
    assert axl.fault("listSipTrunk", "<searchCriteria><name>%</name></searchCriteria><returnedTags><srtpAllowed/><name/></returnedTags>")[0] == 5000


def test_element_without_a_column_is_kept_and_read_back(axl):
    axl.ask("updatePhone", "<name>CSFJDOE</name><dndStatus>true</dndStatus><digestUser>jdoe</digestUser>")
    phone, other = got(axl, "Phone", "phone", "CSFJDOE"), got(axl, "Phone", "phone", "SEP0011AABB0001")
    assert (phone.findtext("dndStatus"), phone.findtext("digestUser")) == ("true", "jdoe")
    assert (other.findtext("dndStatus"), other.findtext("digestUser")) == ("false", "")


@pytest.mark.parametrize(("reading", "mode"), [("profile", "By Null String"), ("phone", "By Authentication String")])
def test_capf_fields_change_only_with_a_certificate_operation(axl, reading, mode):
    axl.lab.world.set_variant("capf_settings", reading)
    code, text = axl.fault("updatePhone", "<name>CSFJDOE</name><authenticationMode>By Authentication String</authenticationMode>")
    assert code == 5003
    assert "certificateOperation" in text
    axl.ask("updatePhone", "<name>CSFJDOE</name><certificateOperation>Install/Upgrade</certificateOperation>"
            "<authenticationMode>By Authentication String</authenticationMode><authenticationString>12345</authenticationString>")
    row = listed(axl, "Phone", "phone", "certificateOperation", "authenticationMode", "certificateStatus", name="CSFJDOE")[0]
    assert row == {"certificateOperation": "Install/Upgrade", "certificateStatus": "Operation Pending", "authenticationMode": mode}


def test_phone_takes_a_universal_profile_but_no_other_models_nor_a_trunks(axl):
    update = "<name>CSFJDOE</name><securityProfileName>{}</securityProfileName>"
    assert axl.fault("updatePhone", update.format("Cisco 8845 - Standard SIP Non-Secure Profile"))[0] == 5003
    assert axl.fault("updatePhone", update.format("CUBE SIP Trunk Profile"))[0] == 5007
    assert axl.fault("updatePhone", update.format("Nobody's"))[0] == 5007
    axl.ask("updatePhone", update.format(UDT))
    assert listed(axl, "Phone", "phone", "securityProfileName", name="CSF%")[0]["securityProfileName"] == UDT


def test_phone_type_and_protocol_are_no_elements_of_an_update(axl):
    assert axl.fault("updatePhoneSecurityProfile", f"<name>{UDT}</name><protocol>SIP</protocol>")[0] == 5000


def test_enumerations_are_checked_though_the_schema_lets_any_text_pass(axl):
    code, text = axl.fault("updateSipTrunkSecurityProfile", "<name>CUBE SIP Trunk Profile</name><securityMode>Very Secure</securityMode>")
    assert code == 5007
    assert "Very Secure" in text


@pytest.mark.parametrize(("reading", "fine"), [("refused", False), ("accepted", True)])
def test_capitalised_booleans_follow_the_variant(axl, reading, fine):
    axl.lab.world.set_variant("axl_capitalised_booleans", reading)
    response = axl.post("updateSipTrunk", "<name>US_CUBE</name><srtpAllowed>True</srtpAllowed>")
    assert (response.status_code == 200) is fine
    assert (got(axl, "SipTrunk", "sipTrunk", "US_CUBE").findtext("srtpAllowed") == "true") is fine


def test_order_of_elements_matters(axl):
    code, text = axl.fault("updatePhone", "<certificateOperation>Delete</certificateOperation><name>CSFJDOE</name>")
    assert code == 5000
    assert text == "cvc-complex-type.2.4.a: Invalid content was found starting with element 'certificateOperation'. One of '{name, uuid}' is expected."


def test_paging_and_patterns(axl):
    page = "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/></returnedTags><skip>{}</skip><first>2</first>"
    names = [[p.findtext("name") for p in axl.ask("listPhone", page.format(n)).iter("phone")] for n in (0, 2, 4)]
    assert names == [["CSFJDOE", "SEP0011AABB0001"], ["SEP0011AABB0002"], []]
    assert len(axl.ask("listPhone", page.format(4)).find("return")) == 0
    by_pool = "<searchCriteria><name>SEP%</name><devicePoolName>US_DP%</devicePoolName></searchCriteria><returnedTags><name/></returnedTags>"
    assert len(axl.ask("listPhone", by_pool).findall("return/phone")) == 2


def test_references_carry_their_uuid(axl):
    phone = got(axl, "Phone", "phone", "CSFJDOE")
    pool = got(axl, "DevicePool", "devicePool", "US_DP_1")
    assert phone.find("devicePoolName").get("uuid") == pool.get("uuid")
    axl.ask("updatePhone", f"<name>CSFJDOE</name><devicePoolName uuid=\"{got(axl, 'DevicePool', 'devicePool', 'Default').get('uuid')}\"/>")
    assert got(axl, "Phone", "phone", "CSFJDOE").findtext("devicePoolName") == "Default"


def test_returned_tags_limit_a_get_nested_ones_too(axl):
    inner = "<name>CM_us-cm-sub1</name><returnedTags><name/><ports><sipPorts><sipOAuthPort/></sipPorts></ports></returnedTags>"
    reply = axl.ask("getCallManager", inner).find("return/callManager")
    assert [e.tag for e in reply.iter()] == ["callManager", "name", "ports", "sipPorts", "sipOAuthPort"]
    assert reply.findtext("ports/sipPorts/sipOAuthPort") == "5090"


def test_system_objects(axl):
    nodes = listed(axl, "ProcessNode", "processNode", "name", "nodeUsage", "processNodeRole")
    assert {"name": "EnterpriseWideData", "nodeUsage": "Subscriber", "processNodeRole": "CUCM Voice/Video"} in nodes
    assert [n["name"] for n in nodes if n["nodeUsage"] == "Publisher"] == ["us-cm-pub.ent-pa.com"]
    group = got(axl, "CallManagerGroup", "callManagerGroup", "US_CMG_1")
    assert [m.text for m in group.iter("callManagerName")] == ["CM_us-cm-sub1", "CM_us-cm-sub2"]
    assert got(axl, "CallManager", "callManager", "CM_us-cm-sub1").findtext("processNodeName") == "us-cm-sub1.ent-pa.com"
    axl.lab.world.set_variant("process_node_names", "hostname")
    assert "us-cm-sub1" in [n["name"] for n in listed(axl, "ProcessNode", "processNode", "name")]


def test_ldap_and_srst(axl):
    server = "<server><hostName>ad1.ent-pa.com</hostName><ldapPortNumber>636</ldapPortNumber><sslEnabled>true</sslEnabled></server>"
    axl.ask("updateLdapDirectory", f"<name>AD</name><servers>{server}</servers><ldapFilter>People</ldapFilter>")
    directory = got(axl, "LdapDirectory", "ldapDirectory", "AD")
    assert [e.text for e in directory.find("servers/server")] == ["ad1.ent-pa.com", "636", "true"]
    assert directory.findtext("ldapFilter") == "People"
    axl.ask("updateLdapAuthentication", f"<servers>{server.replace('636', '3269')}</servers>")
    assert axl.ask("getLdapAuthentication").findtext("return/ldapAuthentication/servers/server/ldapPortNumber") == "3269"
    axl.ask("updateSrst", "<name>US_SRST</name><isSecure>true</isSecure>")
    assert got(axl, "Srst", "srst", "US_SRST").findtext("isSecure") == "true"
    assert axl.fault("updateSrst", "<name>US_SRST</name><srstCertificatePort>2445</srstCertificatePort>")[0] == 5000


@pytest.mark.parametrize(("operation", "inner"), [
    ("resetPhone", "<name>CSFJDOE</name>"), ("restartPhone", "<name>CSFJDOE</name>"),
    ("doDeviceReset", "<deviceName>CSFJDOE</deviceName><deviceResetType>Reset</deviceResetType>"),
    ("doDeviceReset", "<deviceName>CSFJDOE</deviceName><isHardReset>false</isHardReset>"),
    ("resetDevicePool", "<name>US_DP_1</name>"), ("resetCallManagerGroup", "<name>US_CMG_1</name>"), ("resetEnterpriseParameters", ""),
    ("resetPhoneSecurityProfile", "<name>Cisco Unified Client Services Framework - Standard SIP Non-Secure Profile</name>")])
def test_resets_reach_the_devices(axl, operation, inner):
    before = axl.lab.cluster.phones.registration("CSFJDOE")
    assert axl.ask(operation, inner).findtext("return") == "true"
    assert axl.lab.cluster.phones.registration("CSFJDOE") != before
    assert axl.journal()[-1].kind == "write"


def test_a_phone_security_profile_may_reach_nobody(axl):
    axl.lab.world.set_variant("phone_profile_reach", "nobody")
    before = axl.lab.cluster.phones.registration("CSFJDOE")
    axl.ask("resetPhoneSecurityProfile", "<name>Cisco Unified Client Services Framework - Standard SIP Non-Secure Profile</name>")
    assert axl.lab.cluster.phones.registration("CSFJDOE") == before


def test_apply_reaches_what_changed_only(axl):
    phones = axl.lab.cluster.phones
    before = {name: phones.registration(name) for name in ("CSFJDOE", "SEP0011AABB0001")}
    axl.ask("applyPhone", "<name>CSFJDOE</name>")
    assert phones.registration("CSFJDOE") == before["CSFJDOE"]
    axl.ask("updatePhone", f"<name>CSFJDOE</name><description>new</description><securityProfileName>{UDT}</securityProfileName>")
    axl.ask("applyPhone", "<name>CSFJDOE</name>")
    assert phones.registration("CSFJDOE") != before["CSFJDOE"]
    assert phones.registration("SEP0011AABB0001") == before["SEP0011AABB0001"]


def test_licence_version_and_system(axl):
    licence = axl.ask("getSmartLicenseStatus").find("LicenseDetails")
    assert licence.findtext("Registration/ExportControlFunctionality") == "ALLOWED"
    assert licence.findtext("Registration/Status") == "Registered"
    assert axl.ask("getCCMVersion").findtext("return/componentVersion/version").startswith("15.0.1.")
    assert axl.fault("getCCMVersion", "<processNodeName>elsewhere</processNodeName>")[0] == 5007
    assert axl.ask("getOSVersion").findtext("return/os/osName")


def test_every_implemented_operation_is_one_of_the_schema(axl):
    from lab.ucm.axl.operations import OPERATIONS

    schema = axl.lab.cluster.db.schema
    assert sorted(name for name in OPERATIONS if not schema.has(name)) == []


def test_operation_of_the_schema_that_the_lab_lacks_is_refused_loudly(axl):
    before = axl.lab.world.unknown
    code, text = axl.fault("getUser", "<userid>jdoe</userid>")
    assert code == 5000
    assert "getUser" in text
    assert axl.lab.world.unknown == before + 1


def test_removal_of_checks_is_seen(axl):
    """A must-refuse check taken out really lets the request pass (so that tests of clients can notice)."""
    axl.lab.world.mutated.update(("axl_duplicate_name", "axl_enumeration", "axl_capf_fields", "axl_remove_in_use"))
    inner = PROFILE.format(protocol="Protocol Not Specified", name="Twice")
    axl.ask("addPhoneSecurityProfile", inner)
    axl.ask("addPhoneSecurityProfile", inner)
    axl.ask("updateSipTrunkSecurityProfile", "<name>CUBE SIP Trunk Profile</name><securityMode>Very Secure</securityMode>")
    axl.ask("updatePhone", "<name>CSFJDOE</name><authenticationMode>By Authentication String</authenticationMode>")
    axl.ask("removeSipTrunkSecurityProfile", "<name>CUBE SIP Trunk Profile</name>")
    assert etree.QName(axl.ask("listPhone", "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/></returnedTags>")).localname
