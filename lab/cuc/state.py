"""What only a Unity Connection cluster has, as `cluster.unity`: its tables, encryption, and the SIP side of its port groups."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from lab.cuc import seed
from lab.cuc.encryption import CONVERSATION_MANAGER
from lab.cuc.encryption import SERVICES
from lab.cuc.encryption import Encryption
from lab.cuc.model import Row
from lab.cuc.port_groups import IN_PROGRESS
from lab.cuc.port_groups import REQUIRED
from lab.cuc.port_groups import RESET
from lab.cuc.telephony import Telephony

if TYPE_CHECKING:
    from lab.core.world import Cluster

_SPACE = uuid.UUID("b0a3c1d2-5a3e-4c0e-9d55-1f2f7a2f6c11")


class UnityConnection:
    """Of one cluster. Tables are {name as in CUPI's address: {object id: row}}; a row is never changed, only replaced."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.world = cluster.world
        self.location = self.key("location")
        self.encryption = Encryption(cluster)
        self._tables: dict[str, dict[str, Row]] = {}
        seed.fill(self)
        self.telephony = Telephony(self)

    def key(self, *names: object) -> str:
        """The id of an object of day 0: the same at each start of the lab."""
        return str(uuid.uuid5(_SPACE, "/".join([self.cluster.name, *map(str, names)])))

    @staticmethod
    def new_id() -> str:
        """The id of an object that a client makes."""
        return str(uuid.uuid4())

    def table(self, name: str) -> dict[str, Row]:
        """A table."""
        return self._tables.setdefault(name, {})

    def rows(self, name: str) -> list[Row]:
        """The rows of a table."""
        return list(self.table(name).values())

    def put(self, name: str, **fields: str) -> str:
        """Store a new row; its id is made of its names unless it is given. Gives the id."""
        self.table(name)[fields["ObjectId"]] = fields
        return fields["ObjectId"]

    def reset_status(self, group: str, status: str) -> None:
        """Set what a port group shows as the state of its reset."""
        self.table("portgroups")[group] = {**self.table("portgroups")[group], RESET: status}

    def needs_reset(self, group: str) -> None:
        """A SIP setting of a port group has changed: it says that it wants a reset."""
        if self.table("portgroups")[group][RESET] != IN_PROGRESS:
            self.reset_status(group, REQUIRED)

    def save(self) -> dict:
        """State for a snapshot."""
        return {"tables": self._tables, "encryption": self.encryption.save(), "telephony": self.telephony.save()}

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        self._tables = state["tables"]
        self.encryption.load(state["encryption"])
        self.telephony.load(state["telephony"])


def day_zero(cluster: Cluster) -> None:
    """As the installation and the estate make it; kept in snapshots."""
    cluster.unity = unity = UnityConnection(cluster)
    cluster.world.keep(f"{cluster.name}/unity", unity.save, unity.load)
    for node in cluster.nodes.values():
        for service in SERVICES:
            node.services.on(service, "started", lambda node=node, service=service: unity.encryption.started(node, service))
        node.services.on(CONVERSATION_MANAGER, "stopping", lambda node=node: unity.telephony.stopped(node))
        node.services.on(CONVERSATION_MANAGER, "started", lambda node=node: unity.telephony.started(node))
    cluster.world.on_sip_change(unity.telephony.far_end_changed)


async def come_up(cluster: Cluster) -> None:
    """The port groups look for their SIP servers."""
    await cluster.unity.telephony.probe_all()
