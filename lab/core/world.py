"""The estate as objects: world, clusters, nodes.

This is what all front ends are written against:

* `world.clock`, `world.journal`, `world.faults`, `world.keys`, `world.speed`; `world.variant(name)`, `world.refuses(name)`;
  `world.unknown` with `world.note_unknown(node, channel, what)`: counts every request the lab does not know (status shows it);
  `world.spawn(coroutine, name)`: a task that outlives the request that began it; ended when the lab goes down;
  `world.keep(name, save, load)`: state that snapshots must hold (save() -> picklable data, load(data));
  `world.find(host)`, `world.resolve(host)`: a name of the estate, as the products' DNS has it;
  `world.on_sip_change(call)`, `world.sip_changed(node)`: what a node answers by SIP has changed, and whoever dials it wants to know.
* `cluster.name .product .nodes .publisher .domain .release .estate .cm_cluster .presence`; `cluster.parameter(...)`, `cluster.set_parameter(...)`;
  of a Unified CM cluster only, None elsewhere: `cluster.db` (lab.ucm.db), `cluster.security` (lab.ucm.security), `cluster.phones` (lab.ucm.phones),
  `cluster.ils` (lab.ucm.ils), `cluster.lbm` (lab.ucm.lbm);
  of a Unity Connection cluster only: `cluster.unity` (lab.cuc.state);
* `world.ca`, `world.public_ca`: the enterprise CA and the public one (None where the inventory has none);
* `world.groups`, `world.appliances()`, `world.find_appliance(host)`: what is no VOS node (lab.core.appliances);
* `node.name .fqdn .hostname .address .ports .product .roles .release .credentials .variables .cluster .world`;
  `node.certificates` (lab.ucm.certificates), `node.services` (lab.ucm.services). What each product's nodes and clusters have: lab.products.

`cluster.db` is made by `lab.ucm.db.Database(cluster)` and offers at least `parameter(name, service, node) -> str | None`,
`set_parameter(name, value, service, node)`, `save() -> bytes`, `load(bytes)` and `close()`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from collections.abc import Coroutine
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from lab.core.clock import Clock
from lab.core.faults import Faults
from lab.core.journal import Journal
from lab.core.keys import KeyPool
from lab.core.refusals import REFUSALS
from lab.core.variants import VARIANTS

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.appliances import Group
    from lab.cuc.state import UnityConnection
    from lab.ucm.certificates import NodeCertificates
    from lab.ucm.directory import Directory
    from lab.ucm.ils import Ils
    from lab.ucm.lbm import Lbm
    from lab.ucm.listeners import NodeListeners
    from lab.ucm.online_ca import OnlineCa
    from lab.ucm.phones import Phones
    from lab.ucm.security import ClusterSecurity
    from lab.ucm.services import ServiceManager
    from lab.ucm.tls import NodeTls

ENTERPRISE = "Enterprise Wide"
UNIFIED_CM, IM_PRESENCE, UNITY_CONNECTION, PRIME_DEPLOYMENT = "unified_cm", "im_presence", "unity_connection", "prime_deployment"
SIP_PORTS = {"sip": 5060, "sips": 5061, "sip-oauth": 5090, "sip-oauth-mra": 5091}


@dataclass(frozen=True)
class Credentials:
    """The two accounts of a node: the platform administrator (CLI, certificate REST) and the application user (AXL, SOAP)."""

    platform_user: str
    platform_password: str = field(repr=False)
    application_user: str = ""
    application_password: str = field(default="", repr=False)


@dataclass(eq=False)
class Node:
    """One server of a product. ports: {"ssh", "https", "platform"} as in the inventory; SIP ports are SIP_PORTS everywhere."""

    name: str
    fqdn: str
    address: str
    ports: dict[str, int]
    product: str
    release: str
    roles: frozenset[str]
    credentials: Credentials
    variables: dict[str, Any] = field(repr=False)
    cluster: Cluster = field(repr=False)
    certificates: NodeCertificates = field(init=False, repr=False)
    services: ServiceManager = field(init=False, repr=False)
    tls: NodeTls = field(init=False, repr=False)
    listeners: NodeListeners = field(init=False, repr=False)

    @property
    def world(self) -> World:
        """The world that the node is in."""
        return self.cluster.world

    @property
    def hostname(self) -> str:
        """The first label of the name."""
        return self.fqdn.split(".", 1)[0]

    @property
    def is_publisher(self) -> bool:
        """Whether this is its cluster's publisher."""
        return "publisher" in self.roles


