"""The state of an Expressway cluster: what REST, the command line and XML are three views of.

`group.state` is a `Cluster`, `appliance.state` a `Peer` (lab.core.appliances). Each peer has

* `peer.config`: xConfiguration by path (lab.expressway.catalogue), in any case of letters:
  `.get("Zones Zone 3 Neighbor SIP Port")`, `.set(path, value)`, `.setting(path)`, `.walk("Zones Zone 3")` -> (path, value) in the order of a dump,
  `.indices("Zones Zone")`, `.create("Zones Zone", {"Name": ..., "Type": ...})` -> index, `.delete("Zones Zone", 3)`.
  KeyError: there is no such setting or object (here, in this release, on this product); BadValue: the value does not fit.
* `peer.table(NAME)` -> {key: row}: what has no path in xConfiguration: `credential` {name: {"Password"}}, `cucm`, `imp`, `ucxn` {address: the REST keys and
  what was discovered}, `uc_zone` {index as text: {}} (which traversal zones are Unified Communications zones), `xmpp` {"": {...}} (lab.expressway.xmpp).
  A row is never changed, only replaced.
* `peer.certificates` (lab.expressway.certificates): `.served`, `.presented` -> (PEM chain with leaf first, PEM key) in force; `.trust` -> PEMs.
* lab.expressway.servers.discover(peer, TABLE, given): asks a server as REST and the command line do, before anything is kept.
* `peer.zones()` (lab.expressway.zones): zones as objects, the automatic ones of Unified CM nodes among them; `peer.zone_results[NAME]`, what came of each,
  as of the last `await links.refresh(peer)` (lab.expressway.links).
* lab.expressway.acme: the ACME service of Expressway-E, for REST and xCommand ACME alike.
* `peer.tunnels`: rows of SSH tunnels to the other side, as `status.xml` shows them ({word: text}); `peer.restart()`, `peer.is_primary`;
  lab.expressway.alarms: what is raised; lab.expressway.xmlapi.status(peer): the tree of its status, for XML and xStatus alike.

Every write goes into `with peer.change():` (shared settings) or `with peer.change(shared=False):` (a setting that each peer has for itself). It is all or
nothing. On a subordinate peer a shared one raises `Subordinate`, or is overwritten later, as the variant `expressway_subordinate_write` says. What
the primary has reaches the other peers after REPLICATION virtual seconds, unless a standing fault (channel "replication", node = the peer) holds it up.

`cluster.on_change(call)`: call(peer) whenever the configuration that a peer has, its certificates, its trust or its being up has changed (at once on the
peer that is written to, at the replication on the others). Doors follow by themselves after each change.

Secrets are stored as given and shown as `hidden(value)` ("{cipher}..."). Sources: expressway.md 2.1 to 2.4, 4.5.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
from collections.abc import Callable
from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import Any

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.expressway import catalogue
from lab.expressway import zones
from lab.expressway.catalogue import BadValue as BadValue
from lab.expressway.certificates import Certificates
from lab.expressway.intrusion import Intrusion

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.appliances import Group
    from lab.expressway.links import Links

REPLICATION = 30.0      # virtual seconds; ours
RESTART = 180.0         # of the application; ours
TABLES = ("credential", "cucm", "imp", "ucxn", "uc_zone", "xmpp", "acme")

refusal("expressway_subordinate", "expressway.md 4.5, 7 (10)", "a write of a shared setting to a peer that is not the primary (where it is refused at all)")
variant("expressway_subordinate_write", ("refused", "overwritten"), "refused", "expressway.md 7 (10)",
        "whether a shared setting that is written to a subordinate peer is refused, or taken and lost at the next replication")


class Subordinate(ValueError):
    """A shared setting can only be changed on the primary peer."""


class Config:
    """xConfiguration of one peer: the settings that it shares with the others, and its own."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._settings = catalogue.offered(peer.appliance.product, peer.appliance.major)

    def setting(self, path: str) -> catalogue.Setting:
        """What a path takes. Raises KeyError."""
        return self._settings[catalogue.place(path)[0]]

    def get(self, path: str) -> str:
        """A value; secrets as they are. Raises KeyError."""
        setting, key = self._found(path)
        return self._values(setting).get(key, setting.default)

    def set(self, path: str, value: str) -> None:
        """Store a value. Raises KeyError, BadValue."""
        setting, key = self._found(path)
        self._values(setting)[key] = setting.checked(value)

    def exists(self, path: str) -> bool:
        """Whether there is such a setting here."""
        try:
            self._found(path)
        except KeyError:
            return False
        return True

    def indices(self, owner: str) -> list[int]:
        """Indices of the objects of a kind (a key of catalogue.OBJECTS), in order."""
        head = f"{owner} "
        words = {path[len(head):].partition(" ")[0] for path in self._peer.shared["values"] if path.startswith(head)}
        return sorted(int(word) for word in words if word.isdigit())

    def has(self, owner: str, index: int | None) -> bool:
        """Whether there is an object of a kind with this index."""
        head = f"{owner} {index} "
        return any(path.startswith(head) for path in self._peer.shared["values"])

    def create(self, owner: str, values: dict[str, str]) -> int:
        """Make an object at the lowest free index, from paths below it. Raises KeyError, BadValue."""
        used = set(self.indices(owner))
        index = next((number for number in range(1, catalogue.OBJECTS[owner] + 1) if number not in used), None)
        if index is None:
            raise BadValue(f"there can be {catalogue.OBJECTS[owner]} of them")
        for path, value in values.items():
            setting = self.setting(f"{owner} {index} {path}")
            self._peer.shared["values"][_spelled(setting, index)] = setting.checked(value)
        return index

    def delete(self, owner: str, index: int) -> None:
        """Remove an object. Raises KeyError."""
        if not self.has(owner, index):
            raise KeyError(f"{owner} {index}")
        head = f"{owner} {index} "
        for path in [path for path in self._peer.shared["values"] if path.startswith(head)]:
            del self._peer.shared["values"][path]

    def walk(self, prefix: str = "") -> Iterator[tuple[str, str]]:
        """(path, value) of every setting that begins with these words, objects by index; secrets hidden."""
        words = prefix.lower().split()
        done: set[str] = set()
        for setting in self._settings.values():
            owner = setting.path.split(" # ")[0] if " # " in setting.path else None
            if owner in done:
                continue
            if owner is None:
                lines = [self._shown(setting, None)]
            else:
                done.add(owner)
                lines = [self._shown(one, index) for index in self.indices(owner) for one in self._settings.values()
                         if one.path.startswith(f"{owner} # ") and self._applies(one, index)]
            yield from (line for line in lines if line[0].lower().split()[:len(words)] == words)

    def _shown(self, setting: catalogue.Setting, index: int | None) -> tuple[str, str]:
        path = _spelled(setting, index)
        value = self._values(setting).get(path, setting.default)
        return path, hidden(value) if setting.secret and value else value

    def _values(self, setting: catalogue.Setting) -> dict[str, str]:
        return self._peer.own if setting.peer else self._peer.shared["values"]

    def _found(self, path: str) -> tuple[catalogue.Setting, str]:
        pattern, index = catalogue.place(path)
        setting = self._settings[pattern]
        if "#" in pattern and not (self.has(setting.path.split(" # ")[0], index) and self._applies(setting, index)):
            raise KeyError(path)
        return setting, _spelled(setting, index)

    def _applies(self, setting: catalogue.Setting, index: int | None) -> bool:
        """Whether an object has this setting: a zone has those of its own type only."""
        if not setting.path.startswith("Zones Zone # "):
            return True
        word = setting.path.split()[3]
        return word not in catalogue.ZONE_TYPES or word == self._peer.shared["values"].get(f"Zones Zone {index} Type")


