"""The EXEC commands: the session, saving, going into configuration, restarting, and what shows something (lab.ios.cli.show, lab.ios.cli.show_pki)."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.ios import calling
from lab.ios.cli import actions
from lab.ios.cli import show
from lab.ios.cli import show_pki
from lab.ios.cli.shell import Refused
from lab.ios.grammar import Match

if TYPE_CHECKING:
    from lab.ios.cli.shell import Shell

TRIES = 3


@dataclass(frozen=True)
class Entry:
    """One command. run(shell, match) gives what is printed."""

    syntax: str
    run: Callable[[Shell, Match], Awaitable[str | None]]
    kind: str = "read"
    privileged: bool = True
    since: float = 0.0


def _shown(function: Callable[[Shell, Match], str]) -> Callable[[Shell, Match], Awaitable[str]]:
    async def run(shell: Shell, match: Match) -> str:
        return function(shell, match)

    return run


def _dialled(function: Callable[[Shell, Match], str]) -> Callable[[Shell, Match], Awaitable[str]]:
    """What rests on the keep-alives of dial-peers, which have just been sent."""
    async def run(shell: Shell, match: Match) -> str:
        await calling.refresh(shell.router)
        return function(shell, match)

    return run


async def _enable(shell: Shell, _match: Match) -> str:
    if shell.privileged:
        return ""
    right = str(shell.router.appliance.variables.get("collab_enable_password") or shell.router.appliance.account[1])
    for _try in range(TRIES):
        given = await shell.ask("Password: ", echo=False)
        if hmac.compare_digest(given.encode(), right.encode()) or not shell.world.refuses("ios_enable"):
            shell.privileged = True
            return ""
    raise Refused("% Bad secrets\n")


async def _disable(shell: Shell, _match: Match) -> str:
    shell.privileged = False
    return ""


async def _exit(shell: Shell, _match: Match) -> str:
    shell.leaving = True
    return ""


async def _terminal(shell: Shell, match: Match) -> str:
    what, value = match.words[1], int(match.words[-1]) if match.words[-1].isdigit() else 0
    if what == "length":
        shell.terminal.paged, shell.terminal.rows = value > 0, value or 24
    elif what == "width":
        shell.terminal.columns = value or 512
    elif shell.world.variant("ios_vty_logging") != "always":
        shell.monitor = match.words[1] == "monitor"
    return ""


async def _configure(shell: Shell, match: Match) -> str:
    router = shell.router
    guarded = "revert" in match.words
    if guarded:
        archive = router.config.below("archive")
        if not (archive and archive.value("path")) and shell.world.refuses("ios_revert_archive"):
            raise Refused("%Please turn config archive on\n")
        router.guard(int(match.words[-1]))
        shell.terminal.write(f"Rollback Confirmed Change: Backing up current running config to flash:archive-{shell.world.clock.now():%b-%d-%H-%M-%S}-0\n\n")
    shell.terminal.write("Enter configuration commands, one per line.  End with CNTL/Z.\n")
    shell.enter(router.config)
    return ""


async def _confirm(shell: Shell, _match: Match) -> str:
    if shell.router.revert_to is None:
        raise Refused("%No Rollback Confirmed Change pending\n")
    shell.router.cancel_revert()
    return ""


async def _revert(shell: Shell, _match: Match) -> str:
    if shell.router.revert_to is None:
        raise Refused("%No Rollback Confirmed Change pending\n")
    shell.terminal.write("Rollback Confirmed Change: rolling to the saved configuration\n\nTotal number of passes: 1\nRollback Done\n\n")
    await shell.router.revert()
    return ""


async def _write(shell: Shell, _match: Match) -> str:
    shell.router.save()
    return "Building configuration...\n[OK]\n"


async def _copy(shell: Shell, match: Match) -> str:
    name = await shell.ask("Destination filename [startup-config]? ")
    if name not in ("", "startup-config"):
        raise Refused(f"%Error opening {name} (Permission denied)")
    return await _write(shell, match)


async def _reload(shell: Shell, match: Match) -> str:
    router = shell.router
    if not router.is_saved and await shell.confirm("\nSystem configuration has been modified. Save? [yes/no]: "):
        shell.terminal.write(await _write(shell, match))
    if (await shell.ask("Proceed with reload? [confirm]")).lower() not in ("", "y", "yes"):
        return ""
    shell.leaving = True
    shell.world.spawn(router.reload(), f"{router.name}: reload")
    return ""


ENTRIES: tuple[Entry, ...] = (
    Entry("enable", _enable, privileged=False),
    Entry("disable", _disable, privileged=False),
    Entry("{exit|logout|quit}", _exit, privileged=False),
    Entry("terminal {length <n:0-512>|width <n:0-512>|monitor|no monitor}", _terminal, privileged=False),
    Entry("configure terminal", _configure, "write"),
    Entry("configure terminal revert timer <n:1-120>", _configure, "write"),
    Entry("configure confirm", _confirm, "write"),
    Entry("configure revert now", _revert, "write"),
    Entry("write [memory]", _write, "write"),
    Entry("copy running-config startup-config", _copy, "write"),
    Entry("reload", _reload, "write"),
    Entry("show clock", _shown(show.clock), privileged=False),
    Entry("show privilege", _shown(lambda shell, _match: f"Current privilege level is {15 if shell.privileged else 1}\n"), privileged=False),
    Entry("show version", _shown(show.version), privileged=False),
    Entry("show running-config [brief]", _shown(show.running)),
    Entry("show startup-config", _shown(show.startup)),
    Entry("show archive", _shown(show.archive)),
    Entry("show ip interface brief", _shown(show.interfaces), privileged=False),
    Entry("show ip address trusted list", _dialled(show.trusted)),
    Entry("show credentials", _shown(show.credentials)),
    Entry("show sip-ua status", _shown(show.sip_ua)),
    Entry("show sip-ua connections tcp tls detail", _dialled(show.connections)),
    Entry("show dial-peer voice summary", _dialled(show.dial_peers)),
    Entry("show crypto key mypubkey rsa [<w>]", _shown(show_pki.keys)),
    Entry("show crypto {pki|ca} certificates [verbose] [<w>]", _shown(show_pki.certificates)),
    Entry("show crypto {pki|ca} certificates pem [<w>]", _shown(show_pki.pem), since=16.0),
    Entry("show crypto {pki|ca} trustpoints [<w>]", _shown(show_pki.trustpoints)),
    Entry("show crypto {pki|ca} trustpoints [<w>] status", _shown(show_pki.status)),
    *(Entry(deed.syntax, deed.run, "write", since=16.0) for deed in actions.ENTRIES if not deed.off and deed.syntax.startswith("crypto")),
)
