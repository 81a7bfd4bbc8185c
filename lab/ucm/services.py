"""The service manager of a node: states, start times, activation, restarts that take (virtual) time.

A restart goes STOPPING -> STARTING -> STARTED and runs on when the session that began it is gone. Others listen: `on("Cisco Tomcat",
"stopping", fn)` and "started" (listeners close and open, certificates become active, phones fail over). Sources: vos.md 3, axl.md 6.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.ucm.refused import Refused
from lab.ucm.service_names import BY_NAME
from lab.ucm.service_names import Kind
from lab.ucm.service_names import kinds_of

if TYPE_CHECKING:
    from lab.core.world import Node

NOT_ACTIVATED = -1068
OUT_OF_SERVICE = -1019
EVENTS = ("stopping", "started")

refusal("service_not_activated", "axl.md 6", "starting or restarting a service that is not activated")
refusal("service_not_deployable", "axl.md 6", "activating or deactivating a network service")


@dataclass(frozen=True)
class Service:
    """A service as it is now.

    status: "Started", "Stopped", "Starting", "Stopping". activated: False = "Service Not Activated".
    reason_code: -1 while it runs or changes, -1068 not activated, -1019 commanded out of service. start_time: epoch, None when down.
    """

    name: str
    feature: bool
    activated: bool
    status: str
    start_time: float | None = None
    reason_code: int = -1
    starts: int = 0

    @property
    def reason(self) -> str:
        """The words for reason_code, "" when there is none."""
        return {NOT_ACTIVATED: "Service Not Activated", OUT_OF_SERVICE: "Commanded Out of Service"}.get(self.reason_code, "")


class ServiceManager:
    """All services of one node."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._hooks: list[tuple[str, str, Callable[[], Awaitable[None] | None]]] = []
        self._tasks: dict[str, asyncio.Task] = {}
        self._kinds = {kind.name: kind for kind in kinds_of(node.product, node.cluster.major)}
        booted = node.world.clock.epoch() - 3600
        self._services = {name: self._day_zero(kind, booted) for name, kind in self._kinds.items()}

    def _day_zero(self, kind: Kind, booted: float) -> Service:
        if kind.roles and set(kind.roles) & self.node.roles:
            return Service(kind.name, kind.feature, True, "Started", booted, -1, 1)
        if kind.feature:
            return Service(kind.name, True, False, "Stopped", None, NOT_ACTIVATED)
        return Service(kind.name, False, True, "Stopped", None, OUT_OF_SERVICE)

    def installed(self, name: str) -> None:
        """A feature service that was activated before day 0."""
        self._services[name] = Service(name, True, True, "Started", self.node.world.clock.epoch() - 3600, -1, 1)

    # ---- reading

    def all(self) -> list[Service]:
        """Every service, by name."""
        return list(self._services.values())

    def find(self, name: str) -> Service:
        """A service by its name, letter case ignored. Raises Refused (service_unknown)."""
        for service in self._services.values():
            if service.name.lower() == name.strip().lower():
                return service
        raise Refused("service_unknown", f"Service {name} does not exist")

    def kind(self, name: str) -> Kind:
        """The fixed facts about a service (name exactly as in the list)."""
        return BY_NAME[name]

    def running(self, name: str) -> bool:
        """Whether a service is there and started."""
        service = self._services.get(name)
        return service is not None and service.status == "Started"

    def up_time(self, name: str) -> int:
        """Seconds since the service started, -1 when it does not run."""
        start = self._services[name].start_time
        return -1 if start is None else int(self.node.world.clock.elapsed(start))

    def on(self, name: str, event: str, call: Callable[[], Awaitable[None] | None]) -> None:
        """Call something when a service is "stopping" (clients are cut off now) or "started".

        Calls come in order of registration. An awaitable that a "started" call gives is awaited before the service shows as Started;
        "stopping" calls act at once.
        """
        if event not in EVENTS:
            raise ValueError(event)
        self._hooks.append((name, event, call))

    # ---- changing: each gives the task at once; awaiting it waits for the end, dropping it changes nothing

    def restart(self, name: str) -> asyncio.Task:
        """Stop and start. Raises Refused (service_unknown, service_not_activated)."""
        service = self._controllable(name)
        return self._begin(service.name, "restart")

    def start(self, name: str) -> asyncio.Task:
        """Start; nothing happens when it runs. Raises Refused."""
        return self._begin(self._controllable(name).name, "start")

    def stop(self, name: str) -> asyncio.Task:
        """Stop ("Commanded Out of Service"); nothing happens when it is down. Raises Refused."""
        return self._begin(self._controllable(name).name, "stop")

    def activate(self, name: str) -> asyncio.Task:
        """Activate (deploy) a feature service and start it. Raises Refused (service_unknown, service_not_deployable)."""
        service = self._deployable(name)
        if not service.activated:
            self._put(service.name, activated=True, reason_code=OUT_OF_SERVICE)
        return self._begin(service.name, "start")

    def deactivate(self, name: str) -> asyncio.Task:
        """Stop and deactivate a feature service. Raises Refused (service_unknown, service_not_deployable)."""
        return self._begin(self._deployable(name).name, "deactivate")

    # ---- inner workings

    def _controllable(self, name: str) -> Service:
        service = self.find(name)
        if not service.activated and self.node.world.refuses("service_not_activated"):
            raise Refused("service_not_activated", f"{service.name}: Service Not Activated")
        return service

    def _deployable(self, name: str) -> Service:
        service = self.find(name)
        if not service.feature and self.node.world.refuses("service_not_deployable"):
            raise Refused("service_not_deployable", f"{service.name} is a network service and cannot be activated or deactivated")
        return service

    def _put(self, name: str, **change: object) -> None:
        self._services[name] = replace(self._services[name], **change)

    def _begin(self, name: str, action: str) -> asyncio.Task:
        running = self._tasks.get(name)
        if running is not None and not running.done():
            if action == "restart":
                # A second restart while one is under way waits for that one, as the service manager does.
                return running
            running.cancel()
        task = self.node.world.spawn(self._run(name, action), f"{self.node.name}: {action} {name}")
        self._tasks[name] = task
        return task

    async def _run(self, name: str, action: str) -> None:
        carried = [other for other in BY_NAME[name].carries if self._services[other].activated]
        if action in ("stop", "restart", "deactivate") and self._services[name].status != "Stopped":
            for other in carried:
                self._begin(other, "stop")
            await self._stop(name)
        if action == "deactivate":
            self._put(name, activated=False, reason_code=NOT_ACTIVATED)
        if action in ("start", "restart") and self._services[name].status != "Started":
            await self._start(name, action)
            for other in carried if self.running(name) else ():
                self._begin(other, "start")

    async def _stop(self, name: str) -> None:
        if self._services[name].status != "Stopping":
            self._put(name, status="Stopping")
            self._call(name, "stopping")
        await self.node.world.clock.sleep(BY_NAME[name].stop)
        self._put(name, status="Stopped", start_time=None, reason_code=OUT_OF_SERVICE)

    async def _start(self, name: str, action: str) -> None:
        world = self.node.world
        began = world.clock.epoch()
        self._put(name, status="Starting", reason_code=-1)
        fault = await world.faults.hit(self.node, "services", f"{action} {name}")
        if fault is not None and fault.action == "never":
            return
        await world.clock.sleep(BY_NAME[name].start)
        started = world.clock.start_after(began)
        self.node.certificates.activate(name)
        for waiting in self._call(name, "started"):
            await waiting
        self._put(name, status="Started", start_time=started, starts=self._services[name].starts + 1)

    def _call(self, name: str, event: str) -> list[Awaitable[None]]:
        results = [call() for wanted, on, call in self._hooks if wanted == name and on == event]
        return [result for result in results if result is not None]

    def save(self) -> dict[str, Service]:
        """State for a snapshot."""
        return dict(self._services)

    def load(self, state: dict[str, Service]) -> None:
        """Take over what `save` gave; what was stopping or starting then goes on."""
        self._tasks.clear()
        self._services = dict(state)
        for name, service in self._services.items():
            if service.status in ("Stopping", "Starting"):
                self._begin(name, "restart")
