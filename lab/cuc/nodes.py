"""/vmrest/vmsservers and /vmrest/cluster (the same list), and /vmrest/version: id:63254436486, id:63501406659."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cuc.model import Field
from lab.cuc.model import Resource
from lab.cuc.model import Row
from lab.ucm import seed

if TYPE_CHECKING:
    from lab.core.world import Node
    from lab.cuc.state import UnityConnection

PRIMARY_ACTIVE, SINGLE, SECONDARY_ACTIVE, SECONDARY_ACTS = "1", "20", "8", "9"
DOWN, PRIMARY, SECONDARY = "1", "3", "4"

_FIELDS = (
    Field("ServerName"), Field("IpAddress"), Field("VmsServerObjectId"), Field("ClusterMemberId", "int"), Field("ServerState", "int"),
    Field("HostName"), Field("ServerDisplayState", "int"), Field("SubToPerformReplicationRole", "bool"),
)


def _shown(system: UnityConnection, row: Row) -> Row:
    """What a node of the cluster is doing now."""
    node = system.cluster.nodes[row["ServerName"]]
    others = [other for other in system.cluster.nodes.values() if other is not node]
    alone = all(other.listeners.is_away for other in others)
    if node.listeners.is_away:
        state, display = "24", DOWN
    elif node.is_publisher:
        state, display = (SINGLE if not others else PRIMARY_ACTIVE), PRIMARY
    else:
        state, display = (SECONDARY_ACTS, PRIMARY) if alone else (SECONDARY_ACTIVE, SECONDARY)
    return {"ServerName": node.hostname, "ServerState": state, "ServerDisplayState": display}


def version(node: Node) -> Row:
    """The version of the interface."""
    return {"name": "vmrest", "version": seed.version(node)}


NODES = Resource("vmsservers", "VmsServer", _FIELDS, shown=_shown)
CLUSTER = Resource("cluster", "VmsServer", _FIELDS, shown=_shown, of="vmsservers")
