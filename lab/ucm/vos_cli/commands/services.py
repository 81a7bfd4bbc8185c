"""`utils service ...`: transcripts 03 and 04, vos.md 3. Names have blanks and no quotes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lab.ucm.vos_cli.registry import Failure
from lab.ucm.vos_cli.registry import command
from lab.ucm.vos_cli.shell import SUCCESSFUL

if TYPE_CHECKING:
    from lab.ucm.vos_cli.shell import Shell

DO_NOT_INTERRUPT = (
    " Don't press Ctrl-c while the service is getting RESTARTED.If Service has not Restarted Properly, execute the same Command Again\n"
)
MANAGER = "Service Manager is running\n"
# The platform's own services stand above the list, with a blank before the state (id:63326044654).
HEAD = (
    "System SSH [STARTED] \nCluster Manager [STARTED] \nName Service Cache [STOPPED]  Service Not Activated \nEntropy Monitoring Daemon [STARTED] \n"
    "Service Manager [STARTED] \nService Manager is running\nGetting list of all services\n>> Return code = 0\n"
)
POLL_SECONDS = 6.0
PATIENCE_SECONDS = 300.0


def line(shell: Shell, name: str) -> str:
    """A service's line as the list has it: NAME[STATE], and why it is stopped."""
    service = shell.node.services.find(name)
    return f"{service.name}[{service.status.upper()}]  {service.reason}".rstrip() + "\n"


def service_name(arguments: list[str]) -> str:
    """The name after the verb. Raises Failure when there is none."""
    if not arguments:
        raise Failure("Service name is missing")
    return " ".join(arguments)


@command("utils service list", "read")
async def list_services(shell: Shell, arguments: list[str]) -> None:
    """All services of the node with their states."""
    if arguments not in ([], ["page"]):
        raise Failure(f"Invalid argument: {' '.join(arguments)}")
    await shell.out("Requesting service status, please wait...\n")
    await shell.wait(2)
    text = HEAD if shell.world.variant("cli_service_head") == "full" else ""
    services = shell.node.services.all()
    # Running ones first, then what does not run: the order of transcript 04.
    for service in sorted(services, key=lambda one: one.status == "Stopped"):
        text += line(shell, service.name)
    text += f"Primary Node ={str(shell.node.is_publisher).lower()}\n"
    if shell.world.variant("cli_command_successful") == "printed":
        text += SUCCESSFUL + "\n"
    paged, shell.terminal.paged = shell.terminal.paged, shell.terminal.paged or arguments == ["page"]
    try:
        await shell.out(text)
    finally:
        shell.terminal.paged = paged


async def follow(shell: Shell, name: str, last: str) -> None:
    """Print the service's state again and again until it has reached `last` (then twice), or patience ends."""
    clock = shell.world.clock
    deadline = clock.after(PATIENCE_SECONDS)
    # The service manager begins in a task of its own: give it its turn before the first look.
    await asyncio.sleep(0)
    while (state := shell.node.services.find(name).status.upper()) != last and clock.epoch() < deadline:
        await shell.out(f"{name}[{state}]  \n")
        if state == "STARTING" and shell.world.variant("cli_restart_prompt") == "after-starting":
            return
        await clock.sleep(POLL_SECONDS)
    await shell.out(f"{name}[{state}]  \n{name}[{state}]  \n")


@command("utils service restart", "write")
async def restart(shell: Shell, arguments: list[str]) -> None:
    """Stop and start; the service manager goes on when the session ends."""
    name = shell.node.services.find(service_name(arguments)).name
    shell.node.services.restart(name)
    await shell.out(DO_NOT_INTERRUPT + MANAGER)
    await follow(shell, name, "STARTED")


@command("utils service start", "write")
async def start(shell: Shell, arguments: list[str]) -> None:
    """Start a service."""
    name = shell.node.services.find(service_name(arguments)).name
    shell.node.services.start(name)
    await shell.out(MANAGER)
    await follow(shell, name, "STARTED")


@command("utils service stop", "write")
async def stop(shell: Shell, arguments: list[str]) -> None:
    """Stop a service."""
    name = shell.node.services.find(service_name(arguments)).name
    shell.node.services.stop(name)
    await shell.out(MANAGER)
    await follow(shell, name, "STOPPED")


@command("utils service activate", "write")
async def activate(shell: Shell, arguments: list[str]) -> None:
    """Activate a feature service, which starts it. The output is not published: two readings."""
    name = shell.node.services.find(service_name(arguments)).name
    task = shell.node.services.activate(name)
    if shell.world.variant("cli_service_activate") == "sentence":
        await shell.out(f"Service {name} is being activated, please wait...\n")
        await task
        await shell.out(f"{SUCCESSFUL}\n")
        return
    await shell.out(MANAGER)
    await follow(shell, name, "STARTED")


@command("utils service deactivate", "write")
async def deactivate(shell: Shell, arguments: list[str]) -> None:
    """Deactivate a feature service, which stops it."""
    name = shell.node.services.find(service_name(arguments)).name
    task = shell.node.services.deactivate(name)
    if shell.world.variant("cli_service_activate") == "sentence":
        await shell.out(f"Service {name} is being deactivated, please wait...\n")
        await task
        await shell.out(f"{SUCCESSFUL}\n")
        return
    await shell.out(MANAGER)
    await follow(shell, name, "STOPPED")
