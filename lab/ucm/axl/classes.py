"""The classes of objects that the lab's AXL knows, one table each."""
from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from lab.ucm.axl import checks
from lab.ucm.axl import dial_plan
from lab.ucm.axl import hardening
from lab.ucm.axl import phone_checks
from lab.ucm.axl import product_settings
from lab.ucm.axl.model import Column
from lab.ucm.axl.model import Members
from lab.ucm.axl.model import ObjectClass
from lab.ucm.axl.model import col
from lab.ucm.store import Store

_ALL = frozenset(("add", "get", "list", "update", "remove"))
_PROFILE = _ALL | {"apply", "reset"}
_MODE = ("enum", "typedevicesecuritymode")

_CAPF = (
    col("authenticationMode", "tkauthenticationmode", "enum", "typeauthenticationmode"),
    col("keySize", "tkkeysize", "enum", "typekeysize"),
    col("keyOrder", "tkkeyorder", "enum", "typekeyorder"),
    col("ecKeySize", "tkeckeysize", "enum", "typekeysize"),
)

PHONE_SECURITY_PROFILE = ObjectClass(
    "PhoneSecurityProfile", "phoneSecurityProfile", "securityprofile", "PhoneSecurityProfile", _PROFILE,
    (
        col("phoneType", "tkmodel", "enum", "typemodel", "add"),
        col("protocol", "tkdeviceprotocol", "enum", "typedeviceprotocol", "add"),
        col("name", "name", written="add"),
        col("description", "description"),
        col("deviceSecurityMode", "tkdevicesecuritymode", *_MODE),
        *_CAPF,
        col("tftpEncryptedConfig", "tftpencryptedflag", "bool"),
        col("EnableOAuthAuthentication", "sipoauthflag", "bool"),
        col("nonceValidityTime", "noncepolicytime", "int"),
        col("transportType", "tktransport", "enum", "typetransport"),
        col("sipPhonePort", "incomingport", "int"),
        col("enableDigestAuthentication", "digestauthall", "bool"),
        col("excludeDigestCredentials", "excludedigestflag", "bool"),
    ),
    where="tksecuritypolicy in (4, 99)", fixed=checks.phone_policy, check=checks.phone_profile,
)

SIP_TRUNK_SECURITY_PROFILE = ObjectClass(
    "SipTrunkSecurityProfile", "sipTrunkSecurityProfile", "securityprofile", "SipTrunkSecurityProfile", _PROFILE,
    (
        col("name", "name", written="add"),
        col("description", "description"),
        col("securityMode", "tkdevicesecuritymode", *_MODE),
        col("incomingTransport", "tktransport", "enum", "typetransport"),
        col("outgoingTransport", "tktransport_out", "enum", "typetransport"),
        col("digestAuthentication", "digestauthall", "bool"),
        col("noncePolicyTime", "noncepolicytime", "int"),
        col("x509SubjectName", "x509subjectname"),
        col("incomingPort", "incomingport", "int"),
        col("applLevelAuthentication", "applevelauth", "bool"),
        col("acceptPresenceSubscription", "aclpresencesubscription", "bool"),
        col("acceptOutOfDialogRefer", "acloodrefer", "bool"),
        col("acceptUnsolicitedNotification", "aclunsolicitednotification", "bool"),
        col("allowReplaceHeader", "aclallowreplace", "bool"),
        col("transmitSecurityStatus", "transmitsecuritystatus", "bool"),
        col("allowChargingHeader", "allowchargingheader", "bool"),
    ),
    where="tksecuritypolicy in (1, 8)", fixed=lambda store, row: {"tksecuritypolicy": 1}, check=checks.trunk_profile,
)

