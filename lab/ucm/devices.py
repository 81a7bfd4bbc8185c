"""What the database says about phones and trunks, in the form the simulated devices need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.core.world import Cluster

PHONES = """
select d.name, d.description, m.name, p.name, d.fkdevicepool, sm.name, s.sipoauthflag, s.tftpencryptedflag, d.lscvaliduntil
from device d join typeclass c on c.enum = d.tkclass and c.name = 'Phone'
left join typemodel m on m.enum = d.tkmodel left join typedeviceprotocol p on p.enum = d.tkdeviceprotocol
left join securityprofile s on s.pkid = d.fksecurityprofile left join typedevicesecuritymode sm on sm.enum = s.tkdevicesecuritymode
"""
TRUNKS = """
select d.name, d.description, d.fkdevicepool, d.runonallnodes, sm.name, tout.name, tin.name, s.incomingport, s.x509subjectname, sd.pkid
from device d join typemodel m on m.enum = d.tkmodel and m.name = 'SIP Trunk' join sipdevice sd on sd.fkdevice = d.pkid
left join securityprofile s on s.pkid = d.fksecurityprofile left join typedevicesecuritymode sm on sm.enum = s.tkdevicesecuritymode
left join typetransport tout on tout.enum = s.tktransport_out left join typetransport tin on tin.enum = s.tktransport
"""
DESTINATIONS = "select fksipdevice, address, port from siptrunkdestination order by fksipdevice, sortorder"
GROUPS = """
select dp.pkid, cm.fkprocessnode from devicepool dp join callmanagergroupmember g on g.fkcallmanagergroup = dp.fkcallmanagergroup
join callmanager cm on cm.pkid = g.fkcallmanager order by dp.pkid, g.priority
"""


@dataclass(frozen=True)
class Phone:
    """A phone as configured. mode: "Non Secure", "Authenticated", "Encrypted"; group: inventory names of its CallManagers in order."""

    name: str
    description: str
    model: str
    protocol: str
    group: tuple[str, ...]
    mode: str = "Non Secure"
    oauth: bool = False
    has_lsc: bool = False

    @property
    def secure(self) -> bool:
        """Whether its profile asks for TLS."""
        return self.mode in ("Authenticated", "Encrypted")


@dataclass(frozen=True)
class Trunk:
    """A SIP trunk as configured. subjects: the X.509 subject names of its profile; nodes: where it runs, inventory names."""

    name: str
    description: str
    nodes: tuple[str, ...]
    secure: bool
    transport: str
    incoming: str
    incoming_port: int
    subjects: tuple[str, ...]
    destinations: tuple[tuple[str, int], ...]


def _groups(cluster: Cluster) -> dict[str, tuple[str, ...]]:
    by_key = {cluster.db.uuid("processnode", node.name): node.name for node in cluster.nodes.values()}
    result: dict[str, list[str]] = {}
    for pool, key in cluster.db.rows(GROUPS):
        if key in by_key:
            result.setdefault(pool, []).append(by_key[key])
    return {pool: tuple(names) for pool, names in result.items()}


def phones(cluster: Cluster, names: set[str] | None = None) -> dict[str, Phone]:
    """All phones of the database, or those named."""
    if cluster.db is None:
        return {}
    groups, now = _groups(cluster), cluster.world.clock.epoch()
    return {
        row[0]: Phone(row[0], row[1] or "", row[2] or "", row[3] or "SIP", groups.get(row[4], ()), row[5] or "Non Secure", row[6] == "t",
                      bool(row[8]) and int(row[8]) > now)
        for row in cluster.db.rows(PHONES)
        if names is None or row[0] in names
    }


def trunks(cluster: Cluster, names: set[str] | None = None) -> dict[str, Trunk]:
    """All SIP trunks of the database, or those named."""
    if cluster.db is None:
        return {}
    groups = _groups(cluster)
    everywhere = tuple(node.name for node in cluster.nodes.values() if node.services.find("Cisco CallManager").activated)
    destinations: dict[str, list[tuple[str, int]]] = {}
    for key, address, port in cluster.db.rows(DESTINATIONS):
        destinations.setdefault(key, []).append((address, int(port)))
    return {
        row[0]: Trunk(row[0], row[1] or "", everywhere if row[3] == "t" else groups.get(row[2], ()), row[4] in ("Authenticated", "Encrypted"),
                      row[5] or "TCP", row[6] or "TCP+UDP", int(row[7] or 5060), subject_names(row[8]), tuple(destinations.get(row[9], ())))
        for row in cluster.db.rows(TRUNKS)
        if names is None or row[0] in names
    }


def subject_names(text: str | None) -> tuple[str, ...]:
    """The names of an X.509 subject field: separated by blank, comma, semicolon or colon (axl.md 2.2), in lower case."""
    return tuple(name.lower() for name in re.split(r"[\s,;:]+", text or "") if name)
