"""What the nodes and clusters of each product have: the one table where a new surface is entered.

surfaces: modules whose `routes(node)` the node's web application offers. ports: functions of a node that give the ServicePorts of a
service other than Tomcat. day_zero: functions of a cluster that make its state (after certificates and services, before anything
listens) and hand it to `world.keep`. come_up: coroutine functions of a cluster, awaited once everything listens.
"""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from lab import os_admin
from lab.core.world import IM_PRESENCE
from lab.core.world import PRIME_DEPLOYMENT
from lab.core.world import UNIFIED_CM
from lab.core.world import UNITY_CONNECTION
from lab.core.world import Cluster
from lab.core.world import Node
from lab.cuc import cupi
from lab.cuc import sip as cuc_sip
from lab.cuc import state as cuc_state
from lab.imp import axl as imp_axl
from lab.imp import sip as imp_sip
from lab.imp import xmpp
from lab.ucm import axl
from lab.ucm import certmgr
from lab.ucm import directory
from lab.ucm import intercluster
from lab.ucm import online_ca
from lab.ucm import phone_files
from lab.ucm import ris
from lab.ucm import serviceability
from lab.ucm import sip_ports
from lab.ucm import state
from lab.ucm import uds
from lab.ucm.listeners import ServicePorts

EVERYWHERE = (serviceability, certmgr, os_admin)


@dataclass(frozen=True)
class Product:
    """word: how `show network cluster` calls it."""

    word: str
    surfaces: tuple[ModuleType, ...]
    ports: tuple[Callable[[Node], ServicePorts], ...]
    day_zero: tuple[Callable[[Cluster], None], ...] = ()
    come_up: tuple[Callable[[Cluster], Awaitable[None]], ...] = ()


PRODUCTS = {
    UNIFIED_CM: Product("callmanager", (axl, ris, uds, *EVERYWHERE), (sip_ports.call_manager, phone_files.ports),
                        (state.day_zero, directory.day_zero, online_ca.day_zero, intercluster.day_zero), (state.come_up, intercluster.come_up)),
    IM_PRESENCE: Product("cups", (imp_axl, *EVERYWHERE), (imp_sip.proxy, xmpp.clients, xmpp.federation)),
    UNITY_CONNECTION: Product("connection", (cupi, *EVERYWHERE), (cuc_sip.conversation_manager,), (cuc_state.day_zero,), (cuc_state.come_up,)),
    # The command line alone: its web pages are no business of the lab, and the certificate REST API is not documented for it (vos.md 5).
    PRIME_DEPLOYMENT: Product("pcd", (), ()),
}
