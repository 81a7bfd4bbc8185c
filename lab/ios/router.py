"""The state of one router: its configuration, its keys and certificates, what it has saved, and what follows from them.

`appliance.state` is a `Router`. `router.config` is the running configuration (lab.ios.config), `router.pki` keys and certificates (lab.ios.pki);
`await router.changed()` after every change: ports follow, and whoever dials the router finds out. `router.saved` is what `write memory` kept.
Sources: ios.md 1, 2, 3.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.ios import config
from lab.ios import unsure as unsure
from lab.ios.config import Section
from lab.ios.pki import Pki

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.world import World

MODELS = {"cube": ("ISR4451-X/K9", "ISR4451"), "srst": ("ISR4331/K9", "ISR4331")}
OLD_MODELS = {"cube": ("CISCO3945-CHASSIS", "CISCO3945"), "srst": ("CISCO2921/K9", "CISCO2921")}
REBOOT = 180.0


@dataclass
class Saved:
    """What outlives a restart: configuration and certificates as of the last `write memory`."""

    config: Section
    holdings: dict


class Router:
    """One router."""

    def __init__(self, appliance: Appliance) -> None:
        self.appliance = appliance
        self.config = Section("config")
        self.pki = Pki(self)
        self.saved: Saved | None = None
        self.changed_by, self.changed_at = "", 0.0
        self.reverting: asyncio.Task | None = None
        self.revert_to: Section | None = None
        self.restarts = 0
        self.started = appliance.world.clock.epoch()
        self.outcomes: dict[str, dict[str, str]] = {}
        self.tls_connections: dict[str, dict] = {}
        self.registered: dict[str, bool] = {}
        self.turned_down: dict[str, str] = {}
        self._sip: object = None

    # ---- what it is

    @property
    def world(self) -> World:
        """The world that it is in."""
        return self.appliance.world

    @property
    def name(self) -> str:
        """The inventory's name, for the journal."""
        return self.appliance.name

    @property
    def release(self) -> float:
        """The release to compare with: 15.7 is 15.07, 17.14 is 17.14."""
        whole, _, minor = self.appliance.release.partition(".")
        return int(whole) + int(minor.split(".")[0] or 0) / 100 if minor else float(whole)

    @property
    def is_xe(self) -> bool:
        """IOS XE, not IOS 15."""
        return self.release >= 16

    @property
    def role(self) -> str:
        """cube or srst."""
        return "srst" if "srst" in self.appliance.roles else "cube"

    @property
    def model(self) -> tuple[str, str]:
        """(product id, short name)."""
        return (MODELS if self.is_xe else OLD_MODELS)[self.role]

    @property
    def hostname(self) -> str:
        """As configured."""
        return self.config.value("hostname") or "Router"

    @property
    def domain(self) -> str:
        """As configured, "" = none."""
        return self.config.value("ip domain name") or self.config.value("ip domain-name")

    @property
    def fqdn(self) -> str:
        """Host name and domain."""
        return f"{self.hostname}.{self.domain}" if self.domain else self.hostname

    def banner(self, kind: str) -> str:
        """The text of a banner, "" = none."""
        line = self.config.get(f"banner {kind}")
        return "" if line is None else line.text.partition("^C")[2].removesuffix("^C").strip("\n") + "\n"

    @property
    def serial(self) -> str:
        """The chassis' serial number: made of the address, so that each router has its own."""
        return "FDO" + "".join(f"{int(part):03d}" for part in self.appliance.address.split(".")[1:])

    @property
    def default_hash(self) -> str:
        """The hash of requests where none is configured (ios.md 1.2)."""
        return self.world.variant("ios_default_hash")

    # ---- what changes

    def note_change(self, user: str) -> None:
        """Somebody has written a line."""
        self.changed_by, self.changed_at = user, self.world.clock.epoch()

    async def changed(self) -> None:
        """Let ports follow, and tell those who dial it."""
        if hasattr(self.appliance, "doors"):
            await self.appliance.doors.sync()
            if self._sip != (now := self._seen_by_sip()):
                self._sip = now
                self.world.sip_changed(self.appliance)

    def _seen_by_sip(self) -> object:
        """What callers may notice: whoever dials the router need not look again for any other line."""
        section = self.config.below("sip-ua")
        lines = [line.text for line in section.lines.values()] if section else []
        return self.appliance.doors.listening(), lines, {name: (holding.ca, holding.own, holding.key) for name, holding in self.pki.holdings.items()}, \
            {name: key.pem for name, key in self.pki.keys.items()}

    def save(self) -> None:
        """`write memory`."""
        holdings = {name: holding for name, holding in self.pki.holdings.items() if name in self.pki.trustpoints()}
        self.saved = Saved(config.copied(self.config), holdings)

    @property
    def is_saved(self) -> bool:
        """Whether a restart would lose nothing."""
        return self.saved is not None and self.saved.config == self.config and all(
            self.pki.holdings.get(name) == holding for name, holding in self.saved.holdings.items()) and set(self.saved.holdings) == set(self.pki.holdings)

    async def reload(self) -> None:
        """Restart: what was not saved is gone, keys excepted."""
        self.restarts += 1
        self.cancel_revert()
        self.config, self.pki.holdings = config.copied(self.saved.config), dict(self.saved.holdings)
        self.appliance.doors.is_up = False
        await self.appliance.doors.sync()
        self.world.sip_changed(self.appliance)
        await self.world.clock.sleep(REBOOT)
        self.started = self.world.clock.epoch()
        self.appliance.doors.is_up = True
        await self.changed()

    # ---- a guarded change

    def guard(self, minutes: int) -> None:
        """Go back to the present configuration after a while, unless it is confirmed.

        These minutes are not shortened by the lab's speed, as whoever types does so in real time; `clock advance` lets them pass.
        """
        self.cancel_revert()
        self.revert_to = config.copied(self.config)
        end = self.world.clock.epoch() + minutes * 60

        async def wait() -> None:
            await self.world.clock.until(end)
            await self.revert()

        self.reverting = self.world.spawn(wait(), f"{self.name}: revert timer")

    def cancel_revert(self) -> None:
        """The change is confirmed, or gone."""
        if self.reverting is not None and self.reverting is not asyncio.current_task():
            self.reverting.cancel()
        self.reverting = self.revert_to = None

    async def revert(self) -> None:
        """Go back. Keys and certificates stay as they are; a trustpoint that was not there goes with its certificates (ios.md 3)."""
        if self.revert_to is None:
            return
        self.config = self.revert_to
        for name in set(self.pki.holdings) - set(self.pki.trustpoints()):
            del self.pki.holdings[name]
        self.cancel_revert()
        await self.changed()

    # ---- snapshots

    def save_state(self) -> dict:
        """All that a snapshot must hold."""
        return {"config": config.copied(self.config), "pki": self.pki.save(), "saved": self.saved, "changed": (self.changed_by, self.changed_at),
                "restarts": self.restarts, "started": self.started, "outcomes": self.outcomes,
                "phones": (self.registered, self.turned_down)}

    def load_state(self, state: dict) -> None:
        """Take it back; a revert timer that ran is gone."""
        self.config, self.saved, self.restarts, self.started = state["config"], state["saved"], state["restarts"], state["started"]
        self.pki.load(state["pki"])
        self.changed_by, self.changed_at = state["changed"]
        self.outcomes = state["outcomes"]
        self.registered, self.turned_down = state["phones"]
        self.reverting = self.revert_to = None
        self.appliance.doors.is_up = True