def _spelled(setting: catalogue.Setting, index: int | None) -> str:
    return setting.path if index is None else setting.path.replace("#", str(index))


def hidden(value: str) -> str:
    """How a stored secret is shown: the same text for the same secret (expressway.md 2.1)."""
    return "{cipher}$" + hashlib.sha256(f"lab cipher {value}".encode()).hexdigest()[:40]


class Peer:
    """One peer. shared: {"values": {path: value}, "tables": {name: {key: row}}}, its copy; own: {path: value}."""

    def __init__(self, cluster: Cluster, appliance: Appliance) -> None:
        self.cluster = cluster
        self.appliance = appliance
        self.world = appliance.world
        self.shared: dict[str, Any] = {"values": {}, "tables": {name: {} for name in TABLES}}
        self.own: dict[str, str] = {}
        self.config = Config(self)
        self.certificates = Certificates(self)
        self.intrusion = Intrusion(self)
        self.links: Links
        self.zone_results: dict[str, zones.Result] = {}
        self.tunnels: tuple[dict[str, str], ...] = ()
        self.started = self.world.clock.epoch()
        self.restarting = False
        self.restarts = 0

    @property
    def name(self) -> str:
        """The inventory's name."""
        return self.appliance.name

    @property
    def is_primary(self) -> bool:
        """Whether shared settings are changed here: Alternates ConfigurationPrimary, and a peer that is in no cluster."""
        number = int(self.config.get("Alternates ConfigurationPrimary"))
        address = self.config.get(f"Alternates Peer {number} Address")
        return not address or address.lower() in (self.appliance.fqdn.lower(), self.appliance.address)

    def table(self, name: str) -> dict[str, Any]:
        """A table of what has no path in xConfiguration."""
        return self.shared["tables"][name]

    def zones(self) -> list[zones.Zone]:
        """Its zones: those of the configuration by index, then the automatic ones."""
        return zones.of(self)

    def check_primary(self) -> None:
        """Raises Subordinate where shared settings cannot be changed here."""
        if not self.is_primary and self.world.variant("expressway_subordinate_write") == "refused" and self.world.refuses("expressway_subordinate"):
            raise Subordinate("This peer is not the configuration primary of its cluster: make the change on the primary peer")

    @contextlib.contextmanager
    def change(self, shared: bool = True) -> Iterator[Peer]:
        """All or nothing. Raises Subordinate before anything is done."""
        if shared:
            self.check_primary()
        before = copy.deepcopy((self.shared, self.own))
        try:
            yield self
        except BaseException:
            self.shared, self.own = before
            raise
        self.cluster.changed(self, shared)

    def restart(self) -> None:
        """Restart the application: everything closes for some time; then what was uploaded is in force."""
        if not self.restarting:
            self.restarting = True
            self.world.spawn(self._restart(), f"{self.name}: restart")

    async def _restart(self) -> None:
        began = self.world.clock.epoch()
        self.appliance.doors.is_up = False
        await self.appliance.doors.sync()
        self.cluster.tell(self)
        fault = await self.world.faults.hit(self.appliance, "services", "restart")
        if fault is not None and fault.action == "never":
            return
        await self.world.clock.sleep(RESTART)
        self.certificates.activate()
        self.started = self.world.clock.start_after(began)
        self.appliance.doors.is_up = True
        await self.appliance.doors.sync()
        self.restarting, self.restarts = False, self.restarts + 1
        self.cluster.tell(self)

    def save(self) -> dict[str, Any]:
        """State for a snapshot."""
        return {"shared": self.shared, "own": self.own, "certificates": self.certificates.save(), "intrusion": self.intrusion.save(),
                "zone_results": self.zone_results, "tunnels": self.tunnels, "started": self.started, "restarting": self.restarting, "restarts": self.restarts}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave; a restart that was under way goes on."""
        self.shared, self.own, self.zone_results, self.tunnels = state["shared"], state["own"], state["zone_results"], state["tunnels"]
        self.started, self.restarts = state["started"], state["restarts"]
        self.certificates.load(state["certificates"])
        self.intrusion.load(state["intrusion"])
        self.restarting = False
        self.links.reset()
        self.appliance.doors.is_up = True
        if state["restarting"]:
            self.restart()


class Cluster:
    """All peers of one group, in the inventory's order."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.world = group.world
        self.peers = [Peer(self, appliance) for appliance in group.members.values()]
        for peer in self.peers:
            peer.appliance.state = peer
        self._calls: list[Callable[[Peer], None]] = []
        self._due = False
        self.challenges: dict[str, str] = {}        # ACME's files by token, on all peers

    @property
    def primary(self) -> Peer:
        """The peer whose shared settings count."""
        return next((peer for peer in self.peers if peer.is_primary), self.peers[0])

    def on_change(self, call: Callable[[Peer], None]) -> None:
        """Call something whenever a peer has changed (see above)."""
        self._calls.append(call)

    def tell(self, peer: Peer) -> None:
        """A peer has changed."""
        for call in self._calls:
            call(peer)

    def changed(self, peer: Peer, shared: bool) -> None:
        """A peer was written to: its doors follow, and what is shared will reach the others."""
        if hasattr(peer.appliance, "doors"):
            self.world.spawn(peer.appliance.doors.sync(), f"{peer.name}: doors")
        self.tell(peer)
        if shared and len(self.peers) > 1 and not self._due:
            self._due = True
            self.world.spawn(self._replicate(), f"{self.group.name}: replication")

    async def _replicate(self) -> None:
        await self.world.clock.sleep(REPLICATION)
        self._due = False
        primary = self.primary
        for peer in self.peers:
            if peer is primary or peer.shared == primary.shared or self.world.faults.standing(peer.appliance, "replication", "configuration"):
                continue
            peer.shared = copy.deepcopy(primary.shared)
            await peer.appliance.doors.sync()
            self.tell(peer)

    def in_step(self, peer: Peer) -> bool:
        """Whether a peer has what the primary has."""
        return peer.shared == self.primary.shared

    def save(self) -> dict[str, Any]:
        """State for a snapshot."""
        return {"due": self._due, "peers": {peer.name: peer.save() for peer in self.peers}}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave; a replication that was due goes on."""
        for peer in self.peers:
            peer.load(state["peers"][peer.name])
        self._due = state["due"]
        if self._due:
            self.world.spawn(self._replicate(), f"{self.group.name}: replication")
