"""What only a Unified CM cluster has: its database, its security modes, its devices, and how its services' starts and stops move them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.ucm.db import Database
from lab.ucm.phones import Phones
from lab.ucm.security import ClusterSecurity
from lab.ucm.sip_ports import CALL_MANAGER

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

TFTP = "Cisco Tftp"


def day_zero(cluster: Cluster) -> None:
    """Database, modes and devices as the installation and the estate make them."""
    world = cluster.world
    cluster.security = ClusterSecurity(cluster)
    cluster.phones = Phones(cluster)
    cluster.db = Database(cluster)
    cluster.phones.trunks.day_zero()
    world.on_sip_change(cluster.phones.trunks.far_end_changed)
    world.keep(f"{cluster.name}/db", cluster.db.save, cluster.db.load, shared=True)
    world.keep(f"{cluster.name}/security", cluster.security.save, cluster.security.load)
    world.keep(f"{cluster.name}/phones", cluster.phones.save, cluster.phones.load, shared=True)
    for node in cluster.nodes.values():
        for service in (CALL_MANAGER, TFTP):
            if node.services.running(service):
                cluster.security.started(node, service)
            node.services.on(service, "started", lambda node=node, service=service: cluster.security.started(node, service))


async def come_up(cluster: Cluster) -> None:
    """All devices come up, and follow the services from then on."""
    for node in cluster.nodes.values():
        _follow(node)
    await cluster.phones.day_zero()


def _follow(node: Node) -> None:
    services, phones = node.services, node.cluster.phones
    services.on(CALL_MANAGER, "stopping", lambda: phones.call_manager_stopping(node))
    services.on(CALL_MANAGER, "started", lambda: phones.call_manager_started(node))
    services.on(TFTP, "started", lambda: phones.tftp_started(node))