_DEVICE = (
    col("name", "name", written="add"),
    col("description", "description"),
    col("product", "tkproduct", "enum", "typeproduct", "add"),
    col("model", "tkmodel", "enum", "typemodel", "never"),
    col("class", "tkclass", "enum", "typeclass", "add"),
    col("protocol", "tkdeviceprotocol", "enum", "typedeviceprotocol", "add"),
    col("protocolSide", "tkprotocolside", "enum", "typedeviceprotocolside", "add"),
    col("devicePoolName", "fkdevicepool", "fk", "devicepool"),
    col("locationName", "fklocation", "fk", "location"),
    col("securityProfileName", "fksecurityprofile", "fk", "securityprofile"),
    col("sipProfileName", "fksipprofile", "fk", "sipprofile"),
    col("versionStamp", "versionstamp", written="never"),
    col("networkLocation", "tknetworklocation", "enum", "typenetworklocation"),
    col("callingSearchSpaceName", "fkcallingsearchspace", "fk", "callingsearchspace"),
    col("rerouteCallingSearchSpaceName", "fkcallingsearchspace_reroute", "fk", "callingsearchspace"),
    col("subscribeCallingSearchSpaceName", "fkcallingsearchspace_restrict", "fk", "callingsearchspace"),
)

SIP_TRUNK = ObjectClass(
    "SipTrunk", "sipTrunk", "device", "SipTrunk", _ALL | {"reset", "restart"},
    (
        *_DEVICE,
        col("srtpAllowed", "srtpallowed", "bool"),
        col("srtpFallbackAllowed", "srtpfallbackallowed", "bool"),
        col("runOnEveryNode", "runonallnodes", "bool"),
        col("referCallingSearchSpaceName", "fkcallingsearchspace_refer", "fk", "callingsearchspace"),
    ),
    where="tkmodel=131", fixed=lambda store, row: {"tkmodel": 131}, check=checks.trunk, after_add=checks.make_sip_device,
    lists=(Members("destinations", "destination", "siptrunkdestination", "fksipdevice", "sortorder",
                   (col("addressIpv4", "address"), col("addressIpv6", "addressipv6"), col("port", "port", "int"), col("sortOrder", "sortorder", "int")),
                   owner="select pkid from sipdevice where fkdevice=?", add="addDestinations", remove="removeDestinations"),),
)

# A phone's CAPF settings are those of its security profile, unless AXL's own are kept (variant capf_settings).
_PHONE_CAPF = tuple(
    replace(c, column=f"coalesce((select l.{c.column} from lab_capf l where l.fkdevice=device.pkid), "
                      f"(select s.{c.column} from securityprofile s where s.pkid=fksecurityprofile))", written="never") for c in _CAPF)

PHONE = ObjectClass(
    "Phone", "phone", "device", "Phone", frozenset(("get", "list", "update", "remove", "apply", "reset", "restart")),
    (
        *_DEVICE, *_PHONE_CAPF,
        col("certificateOperation", "tkcertificateoperation", "enum", "typecertificateoperation"),
        col("certificateStatus", "tkcertificatestatus", "enum", "typecertificatestatus", "never"),
        col("authenticationString", "authenticationstring"),
        col("upgradeFinishTime", "upgradefinishtime"),
        col("isActive", "isactive", "bool"),
        col("commonPhoneConfigName", "fkcommonphoneconfig", "fk", "commonphoneconfig"),
        col("sshUserId", "sshuserid"),
    ),
    where="tkclass=(select enum from typeclass where name='Phone')", xml=product_settings.OF_PHONES, check=phone_checks.phone,
)

DEVICE_POOL = ObjectClass(
    "DevicePool", "devicePool", "devicepool", "DevicePool", frozenset(("get", "list", "update", "apply", "reset", "restart")),
    (
        col("name", "name", written="add"),
        col("callManagerGroupName", "fkcallmanagergroup", "fk", "callmanagergroup"),
        col("regionName", "fkregion", "fk", "region"),
        col("dateTimeSettingName", "fkdatetimesetting", "fk", "datetimesetting"),
        col("locationName", "fklocation", "fk", "location"),
        col("srstName", "fksrst", "fk", "srst"),
        col("autoSearchSpaceName", "fkcallingsearchspace_autoregistration", "fk", "callingsearchspace"),
    ),
)

