"""Day 0 of Unity Connection's tables: what the installation puts there, unless the estate says otherwise.

Estate: phone_systems, sip_security_profiles, port_groups, restriction_tables, classes_of_service, authentication_rules; each replaces
the installation's own. Names of tables, classes and rules: id:63254436486; the patterns are the lab's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from lab.cuc.port_groups import NGE
from lab.cuc.servers import SIP
from lab.cuc.servers import TFTP

if TYPE_CHECKING:
    from lab.cuc.state import UnityConnection

CREATED = "2024-02-01T08:00:00Z"
LONG_DISTANCE = [{"pattern": "+*", "blocked": True}, {"pattern": "9011*", "blocked": True}, {"pattern": "91??????????*", "blocked": True},
                 {"pattern": "*", "blocked": False}]
TABLES = [{"name": name, "patterns": LONG_DISTANCE} for name in ("Default Fax", "Default Outdial", "Default System Transfer", "Default Transfer")]
CLASSES = [{"name": name, "fax": "Default Fax", "outcall": "Default Outdial", "transfer": "Default Transfer"} for name in ("System", "Voice Mail User COS")]
RULES = [
    {"name": "Recommended Voice Mail Authentication Rule", "MaxDays": 180, "MaxHacks": 3, "MinLength": 6},
    {"name": "Recommended Web Application Authentication Rule", "MaxDays": 120, "MaxHacks": 7, "MinLength": 8},
]
RULE = {"HackResetTime": 30, "LockoutDuration": 30, "MaxDays": 180, "MaxHacks": 3, "MinLength": 8, "PrevCredCount": 5, "TrivialCredChecking": True,
        "MinDuration": 1440, "ExpiryWarningDays": 15, "MinCharsToChange": 1}
COS = {"AccessFaxMail": False, "AccessTts": False, "CallHoldAvailable": False, "CallScreenAvailable": False, "CanRecordName": True,
       "ListInDirectoryStatus": True, "MaxGreetingLength": 90, "MaxMsgLength": 300, "MaxNameLength": 30, "MaxPrivateDlists": 25,
       "MovetoDeleteFolder": True, "PersonalAdministrator": True, "RequireSecureMessages": 4}
SWITCH = {"MwiAlwaysUpdate": False, "MwiPortMemory": False, "CallLoopSupervisedTransferDetect": False, "CallLoopForwardNotificationDetect": False,
          "CallLoopDTMF": "A", "CallLoopGuardTimeMs": 2500, "EnablePhoneApplications": False, "DefaultTRaPSwitch": True, "MwiForceOff": False,
          "RestrictDialUnconditional": False, "RestrictDialScheduled": False, "RestrictDialStartTime": 0, "RestrictDialEndTime": 0,
          "CallLoopExtensionDetect": True}
GROUP = {"TelephonyIntegrationMethodEnum": 2, "EnableMWI": True, "CcmDoAutoFailback": True, "MwiOnCode": "", "MwiOffCode": "",
         "MwiRetryCountOnSuccess": 0, "MwiRetryIntervalOnSuccessMs": 5, "SipTransportProtocolEnum": 11, "SipRegisterWithProxyServer": False,
         "SipDoAuthenticate": False, "MwiMinRequestIntervalMs": 0, "MwiMaxConcurrentRequests": 0, "SipTLSModeEnum": 10, "ResetStatusEnum": 0}
PORT = {"TelephonyIntegrationMethodEnum": 2, "CapAnswer": True, "CapNotification": True, "CapMWI": True, "CapEnabled": True, "CapTrapConnection": True}


def text(value: Any) -> str:
    """A value as the tables hold it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def texts(values: dict[str, Any]) -> dict[str, str]:
    """Values as the tables hold them."""
    return {name: text(value) for name, value in values.items()}


def fill(system: UnityConnection) -> None:
    """Fill empty tables. Raises KeyError for a name that the estate refers to and nobody defines."""
    part = system.cluster.estate
    for number, node in enumerate(sorted(system.cluster.nodes.values(), key=lambda node: not node.is_publisher)):
        key = system.key("node", node.name)
        system.put("vmsservers", ObjectId=key, ServerName=node.name, IpAddress=node.address, VmsServerObjectId=key, ClusterMemberId=str(number),
                   HostName=node.fqdn, SubToPerformReplicationRole="false")
    for entry in part.get("phone_systems", [{"name": "PhoneSystem"}]):
        system.put("phonesystems", ObjectId=system.key("phonesystem", entry["name"]), DisplayName=entry["name"], **texts(SWITCH))
    for entry in part.get("sip_security_profiles", [{"port": 5060}]):
        system.put("sipsecurityprofiles", ObjectId=system.key("profile", entry["port"]), Port=text(entry["port"]), DoTLS=text(entry.get("tls", False)))
    for entry in part.get("port_groups", [{"name": "PhoneSystem-1"}]):
        _port_group(system, entry)
    _calling(system, part)


