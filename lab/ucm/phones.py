"""Simulated phones and SIP trunks of a cluster: who is registered where, and why not.

A phone takes its configuration, CTL and ITL from a TFTP node when it resets, registers with the first CallManager of its group that
runs and that it trusts, fails over when that stops and comes back afterwards. In mixed mode an encrypted phone trusts a CallManager
only when its CTL holds the very certificate that is served on 5061; otherwise it keeps trying and stays unregistered. A trunk takes its
configuration at a reset or a CallManager start and then really connects to its destinations, with TLS where its profile says so.

Sources: guide "CTL and ITL", "Mixed Mode", "SIP Trunk Encryption", vos.md 2. `registrations()` is what RIS shows.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import devices
from lab.ucm import sip
from lab.ucm import x509
from lab.ucm.security import CCM_TFTP
from lab.ucm.security import SAST
from lab.ucm.security import TrustList
from lab.ucm.tls import certificate_names

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

CALL_MANAGER = "Cisco CallManager"
TFTP = "Cisco Tftp"
FAIL_OVER = 15.0
RESET = 30.0
PING_LIMIT = 5.0

refusal("phone_ctl_mismatch", "guide 'CTL and ITL', issue 2", "an encrypted phone whose CTL lacks the CallManager certificate in use")
refusal("phone_certificate_untrusted", "guide 'Mixed Mode'", "an encrypted phone without MIC or LSC")
refusal("phone_oauth_port_closed", "vos.md 2", "an OAuth phone where SIP OAuth mode is not in force")
refusal("trunk_peer_name", "guide Table 7-11", "a trunk whose far end's certificate has none of the X.509 subject names")

variant("trunk_subject_match", ("cn_or_san", "cn"), "cn_or_san", "axl.md 2.2 (open)", "which names of the far end's certificate count")


@dataclass(frozen=True)
class Registration:
    """A device as RIS shows it.

    status: "Registered", "UnRegistered", "Rejected". node: inventory name of the CallManager it is (or was) registered with, "" = none.
    reason: why it is not registered, "" otherwise. since: epoch of the last change. secure: by TLS. device_class: "Phone", "SIPTrunk".
    """

    name: str
    device_class: str
    model: str
    protocol: str
    description: str
    status: str = "UnRegistered"
    node: str = ""
    reason: str = ""
    since: float = 0.0
    ip: str = ""
    secure: bool = False


@dataclass(frozen=True)
class Held:
    """What a phone keeps: its last configuration, CTL and ITL."""

    config: devices.Phone
    mixed: bool
    ctl: TrustList | None
    itl: TrustList | None


class Phones:
    """All devices of one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._rows: dict[str, Registration] = {}
        self._held: dict[str, Held] = {}
        self._trunks: dict[str, devices.Trunk] = {}
        self._trunk_rows: dict[tuple[str, str], Registration] = {}
        self._results: dict[str, dict[str, str]] = {}

    # ---- reading

    def registrations(self) -> list[Registration]:
        """All phones, and each trunk once for every node it runs on."""
        return [*self._rows.values(), *self._trunk_rows.values()]

    def registration(self, name: str) -> Registration | None:
        """One phone."""
        return self._rows.get(name)

    def trunk_results(self, name: str) -> dict[str, str]:
        """{"NODE -> ADDRESS:PORT": "in service" or why not} of a trunk."""
        return dict(self._results.get(name, {}))

    def trunk_states(self) -> dict[str, dict[str, str]]:
        """All trunks: {name: {"NODE -> ADDRESS:PORT": outcome}}."""
        return {name: dict(result) for name, result in self._results.items()}

    def held(self, name: str) -> Held | None:
        """What a phone has taken from TFTP."""
        return self._held.get(name)

    def trunk_ports(self, node: Node) -> dict[int, bool]:
        """Incoming ports of the trunk security profiles in use on a node: {port: whether by TLS}."""
        return {trunk.incoming_port: trunk.secure for trunk in self._trunks.values() if node.name in trunk.nodes}

    # ---- what administrators and services do

    async def day_zero(self) -> None:
        """All devices come up."""
        for number, phone in enumerate(devices.phones(self.cluster).values()):
            self._rows[phone.name] = self._new_row(phone, number)
            self._fetch(phone)
        self._register(list(self._rows))
        await self._refresh_trunks(None)

    def reset(self, names: Iterable[str] | None = None) -> list[str]:
        """Reset (or restart) devices: phones fetch anew and register again after a while, trunks reconnect. Gives the names known.

        names: of phones and trunks, None = all phones and trunks.
        """
        wanted = None if names is None else set(names)
        phones = devices.phones(self.cluster, wanted)
        trunks = devices.trunks(self.cluster, wanted)
        for phone in phones.values():
            row = self._rows.get(phone.name) or self._new_row(phone, len(self._rows))
            self._rows[phone.name] = replace(row, status="UnRegistered", node="", reason="DeviceInitiatedReset", since=self._now())
        if phones:
            self._later(RESET, self._come_up, list(phones))
        if trunks:
            self.cluster.world.spawn(self._refresh_trunks(set(trunks)), f"{self.cluster.name}: trunks reset")
        return [*phones, *trunks]

    def apply(self, names: Iterable[str] | None = None) -> list[str]:
        """Apply Config: restarts just the devices whose configuration differs from what they hold (axl.md 2.4). Gives the names known."""
        wanted = None if names is None else set(names)
        phones, trunks = devices.phones(self.cluster, wanted), devices.trunks(self.cluster, wanted)
        changed = [name for name, phone in phones.items() if name not in self._held or self._held[name].config != phone]
        changed += [name for name, trunk in trunks.items() if self._trunks.get(name) != trunk]
        if changed:
            self.reset(changed)
        return [*phones, *trunks]

    def remove(self, name: str) -> None:
        """A device was deleted from the database."""
        self._rows.pop(name, None)
        self._held.pop(name, None)
        self._trunks.pop(name, None)
        self._results.pop(name, None)
        for key in [key for key in self._trunk_rows if key[0] == name]:
            del self._trunk_rows[key]

    def call_manager_stopping(self, node: Node) -> None:
        """Devices of a node lose it; after a while they are with another member of their group."""
        lost = [row.name for row in self._rows.values() if row.node == node.name]
        for name in lost:
            self._rows[name] = replace(self._rows[name], status="UnRegistered", node="", reason="CallManagerReset", since=self._now())
        for key, row in self._trunk_rows.items():
            if key[1] == node.name:
                self._trunk_rows[key] = replace(row, status="UnRegistered", reason="CallManagerReset", since=self._now())
        self._later(FAIL_OVER, self._register, lost)

    def call_manager_started(self, node: Node) -> None:
        """Devices whose better (or only) choice this node is come to it after a while; its trunks connect."""
        self._later(FAIL_OVER, self._register, None)
        self.cluster.world.spawn(self._trunks_after_start(node), f"{self.cluster.name}: trunks of {node.name}")

    def tftp_started(self, _node: Node) -> None:
        """Phones that could not register try again, with what TFTP gives them now."""
        self._later(FAIL_OVER, self._register, None)

    # ---- phones

    def _now(self) -> float:
        return self.cluster.world.clock.epoch()

    def _later(self, delay: float, call, names: list[str] | None) -> None:
        async def wait() -> None:
            await self.cluster.world.clock.sleep(delay)
            call(names)

        self.cluster.world.spawn(wait(), f"{self.cluster.name}: devices")

    def _new_row(self, phone: devices.Phone, number: int) -> Registration:
        ip = f"10.{20 + number // 65000}.{number // 250 % 256}.{number % 250 + 1}"
        return Registration(phone.name, "Phone", phone.model, phone.protocol, phone.description, ip=ip, since=self._now())

    def _come_up(self, names: list[str]) -> None:
        for phone in devices.phones(self.cluster, set(names)).values():
            self._fetch(phone)
        self._register(names)

    def _tftp(self) -> Node | None:
        return next((node for node in self.cluster.nodes.values() if node.services.running(TFTP)), None)

    def _fetch(self, phone: devices.Phone) -> None:
        """Download CTL, ITL and configuration; lists signed by nobody the phone knows are dropped, and it keeps what it has."""
        node, before = self._tftp(), self._held.get(phone.name)
        if node is None:
            if before is None:
                self._held[phone.name] = Held(phone, False, None, None)
            return
        security = self.cluster.security
        ctl = security.served_ctl(node)
        itl = None if phone.model == "Cisco Unified Client Services Framework" else security.itl(node)
        known = _tokens(before)
        if known:
            ctl = ctl if ctl is None or x509.fingerprint(ctl.signer) in known else before.ctl
            itl = itl if itl is None or x509.fingerprint(itl.signer) in known else before.itl
        if ctl is None and before is not None:
            ctl = before.ctl
        self._held[phone.name] = Held(phone, security.mixed and ctl is not None, ctl, itl)

    def _register(self, names: list[str] | None) -> None:
        for name in list(self._rows) if names is None else names:
            row = self._rows.get(name)
            held = self._held.get(name)
            if row is not None and held is not None:
                self._rows[name] = self._choose(row, held)

    def _choose(self, row: Registration, held: Held) -> Registration:
        result = self._try(row, held)
        if result.status != "Registered" and held.config.secure:
            # A phone that cannot register fetches its lists again before the next try.
            self._fetch(held.config)
            result = self._try(row, self._held[row.name])
        if (result.status, result.node, result.reason, result.secure) == (row.status, row.node, row.reason, row.secure):
            return row
        return replace(result, since=self._now())

    def _try(self, row: Registration, held: Held) -> Registration:
        reason = "NoCallManager"
        for name in held.config.group:
            node = self.cluster.nodes[name]
            if not node.services.running(CALL_MANAGER):
                continue
            refused = self._objection(node, held)
            if refused is None:
                return replace(row, status="Registered", node=name, reason="", secure=self._by_tls(held), model=held.config.model)
            reason = refused
        return replace(row, status="Rejected" if reason == "OAuthNotInForce" else "UnRegistered", node="", reason=reason, secure=False)

    def _by_tls(self, held: Held) -> bool:
        return held.config.secure and (held.mixed or (held.config.oauth and self.cluster.security.oauth))

    def _objection(self, node: Node, held: Held) -> str | None:
        """Why the phone and this CallManager do not get on; None when they do."""
        world, security, config = self.cluster.world, self.cluster.security, held.config
        if not self._by_tls(held):
            return None
        if config.oauth and security.oauth:
            if not security.oauth_in_force(node) and world.refuses("phone_oauth_port_closed"):
                return "OAuthNotInForce"
            return None
        if not security.mixed_in_force(node):
            return "NodeNotInMixedMode"
        served = x509.fingerprint(node.certificates.served("sip").certificate)
        known = held.ctl.fingerprints(CCM_TFTP) if held.ctl else frozenset()
        if served not in known and world.refuses("phone_ctl_mismatch"):
            return "CertificateNotInCTL"
        if not (config.has_lsc or self._has_mic(config.name)) and world.refuses("phone_certificate_untrusted"):
            return "NoPhoneCertificate"
        return None

    def _has_mic(self, name: str) -> bool:
        for phone in self.cluster.estate.get("phones", ()):
            if phone.get("name") == name:
                return bool(phone.get("mic", True))
        return True

    # ---- trunks

    async def _trunks_after_start(self, node: Node) -> None:
        names = {trunk.name for trunk in devices.trunks(self.cluster).values() if node.name in trunk.nodes}
        await self._refresh_trunks(names, node.name)

    async def _refresh_trunks(self, names: set[str] | None, only: str | None = None) -> None:
        """Take trunks' configuration from the database and connect, on all their nodes or on one."""
        for trunk in devices.trunks(self.cluster, names).values():
            self._trunks[trunk.name] = trunk
            for name in trunk.nodes if only is None else [only]:
                await self._connect(trunk, self.cluster.nodes[name])
        for node in self.cluster.nodes.values():
            if hasattr(node, "listeners") and (only is None or only == node.name):
                await node.listeners.sync()

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
        self._trunk_rows[(trunk.name, node.name)] = Registration(
            trunk.name, "SIPTrunk", "SIP Trunk", "SIP", trunk.description, "Registered" if good else "UnRegistered", node.name, reason, self._now(),
            trunk.destinations[0][0] if trunk.destinations else "", trunk.transport == "TLS",
        )

    async def _ask(self, trunk: devices.Trunk, node: Node, address: str, port: int) -> str:
        tls = trunk.transport == "TLS"
        try:
            context = node.tls.client() if tls else None
            certificate = await sip.ping(address, port, node.fqdn, context, node.address, PING_LIMIT)
        except (ssl.SSLError, ValueError) as error:
            return f"TLS: {getattr(error, 'verify_message', '') or getattr(error, 'reason', '') or error}"
        except TimeoutError:
            return "no answer"
        except OSError as error:
            return f"connection failed: {error.strerror or error}"
        if tls and trunk.subjects and self.cluster.world.refuses("trunk_peer_name"):
            name, names = certificate_names(certificate)
            seen = {name.lower()} | ({other.lower() for other in names} if self.cluster.world.variant("trunk_subject_match") == "cn_or_san" else set())
            if not seen & set(trunk.subjects):
                return f"X.509 subject name {name} is not expected"
        return "in service"

    # ---- snapshots

    @staticmethod
    def _copy(tables: dict) -> dict:
        return {key: {name: dict(value) for name, value in table.items()} if key == "_results" else dict(table)
                for key, table in tables.items() if key != "cluster"}

    def save(self) -> dict:
        """State for a snapshot: copies of the tables, whose rows never change."""
        return self._copy(vars(self))

    def load(self, state: dict) -> None:
        """Take over what `save` gave; devices that were on their way try again."""
        vars(self).update(self._copy(state))
        waiting = [row.name for row in self._rows.values() if row.status != "Registered"]
        if waiting:
            self._later(FAIL_OVER, self._come_up, waiting)


def _tokens(held: Held | None) -> frozenset[str]:
    if held is None:
        return frozenset()
    lists = [item for item in (held.ctl, held.itl) if item is not None]
    return frozenset().union(*(item.fingerprints(SAST) for item in lists)) if lists else frozenset()
