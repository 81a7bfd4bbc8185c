"""The state of Meeting Servers: what MMP, SFTP and API are three views of.

`group.state` is a `Cluster`, `appliance.state` a `Server` (lab.core.appliances). Each server has

* `server.files`: {name: bytes}, the files that SFTP shows, in the order that they came;
* `server.services` (lab.meeting_server.services): webadmin, callbridge, webbridge3; before 3.0 webbridge and xmpp;
* `server.database` (lab.meeting_server.database): its place in the database cluster;
* `server.users`: {name: User}; `server.objects`: what the API holds (lab.meeting_server.api), one database for all of a cluster that shares one.

After every change of what should listen: `await server.changed()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any

from lab.meeting_server import services
from lab.meeting_server.database import Database

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.appliances import Group
    from lab.meeting_server.services import Running

REBOOT = 180.0          # virtual seconds; ours
KEPT = ("files", "services", "users", "hostname", "next_hostname", "network", "tls", "started", "rebooting", "reboots", "objects", "snapshots")


@dataclass
class User:
    """An account of the MMP. role: admin, crypto, audit, appadmin or api."""

    password: str = field(repr=False)
    role: str


class Server:
    """One Meeting Server."""

    def __init__(self, cluster: Cluster, appliance: Appliance) -> None:
        self.cluster = cluster
        self.appliance = appliance
        self.world = appliance.world
        self.files: dict[str, bytes] = {}
        self.services = services.offered(appliance.major)
        self.users: dict[str, User] = {}
        self.hostname = self.next_hostname = appliance.hostname
        self.network: dict[str, Any] = {"ntp": [], "dns": []}
        self.tls: dict[str, Any] = {}
        self.started = self.world.clock.epoch()
        self.rebooting = False
        self.reboots = 0
        self.objects: dict[str, Any] = {}
        self.web_bridges: dict[str, str] = {}       # what came of them when somebody last looked (lab.meeting_server.api.links)
        self.snapshots: dict[str, bytes] = {}
        self.database = Database(self)

    @property
    def name(self) -> str:
        """The inventory's name."""
        return self.appliance.name

    @property
    def major(self) -> float:
        """The release as a number."""
        return self.appliance.major

    def runs(self, role: str) -> bool:
        """Whether the inventory has it for a service: callbridge, database, webbridge, xmpp."""
        return role in self.appliance.roles

    def serving(self, name: str) -> dict[str, Running] | None:
        """What a service serves by part, None where it does not run (or there is none in this release)."""
        service = self.services.get(name)
        return None if service is None or self.world.clock.epoch() < service.ready else service.running

    async def come_up(self, service: services.Service) -> None:
        """Wait until a service that was started answers."""
        await self.world.clock.until(service.ready)
        await self.changed()

    async def changed(self) -> None:
        """Something runs, or has stopped: ports follow, and whoever dials the Call Bridge finds out."""
        await self.appliance.doors.sync()
        self.world.sip_changed(self.appliance)

    def start_all(self) -> None:
        """Start what is enabled, as after a start of the machine."""
        for service in self.services.values():
            service.running = None
        for service in self.services.values():
            if service.enabled:
                services.start(self, service)
                service.ready = 0.0

    def reboot(self) -> None:
        """Everything closes for some time; then what is enabled runs again."""
        if not self.rebooting:
            self.rebooting = True
            self.world.spawn(self._reboot(), f"{self.name}: reboot")

    async def _reboot(self) -> None:
        self.appliance.doors.is_up = False
        await self.appliance.doors.sync()
        fault = await self.world.faults.hit(self.appliance, "services", "reboot")
        if fault is not None and fault.action == "never":
            return
        await self.world.clock.sleep(REBOOT)
        self.hostname = self.next_hostname
        self.started = self.world.clock.epoch()
        self.start_all()
        self.appliance.doors.is_up = True
        await self.changed()
        self.rebooting, self.reboots = False, self.reboots + 1

    def save(self) -> dict[str, Any]:
        """State for a snapshot."""
        return {name: getattr(self, name) for name in KEPT} | {"database": self.database.save()}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave; a reboot that was under way goes on."""
        for name in KEPT:
            setattr(self, name, state[name])
        self.database.load(state["database"])
        for service in self.services.values():
            service.ready = 0.0
        self.appliance.doors.is_up = True
        if self.rebooting:
            self.rebooting = False
            self.reboot()


class Cluster:
    """All servers of one group, in the inventory's order."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.world = group.world
        self.servers = [Server(self, appliance) for appliance in group.members.values()]
        for server in self.servers:
            server.appliance.state = server

    def find(self, host: str) -> Server | None:
        """A server by name or address."""
        address = self.world.resolve(host)
        return next((server for server in self.servers if server.appliance.address == address), None)

    def save(self) -> dict[str, Any]:
        """State for a snapshot."""
        return {server.name: server.save() for server in self.servers}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave."""
        for server in self.servers:
            server.load(state[server.name])
