"""Appliances: products whose hosts are no VOS nodes (Expressway, routers, Meeting Servers). One of them is a member of a group, as the inventory
has it (`collab_cluster`).

A product enters the lab by a `Kind` in the table of lab.appliances. What a kind's functions get:

* `group.name .product .release .major .estate .members .head .world .variables`; `group.state`: the product's own, made by `day_zero`;
* `appliance.name .fqdn .hostname .address .ports .roles .variables .account .group .world .release .major`; `appliance.state` likewise;
* `appliance.doors`: what it listens on. A door is an object with `async sync(wanted)` (open or close so that it fits), `close()` and
  `listening() -> {port: protocol}`. `doors.is_up`: False while the product restarts; `await doors.sync()` after every change of what it should offer.

A standing fault (channel "node", action "never", times 0) takes an appliance off the network, as it does with nodes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol

if TYPE_CHECKING:
    from lab.core.world import World


class Door(Protocol):
    """One way in: a web server, an SSH server, the ports of a SIP service."""

    async def sync(self, wanted: bool) -> None:
        """Listen, or do not."""

    def close(self) -> None:
        """Stop listening and end all connections."""

    def listening(self) -> dict[int, str]:
        """{port: protocol} of what is open."""


@dataclass(frozen=True)
class Kind:
    """A product.

    ports: {protocol: (inventory variable, default)}. roles: all that a member may have; head: the role that exactly one member has ("" = every
    member is its own head). day_zero: makes `group.state` and each member's `state`, and hands them to `world.keep`; doors: what each member
    listens on. come_up: awaited once everything listens. status: more of `lab status` (clusters[]); refresh: awaited before it,
    where there is something to find out. pin: what a client that knows no CA yet pins
    (PEM of what HTTPS serves, "" = nothing); host_key: "ssh-rsa AAAA..." of its SSH server, "" = none.
    """

    ports: dict[str, tuple[str, int]]
    roles: frozenset[str]
    head: str
    day_zero: Callable[[Group], None]
    doors: tuple[Callable[[Appliance], Door], ...]
    come_up: Callable[[Group], Awaitable[None]] | None = None
    status: Callable[[Group], dict[str, Any]] = lambda _group: {}
    refresh: Callable[[Group], Awaitable[None]] | None = None
    pin: Callable[[Appliance], str] = lambda _appliance: ""
    host_key: Callable[[Appliance], str] = lambda _appliance: ""


class Doors:
    """Everything that one appliance listens on."""

    def __init__(self, appliance: Appliance, doors: list[Door]) -> None:
        self._appliance = appliance
        self._doors = doors
        self._turn = asyncio.Lock()
        self.is_up = True

    @property
    def is_away(self) -> bool:
        """Whether a fault has taken it off the network."""
        return self._appliance.world.faults.standing(self._appliance, "node", "listen") is not None

    async def sync(self) -> None:
        """Open and close what the state asks for now."""
        async with self._turn:
            for door in self._doors:
                await door.sync(self.is_up and not self.is_away)

    def close(self) -> None:
        """Close everything; `sync` opens it again."""
        for door in self._doors:
            door.close()

    def listening(self) -> dict[int, str]:
        """{port: protocol} of what is open."""
        return {port: protocol for door in self._doors for port, protocol in door.listening().items()}


@dataclass(eq=False)
class Appliance:
    """One host of a product. account: (user, password) to log in with."""

    name: str
    fqdn: str
    address: str
    ports: dict[str, int]
    product: str
    release: str
    roles: frozenset[str]
    variables: dict[str, Any] = field(repr=False)
    group: Group = field(repr=False)
    account: tuple[str, str] = field(default=("", ""), repr=False)
    state: Any = field(default=None, init=False, repr=False)
    doors: Doors = field(init=False, repr=False)

    @property
    def world(self) -> World:
        """The world that it is in."""
        return self.group.world

    @property
    def cluster(self) -> Group:
        """Its group, by the word that nodes have for theirs."""
        return self.group

    @property
    def hostname(self) -> str:
        """The first label of the name."""
        return self.fqdn.split(".", 1)[0]

    @property
    def major(self) -> float:
        """The release as a number, to compare with."""
        return self.group.major


@dataclass(eq=False)
class Group:
    """The members of one group of the inventory, in its order. estate: its part of estate.yml; variables: those of its head."""

    name: str
    product: str
    release: str
    estate: dict[str, Any]
    world: World = field(repr=False)
    members: dict[str, Appliance] = field(default_factory=dict)
    state: Any = field(default=None, init=False, repr=False)
    head_role: str = ""

    @property
    def head(self) -> Appliance:
        """The member that stands for all (the primary peer); the first where every member is its own head."""
        return next((member for member in self.members.values() if self.head_role in member.roles), next(iter(self.members.values())))

    @property
    def variables(self) -> dict[str, Any]:
        """Variables of the head."""
        return self.head.variables

    @property
    def major(self) -> float:
        """The release as a number (12.5, 15.4), to compare with."""
        return float(".".join(self.release.split(".")[:2]))
