"""What the database says about phones and trunks, in the form the simulated devices need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.ucm import srst
from lab.ucm.srst import Reference

if TYPE_CHECKING:
    from lab.core.world import Cluster

PHONES = """
select d.name, d.description, m.name, p.name, d.fkdevicepool, sm.name, s.sipoauthflag, s.tftpencryptedflag, s.name, d.tkcertificateoperation,
    d.upgradefinishtime
from device d left join typemodel m on m.enum = d.tkmodel left join typedeviceprotocol p on p.enum = d.tkdeviceprotocol
left join securityprofile s on s.pkid = d.fksecurityprofile left join typedevicesecuritymode sm on sm.enum = s.tkdevicesecuritymode
where d.tkclass = (select enum from typeclass where name = 'Phone')
"""
LSCS = "select d.name, d.lscvaliduntil, l.issuer from device d join lab_lsc l on l.fkdevice = d.pkid where d.lscvaliduntil > 0"
AT_ONCE = 500       # names of one query
JABBER = ("Cisco Unified Client Services Framework", "Cisco Dual Mode for iPhone", "Cisco Dual Mode for Android", "Cisco Jabber for Tablet")
NO_MIC = (*JABBER, "Third-party SIP Device (Basic)", "Third-party SIP Device (Advanced)")
TRUNKS = """
select d.name, d.description, d.fkdevicepool, d.runonallnodes, sm.name, tout.name, tin.name, s.incomingport, s.x509subjectname, sd.pkid
from device d join sipdevice sd on sd.fkdevice = d.pkid
left join securityprofile s on s.pkid = d.fksecurityprofile left join typedevicesecuritymode sm on sm.enum = s.tkdevicesecuritymode
left join typetransport tout on tout.enum = s.tktransport_out left join typetransport tin on tin.enum = s.tktransport
where d.tkmodel = 131
"""
DESTINATIONS = "select fksipdevice, address, port from siptrunkdestination order by fksipdevice, sortorder"
GROUPS = """
select dp.pkid, cm.fkprocessnode from devicepool dp join callmanagergroupmember g on g.fkcallmanagergroup = dp.fkcallmanagergroup
join callmanager cm on cm.pkid = g.fkcallmanager order by dp.pkid, g.priority
"""


@dataclass(frozen=True)
class Phone:
    """A phone as configured: what its configuration file says.

    mode: "Non Secure", "Authenticated", "Encrypted"; group: inventory names of its CallManagers in order; encrypted_file: whether TFTP
    encrypts the file; profile: name of its security profile; operation: the certificate operation that waits, "" = none; finish: by when.
    """

    name: str
    description: str
    model: str
    protocol: str
    group: tuple[str, ...]
    mode: str = "Non Secure"
    oauth: bool = False
    encrypted_file: bool = False
    profile: str = ""
    operation: str = ""
    finish: str = ""
    srst: Reference = Reference("Disable")

    @property
    def secure(self) -> bool:
        """Whether its profile asks for TLS."""
        return self.mode in ("Authenticated", "Encrypted")


@dataclass(frozen=True)
class Hardware:
    """What a phone is, whatever the database says of it (estate.yml).

    mic: has a certificate of its manufacturer. mra: address of the Expressway-C it comes through, "" = it stands on premises.
    offline: nobody has ever plugged it in. enters: the authentication string that its user types.
    """

    mic: bool = True
    mra: str = ""
    offline: bool = False
    enters: str = ""


@dataclass(frozen=True)
class Lsc:
    """A phone's locally significant certificate. until: epoch; issuer: name of whoever signed it."""

    until: int
    issuer: str


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

    @property
    def incoming_tls(self) -> bool:
        """Whether callers come in by TLS."""
        return self.secure or self.incoming == "TLS"


def _groups(cluster: Cluster) -> dict[str, tuple[str, ...]]:
    by_key = {cluster.db.uuid("processnode", node.name): node.name for node in cluster.nodes.values()}
    result: dict[str, list[str]] = {}
    for pool, key in cluster.db.rows(GROUPS):
        if key in by_key:
            result.setdefault(pool, []).append(by_key[key])
    return {pool: tuple(names) for pool, names in result.items()}


def _named(cluster: Cluster, query: str, names: set[str] | None) -> Iterator[tuple]:
    """Rows of a query whose first column is the device's name, of all devices or of those named. The query ends in a condition."""
    if names is None:
        yield from cluster.db.rows(query)
        return
    listed = list(names)
    for start in range(0, len(listed), AT_ONCE):
        part = listed[start:start + AT_ONCE]
        yield from cluster.db.rows(f"{query} and d.name in ({', '.join('?' * len(part))})", *part)


def phones(cluster: Cluster, names: set[str] | None = None) -> dict[str, Phone]:
    """All phones of the database, or those named."""
    if cluster.db is None:
        return {}
    groups, references, idle = _groups(cluster), srst.of_pools(cluster.db), cluster.db.enum("typecertificateoperation", "No Pending Operation")
    label = cluster.db.label
    jabber_only = cluster.major < 14    # other phones do not know the flag of SIP OAuth (vos.md 2)
    return {
        row[0]: Phone(row[0], row[1] or "", row[2] or "", row[3] or "SIP", groups.get(row[4], ()), row[5] or "Non Secure",
                      row[6] == "t" and (row[2] in JABBER or not jabber_only), row[7] == "t", row[8] or "",
                      "" if row[9] in (None, idle) else label("typecertificateoperation", row[9]), (row[10] or "") if row[9] != idle else "",
                      references.get(row[4], Reference("Disable")))
        for row in _named(cluster, PHONES, names)
    }


def lscs(cluster: Cluster, names: set[str] | None = None) -> dict[str, Lsc]:
    """The locally significant certificates of all phones, or of those named."""
    return {row[0]: Lsc(int(row[1]), row[2]) for row in _named(cluster, LSCS, names)}


def hardware(cluster: Cluster) -> dict[str, Hardware]:
    """What estate.yml says of its phones; phones that it does not name have a certificate of their manufacturer and stand on premises."""
    return {
        phone["name"]: Hardware(bool(phone.get("mic", phone.get("model") not in NO_MIC)), _expressway(phone.get("mra")), bool(phone.get("offline")),
                                str(phone.get("enters", "")))
        for phone in cluster.estate.get("phones", ())
    }


def _expressway(value: object) -> str:
    return "" if not value else "10.88.0.1" if value is True else str(value)


def trunks(cluster: Cluster, names: set[str] | None = None) -> dict[str, Trunk]:
    """All SIP trunks of the database, or those named."""
    rows = [] if cluster.db is None else list(_named(cluster, TRUNKS, names))
    if not rows:
        return {}
    groups = _groups(cluster)
    everywhere = tuple(node.name for node in cluster.nodes.values() if node.services.find("Cisco CallManager").activated)
    destinations: dict[str, list[tuple[str, int]]] = {}
    for key, address, port in cluster.db.rows(DESTINATIONS):
        destinations.setdefault(key, []).append((address, int(port)))
    return {
        row[0]: Trunk(row[0], row[1] or "", everywhere if row[3] == "t" else groups.get(row[2], ()), row[4] in ("Authenticated", "Encrypted"),
                      row[5] or "TCP", row[6] or "TCP+UDP", int(row[7] or 5060), subject_names(row[8]), tuple(destinations.get(row[9], ())))
        for row in rows
    }


def subject_names(text: str | None) -> tuple[str, ...]:
    """The names of an X.509 subject field: separated by blank, comma, semicolon or colon (axl.md 2.2), in lower case."""
    return tuple(name.lower() for name in re.split(r"[\s,;:]+", text or "") if name)
