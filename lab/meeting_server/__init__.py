"""Cisco Meeting Server 2.9 and 3.x: MMP by SSH, files by SFTP, REST API and the services by TLS, over one state (lab.meeting_server.state)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from lab.core.appliances import Kind
from lab.core.hostkey import ssh_key
from lab.meeting_server import seed
from lab.meeting_server.api import WebAdminDoor
from lab.meeting_server.api import links
from lab.meeting_server.doors import BridgeDoor
from lab.meeting_server.doors import C2wDoor
from lab.meeting_server.doors import PostgresDoor
from lab.meeting_server.doors import SipDoor
from lab.meeting_server.doors import XmppDoor
from lab.meeting_server.mmp import MmpDoor
from lab.meeting_server.mmp import commands as commands
from lab.meeting_server.state import Cluster

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.appliances import Group

PORTS = {"ssh": ("ansible_port", 22), "https": ("collab_https_port", 445), "webbridge": ("lab_webbridge_port", 20444), "c2w": ("lab_c2w_port", 9999)}


def _day_zero(group: Group) -> None:
    group.state = Cluster(group)
    seed.fill(group.state)
    group.world.keep(f"{group.name}/meeting_server", group.state.save, group.state.load)


def _host_key(appliance: Appliance) -> str:
    return " ".join(ssh_key(appliance).export_public_key("openssh").decode("ascii").split()[:2])


async def _refresh(group: Group) -> None:
    for server in group.state.servers:
        await links.refresh(server)


def _status(group: Group) -> dict[str, Any]:
    cluster: Cluster = group.state
    return {"servers": [
        {"name": server.name, "reboots": server.reboots, "rebooting": server.rebooting, "web_bridges": dict(server.web_bridges),
         "services": {service.name: {"enabled": service.enabled, "running": server.serving(service.name) is not None,
                                      "certificates": {part or "tls": running.fingerprint
                                                       for part, running in (server.serving(service.name) or {}).items()}}
                      for service in server.services.values()},
         "database": {"role": server.database.role, "primary": server.database.primary, "in_sync": server.database.in_sync,
                      "last": server.database.last, "outcome": server.database.outcome, "error": server.database.error}}
        for server in cluster.servers]}


KINDS = {"meeting_server": Kind(
    ports=PORTS, roles=frozenset({"primary", "callbridge", "database", "webbridge", "xmpp"}), head="primary", day_zero=_day_zero,
    doors=(MmpDoor, WebAdminDoor, SipDoor, BridgeDoor, C2wDoor, PostgresDoor, XmppDoor), status=_status, refresh=_refresh, host_key=_host_key)}
