"""/vmrest/phonesystems and /vmrest/ports, to read (id:63117344626): which port group belongs to which phone system, and the ports of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cuc.model import Field
from lab.cuc.model import Resource
from lab.cuc.model import Row

if TYPE_CHECKING:
    from lab.cuc.state import UnityConnection


def _system_shown(system: UnityConnection, row: Row) -> Row:
    address = f"/vmrest/phonesystems/{row['ObjectId']}"
    return {"PortCount": str(sum(port["MediaSwitchObjectId"] == row["ObjectId"] for port in system.rows("ports"))),
            "AXLServerURI": f"{address}/axlservers", "PhoneSystemAssociationURI": f"{address}/phonesystemassociations"}


def _port_shown(system: UnityConnection, row: Row) -> Row:
    group = system.table("portgroups")[row["MediaPortGroupObjectId"]]
    return {"PortGroupURI": f"/vmrest/portgroups/{group['ObjectId']}", "MediaPortGroupDisplayName": group["DisplayName"],
            "PhoneSystemURI": f"/vmrest/phonesystems/{row['MediaSwitchObjectId']}",
            "MediaSwitchDisplayName": system.table("phonesystems")[row["MediaSwitchObjectId"]]["DisplayName"]}


PHONE_SYSTEMS = Resource(
    "phonesystems", "PhoneSystem",
    (
        Field("DisplayName"),
        *(Field(name, "bool") for name in ("MwiAlwaysUpdate", "MwiPortMemory", "CallLoopSupervisedTransferDetect", "CallLoopForwardNotificationDetect")),
        Field("CallLoopDTMF"),
        *(Field(name, "int") for name in ("CallLoopGuardTimeMs", "PortCount")),
        *(Field(name, "bool") for name in ("EnablePhoneApplications", "DefaultTRaPSwitch", "MwiForceOff", "RestrictDialUnconditional",
                                           "RestrictDialScheduled")),
        *(Field(name, "int") for name in ("RestrictDialStartTime", "RestrictDialEndTime")),
        Field("CallLoopExtensionDetect", "bool"),
        *(Field(name) for name in ("AXLServerURI", "PhoneSystemAssociationURI")),
    ),
    shown=_system_shown,
)
PORTS = Resource(
    "ports", "Port",
    (
        *(Field(name) for name in ("MediaPortGroupObjectId", "PortGroupURI")),
        Field("TelephonyIntegrationMethodEnum", "int"),
        *(Field(name) for name in ("VmsServerObjectId", "DisplayName")),
        *(Field(name, "bool") for name in ("CapAnswer", "CapNotification", "CapMWI", "CapEnabled", "CapTrapConnection")),
        *(Field(name) for name in ("MediaSwitchDisplayName", "MediaSwitchObjectId", "PhoneSystemURI", "MediaPortGroupDisplayName", "VmsServerName")),
    ),
    shown=_port_shown,
)
