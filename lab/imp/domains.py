"""The names that IM and Presence puts into its XMPP federation certificate by itself: all domains, and its chat servers' aliases.

Estate: `presence_domains` (default: the cluster's domain), `email_domains`, `chat_aliases` (default: one a node, as the product makes
them). Source: vos.md 1.5, id:63137111536.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.world import IM_PRESENCE

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node


def presence_domains(cluster: Cluster) -> list[str]:
    """The domains whose users this cluster serves."""
    return [str(name) for name in cluster.estate.get("presence_domains") or [cluster.domain]]


def chat_aliases(cluster: Cluster) -> list[str]:
    """The chat servers' names, one a node."""
    given = cluster.estate.get("chat_aliases")
    if given is not None:
        return [str(name) for name in given]
    return [f"conference-{number}-standalonecluster.{cluster.domain}" for number in range(1, len(cluster.nodes) + 1)]


def named_by(node: Node, unit: str) -> list[str]:
    """What a certificate or request of this unit names besides nodes."""
    if node.product != IM_PRESENCE or not unit.startswith("cup-xmpp-s2s"):
        return []
    cluster = node.cluster
    return [*presence_domains(cluster), *map(str, cluster.estate.get("email_domains") or ()), *chat_aliases(cluster)]
