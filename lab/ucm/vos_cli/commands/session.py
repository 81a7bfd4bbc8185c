"""Commands about the session itself: pager and leaving (transcript 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.ucm.vos_cli.registry import Failure
from lab.ucm.vos_cli.registry import command
from lab.ucm.vos_cli.registry import no_arguments
from lab.ucm.vos_cli.shell import Exit

if TYPE_CHECKING:
    from lab.ucm.vos_cli.shell import Shell


@command("set cli pagination", "read")
async def set_pagination(shell: Shell, arguments: list[str]) -> None:
    """Switch the pager on or off for this session only."""
    if arguments not in (["on"], ["off"]):
        raise Failure("Valid options are: on, off")
    shell.terminal.paged = arguments == ["on"]
    await shell.out(f"Automatic pagination is turned {arguments[0]}\n")


@command("show cli pagination", "read")
async def show_pagination(shell: Shell, arguments: list[str]) -> None:
    """Say whether the pager is on."""
    no_arguments(shell, arguments)
    await shell.out(f"Automatic Pagination : {'On' if shell.terminal.paged else 'Off'}.\n")


@command("exit", "read")
@command("quit", "read")
async def leave(shell: Shell, arguments: list[str]) -> None:
    """End the session."""
    no_arguments(shell, arguments)
    raise Exit
