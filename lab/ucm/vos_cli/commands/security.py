"""`show ctl`, `show itl`, `utils ctl ...`, `utils sipOAuth-mode ...`: vos.md 2, transcripts 14 and 17."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from lab.core.world import UNIFIED_CM
from lab.ucm.vos_cli.registry import Failure
from lab.ucm.vos_cli.registry import command
from lab.ucm.vos_cli.registry import no_arguments
from lab.ucm.vos_cli.trustlist import render

if TYPE_CHECKING:
    from lab.ucm.vos_cli.shell import Shell

ONLY = (UNIFIED_CM,)
NO_CTL = """Length of CTL file: 0
CTL File not found . Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL file.
Error parsing the CTL File.
"""
TAILS = {
    "restart-services": "Please Restart the TFTP and Cisco CallManager services on all nodes in the cluster that run these services\n",
    "reset-phones": (
        "You must reset all phones to ensure they received the updated CTL file.\n"
        "You must restart Cisco CTIManager services on all the nodes in the cluster that have the service activated.\n"
    ),
}
AUTO_REGISTRATION = "Auto-registration is enabled on at least one CM node. "
CTL_SECONDS = 10.0


def tail(shell: Shell) -> str:
    """What the device asks to restart."""
    return TAILS[shell.world.variant("cli_ctl_tail")]


def auto_registration(shell: Shell) -> bool:
    """Whether some node of the cluster lets phones register themselves."""
    database = shell.cluster.db
    return database is not None and bool(database.rows("select 1 from callmanager where autoregistration = 't'"))


@command("show ctl", "read", ONLY)
async def show_ctl(shell: Shell, arguments: list[str]) -> None:
    """The CTL file record by record. It may be there in non-secure mode, too."""
    no_arguments(shell, arguments)
    ctl = shell.cluster.security.ctl
    await shell.out(NO_CTL if ctl is None else render(ctl, _modified(ctl.modified)))


@command("show itl", "read", ONLY)
async def show_itl(shell: Shell, arguments: list[str]) -> None:
    """The ITL file that this node serves."""
    no_arguments(shell, arguments)
    itl = shell.cluster.security.itl(shell.node)
    await shell.out(render(itl, _modified(itl.modified)))


def _modified(epoch: float) -> str:
    return f"{datetime.datetime.fromtimestamp(epoch, datetime.UTC):%a %b %d %H:%M:%S UTC %Y}"


@command("utils ctl set-cluster mixed-mode", "write", ONLY)
async def mixed_mode(shell: Shell, arguments: list[str]) -> None:
    """Asks each time, also where the cluster is mixed already."""
    no_arguments(shell, arguments)
    already = "The cluster is already in Mixed Mode. " if shell.cluster.security.mixed else ""
    warning = AUTO_REGISTRATION if auto_registration(shell) else ""
    if await shell.ask_key(f"This operation will set the cluster to Mixed mode. {already}{warning}Do you want to continue? (y/n):") != "y":
        return
    await shell.out("Moving Cluster to Mixed Mode\n")
    shell.cluster.security.set_mixed_mode(shell.node)
    await shell.wait(CTL_SECONDS)
    await shell.out(f"Cluster set to Mixed Mode\n{tail(shell)}")


@command("utils ctl set-cluster non-secure-mode", "write", ONLY)
async def non_secure_mode(shell: Shell, arguments: list[str]) -> None:
    """Back to non-secure mode."""
    no_arguments(shell, arguments)
    if await shell.ask_key("This operation will set the cluster to non secure mode. Do you want to continue? (y/n):") != "y":
        return
    await shell.out("Moving Cluster to Non Secure Mode\n")
    shell.cluster.security.set_non_secure_mode(shell.node)
    await shell.wait(CTL_SECONDS)
    await shell.out(f"Cluster set to Non Secure Mode\n{tail(shell)}")


@command("utils ctl update CTLFile", "write", ONLY)
async def update_ctl(shell: Shell, arguments: list[str]) -> None:
    """Build the CTL file anew from the certificates that are installed."""
    no_arguments(shell, arguments)
    if await shell.ask_key("This operation updates the CTLFile. Do you want to continue? (y/n):") != "y":
        return
    await shell.out("Updating CTL file\n")
    shell.cluster.security.update_ctl(shell.node)
    await shell.wait(CTL_SECONDS)
    await shell.out(f"CTL file Updated\n{tail(shell)}")


@command("utils sipOAuth-mode", lambda arguments: "read" if arguments == ["status"] else "write", ONLY)
async def sip_oauth(shell: Shell, arguments: list[str]) -> None:
    """Enable, disable or tell. Nothing that these print is published: the readings are ours (ledger: inferred)."""
    if arguments == ["status"]:
        await sip_oauth_status(shell)
        return
    if arguments not in (["enable"], ["disable"]):
        raise Failure("Valid options are: enable, disable, status")
    enable = arguments == ["enable"]
    way = shell.world.variant("cli_sipoauth")
    if way == "asks":
        question = f"This operation will {arguments[0]} SIP OAuth mode for the cluster. Do you want to continue (yes/no)? "
        if await shell.ask_word(question) == "no":
            return
    change = shell.cluster.security.enable_sip_oauth if enable else shell.cluster.security.disable_sip_oauth
    change(shell.node)
    await shell.wait(5)
    if way != "silent":
        await shell.out(f"SIP OAuth mode {arguments[0]}d\nPlease restart Cisco CallManager service on all nodes in the cluster that run this service\n")


async def sip_oauth_status(shell: Shell) -> None:
    """Whether the mode is enabled."""
    way = shell.world.variant("cli_sipoauth_status")
    if way == "absent":
        raise Failure("Valid options are: enable, disable")
    enabled = shell.cluster.security.oauth
    await shell.out(f"ClusterSIPOAuthMode: {int(enabled)}\n" if way == "number" else f"SIP OAuth mode is {'enabled' if enabled else 'disabled'}\n")
