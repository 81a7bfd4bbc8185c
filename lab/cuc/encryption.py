"""Encryption of a Unity Connection cluster: what `utils cuc encryption {enable|disable|status}` switches, and when it counts.

A restricted load of 12.0 and later comes with it switched off. Enabling needs a registration with export control (or it is refused), holds
for the whole cluster, and is in force on a node once Connection Conversation Manager (SIP over TLS, SRTP) and Connection IMAP Server
have been restarted there. Sources: vos.md 4, id:63084911208, id:8733956500 (the dialogue), id:63292740710 (restricted and unrestricted).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.ucm.refused import Refused

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

CONVERSATION_MANAGER = "Connection Conversation Manager"
IMAP = "Connection IMAP Server"
SERVICES = (CONVERSATION_MANAGER, IMAP)
NO_EXPORT = ("The product is not registered with Cisco Smart Software Manager or satellite using a token that allows "
             "Export-Controlled Functionality")
UNRESTRICTED = "Encryption is not supported on the unrestricted version of Unity Connection"

refusal("cuc_encryption_export_control", "vos.md 4", "enabling encryption without export-controlled functionality")
refusal("cuc_encryption_unrestricted", "vos.md 4", "enabling encryption on the unrestricted load")


class Encryption:
    """Of one cluster. auto_itl: whether trust lists are fetched from TFTP servers (`utils cuc auto ITL download`, on by default).

    Estate: `encryption: true` (on from day 0), `unrestricted: true`, `licence: {registration, export_control}`."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.enabled = bool(cluster.estate.get("encryption", False))
        self.auto_itl = True
        self._in_force: dict[tuple[str, str], bool] = {}
        for node in cluster.nodes.values():
            for service in SERVICES:
                self.started(node, service)

    def enable(self) -> None:
        """Switch it on for the cluster. Raises Refused (cuc_encryption_unrestricted, cuc_encryption_export_control)."""
        world, licence = self.cluster.world, self.cluster.estate.get("licence", {})
        if self.cluster.estate.get("unrestricted") and world.refuses("cuc_encryption_unrestricted"):
            raise Refused("cuc_encryption_unrestricted", UNRESTRICTED)
        registered = str(licence.get("registration", "Registered")).lower() == "registered"
        allowed = str(licence.get("export_control", "ALLOWED")).upper() == "ALLOWED"
        if not (registered and allowed) and world.refuses("cuc_encryption_export_control"):
            raise Refused("cuc_encryption_export_control", NO_EXPORT)
        self.enabled = True

    def disable(self) -> None:
        """Switch it off for the cluster."""
        self.enabled = False

    def started(self, node: Node, service: str) -> None:
        """A service of a node has started: for it, what is switched now is in force."""
        if service in SERVICES:
            self._in_force[(node.name, service)] = self.enabled

    def in_force(self, node: Node, service: str = CONVERSATION_MANAGER) -> bool:
        """Whether a service of a node works with encryption."""
        return self._in_force.get((node.name, service), False)

    def save(self) -> dict:
        """State for a snapshot."""
        return {"enabled": self.enabled, "auto_itl": self.auto_itl, "in_force": dict(self._in_force)}

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        self.enabled, self.auto_itl, self._in_force = state["enabled"], state["auto_itl"], dict(state["in_force"])
