"""A running lab: brings the estate of an inventory up, keeps it, and takes it down.

Bring-up order: inventory and estate, CA, each cluster's day 0 (certificates, services, database, security, devices), listeners, SSH,
web enrolment, SIP peers, the files for clients, and last the control socket. Nothing is left behind by `close`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from aiohttp import web

from lab import ca
from lab import peers
from lab.ca.authority import Authority
from lab.core import inventory
from lab.core.keys import load_key
from lab.core.snapshot import Snapshots
from lab.core.world import Cluster
from lab.core.world import Node
from lab.core.world import World
from lab.ucm import certificates
from lab.ucm import vos_cli
from lab.ucm import web as node_web
from lab.ucm import x509
from lab.ucm.db import Database
from lab.ucm.listeners import NodeListeners
from lab.ucm.phones import Phones
from lab.ucm.security import ClusterSecurity
from lab.ucm.services import ServiceManager
from lab.ucm.tls import NodeTls
from lab.ucm.tls import write_private

CALL_MANAGER = "Cisco CallManager"
TFTP = "Cisco Tftp"
TOMCAT = "Cisco Tomcat"


class RunningLab:
    """directory: the lab's DIR, made new. speed, phones, axl_schema: as on the command line."""

    def __init__(self, directory: Path, speed: float = 60.0, phones: int = 0, axl_schema: Path | None = None) -> None:
        self.directory = directory
        prepare(directory)
        self.world = World(directory, speed)
        self.world.phones_wanted = phones
        self.world.axl_schema = axl_schema
        self.snapshots = Snapshots(self.world)
        self.peers: list[peers.Peer] = []
        self.others: list[inventory.Host] = []
        self._runners: list[web.AppRunner] = []
        self._servers: list[Any] = []
        self._shells: dict[str, Any] = {}

    async def up(self, path: Path) -> None:
        """Build day 0 from an inventory. Raises BadInventory, OSError (an address is taken), LookupError (the estate refers to nothing)."""
        await self.build(inventory.read(path), inventory.read_estate(path))

    async def build(self, hosts: dict[str, dict[str, Any]], estate: dict[str, Any]) -> None:
        """The same from variables that are read already."""
        world = self.world
        for name, value in world.variants.items():
            world.set_variant(name, value)
        for name in world.mutated:
            world.refuses(name)
        self.others = inventory.populate(world, hosts, estate)
        world.ca = Authority(world.clock.now, lambda: load_key(world.keys.rsa()))
        world.keep("ca", world.ca.state, world.ca.load)
        self._write_ca()
        for cluster in world.clusters.values():
            self._day_zero(cluster)
        for host in self.others:
            self._servers.append(await ca.start(world, host))
        self.peers = await peers.start(world)
        for cluster in world.clusters.values():
            for node in cluster.nodes.values():
                await self._listen(node)
            await cluster.phones.day_zero()
        self._write_trust()

    async def close(self) -> None:
        """End everything that listens or waits."""
        await self.world.end_tasks()
        for node in self.world.nodes():
            if hasattr(node, "listeners"):
                node.listeners.close_web()
                node.listeners.close_sip()
        for server in [*self._shells.values(), *self._servers, *self.peers]:
            server.close()
        for runner in self._runners:
            await runner.cleanup()
        for cluster in self.world.clusters.values():
            if cluster.db is not None:
                cluster.db.close()
        self.world.journal.close()

    async def restore(self, name: str) -> None:
        """Bring a snapshot back; listeners follow what the restored services ask for. Raises KeyError."""
        await self.snapshots.restore(name)
        await self.resync()

    async def resync(self) -> None:
        """Let sockets follow the state (after a restore, a switched variant, a fault that takes a node away or gives it back)."""
        for node in self.world.nodes():
            await node.listeners.sync()
            shell = self._shells.get(node.name)
            if node.listeners.is_away and shell is not None:
                self._shells.pop(node.name).close()
                await shell.wait_closed()
            elif shell is None and not node.listeners.is_away:
                self._shells[node.name] = await vos_cli.start(node)

    def status(self) -> dict[str, Any]:
        """What `status --json` prints."""
        world = self.world
        return {
            "directory": str(self.directory),
            "time": world.clock.now().isoformat(),
            "speed": world.speed,
            "nodes": [self._node_status(node) for node in world.nodes()],
            "hosts": [
                {"name": host.name, "product": host.product, "listeners": [{"protocol": "https", "address": host.address, "port": host.ports["https"]}]}
                for host in self.others
            ],
            "sip_peers": [
                {"name": peer.name, "fqdn": peer.fqdn, "listeners": [{"protocol": "sip", "address": peer.address, "port": peer.port}]
                 + ([{"protocol": "sips", "address": peer.address, "port": peer.tls_port}] if peer.tls_port else [])}
                for peer in self.peers
            ],
            "clusters": [
                {"name": cluster.name, "mixed_mode": cluster.security.mixed, "sip_oauth": cluster.security.oauth,
                 "devices": _count(cluster), "trunks": cluster.phones.trunk_states()}
                for cluster in world.clusters.values()
            ],
            "skipped": world.skipped,
            "unknown": world.unknown,
            "unknown_requests": world.unknown_requests[-20:],
            "journal": len(world.journal),
            "snapshots": self.snapshots.names(),
            "faults": len(world.faults.rules),
            "variants": dict(world.variants),
            "mutated": sorted(world.mutated),
        }

    def _node_status(self, node: Node) -> dict[str, Any]:
        ssh = [{"protocol": "ssh", "address": node.address, "port": node.ports["ssh"]}] if node.name in self._shells else []
        listeners = [{"protocol": one.protocol, "address": one.address, "port": one.port} for one in node.listeners.all() if one.is_open]
        return {"name": node.name, "fqdn": node.fqdn, "product": node.product, "release": node.release, "cluster": node.cluster.name,
                "roles": sorted(node.roles), "listeners": ssh + listeners}

    # ---- day 0

    def _day_zero(self, cluster: Cluster) -> None:
        world = self.world
        certificates.install_day_zero(cluster)
        for node in cluster.nodes.values():
            node.services = ServiceManager(node)
        cluster.security = ClusterSecurity(cluster)
        cluster.phones = Phones(cluster)
        cluster.db = Database(cluster)
        world.keep(f"{cluster.name}/db", cluster.db.save, cluster.db.load, shared=True)
        world.keep(f"{cluster.name}/security", cluster.security.save, cluster.security.load)
        for node in cluster.nodes.values():
            node.tls = NodeTls(node)
            self._hook(node)
            for name, part in (("certificates", node.certificates), ("tls", node.tls), ("services", node.services)):
                world.keep(f"{node.name}/{name}", part.save, part.load)
        world.keep(f"{cluster.name}/phones", cluster.phones.save, cluster.phones.load, shared=True)

    def _hook(self, node: Node) -> None:
        cluster, services = node.cluster, node.services
        for service in (TOMCAT, CALL_MANAGER, TFTP):
            if services.running(service):
                node.tls.started(service)
                cluster.security.started(node, service)
            services.on(service, "started", lambda service=service: node.tls.started(service))
            services.on(service, "started", lambda service=service: cluster.security.started(node, service))

    async def _listen(self, node: Node) -> None:
        runner = await node_web.runner(node)
        self._runners.append(runner)
        node.listeners = NodeListeners(node, runner)
        services, phones = node.services, node.cluster.phones
        services.on(TOMCAT, "stopping", node.listeners.close_web)
        services.on(TOMCAT, "started", node.listeners.open_web)
        services.on(CALL_MANAGER, "stopping", node.listeners.close_sip)
        services.on(CALL_MANAGER, "stopping", lambda: phones.call_manager_stopping(node))
        services.on(CALL_MANAGER, "started", node.listeners.open_sip)
        services.on(CALL_MANAGER, "started", lambda: phones.call_manager_started(node))
        services.on(TFTP, "started", lambda: phones.tftp_started(node))
        await node.listeners.sync()
        self._shells[node.name] = await vos_cli.start(node)

    # ---- files for clients

    def _write_ca(self) -> None:
        world, folder = self.world, self.directory / "ca"
        folder.mkdir(exist_ok=True)
        (folder / "root.pem").write_text(world.ca.root_pem(), encoding="ascii")
        (folder / "chain.pem").write_text(world.ca.chain_pem(), encoding="ascii")
        key = world.keys.rsa()
        leaf = world.ca.issue(load_key(key).public_key(), "probe.lab", ["probe.lab"], "client")
        (folder / "client.pem").write_text(x509.to_pem(leaf) + x509.to_pem(world.ca.issuing), encoding="ascii")
        write_private(folder / "client.key", key)

    def _write_trust(self) -> None:
        pins = self.directory / "pins"
        pins.mkdir(exist_ok=True)
        for node in self.world.nodes():
            (pins / f"{node.fqdn}.pem").write_text(node.certificates.served("https").certificate, encoding="ascii")
        lines = [vos_cli.known_hosts_line(node) for node in self.world.nodes()]
        (self.directory / "known_hosts").write_text("".join(lines), encoding="ascii")


def _count(cluster: Cluster) -> dict[str, int]:
    count: dict[str, int] = {}
    for row in cluster.phones.registrations():
        key = f"{row.device_class} {row.status}"
        count[key] = count.get(key, 0) + 1
    return count


def prepare(directory: Path) -> None:
    """Make DIR, and clear in it what an earlier lab left (its own files only: the workspace of a client goes, too, as it speaks of that estate)."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("ca", "pins", "workspace"):
        shutil.rmtree(directory / name, ignore_errors=True)
    for name in ("known_hosts", "journal.jsonl"):
        (directory / name).unlink(missing_ok=True)
