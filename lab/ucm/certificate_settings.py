"""What Certificate Monitor and Certificate Revocation hold, on each node of a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.core.world import Node

FROM_CERTIFICATE = "Use OCSP URI from Certificate"
CONFIGURED = "Use Configured OCSP URI"
DAYS, HOURS = "Days", "Hours"


@dataclass(frozen=True)
class Monitor:
    """Certificate Monitor as installed (numbers inferred). start: days before the end; frequency: a number of `unit`."""

    start: str = "30"
    frequency: str = "7"
    unit: str = DAYS
    email: bool = False
    addresses: str = ""
    lsc: bool = False


@dataclass(frozen=True)
class Revocation:
    """Certificate Revocation as installed. source: where the responder's address comes from; every: a number of `unit`."""

    enabled: bool = False
    source: str = FROM_CERTIFICATE
    uri: str = ""
    check: bool = False
    every: str = ""
    unit: str = HOURS
    crl: bool = False
    crl_uri: str = ""


class Settings:
    """Both, for one node."""

    def __init__(self) -> None:
        self.monitor = Monitor()
        self.revocation = Revocation()


def put(node: Node, name: str, value: Monitor | Revocation) -> None:
    """Store `monitor` or `revocation`, for the whole cluster or for this node (variant os_admin_settings_reach)."""
    whole = node.world.variant("os_admin_settings_reach") == "cluster"
    for other in node.cluster.nodes.values() if whole else [node]:
        setattr(of(other), name, value)


def of(node: Node) -> Settings:
    """The settings of a node, made on first use."""
    if getattr(node, "os_admin_settings", None) is None:
        node.os_admin_settings = Settings()
    return node.os_admin_settings
