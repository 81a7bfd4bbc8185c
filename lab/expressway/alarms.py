"""Alarms of a peer, as its status shows them. Numbers and words are the product's where a source has them (15022, 40049), else the lab's own.

Sources: expressway.md 3, 4.1, 4.5.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.expressway.state import Peer

_SPACE = uuid.UUID("8c2c7a53-5f0b-47d4-9a55-3d1f7f5c1a90")
RESTART, PERMISSIVE, REPLICATION, UNREACHED, TUNNEL = 15007, 40049, 20003, 20006, 45009


@dataclass(frozen=True)
class Alarm:
    """One alarm that is raised."""

    number: int
    reason: str

    @property
    def identity(self) -> str:
        """Its ID: the same wherever it is raised."""
        return str(uuid.uuid5(_SPACE, str(self.number)))


def is_there(appliance: Appliance) -> bool:
    """Whether a peer answers the others."""
    return appliance.doors.is_up and not appliance.doors.is_away


def of(peer: Peer) -> list[Alarm]:
    """The alarms that are raised now."""
    found = []
    if peer.certificates.waits_for_restart:
        found.append(Alarm(RESTART, "Restart required - Security certificates have been updated, however a restart is required for this to take effect"))
    broken = [row["Peer"] for row in peer.tunnels if row["Status"] != "Active"]
    if broken:
        hosts = ", ".join(broken)
        found.append(Alarm(TUNNEL, f"Unified Communications SSH tunnel failure - This system cannot communicate with one or more remote hosts: {hosts}"))
    others = [other for other in peer.cluster.peers if other is not peer]
    if others:
        found.append(Alarm(PERMISSIVE, "Cluster TLS permissive - Cluster TLS verification mode permits invalid certificates"))
        if any(not is_there(other.appliance) for other in others):
            found.append(Alarm(UNREACHED, "Cluster communication failure - The system is unable to communicate with one or more of the cluster peers"))
        if peer.world.faults.standing(peer.appliance, "replication", "configuration") is not None:
            found.append(Alarm(REPLICATION, "Cluster replication error - There was an error during automatic replication of configuration"))
    return found
