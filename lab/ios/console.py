"""What somebody does at a router without SSH: lines at its console, and a certificate whose time is over (for tests and demonstrations of drift)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from lab.core.keys import load_key
from lab.ios.cli.shell import Shell
from lab.ios.cli.terminal import IosTerminal
from lab.ssh.terminal import CTRL_D
from lab.ssh.terminal import Habits
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.ios.router import Router


async def typed(router: Router, lines: list[str]) -> str:
    """Type lines (answers to questions among them) in privileged mode; gives what the console showed."""
    shown: list[str] = []
    terminal = IosTerminal(shown.append, router.world.clock.sleep, Habits())
    terminal.paged = False
    terminal.feed("".join(f"{line}\n" for line in lines) + CTRL_D)
    shell = Shell(router, terminal, lambda: None, "console")
    shell.privileged = True
    await shell.run()
    return "".join(shown).replace("\r\n", "\n").lstrip("\n")


async def expire(router: Router, trustpoint: str) -> None:
    """Put a certificate that was over yesterday in the place of a trustpoint's own, for the same key. Raises KeyError where it has none."""
    holding = router.pki.holding(trustpoint)
    if not holding.own:
        raise KeyError(f"certificate in trustpoint {trustpoint}")
    past = router.world.clock.now() - datetime.timedelta(days=1)
    certificate = router.world.ca.issue(load_key(holding.key).public_key(), x509.common_name(x509.load(holding.own).subject),
                                        sorted(x509.alternative_names(x509.load(holding.own))), "both", not_after=past)
    router.pki.change(trustpoint, own=x509.to_pem(certificate))
    await router.changed()
