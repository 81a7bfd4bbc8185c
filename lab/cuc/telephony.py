"""The SIP side of Unity Connection: what a node's Connection Conversation Manager works with, and whether its port groups are in service.

Settings of a port group count from its reset, or from the next start of Connection Conversation Manager. With a TLS profile its port
opens only while encryption is in force and the certificates of Unified CM could be fetched: CTL and ITL file from the TFTP servers, by
name and not by address (id:63335859960, id:63571956953 case 2). With Next Generation Encryption it shows the tomcat certificate, else
one of its own that nobody knows; clients need a certificate that CallManager-trust vouches for. It looks for its SIP servers as soon
as it is up, and again when one of them has changed. Durations are the lab's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.cuc.encryption import CONVERSATION_MANAGER
from lab.cuc.port_groups import IN_PROGRESS
from lab.cuc.port_groups import NGE
from lab.cuc.port_groups import NOT_REQUIRED
from lab.cuc.port_groups import PROFILE
from lab.cuc.port_groups import RESET
from lab.cuc.servers import OWNER
from lab.cuc.servers import SERVICE
from lab.cuc.servers import SIP
from lab.cuc.servers import TFTP
from lab.ucm import sip
from lab.ucm import tls
from lab.ucm import x509
from lab.ucm.refused import Refused
from lab.ucm.security import CCM_TFTP
from lab.ucm.trunk_callers import KEEP_ALIVE
from lab.ucm.trunks import PING_LIMIT

if TYPE_CHECKING:
    from lab.core.world import Node
    from lab.cuc.state import UnityConnection

RESET_TAKES = 20.0
IN_SERVICE = "in service"

variant("cuc_itl", ("needed", "optional"), "needed", "id:63571956953 (before NGE), guide 'Cisco Unity Connection'",
        "whether a port group with TLS stays out of service while no certificate of Unified CM could be fetched from its TFTP servers")
variant("cuc_itl_mixed_mode", ("needed", "not_needed"), "needed", "id:63335859960 (the guide does not say so)",
        "whether the TFTP server's cluster must be in mixed mode for the fetch")
variant("cuc_itl_store", ("CallManager-trust", "tomcat-trust"), "CallManager-trust", "guide (deployment against architecture)",
        "the trust store that shows the certificates that were fetched")
variant("cuc_sip_trust", ("CallManager-trust", "tomcat-trust"), "CallManager-trust", "id:63335859960 (guide, architecture: tomcat-trust)",
        "the trust store that Unified CM's certificate is checked against")

refusal("cuc_tls_needs_encryption", "vos.md 4", "TLS of a port group while encryption is not in force")
refusal("cuc_tftp_name", "id:63335859960", "fetching certificates from a TFTP server whose certificate does not have the name that it is listed by")


@dataclass(frozen=True)
class Loaded:
    """A port group as a node works with it. problem: why its ports are out of service, "" while they are not. anchors: fetched certificates."""

    name: str
    port: int
    tls: bool
    nge: bool
    srtp: bool
    sip_servers: tuple[tuple[str, int], ...]
    tftp_servers: tuple[str, ...]
    problem: str = ""
    anchors: tuple[str, ...] = ()
    outcome: str = ""

    @property
    def status(self) -> str:
        """In service, or why not."""
        return self.problem or self.outcome


class Telephony:
    """All port groups of a cluster, on all its nodes."""

    def __init__(self, system: UnityConnection) -> None:
        self.system = system
        self.world = system.world
        self._loaded: dict[tuple[str, str], Loaded] = {}
        self._own: tuple[str, str] | None = None
        for node in system.cluster.nodes.values():
            if node.services.running(CONVERSATION_MANAGER):
                self._load(node)

    # ---- reading

    def status(self) -> dict[str, dict[str, str]]:
        """{port group: {node: "in service" or why not}}."""
        result: dict[str, dict[str, str]] = {row["DisplayName"]: {} for row in self.system.rows("portgroups")}
        for group in self.system.rows("portgroups"):
            for node in self.system.cluster.nodes.values():
                held = self._loaded.get((node.name, group["ObjectId"]))
                result[group["DisplayName"]][node.name] = held.status if held else f"{CONVERSATION_MANAGER} does not run"
        return result

    def ports(self, node: Node) -> dict[int, str]:
        """The SIP ports that a node has open: {port: "sip" or "sips"}."""
        held = [loaded for (name, _group), loaded in self._loaded.items() if name == node.name and not loaded.problem]
        return {loaded.port: "sips" if loaded.tls else "sip" for loaded in held}

    def context(self, node: Node, port: int) -> Callable[[], ssl.SSLContext]:
        """What chooses the TLS context of a new connection to a port."""

        def choose() -> ssl.SSLContext:
            held = next(loaded for (name, _group), loaded in self._loaded.items() if (name, loaded.port) == (node.name, port))
            return node.tls.signalling((self._pair(node, held),), self._trusted(node, held), ssl.CERT_REQUIRED)

        return choose

    # ---- what administrators and services do

    def reset(self, group: str) -> None:
        """Reset a port group: its ports go down on all nodes, and come back with the settings as they are then."""
        self.system.reset_status(group, IN_PROGRESS)
        self.world.spawn(self._reset(group), f"{self.system.cluster.name}: reset of a port group")

    async def _reset(self, group: str) -> None:
        nodes = list(self.system.cluster.nodes.values())
        for node in nodes:
            self._loaded.pop((node.name, group), None)
            await node.listeners.sync()
        await self.world.clock.sleep(RESET_TAKES)
        for node in nodes:
            if node.services.running(CONVERSATION_MANAGER):
                self._load(node, group)
        self.system.reset_status(group, NOT_REQUIRED)
        for node in nodes:
            await node.listeners.sync()
            self.world.sip_changed(node)
        await asyncio.gather(*(self._probe(node, group) for node in nodes))

    def stopped(self, node: Node) -> None:
        """Connection Conversation Manager of a node stops."""
        for key in [key for key in self._loaded if key[0] == node.name]:
            del self._loaded[key]
        self.world.sip_changed(node)

    def started(self, node: Node) -> None:
        """It has started: all settings as they are now. A port group that all nodes have so wants no reset any more."""
        self._load(node)
        for row in self.system.rows("portgroups"):
            held = [self._loaded.get((name, row["ObjectId"])) for name in self.system.cluster.nodes]
            if row[RESET] != IN_PROGRESS and all(one is not None and self._same(one, self._wanted(row)) for one in held):
                self.system.reset_status(row["ObjectId"], NOT_REQUIRED)
        self.world.sip_changed(node)
        self.world.spawn(self._probe_soon([node]), f"{node.name}: SIP servers")

    def far_end_changed(self, other: Node) -> None:
        """SIP of another node has changed: port groups that use it look again at the next keep-alive."""
        uses = {group for (_node, group), loaded in self._loaded.items()
                if other.address in {self.world.resolve(host) for host, _port in loaded.sip_servers}}
        if uses and other.cluster is not self.system.cluster:
            self.world.spawn(self._probe_soon(list(self.system.cluster.nodes.values()), uses), f"{self.system.cluster.name}: SIP servers")

    # ---- settings

    def _wanted(self, row: dict[str, str]) -> Loaded:
        profile = self.system.table("sipsecurityprofiles").get(row[PROFILE], {"Port": "5060", "DoTLS": "false"})
        secure = profile["DoTLS"] == "true"
        servers = sorted((one for one in self.system.rows("portgroupservers") if one[OWNER] == row["ObjectId"]), key=lambda one: int(one["Precedence"]))
        called = [(one["HostOrIPAddress"], int(one["TlsPort" if secure else "Port"])) for one in servers if one[SERVICE] == SIP]
        return Loaded(row["DisplayName"], int(profile["Port"]), secure, row[NGE] == "true", row["SipDoSRTP"] == "true", tuple(called),
                      tuple(one["HostOrIPAddress"] for one in servers if one[SERVICE] == TFTP))

    @staticmethod
    def _same(held: Loaded, wanted: Loaded) -> bool:
        return replace(held, problem="", anchors=(), outcome="") == wanted

    def _load(self, node: Node, only: str | None = None) -> None:
        for row in self.system.rows("portgroups"):
            if only in (None, row["ObjectId"]):
                self._loaded[(node.name, row["ObjectId"])] = self._with_certificates(node, self._wanted(row))

    def _with_certificates(self, node: Node, wanted: Loaded) -> Loaded:
        if not wanted.tls:
            return wanted
        if not self.system.encryption.in_force(node) and self.world.refuses("cuc_tls_needs_encryption"):
            return replace(wanted, problem="encryption is not in force")
        if not self.system.encryption.auto_itl:
            return wanted
        fetched, problem = self._fetch(wanted.tftp_servers)
        for pem in fetched:
            with contextlib.suppress(Refused):          # one that is there already, or newer
                node.certificates.upload_trust(self.world.variant("cuc_itl_store").removesuffix("-trust"), pem, "Fetched from a TFTP server")
        needed = self.world.variant("cuc_itl") == "needed"
        return replace(wanted, anchors=fetched, problem=f"error retrieving server certificates: {problem}" if needed and not fetched else "")

    def _fetch(self, servers: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        """(certificates of Unified CM in the CTL and ITL file of the first TFTP server that answers, why there are none)."""
        problem = "no TFTP server"
        for host in servers:
            node = self.world.find(host)
            if node is None or node.cluster.security is None or not node.services.running("Cisco Tftp") or node.listeners.is_away:
                problem = f"no answer from {host}"
                continue
            names = _names(node.certificates.served("tftp").certificate)
            if host.lower() not in names and self.world.refuses("cuc_tftp_name"):
                problem = f"certificate of the TFTP server does not have the name {host}"
                continue
            if self.world.variant("cuc_itl_mixed_mode") == "needed" and node.cluster.security.served_ctl(node) is None:
                problem = f"the cluster of {host} is not in mixed mode"
                continue
            lists = (node.cluster.security.served_ctl(node), node.cluster.security.itl(node))
            found = {record.certificate: None for one in lists if one is not None for record in one.records if CCM_TFTP in record.functions}
            return tuple(found), ""
        return (), problem

    # ---- TLS

    def _trusted(self, node: Node, held: Loaded) -> tuple[str, ...]:
        store = tuple(entry.certificate for entry in node.certificates.trust(self.world.variant("cuc_sip_trust")))
        return store + tuple(pem for pem in held.anchors if pem not in store)

    def _pair(self, node: Node, held: Loaded) -> tuple[str, str]:
        """(chain, key) that a node shows on a port: tomcat's with Next Generation Encryption."""
        if held.nge:
            return node.tls.pair("sip")
        if self._own is None:
            key = self.world.keys.rsa()
            self._own = x509.self_signed("sip", x509.subject(f"CiscoUnity-{self.system.key('sip')}", {}), key, self.world.clock.now(), []), key
        return self._own

    # ---- SIP servers

    async def probe_all(self) -> None:
        """Look for the SIP servers of all port groups."""
        await asyncio.gather(*(self._probe(self.system.cluster.nodes[name], group) for name, group in list(self._loaded)))

    async def _probe_soon(self, nodes: list[Node], groups: set[str] | None = None) -> None:
        await self.world.clock.sleep(KEEP_ALIVE)
        wanted = {node.name for node in nodes}
        await asyncio.gather(*(self._probe(self.system.cluster.nodes[name], group) for name, group in list(self._loaded)
                               if name in wanted and (groups is None or group in groups)))

    async def _probe(self, node: Node, group: str) -> None:
        held = self._loaded.get((node.name, group))
        if held is None or held.problem:
            return
        outcomes = await asyncio.gather(*(self._ask(node, held, host, port) for host, port in held.sip_servers))
        outcome = IN_SERVICE if IN_SERVICE in outcomes else "; ".join(sorted(set(outcomes))) or "no SIP server"
        if self._loaded.get((node.name, group)) is held:
            self._loaded[(node.name, group)] = replace(held, outcome=outcome)

    async def _ask(self, node: Node, held: Loaded, host: str, port: int) -> str:
        context = tls.client_context(*self._pair(node, held), self._trusted(node, held)) if held.tls else None
        problem, _certificate = await sip.attempt(self.world.resolve(host) or host, port, node.fqdn, context, node.address, PING_LIMIT)
        return problem or IN_SERVICE

    # ---- snapshots

    def save(self) -> dict:
        """State for a snapshot."""
        return {"loaded": dict(self._loaded), "own": self._own}

    def load(self, state: dict) -> None:
        """Take over what `save` gave; a reset that was under way begins anew."""
        self._loaded, self._own = dict(state["loaded"]), state["own"]
        for row in self.system.rows("portgroups"):
            if row[RESET] == IN_PROGRESS:
                self.reset(row["ObjectId"])


def _names(pem: str) -> frozenset[str]:
    certificate = x509.load(pem)
    return x509.alternative_names(certificate) | {x509.common_name(certificate.subject).lower()}
