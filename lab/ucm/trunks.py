"""Simulated SIP trunks of a cluster: they take their configuration at a reset or a CallManager start, and then really connect.

A trunk connects to each of its destinations from each of its nodes, with TLS where its profile says so, and asks by OPTIONS.
Sources: guide "SIP Trunk Encryption" (Tables 7-11 and 7-12), axl.md 2.2 and 2.3.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import devices
from lab.ucm import revocation
from lab.ucm import sip
from lab.ucm import trunk_callers
from lab.ucm.registration import Registration
from lab.ucm.tls import certificate_names

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

CALL_MANAGER = "Cisco CallManager"
PING_LIMIT = 5.0

refusal("trunk_peer_name", "guide Table 7-11", "a trunk whose far end's certificate has none of the X.509 subject names")
variant("trunk_subject_match", ("cn_or_san", "cn"), "cn_or_san", "axl.md 2.2 (open)", "which names of the far end's certificate count")


class Trunks:
    """All SIP trunks of one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._held: dict[str, devices.Trunk] = {}
        self._rows: dict[tuple[str, str], Registration] = {}
        self._results: dict[str, dict[str, str]] = {}

    # ---- reading

    def registrations(self) -> list[Registration]:
        """Each trunk once for every node it runs on."""
        return list(self._rows.values())

    def results(self, name: str) -> dict[str, str]:
        """{"NODE -> ADDRESS:PORT": "in service" or why not} of a trunk."""
        return dict(self._results.get(name, {}))

    def states(self) -> dict[str, dict[str, str]]:
        """All trunks: {name: {"NODE -> ADDRESS:PORT": outcome}}."""
        return {name: dict(result) for name, result in self._results.items()}

    def on(self, node: Node) -> list[devices.Trunk]:
        """The trunks that run on a node, as its CallManager has them."""
        return [trunk for trunk in self._held.values() if node.name in trunk.nodes]

    def ports(self, node: Node) -> dict[int, bool]:
        """Incoming ports of the trunk security profiles in use on a node: {port: whether by TLS}."""
        return {trunk.incoming_port: trunk.incoming_tls for trunk in self.on(node)}

    # ---- what administrators and services do

    def day_zero(self) -> None:
        """CallManager has been running: it has its trunks."""
        self._held = dict(devices.trunks(self.cluster))

    def reset(self, names: set[str]) -> None:
        """Let trunks take their configuration and connect anew."""
        self.cluster.world.spawn(self.refresh(names), f"{self.cluster.name}: trunks reset")

    def changed(self, trunks: dict[str, devices.Trunk]) -> list[str]:
        """Names of those whose configuration differs from what they hold."""
        return [name for name, trunk in trunks.items() if self._held.get(name) != trunk]

    def remove(self, name: str) -> None:
        """A trunk was deleted from the database."""
        self._held.pop(name, None)
        self._results.pop(name, None)
        for key in [key for key in self._rows if key[0] == name]:
            del self._rows[key]

    def call_manager_stopping(self, node: Node) -> None:
        """The trunks of a node are down with it."""
        for key, row in self._rows.items():
            if key[1] == node.name:
                self._rows[key] = replace(row, status="UnRegistered", reason="CallManagerReset", since=self.cluster.world.clock.epoch())
        self.cluster.world.sip_changed(node)

    async def call_manager_started(self, node: Node) -> None:
        """The trunks of a node take their configuration and connect from it."""
        await self.refresh({trunk.name for trunk in devices.trunks(self.cluster).values() if node.name in trunk.nodes}, node.name)

    async def refresh(self, names: set[str] | None, only: str | None = None) -> None:
        """Take trunks' configuration from the database and connect, on all their nodes or on one."""
        for trunk in devices.trunks(self.cluster, names).values():
            self._held[trunk.name] = trunk
            for name in trunk.nodes if only is None else [only]:
                await self._connect(trunk, self.cluster.nodes[name])
        for node in self.cluster.nodes.values():
            if hasattr(node, "listeners") and (only is None or only == node.name):
                await node.listeners.sync()
                if names is not None:
                    self.cluster.world.sip_changed(node)

    def far_end_changed(self, other: Node) -> None:
        """SIP of another cluster's node has changed: the trunks that dial it find out at the next keep-alive."""
        if other.cluster is not self.cluster and any(trunk_callers.dials(self.cluster.world, trunk, other) for trunk in self._held.values()):
            self.cluster.world.spawn(self._keep_alive(other), f"{self.cluster.name}: trunks to {other.name}")

    # ---- inner workings

    async def _keep_alive(self, other: Node) -> None:
        await self.cluster.world.clock.sleep(trunk_callers.KEEP_ALIVE)
        for trunk in list(self._held.values()):
            if trunk_callers.dials(self.cluster.world, trunk, other):
                for name in trunk.nodes:
                    await self._connect(trunk, self.cluster.nodes[name])

    async def _connect(self, trunk: devices.Trunk, node: Node) -> None:
        if not node.services.find(CALL_MANAGER).activated:
            return
        outcomes = await asyncio.gather(*(self._ask(trunk, node, address, port) for address, port in trunk.destinations))
        results = self._results.setdefault(trunk.name, {})
        for key in [key for key in results if key.startswith(f"{node.name} -> ")]:
            del results[key]
        for (address, port), outcome in zip(trunk.destinations, outcomes, strict=True):
            results[f"{node.name} -> {address}:{port}"] = outcome
        good = "in service" in outcomes
        reason = "" if good else "; ".join(sorted(set(outcomes))) or "no destination"
        self._rows[(trunk.name, node.name)] = Registration(
            trunk.name, "SIPTrunk", "SIP Trunk", "SIP", trunk.description, "Registered" if good else "UnRegistered", node.name, reason,
            self.cluster.world.clock.epoch(), trunk.destinations[0][0] if trunk.destinations else "", trunk.transport == "TLS",
        )

    async def _ask(self, trunk: devices.Trunk, node: Node, address: str, port: int) -> str:
        tls = trunk.transport == "TLS"
        context = node.tls.client() if tls else None
        place = self.cluster.world.resolve(address) or address
        problem, certificate = await sip.attempt(place, port, node.fqdn, context, node.address, PING_LIMIT)
        if problem:
            return problem
        if tls and await revocation.is_revoked(node, certificate["pem"]):
            return "TLS: certificate revoked"
        if tls and self.cluster.world.refuses("trunk_peer_name") and not trunk_callers.subject_fits(self.cluster.world, certificate, trunk.subjects):
            return f"X.509 subject name {certificate_names(certificate)[0]} is not expected"
        return "in service"

    # ---- snapshots

    def save(self) -> dict:
        """State for a snapshot: copies of the tables, whose rows never change."""
        return {"held": dict(self._held), "rows": dict(self._rows), "results": self.states()}

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        self._held, self._rows = dict(state["held"]), dict(state["rows"])
        self._results = {name: dict(result) for name, result in state["results"].items()}
