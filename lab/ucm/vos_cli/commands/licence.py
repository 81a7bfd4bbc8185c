"""`show license`: registration and whether export-controlled functions are allowed (vos.md 3, id:63132094412)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from lab.core.world import UNIFIED_CM
from lab.core.world import UNITY_CONNECTION
from lab.ucm.vos_cli.registry import command
from lab.ucm.vos_cli.registry import no_arguments

if TYPE_CHECKING:
    from lab.ucm.vos_cli.shell import Shell

ONLY = (UNIFIED_CM, UNITY_CONNECTION)
LAST_CONTACT = datetime.timedelta(days=12)


def registration(shell: Shell) -> str:
    """The registration part, as both `show license all` and `show license status` print it."""
    licence = shell.cluster.estate.get("licence") or {}
    status = str(licence.get("registration", "Unregistered")).upper()
    allowed = str(licence.get("export_control", "NOT ALLOWED")).replace("_", " ").upper()
    if shell.world.variant("cli_export_case") == "title":
        allowed = allowed.title()
    then = f"{shell.world.clock.now() - LAST_CONTACT:%b %d %H:%M:%S %Y UTC}"
    lines = ["Smart Licensing is ENABLED", "", "Registration:", f"  Status: {status}"]
    if status == "REGISTERED":
        lines += ["  Smart Account: ENT-PA", "  Virtual Account: Collaboration"]
    lines += [f"  Export-Controlled Functionality: {allowed}"]
    if status == "REGISTERED":
        lines += [f"  Initial Registration: SUCCEEDED on {then}", f"  Last Renewal Attempt: SUCCEEDED on {then}"]
    authorised = f"AUTHORIZED on {then}" if status == "REGISTERED" else "EVAL MODE"
    lines += ["", "License Authorization:", f"  Status: {authorised}", "", "Evaluation Period:"]
    lines += [f"  Evaluation Mode: {'Not In Use' if status == 'REGISTERED' else 'In Use'}", ""]
    return "\n".join(lines) + "\n"


@command("show license status", "read", ONLY)
async def status(shell: Shell, arguments: list[str]) -> None:
    """Registration and authorisation."""
    no_arguments(shell, arguments)
    await shell.out(registration(shell))


@command("show license all", "read", ONLY)
async def everything(shell: Shell, arguments: list[str]) -> None:
    """The same under a heading, and the product's identity."""
    no_arguments(shell, arguments)
    await shell.out(f"Smart Licensing Status\n=======================\n{registration(shell)}")
    product = "UCM" if shell.node.product == UNIFIED_CM else "UCXN"
    await shell.out(f"Product Information\n===================\nUDI: PID:{product},SN:37624\n\n")