@dataclass(eq=False)
class Cluster:
    """A publisher and its nodes. estate: this cluster's part of estate.yml (a dict, maybe empty).

    cm_cluster_name: the Unified CM cluster that an IM and Presence cluster belongs to, or that Unity Connection works with ("" = none).
    """

    name: str
    product: str
    release: str
    domain: str
    estate: dict[str, Any]
    world: World = field(repr=False)
    cm_cluster_name: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    db: Any = field(default=None, repr=False)
    security: ClusterSecurity | None = field(default=None, repr=False)
    phones: Phones | None = field(default=None, repr=False)
    directory: Directory | None = field(default=None, repr=False)
    online_ca: OnlineCa | None = field(default=None, repr=False)
    unity: UnityConnection | None = field(default=None, repr=False)
    ils: Ils | None = field(default=None, repr=False)
    lbm: Lbm | None = field(default=None, repr=False)
    _parameters: dict[tuple[str, str, str | None], str] = field(default_factory=dict, repr=False)

    @property
    def publisher(self) -> Node:
        """The publisher. Raises LookupError when the inventory names none."""
        for node in self.nodes.values():
            if node.is_publisher:
                return node
        raise LookupError(f"cluster {self.name} has no publisher: give one host collab_roles: [publisher]")

    @property
    def cm_cluster(self) -> Cluster | None:
        """The Unified CM cluster that this one is, belongs to, or works with; None where the inventory has none."""
        return self if self.product == UNIFIED_CM else self.world.clusters.get(self.cm_cluster_name)

    @property
    def presence(self) -> list[Node]:
        """The IM and Presence nodes of a Unified CM cluster: process nodes of its database."""
        return [
            node for cluster in self.world.clusters.values() if cluster.product == IM_PRESENCE and cluster.cm_cluster is self
            for node in cluster.nodes.values()
        ]

    @property
    def major(self) -> float:
        """The release as a number (12.5, 14.0, 15.0), to compare with."""
        parts = self.release.split(".")
        return float(".".join(parts[:2]))

    def parameter(self, name: str, service: str = ENTERPRISE, node: Node | None = None) -> str | None:
        """The stored value of an enterprise or service parameter (internal name), None where there is no such row.

        IM and Presence has those of its Unified CM cluster.
        """
        if self._database is not None:
            return self._database.parameter(name, service, node)
        return self._parameters.get((service, name, node.name if node else None))

    def set_parameter(self, name: str, value: str, service: str = ENTERPRISE, node: Node | None = None) -> None:
        """Store a parameter's value as the product itself does (no notification, no journal)."""
        if self._database is not None:
            self._database.set_parameter(name, value, service, node)
        else:
            self._parameters[(service, name, node.name if node else None)] = value

    @property
    def _database(self) -> Any:
        return self.cm_cluster.db if self.product == IM_PRESENCE and self.cm_cluster is not None else self.db


def _listed(variable: str) -> list[str]:
    """A comma-separated environment variable, so that a whole test suite can run under a reading or against a broken lab."""
    return [item for item in os.environ.get(variable, "").split(",") if item]


@dataclass
class Kept:
    """A piece of state that snapshots hold."""

    save: Callable[[], Any]
    load: Callable[[Any], None]
    shared: bool = False


