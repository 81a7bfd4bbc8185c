"""Simulated phones of a cluster, and its trunks: who is registered where, and why not.

A phone takes its configuration, CTL and ITL from a TFTP node when it resets, goes to CAPF where an operation on its certificate waits,
registers with the first CallManager of its group that runs and that it gets on with (admission.py), fails over when that stops and comes
back afterwards. A phone that cannot register keeps trying with what TFTP gives it.

Sources: guide "CTL and ITL", "Mixed Mode", vos.md 2. `registrations()` is what RIS shows.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from lab.ucm import capf
from lab.ucm import devices
from lab.ucm import fallback
from lab.ucm import x509
from lab.ucm.admission import Admission
from lab.ucm.admission import Held
from lab.ucm.registration import Registration
from lab.ucm.security import SAST
from lab.ucm.trunks import Trunks

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

CALL_MANAGER = "Cisco CallManager"
TFTP = "Cisco Tftp"
FAIL_OVER = 15.0
RESET = 30.0
TOGETHER = 50           # phones of a reset that come up in the same second
JABBER = "Cisco Unified Client Services Framework"


class Phones:
    """All devices of one cluster. A phone that nobody ever plugged in has no row, as RIS shows none."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.trunks = Trunks(cluster)
        self._hardware = devices.hardware(cluster)
        self._rows: dict[str, Registration] = {}
        self._held: dict[str, Held] = {}
        self._due: dict[str, float] = {}        # phones on their way up, and when they are there
        self._coming = False

    @functools.cached_property
    def key(self) -> str:
        """The key (PEM) that phones have certified: one for all of them, as nobody compares them and keys are what takes time to make."""
        return self.cluster.world.keys.rsa()

    # ---- reading

    def registrations(self) -> list[Registration]:
        """All phones, and each trunk once for every node it runs on."""
        return [*self._rows.values(), *self.trunks.registrations()]

    def registration(self, name: str) -> Registration | None:
        """One phone."""
        return self._rows.get(name)

    def trunk_results(self, name: str) -> dict[str, str]:
        """{"NODE -> ADDRESS:PORT": "in service" or why not} of a trunk."""
        return self.trunks.results(name)

    def trunk_states(self) -> dict[str, dict[str, str]]:
        """All trunks: {name: {"NODE -> ADDRESS:PORT": outcome}}."""
        return self.trunks.states()

    def held(self, name: str) -> Held | None:
        """What a phone has taken from TFTP."""
        return self._held.get(name)

    def trunk_ports(self, node: Node) -> dict[int, bool]:
        """Incoming ports of the trunk security profiles in use on a node: {port: whether by TLS}."""
        return self.trunks.ports(node)

    # ---- what administrators and services do

    async def day_zero(self) -> None:
        """All devices come up."""
        phones = self._present(devices.phones(self.cluster))
        for number, phone in enumerate(phones.values()):
            self._rows[phone.name] = self._new_row(phone, number)
        self._fetch(phones.values())
        self._register(set(phones))
        await self.trunks.refresh(None)

    def reset(self, names: Iterable[str] | None = None) -> list[str]:
        """Reset (or restart) devices: phones fetch anew and register again after a while, trunks reconnect. Gives the names known.

        names: of phones and trunks, None = all phones and trunks.
        """
        wanted = None if names is None else set(names)
        phones = devices.phones(self.cluster, wanted)
        trunks = {} if wanted is not None and wanted == set(phones) else devices.trunks(self.cluster, wanted)
        self._restart(phones)
        if trunks:
            self.trunks.reset(set(trunks))
        return [*phones, *trunks]

    def apply(self, names: Iterable[str] | None = None) -> list[str]:
        """Apply Config: restarts just the devices whose configuration differs from what they hold (axl.md 2.4). Gives the names known."""
        wanted = None if names is None else set(names)
        phones = devices.phones(self.cluster, wanted)
        trunks = {} if wanted is not None and wanted == set(phones) else devices.trunks(self.cluster, wanted)
        self._restart({name: phone for name, phone in phones.items() if name not in self._held or self._held[name].config != phone})
        if changed := self.trunks.changed(trunks):
            self.trunks.reset(set(changed))
        return [*phones, *trunks]

    def restart_all(self) -> None:
        """All phones, and nothing else."""
        self._restart(devices.phones(self.cluster))

    def settle(self, names: set[str]) -> None:
        """Phones take their files and register at once, without a reset (the lab's own doing, no administrator's)."""
        self._fetch(self._present(devices.phones(self.cluster, names)).values())
        self._register(names)

    def remove(self, name: str) -> None:
        """A device was deleted from the database."""
        for table in (self._rows, self._held, self._due):
            table.pop(name, None)
        self.trunks.remove(name)

    def call_manager_stopping(self, node: Node) -> None:
        """Devices of a node lose it; after a while they are with another member of their group."""
        lost = {row.name for row in self._rows.values() if row.node == node.name}
        for name in lost:
            row = self._rows[name]
            self._rows[name] = replace(row, status="UnRegistered", node="", reason="CallManagerReset", since=self._now(), former=row.left())
        self.trunks.call_manager_stopping(node)
        self._later(FAIL_OVER, lost)

    def call_manager_started(self, node: Node) -> None:
        """Devices whose better (or only) choice this node is come to it after a while; its trunks connect."""
        self._later(FAIL_OVER, None, node, CALL_MANAGER)
        self.cluster.world.spawn(self.trunks.call_manager_started(node), f"{self.cluster.name}: trunks of {node.name}")

    def tftp_started(self, node: Node) -> None:
        """Phones that could not register try again, with what TFTP gives them now."""
        self._later(FAIL_OVER, None, node, TFTP)

    # ---- phones

    def _now(self) -> float:
        return self.cluster.world.clock.epoch()

    def _present(self, phones: dict[str, devices.Phone]) -> dict[str, devices.Phone]:
        return {name: phone for name, phone in phones.items() if not self._hardware.get(name, devices.Hardware()).offline}

    def _new_row(self, phone: devices.Phone, number: int) -> Registration:
        hardware = self._hardware.get(phone.name, devices.Hardware())
        ip = hardware.mra or f"10.{20 + number // 65000}.{number // 250 % 256}.{number % 250 + 1}"
        return Registration(phone.name, "Phone", phone.model, phone.protocol, phone.description, ip=ip, since=self._now())

    def _later(self, delay: float, names: set[str] | None, node: Node | None = None, service: str = "") -> None:
        """Let phones (None = all) ask the CallManagers after a while, and not before a service that has just started is there."""
        async def wait() -> None:
            await self.cluster.world.clock.sleep(delay)
            while node is not None and node.services.find(service).status == "Starting":
                await self.cluster.world.clock.sleep(1.0)
            self._register(set(self._rows) if names is None else names)

        self.cluster.world.spawn(wait(), f"{self.cluster.name}: devices")

    def _restart(self, phones: dict[str, devices.Phone]) -> None:
        """Phones go down now, and come up again after a while."""
        for name, phone in self._present(phones).items():
            row = self._rows.get(name) or self._new_row(phone, len(self._rows))
            self._rows[name] = replace(row, status="UnRegistered", node="", reason="DeviceInitiatedReset", since=self._now(), former=row.left())
            self._due.pop(name, None)
            self._due[name] = self.cluster.world.clock.after(RESET)
        self._follow()

    def _follow(self) -> None:
        """See to it that phones on their way come up."""
        if self._due and not self._coming:
            self._coming = True
            self.cluster.world.spawn(self._come_up(), f"{self.cluster.name}: phones come up")

    async def _come_up(self) -> None:
        """Phones come up in the order of their resets, when their time is there, and no more than so many in a second."""
        clock = self.cluster.world.clock
        try:
            while self._due:
                await clock.until(next(iter(self._due.values())))
                now = clock.epoch()
                due = {name for name, moment in itertools.islice(self._due.items(), TOGETHER) if moment <= now}
                for name in due:
                    del self._due[name]
                await self._start(due)
                await clock.sleep(1.0)
        finally:
            self._coming = False

    async def _start(self, names: set[str]) -> None:
        phones = devices.phones(self.cluster, names)
        self._fetch(phones.values())
        if waiting := [phone for phone in phones.values() if phone.operation]:
            await capf.serve(self.cluster, waiting, self._hardware)
            # What CAPF did ends the operation in the database and, as the phone takes its file once more, in what it holds.
            self._fetch(devices.phones(self.cluster, {phone.name for phone in waiting}).values())
        self._register({name for name in phones if name not in self._due})

    def _tftp(self) -> Node | None:
        return next((node for node in self.cluster.nodes.values() if node.services.running(TFTP)), None)

    def _fetch(self, phones: Iterable[devices.Phone]) -> None:
        """Download CTL, ITL and configuration; lists signed by nobody the phone knows are dropped, and it keeps what it has."""
        node, security = self._tftp(), self.cluster.security
        if node is None:
            for phone in phones:
                self._held.setdefault(phone.name, Held(phone, False, None, None))
            return
        served, mixed, own = security.served_ctl(node), security.mixed, security.itl(node)
        signers = tuple(None if one is None else x509.fingerprint(one.signer) for one in (served, own))
        for phone in phones:
            before = self._held.get(phone.name)
            ctl, itl = served, None if phone.model == JABBER else own
            known = _tokens(before)
            if known:
                ctl = ctl if ctl is None or signers[0] in known else before.ctl
                itl = itl if itl is None or signers[1] in known else before.itl
            if ctl is None and before is not None:
                ctl = before.ctl
            self._held[phone.name] = Held(phone, mixed and ctl is not None, ctl, itl)

    def _register(self, names: set[str]) -> None:
        """Let phones ask the CallManagers. One that is refused takes its lists and its file again, and asks once more."""
        names = self._not_struck({name for name in names if name in self._rows and name in self._held})
        if not names:
            return
        refused = self._ask(names)
        again = {name for name in refused if self._held[name].config.secure}
        self._fetch([self._held[name].config for name in again])
        if again:
            refused = {name: row for name, row in refused.items() if name not in again} | self._ask(again)
        for name, row in refused.items():
            self._show(name, row)
        fallback.back(self.cluster, names - set(refused))
        fallback.register(self.cluster, {name: self._rows[name] for name, row in refused.items() if row.reason == "NoCallManager"}, self._held, self._hardware)

    def _ask(self, names: set[str]) -> dict[str, Registration]:
        """Registers those that are admitted; gives the rows of the others."""
        admission = Admission(self.cluster, self._hardware, None if len(names) > devices.AT_ONCE else names)
        refused = {}
        for name in names:
            row = admission.answer(self._rows[name], self._held[name])
            if row.status == "Registered":
                self._show(name, row)
            else:
                refused[name] = row
        return refused

    def _show(self, name: str, row: Registration) -> None:
        before = self._rows[name]
        if (row.status, row.node, row.reason, row.secure) != (before.status, before.node, before.reason, before.secure):
            self._rows[name] = replace(row, since=self._now())

    def _not_struck(self, names: set[str]) -> set[str]:
        """Those that no injected fault keeps away (channel "phones", node = name of the cluster, operation "register NAME")."""
        faults = self.cluster.world.faults
        if not any(rule.channel in ("phones", "*") for rule in faults.rules):
            return names
        return {name for name in sorted(names) if self._rows[name].status == "Registered" or faults.strike(self.cluster, "phones", f"register {name}") is None}

    # ---- snapshots

    def save(self) -> dict:
        """State for a snapshot: copies of the tables, whose rows never change."""
        return {"rows": dict(self._rows), "held": dict(self._held), "trunks": self.trunks.save()}

    def load(self, state: dict) -> None:
        """Take over what `save` gave; phones that were on their way try again."""
        self._rows, self._held = dict(state["rows"]), dict(state["held"])
        self.trunks.load(state["trunks"])
        soon = self.cluster.world.clock.after(FAIL_OVER)
        self._due, self._coming = {row.name: soon for row in self._rows.values() if row.status != "Registered"}, False
        self._follow()


def _tokens(held: Held | None) -> frozenset[str]:
    if held is None:
        return frozenset()
    lists = [item for item in (held.ctl, held.itl) if item is not None]
    return frozenset().union(*(item.fingerprints(SAST) for item in lists)) if lists else frozenset()
