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
from lab import ldap
from lab import peers
from lab import public_ca
from lab import srst_routers
from lab.appliances import KINDS
from lab.ca import vault
from lab.ca.authority import Authority
from lab.core import inventory
from lab.core.appliances import Appliance
from lab.core.appliances import Doors
from lab.core.keys import load_key
from lab.core.snapshot import Snapshots
from lab.core.world import UNIFIED_CM
from lab.core.world import UNITY_CONNECTION
from lab.core.world import Cluster
from lab.core.world import Node
from lab.core.world import World
from lab.products import PRODUCTS
from lab.ucm import certificates
from lab.ucm import vos_cli
from lab.ucm import web as node_web
from lab.ucm import x509
from lab.ucm.listeners import NodeListeners
from lab.ucm.services import ServiceManager
from lab.ucm.tls import NodeTls
from lab.ucm.tls import write_private

# Hosts that are no cluster nodes: {product: start(world, host) -> an object with close()}.
STARTERS = {"adcs": ca.start, "vault": vault.start, "ldap": ldap.start, "public_ca": public_ca.start}


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
        for group in world.groups.values():
            KINDS[group.product].day_zero(group)
        for host in self.others:
            if host.product in STARTERS:
                self._servers.append(await STARTERS[host.product](world, host))
            else:
                world.skipped.append(host.name)
        self.peers = await peers.start(world)
        self._servers += await srst_routers.start(world)
        for cluster in world.clusters.values():
            for node in cluster.nodes.values():
                await self._listen(node)
        for appliance in world.appliances():
            appliance.doors = Doors(appliance, [make(appliance) for make in KINDS[appliance.product].doors])
            await appliance.doors.sync()
        for cluster in world.clusters.values():
            for come_up in PRODUCTS[cluster.product].come_up:
                await come_up(cluster)
        for group in world.groups.values():
            if KINDS[group.product].come_up is not None:
                await KINDS[group.product].come_up(group)
        self._write_trust()

    async def close(self) -> None:
        """End everything that listens or waits."""
        await self.world.end_tasks()
        for node in self.world.nodes():
            if hasattr(node, "listeners"):
                node.listeners.close()
        for appliance in self.world.appliances():
            if hasattr(appliance, "doors"):
                appliance.doors.close()
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
        for appliance in self.world.appliances():
            await appliance.doors.sync()

    async def refresh(self) -> None:
        """Find out what `status` shows and nobody has looked at yet."""
        for group in self.world.groups.values():
            if KINDS[group.product].refresh is not None:
                await KINDS[group.product].refresh(group)

    def status(self) -> dict[str, Any]:
        """What `status --json` prints."""
        world = self.world
        return {
            "directory": str(self.directory),
            "time": world.clock.now().isoformat(),
            "speed": world.speed,
            "nodes": [self._node_status(node) for node in world.nodes()] + [_appliance_status(one) for one in world.appliances()],
            "hosts": [
                {"name": host.name, "product": host.product,
                 "listeners": [{"protocol": protocol, "address": host.address, "port": port} for protocol, port in host.ports.items()]}
                for host in self.others if host.name not in world.skipped
            ],
            "sip_peers": [
                {"name": peer.name, "fqdn": peer.fqdn, "listeners": [{"protocol": "sip", "address": peer.address, "port": peer.port}]
                 + ([{"protocol": "sips", "address": peer.address, "port": peer.tls_port}] if peer.tls_port else [])}
                for peer in self.peers
            ],
            "clusters": [_cluster_status(cluster) for cluster in world.clusters.values()] + [
                {"name": group.name, "product": group.product, "release": group.release, **KINDS[group.product].status(group)}
                for group in world.groups.values()],
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
        for node in cluster.nodes.values():
            node.tls = NodeTls(node)
            for name, part in (("certificates", node.certificates), ("tls", node.tls), ("services", node.services)):
                world.keep(f"{node.name}/{name}", part.save, part.load)
        for make in PRODUCTS[cluster.product].day_zero:
            make(cluster)
        for node in cluster.nodes.values():
            node.tls.day_zero()

    async def _listen(self, node: Node) -> None:
        runner = await node_web.runner(node)
        self._runners.append(runner)
        node.listeners = NodeListeners(node, runner, [ports(node) for ports in PRODUCTS[node.product].ports])
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
        if self.world.public_ca is not None:
            (self.directory / "ca" / "public-chain.pem").write_text(self.world.public_ca.authority.chain_pem(), encoding="ascii")
            (self.directory / "ca" / "public-root.pem").write_text(self.world.public_ca.authority.root_pem(), encoding="ascii")
        pins = self.directory / "pins"
        pins.mkdir(exist_ok=True)
        for node in self.world.nodes():
            (pins / f"{node.fqdn}.pem").write_text(node.certificates.served("https").certificate, encoding="ascii")
        lines = [vos_cli.known_hosts_line(node) for node in self.world.nodes()]
        for appliance in self.world.appliances():
            kind = KINDS[appliance.product]
            if pem := kind.pin(appliance):
                (pins / f"{appliance.fqdn}.pem").write_text(pem, encoding="ascii")
            if key := kind.host_key(appliance):
                port = appliance.ports["ssh"]
                lines.append(f"{appliance.address if port == 22 else f'[{appliance.address}]:{port}'} {key}\n")
        (self.directory / "known_hosts").write_text("".join(lines), encoding="ascii")


def _appliance_status(one: Appliance) -> dict[str, Any]:
    listeners = [{"protocol": protocol, "address": one.address, "port": port} for port, protocol in one.doors.listening().items()]
    return {"name": one.name, "fqdn": one.fqdn, "product": one.product, "release": one.release, "cluster": one.group.name, "roles": sorted(one.roles),
            "listeners": listeners}


def _cluster_status(cluster: Cluster) -> dict[str, Any]:
    status = {"name": cluster.name, "product": cluster.product, "release": cluster.release}
    if cluster.product == UNIFIED_CM:
        status |= {"mixed_mode": cluster.security.mixed, "sip_oauth": cluster.security.oauth, "devices": _count(cluster),
                   "trunks": cluster.phones.trunk_states(), "ldap": cluster.directory.outcomes(),
                   "online_ca": cluster.online_ca.last, "ils": cluster.ils.status(), "lbm": cluster.lbm.status()}
    if cluster.product == UNITY_CONNECTION:
        status |= {"encryption": cluster.unity.encryption.enabled, "port_groups": cluster.unity.telephony.status()}
    return status


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
