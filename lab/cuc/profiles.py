"""/vmrest/sipsecurityprofiles: transcripts 30 and 31, id:63117344626. The display name is made from port and TLS: "5060", "5061/TLS"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.cuc.model import Field
from lab.cuc.model import Resource
from lab.cuc.model import Row
from lab.cuc.model import invalid

if TYPE_CHECKING:
    from lab.cuc.state import UnityConnection

PATH = "sipsecurityprofiles"

refusal("cupi_profile_port_taken", "lab.md 5 (inferred)", "a second SIP security profile for a port")
refusal("cupi_profile_in_use", "lab.md 5 (inferred)", "removing a SIP security profile that a port group uses")


def users(system: UnityConnection, key: str) -> list[Row]:
    """The port groups that use a profile."""
    return [group for group in system.rows("portgroups") if group["MediaSipSecurityProfileObjectId"] == key]


def display_name(row: Row) -> str:
    """The name that the product gives a profile."""
    return row["Port"] + ("/TLS" if row["DoTLS"] == "true" else "")


def _check(system: UnityConnection, before: Row | None, after: Row | None) -> None:
    if after is None:
        if users(system, before["ObjectId"]) and system.world.refuses("cupi_profile_in_use"):
            raise invalid(f"The SIP security profile {display_name(before)} is in use by a port group")
        return
    others = [row for row in system.rows(PATH) if row["ObjectId"] != after["ObjectId"]]
    if any(row["Port"] == after["Port"] for row in others) and system.world.refuses("cupi_profile_port_taken"):
        raise invalid(f"There is a SIP security profile for port {after['Port']} already")


def _settle(system: UnityConnection, before: Row | None, after: Row | None, _body: Row) -> None:
    if before is not None and after is not None and before != after:
        for group in users(system, after["ObjectId"]):
            system.needs_reset(group["ObjectId"])


PROFILES = Resource(
    PATH, "SipSecurityProfile",
    (
        Field("Port", "int", "always", needed=True, least=1, most=65535),
        Field("DoTLS", "bool", "always", default="false"),
        Field("DisplayName"),
    ),
    verbs=frozenset({"POST", "PUT", "DELETE"}), check=_check, settle=_settle,
    shown=lambda _system, row: {"DisplayName": display_name(row)},
)
