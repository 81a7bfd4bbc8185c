"""Location Bandwidth Manager between clusters: which hubs are connected, under the parameter LBM Security Mode.

A node is a hub when an LBM hub group is assigned to it; hubs find each other through the group's bootstrap servers. The mode counts on a
hub from the next start of Cisco Location Bandwidth Manager. A Secure hub talks TLS only, an Insecure one plain only, a Mixed one either;
TLS is by the tomcat certificates of both. Sources: id:63244025155, axl.md 2.8, guide "Multi-Cluster". No interface of the product that
is public shows the connections; `python -m lab status` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.ucm import handshake
from lab.ucm import parameters

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

SERVICE = "Cisco Location Bandwidth Manager"
INSECURE, MIXED, SECURE = parameters.LBM
HUBS = "select n.pkid, g.member1, g.member2, g.member3 from processnode n join lbmhubgroup g on g.pkid = n.fklbmhubgroup order by n.nodeid"


class Lbm:
    """Of one cluster. Estate: `lbm_hub_group: {name, bootstrap: [hosts], hubs: [nodes]}`."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._in_force: dict[str, str] = {}
        for node in cluster.nodes.values():
            if node.services.running(SERVICE):
                self.started(node)

    def started(self, node: Node) -> None:
        """The service of a node has started: the mode is what it is now."""
        self._in_force[node.name] = parameters.get(self.cluster, "lbm_security_mode")

    def hubs(self) -> dict[Node, list[str]]:
        """{hub: its bootstrap servers}."""
        nodes = {self.cluster.db.uuid("processnode", node.name): node for node in self.cluster.nodes.values()}
        return {nodes[key]: [host for host in bootstrap if host] for key, *bootstrap in self.cluster.db.rows(HUBS) if key in nodes}

    def status(self) -> dict[str, dict[str, str]]:
        """{hub: {hub of another cluster: "connected", "connected by TLS" or why not}}."""
        others = [cluster for cluster in self.cluster.world.clusters.values() if cluster.lbm is not None and cluster is not self.cluster]
        return {node.name: {far.name: self._between(node, near_boot, far, far_boot) for other in others for far, far_boot in other.lbm.hubs().items()}
                for node, near_boot in self.hubs().items()}

    def _between(self, near: Node, near_boot: list[str], far: Node, far_boot: list[str]) -> str:
        find = self.cluster.world.find
        for node in (near, far):
            if not node.services.running(SERVICE) or node.listeners.is_away:
                return f"LBM does not run on {node.name}"
        if not any(find(host) is not None and find(host).cluster is far.cluster for host in near_boot) and not any(
                find(host) is not None and find(host).cluster is near.cluster for host in far_boot):
            return "neither has a bootstrap server of the other cluster"
        modes = {self._in_force[near.name], far.cluster.lbm._in_force[far.name]}
        if modes == {SECURE, INSECURE}:
            return "one is Secure, the other Insecure"
        if INSECURE in modes:
            return "connected"
        failed = handshake.problem(near, far, "lbm", "tomcat-trust")
        if not failed:
            return "connected by TLS"
        return "connected" if modes == {MIXED} else f"TLS: {failed}"

    def save(self) -> dict:
        """State for a snapshot."""
        return dict(self._in_force)

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        self._in_force = dict(state)