CALL_MANAGER_GROUP = ObjectClass(
    "CallManagerGroup", "callManagerGroup", "callmanagergroup", "CallManagerGroup", frozenset(("get", "list", "update", "apply", "reset")),
    (col("name", "name", written="add"), col("tftpDefault", "tftpdefault", "bool")),
    lists=(Members("members", "member", "callmanagergroupmember", "fkcallmanagergroup", "priority",
                   (col("callManagerName", "fkcallmanager", "fk", "callmanager"), col("priority", "priority", "int")),
                   add="addMembers", remove="removeMembers"),),
)

CALL_MANAGER = ObjectClass(
    "CallManager", "callManager", "callmanager", "CallManager", frozenset(("get", "list", "update")),
    (
        col("name", "name", written="add"),
        col("description", "description"),
        col("autoRegistration/startDn", "autoregstartdn"),
        col("autoRegistration/endDn", "autoregenddn"),
        col("autoRegistration/nextDn", "autoregnextdn"),
        col("autoRegistration/routePartitionName", "autoregpartition", "fk", "routepartition"),
        col("autoRegistration/autoRegistrationEnabled", "autoregistration", "bool"),
        col("autoRegistration/universalDeviceTemplate", "autoregdevicetemplate", "fk", "lab_devicetemplate"),
        col("autoRegistration/lineTemplate", "autoreglinetemplate", "fk", "lab_linetemplate"),
        col("ports/ethernetPhonePort", "ethernetphoneport", "int"),
        col("ports/mgcpPorts/listen", "mgcplistenport", "int"),
        col("ports/mgcpPorts/keepAlive", "mgcpkeepaliveport", "int"),
        col("ports/sipPorts/sipPhonePort", "sipphoneport", "int"),
        col("ports/sipPorts/sipPhoneSecurePort", "sipphonesecureport", "int"),
        col("ports/sipPorts/sipOAuthPort", "sipoauthport", "int"),
        col("ports/sipPorts/sipOAuthMRAPort", "sipoauthmraport", "int"),
        col("processNodeName", "fkprocessnode", "fk", "processnode", "never"),
    ),
)

PROCESS_NODE = ObjectClass(
    "ProcessNode", "processNode", "processnode", "ProcessNode", frozenset(("get", "list")),
    (
        col("name", "name", written="add"),
        col("description", "description"),
        col("mac", "mac", omitted=True),
        col("ipv6Name", "ipv6name"),
        col("lbmHubGroup", "fklbmhubgroup", "fk", "lbmhubgroup"),
        col("nodeUsage", "tknodeusage", "enum", "typenodeusage", "never"),
        col("processNodeRole", "tkprocessnoderole", "enum", "typeprocessnoderole", "never"),
    ),
)

LBM_HUB_GROUP = ObjectClass(
    "LbmHubGroup", "lbmHubGroup", "lbmhubgroup", "LbmHubGroup", frozenset(("get", "list")),
    (
        col("name", "name", written="add"),
        col("description", "description"),
        *(col(f"member{number}", f"member{number}") for number in (1, 2, 3)),
    ),
    lists=(Members("members", "member", "processnode", "fklbmhubgroup", "nodeid", (col("lbmAssignedServices", "pkid", "fk", "processnode"),)),),
)

SRST = ObjectClass(
    "Srst", "srst", "srst", "Srst", _PROFILE | {"restart"},
    (
        col("name", "name", written="add"),
        col("port", "port", "int"),
        col("ipAddress", "ipaddr1"),
        col("ipv6Address", "ipv6addr1"),
        col("SipNetwork", "sipnetwork"),
        col("SipPort", "sipport", "int"),
        col("srstCertificatePort", "srstcertificateport", "int", written="never"),
        col("isSecure", "issecure", "bool"),
    ),
    check=checks.srst,
)

SIP_PROFILE = ObjectClass("SipProfile", "sipProfile", "sipprofile", "SipProfile", frozenset(("get", "list")),
                          (col("name", "name", written="add"), col("description", "description")))