class World:
    """All clusters of the inventory, and what they share. directory: the lab's DIR."""

    def __init__(self, directory: Path | None = None, speed: float = 60.0, keys: KeyPool | None = None) -> None:
        self.directory = directory
        self.clock = Clock(speed)
        self.journal = Journal(self.clock, directory / "journal.jsonl" if directory else None)
        self.faults = Faults(self.clock)
        self.keys = keys or KeyPool()
        self.clusters: dict[str, Cluster] = {}
        self.groups: dict[str, Group] = {}
        self.estate: dict[str, Any] = {}
        self.hosts: dict[str, dict[str, Any]] = {}
        self.axl_schema: Path | None = None
        self.phones_wanted = 0
        self.drain = 50.0       # change notifications that a cluster works off in a virtual second; the lab's own figure, no source gives one
        self.ca: Any = None
        self.public_ca: Any = None
        self.manufacturing: list[str] = []
        self.skipped: list[str] = []
        self.unknown = 0
        self.unknown_requests: list[dict[str, str]] = []
        self.variants: dict[str, str] = dict(item.split("=", 1) for item in _listed("COLLAB_LAB_VARIANTS"))
        self.mutated: set[str] = set(_listed("COLLAB_LAB_MUTATE"))
        self.kept: dict[str, Kept] = {}
        self._tasks: set[asyncio.Task] = set()
        self._calendars: list[Callable[[], None]] = []
        self._sip_watchers: list[Callable[[Any], None]] = []

    @property
    def speed(self) -> float:
        """Virtual seconds in a real one."""
        return self.clock.speed

    def nodes(self) -> list[Node]:
        """All nodes of all clusters."""
        return [node for cluster in self.clusters.values() for node in cluster.nodes.values()]

    def node(self, name: str) -> Node:
        """A node by its inventory name. Raises KeyError."""
        for node in self.nodes():
            if node.name == name:
                return node
        raise KeyError(name)

    def appliances(self) -> list[Appliance]:
        """All members of all groups: the hosts of products that are no VOS nodes."""
        return [member for group in self.groups.values() for member in group.members.values()]

    def find_appliance(self, host: str) -> Appliance | None:
        """The appliance with this FQDN, host name or address."""
        wanted = host.lower()
        return next((one for one in self.appliances() if wanted in (one.fqdn.lower(), one.hostname.lower(), one.address)), None)

    def find(self, host: str) -> Node | None:
        """The node with this FQDN, host name or address."""
        wanted = host.lower()
        return next((node for node in self.nodes() if wanted in (node.fqdn.lower(), node.hostname.lower(), node.address)), None)

    def resolve(self, host: str) -> str | None:
        """The address of a name of the estate (an address is its own); None for a name that nobody has."""
        found = self.find(host) or self.find_appliance(host)
        if found is not None:
            return found.address
        peers = {entry.get("fqdn", entry["name"]).lower(): entry["address"] for entry in self.estate.get("sip_peers", [])}
        return host if host.replace(".", "").isdigit() else peers.get(host.lower())

    def on_advance(self, call: Callable[[], None]) -> None:
        """Call something when the date has been moved forward: what comes due by the calendar, and not by a duration."""
        self._calendars.append(call)

    def advanced(self) -> None:
        """The date has been moved forward."""
        for call in self._calendars:
            call()

    def on_sip_change(self, call: Callable[[Any], None]) -> None:
        """Call something whenever what a node answers by SIP has changed."""
        self._sip_watchers.append(call)

    def sip_changed(self, node: Node | Appliance) -> None:
        """What a node or an appliance answers by SIP has changed: its ports, its certificate, or whom it lets in."""
        for call in self._sip_watchers:
            call(node)

    def variant(self, name: str) -> str:
        """The reading of an unsure fact that is in force. Raises KeyError for a fact nobody registered."""
        return self.variants.get(name, VARIANTS[name].default)

    def set_variant(self, name: str, value: str) -> None:
        """Choose a reading. Raises KeyError (no such variant) or ValueError (no such value)."""
        if value not in VARIANTS[name].values:
            raise ValueError(f"{name} can be {', '.join(VARIANTS[name].values)}")
        self.variants[name] = value

    def refuses(self, name: str) -> bool:
        """Whether a must-refuse check is on (False only when `mutate` switched it off). Raises KeyError for an unregistered one."""
        return REFUSALS[name].name not in self.mutated

    def note_unknown(self, node: object, channel: str, what: str) -> None:
        """Count a request that the lab does not know. The caller answers with the product's own error for it."""
        self.unknown += 1
        self.unknown_requests.append({"node": str(getattr(node, "name", node)), "channel": channel, "what": what[:2000]})

    def keep(self, name: str, save: Callable[[], Any], load: Callable[[Any], None], shared: bool = False) -> None:
        """Register state for snapshots: save() gives picklable data, load(data) takes it back.

        shared: neither the lab nor load() ever changes what save() gave, so that it need not be copied (large tables of frozen rows).
        """
        if name in self.kept:
            raise ValueError(f"{name} is kept already")
        self.kept[name] = Kept(save, load, shared)

    def spawn(self, coroutine: Coroutine[Any, Any, Any], name: str) -> asyncio.Task:
        """Run something that must go on when the request that began it is gone (a restart, a replication)."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def quiet(self) -> None:
        """Wait until nothing that `spawn` began is under way any more (restarts, devices that settle)."""
        while tasks := [task for task in self._tasks if task is not asyncio.current_task()]:
            await asyncio.wait(tasks)

    async def end_tasks(self) -> None:
        """Cancel what `spawn` began, and wait for it."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
