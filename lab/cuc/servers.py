"""/vmrest/portgroups/ID/portgroupservers: the SIP and TFTP servers of a port group (id:33191523057; vos.md 4).

A list of a port group that does not exist has no rows and is no error (id:33361196594).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.cuc.model import Field
from lab.cuc.model import Resource
from lab.cuc.model import Row
from lab.cuc.model import invalid

if TYPE_CHECKING:
    from lab.cuc.state import UnityConnection

PATH = "portgroupservers"
OWNER, SERVICE = "MediaPortGroupObjectId", "MediaRemoteServiceEnum"
TFTP, SIP = "101", "102"

refusal("cupi_server_twice", "lab.md 5 (inferred)", "one server twice for one service of a port group")
refusal("cupi_server_address", "id:63206118790", "a server with neither an IPv4 nor an IPv6 address or name")


def _taken(system: UnityConnection, before: Row | None, body: Row) -> Row:
    if before is not None:
        return body
    places = [int(row["Precedence"]) for row in system.rows(PATH) if row[OWNER] == body[OWNER] and row[SERVICE] == body[SERVICE]]
    ports = {"Port": "69", "TlsPort": "0"} if body[SERVICE] == TFTP else {"Port": "5060", "TlsPort": "5061"}
    return {**ports, "Precedence": str(max(places, default=-1) + 1), **body}


def _check(system: UnityConnection, before: Row | None, after: Row | None) -> None:
    world = system.world
    if after is None:
        return
    if not after["HostOrIPAddress"] and not after["HostOrIPAddressV6"] and world.refuses("cupi_server_address"):
        raise invalid("HostOrIPAddress or HostOrIPAddressV6 is required")
    alike = [row for row in system.rows(PATH) if row["ObjectId"] != after.get("ObjectId")
             and all(row[name].lower() == after[name].lower() for name in (OWNER, SERVICE, "HostOrIPAddress", "HostOrIPAddressV6"))]
    if alike and world.refuses("cupi_server_twice"):
        raise invalid(f"The port group has this server already: {after['HostOrIPAddress']}")


def _settle(system: UnityConnection, before: Row | None, after: Row | None, _body: Row) -> None:
    if before != after:
        system.needs_reset((after or before)[OWNER])


SERVERS = Resource(
    PATH, "PortGroupServer",
    (
        Field(OWNER, written="add"),
        Field(SERVICE, "int", "add", needed=True, choices=(100, 101, 102, 103, 104)),
        Field("HostOrIPAddress", written="always", default=""),
        Field("HostOrIPAddressV6", written="always", default=""),
        Field("Port", "int", "always", most=65535),
        Field("TlsPort", "int", "always", most=65535),
        Field("Precedence", "int", "always"),
        Field("SkinnyStateMachineEnum", "int", "always", choices=(10,), default="10"),
    ),
    under="portgroups", owner=OWNER, verbs=frozenset({"POST", "PUT", "DELETE"}), taken=_taken, check=_check, settle=_settle,
)
