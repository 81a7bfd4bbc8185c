"""What ties Unified CM clusters together besides trunks: ILS and LBM, and how their services' starts and stops move them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.ucm import ils
from lab.ucm import lbm

if TYPE_CHECKING:
    from lab.core.world import Cluster


def day_zero(cluster: Cluster) -> None:
    """As the estate has them; kept in snapshots."""
    cluster.ils, cluster.lbm = ils.Ils(cluster), lbm.Lbm(cluster)
    cluster.world.keep(f"{cluster.name}/ils", cluster.ils.save, cluster.ils.load)
    cluster.world.keep(f"{cluster.name}/lbm", cluster.lbm.save, cluster.lbm.load)
    services = cluster.publisher.services
    services.on(ils.SERVICE, "stopping", cluster.ils.stopping)
    services.on(ils.SERVICE, "started", cluster.ils.started)
    for node in cluster.nodes.values():
        node.services.on(lbm.SERVICE, "started", lambda node=node: cluster.lbm.started(node))


async def come_up(cluster: Cluster) -> None:
    """Clusters that fit together have long been in one ILS network."""
    cluster.ils.day_zero()