def _named(system: UnityConnection, table: str, name: str) -> str:
    for row in system.rows(table):
        if row.get("DisplayName", row.get("Port")) == name:
            return row["ObjectId"]
    raise KeyError(f"{system.cluster.name}: {table} {name!r} is referred to but not defined")


def _port_group(system: UnityConnection, entry: dict[str, Any]) -> None:
    name = entry["name"]
    switch = _named(system, "phonesystems", entry.get("phone_system", "PhoneSystem"))
    group = system.put("portgroups", ObjectId=system.key("portgroup", name), MediaPortGroupTemplateObjectId=system.key("template", "SIP"),
                       MediaSwitchObjectId=switch, DisplayName=name, **texts(GROUP),
                       MediaSipSecurityProfileObjectId=_named(system, "sipsecurityprofiles", text(entry.get("profile_port", 5060))),
                       **{NGE: text(entry.get("nge", False)), "SipDoSRTP": text(entry.get("srtp", False))})
    manager = system.cluster.cm_cluster
    default = [{"host": node.fqdn} for node in manager.nodes.values() if "call_processing" in node.roles] if manager else []
    for service, servers, ports in ((SIP, entry.get("sip_servers", default), (5060, 5061)), (TFTP, entry.get("tftp_servers", []), (69, 0))):
        for order, server in enumerate(servers):
            system.put("portgroupservers", ObjectId=system.key("server", name, service, server["host"]), MediaPortGroupObjectId=group,
                       MediaRemoteServiceEnum=service, HostOrIPAddress=server["host"], HostOrIPAddressV6="", Precedence=text(order),
                       Port=text(server.get("port", ports[0])), TlsPort=text(server.get("tls_port", ports[1])), SkinnyStateMachineEnum="10")
    nodes = system.rows("vmsservers")
    for number in range(entry.get("ports", 4)):
        node = nodes[number % len(nodes)]
        system.put("ports", ObjectId=system.key("port", name, number), MediaPortGroupObjectId=group, MediaSwitchObjectId=switch,
                   VmsServerObjectId=node["ObjectId"], VmsServerName=system.cluster.nodes[node["ServerName"]].hostname,
                   DisplayName=f"{name}-{number + 1:03}", **texts(PORT))


def _calling(system: UnityConnection, part: dict[str, Any]) -> None:
    for entry in part.get("restriction_tables", TABLES):
        key = system.put("restrictiontables", ObjectId=system.key("restriction", entry["name"]), CreationTime=CREATED, DefaultBlocked="false",
                         MaxDigits="40", MinDigits="1", DisplayName=entry["name"], Undeletable=text(entry["name"].startswith("Default ")))
        for order, pattern in enumerate(entry.get("patterns", LONG_DISTANCE)):
            system.put("restrictionpatterns", ObjectId=system.key("pattern", entry["name"], order), Blocked=text(pattern.get("blocked", True)),
                       NumberPattern=pattern["pattern"], RestrictionTableObjectId=key, SequenceNumber=text(order))
    for entry in part.get("classes_of_service", CLASSES):
        tables = {f"{field}RestrictionObjectId": _named(system, "restrictiontables", entry.get(name, f"Default {default}"))
                  for field, name, default in (("Fax", "fax", "Fax"), ("Outcall", "outcall", "Outdial"), ("Xfer", "transfer", "Transfer"))}
        system.put("coses", ObjectId=system.key("cos", entry["name"]), DisplayName=entry["name"], **tables, **texts(COS),
                   Undeletable=text(entry["name"] in ("System", "Voice Mail User COS")))
    for entry in part.get("authentication_rules", RULES):
        own = {name: value for name, value in entry.items() if name != "name"}
        system.put("authenticationrules", ObjectId=system.key("rule", entry["name"]), DisplayName=entry["name"], **texts({**RULE, **own}))