LOCATION = ObjectClass("Location", "location", "location", "Location", frozenset(("get", "list")),
                       (col("name", "name", written="add"), col("id", "id", "int", written="never")))
LDAP_FILTER = ObjectClass("LdapFilter", "ldapFilter", "ldapfilter", "LdapFilter", _ALL,
                          (col("name", "name", written="add"), col("filter", "filter")))

_SERVER = (col("hostName", "hostname"), col("ldapPortNumber", "portnumber", "int"), col("sslEnabled", "sslenabled", "bool"))

LDAP_DIRECTORY = ObjectClass(
    "LdapDirectory", "ldapDirectory", "directorypluginconfig", "LdapDirectory", frozenset(("get", "list", "update")),
    (
        col("name", "name", written="add"),
        col("ldapDn", "ldapdn"),
        col("ldapPassword", "ldappassword", "secret"),
        col("userSearchBase", "usersearchbase"),
        col("repeatable", "repeatable", "bool"),
        col("intervalValue", "intervalvalue", "int"),
        col("scheduleUnit", "tkscheduleunit", "enum", "typescheduleunit"),
        col("nextExecTime", "nextexectime"),
        col("ldapFilter", "fkldapfilter", "fk", "ldapfilter"),
    ),
    lists=(Members("servers", "server", "directorypluginhost", "fkdirectorypluginconfig", "sortorder", _SERVER, numbered=True, uuids=False),),
    check=checks.ldap,
)

LDAP_AUTHENTICATION = ObjectClass(
    "LdapAuthentication", "ldapAuthentication", "ldapauthentication", "LdapAuthentication", frozenset(("get", "update")),
    (
        col("authenticateEndUsers", "authenticateendusers", "bool"),
        col("distinguishedName", "distinguishedname"),
        col("ldapPassword", "ldappassword", "secret"),
        col("userSearchBase", "usersearchbase"),
    ),
    lists=(Members("servers", "server", "ldapauthenticationhost", "fkldapauthentication", "sortorder", _SERVER, numbered=True, uuids=False),),
    check=checks.ldap,
)

LDAP_SYSTEM = ObjectClass(
    "LdapSystem", "ldapSystem", "ldapsystemconfig", "LdapSystem", frozenset(("get", "update")),
    (col("syncEnabled", "syncenabled", "bool"), col("ldapServer", "tkldapserver", "enum", "typeldapserver"), col("userIdAttribute", "useridattribute")),
)

CLASSES: dict[str, ObjectClass] = {c.name: c for c in (
    PHONE_SECURITY_PROFILE, SIP_TRUNK_SECURITY_PROFILE, SIP_TRUNK, PHONE, DEVICE_POOL, CALL_MANAGER_GROUP, CALL_MANAGER, PROCESS_NODE, LBM_HUB_GROUP, SRST,
    SIP_PROFILE, LOCATION, LDAP_FILTER, LDAP_DIRECTORY, LDAP_AUTHENTICATION, LDAP_SYSTEM, *dial_plan.CLASSES, *hardening.CLASSES)}


def _store_value(store: Store, column: Column, value: Any) -> Any:
    if column.kind == "bool":
        return "t" if value in (True, "true", "t") else "f"
    if column.kind == "enum":
        return store.enum(column.table, str(value))
    return int(value) if column.kind == "int" else str(value)


def seed_row(store: Store, class_name: str, fields: dict[str, Any]) -> str:
    """Inserts an object given by AXL element names, as the estate file does; returns its key. Raises KeyError for an unknown element."""
    cls = CLASSES[class_name]
    columns = {c.element: c for c in cls.columns}
    defaults = {e.name: e.default for e in store.schema.root("add" + class_name).child(cls.tag).children if e.default is not None}
    row = {columns[n].column: _store_value(store, columns[n], v) for n, v in {**{n: v for n, v in defaults.items() if n in columns}, **fields}.items()
           if columns[n].written != "never"}
    if cls.fixed:
        row.update(cls.fixed(store, row))
    return store.insert(cls.table, pkid=store.uuid(cls.table, fields.get("name", uuid.uuid4())), **row)
