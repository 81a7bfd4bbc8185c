"""Cisco Expressway-C and -E, X12.5 to X15.5: clusters of peers with REST, XML and command line over one state (lab.expressway.state)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from typing import Any

from lab.core.appliances import Kind
from lab.core.hostkey import ssh_key
from lab.expressway import acme
from lab.expressway import links
from lab.expressway import mra
from lab.expressway import seed
from lab.expressway.cli import SshDoor
from lab.expressway.mra import MraDoor
from lab.expressway.servers import TABLES
from lab.expressway.sip_door import SipDoor
from lab.expressway.state import Cluster
from lab.expressway.web import WebDoor
from lab.expressway.xmpp_door import XmppDoor

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.appliances import Group

PORTS = {"ssh": ("ansible_port", 22), "https": ("collab_https_port", 443), "http": ("lab_http_port", 20080)}


def _day_zero(group: Group) -> None:
    group.state = Cluster(group)
    seed.fill(group.state)
    links.attach(group.state)
    group.world.keep(f"{group.name}/expressway", group.state.save, group.state.load)
    if group.product == "expressway_e":
        group.world.on_advance(lambda: group.world.spawn(acme.renew(group.state), f"{group.name}: ACME renewal"))


def _host_key(appliance: Appliance) -> str:
    return " ".join(ssh_key(appliance).export_public_key("openssh").decode("ascii").split()[:2])


async def _refresh(group: Group) -> None:
    for peer in group.state.peers:
        await links.refresh(peer)


def _status(group: Group) -> dict[str, Any]:
    cluster: Cluster = group.state
    servers = {table: [{"publisher": row["Publisher"], "verify": row["TlsVerify"], "verified": row["verified"], "nodes": list(row["nodes"])}
                       for row in cluster.primary.table(table).values()] for table in TABLES}
    return {"primary": cluster.primary.name, "servers": servers, "peers": [
        {"name": peer.name, "in_step": cluster.in_step(peer), "restarting": peer.restarting, "restarts": peer.restarts,
         "zones": [{"name": zone.name, "type": zone.type, "uc": zone.uc, "automatic": zone.automatic,
                    "state": peer.zone_results[zone.name].state if zone.name in peer.zone_results else "",
                    "peers": [{"address": address, "port": port, "state": state, "cause": cause} for address, port, state, cause in
                              (peer.zone_results[zone.name].peers if zone.name in peer.zone_results else ())]} for zone in peer.zones()],
         "tunnels": list(peer.tunnels), "mra": mra.problems(peer)}
        for peer in cluster.peers]}


KIND_C = Kind(
    ports=PORTS, roles=frozenset({"primary", "peer"}), head="primary", day_zero=_day_zero, doors=(WebDoor, SshDoor, SipDoor), refresh=_refresh, status=_status,
    pin=lambda appliance: appliance.state.certificates.installed.certificate, host_key=_host_key)
KIND_E = dataclasses.replace(KIND_C, doors=(*KIND_C.doors, acme.ChallengeDoor, MraDoor, XmppDoor))
KINDS = {"expressway_c": KIND_C, "expressway_e": KIND_E}
