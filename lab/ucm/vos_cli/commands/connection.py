"""What only Unity Connection's command line has: `show cuc cluster status`, `utils cuc encryption`, `utils cuc auto ITL download`.

The state is in lab.cuc.encryption. Dialogues: id:63084911208 and id:8733956500; what `status` prints is not published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.world import UNITY_CONNECTION
from lab.ucm.service_names import BY_NAME
from lab.ucm.vos_cli.registry import Failure
from lab.ucm.vos_cli.registry import command
from lab.ucm.vos_cli.registry import no_arguments

if TYPE_CHECKING:
    from lab.core.world import Node
    from lab.ucm.vos_cli.shell import Shell

ONLY = (UNITY_CONNECTION,)
ACTIONS = (["enable"], ["disable"], ["status"])
RESTARTS = (
    "After successful execution, restart the following services on all nodes in the cluster:\n"
    " 1. Connection Conversation Manager\n 2. Connection IMAP Server\n"
)
ITL_ENABLED = (
    "After successful execution,Unity Connection will download trust list from the TFTP server automatically.\n"
    "For this, you must do the following:\n\n"
    "1.Configure TFTP server for Next Generation enabled port groups through Cisco Unity Connection Administration\n"
    "2. Restart the Connection Conversation Manager on all nodes in the cluster \n"
)
PUBLISHER_ONLY = "This command can be executed on the publisher server only"
STATES = {"Primary": "Pri Active", "Secondary": "Sec Active", "Starting": "Starting", "Not Functioning": "Not Functioning"}

refusal("cuc_itl_on_subscriber", "id:63084911208 (text ours)", "utils cuc auto ITL download on a subscriber")


def kind(arguments: list[str]) -> str:
    """status reads, enable and disable write."""
    return "read" if arguments == ["status"] else "write"


def action_of(arguments: list[str]) -> str:
    """The one word of these commands. Raises Failure for another."""
    if arguments not in ACTIONS:
        raise Failure("Valid options are: enable, disable, status")
    return arguments[0]


def works(node: Node) -> str:
    """"", "Starting" or "Not Functioning": whether a node's critical services run (those that it had on day 0)."""
    if node.listeners.is_away:
        return "Not Functioning"
    found = [service.status for service in node.services.all() if BY_NAME[service.name].critical and service.starts]
    if any(status in ("Stopping", "Stopped") for status in found):
        return "Not Functioning"
    return "Starting" if "Starting" in found else ""


@command("show cuc cluster status", "read", ONLY)
async def cluster_status(shell: Shell, arguments: list[str]) -> None:
    """Which node is primary: the publisher, or a subscriber while the publisher's critical services are down (id:63287442245)."""
    no_arguments(shell, arguments)
    nodes = sorted(shell.cluster.nodes.values(), key=lambda node: not node.is_publisher)
    able = [node for node in nodes if not works(node)]
    rows = []
    for number, node in enumerate(nodes):
        state = works(node) or ("Primary" if node is able[0] else "Secondary")
        rows.append([node.name, str(number), state, STATES[state], "Normal" if state in ("Primary", "Secondary") else "Critical services are down"])
    heads = ["Server Name", "Member ID", "Server State", "Internal State", "Reason"]
    if shell.world.variant("cli_cuc_cluster_status") == "short":
        heads, rows = [heads[0], heads[2]], [[row[0], row[2]] for row in rows]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    lines = [heads, ["-" * width for width in widths], *rows]
    await shell.out("\n" + "".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines) + "\n")


@command("utils cuc encryption", kind, ONLY)
async def encryption(shell: Shell, arguments: list[str]) -> None:
    """Encryption of the cluster; in force after the restarts that it names."""
    action, state = action_of(arguments), shell.cluster.unity.encryption
    if action == "status":
        await tell(shell, "Encryption", state.enabled)
        return
    await shell.out(RESTARTS)
    if await shell.ask_word("Do you want to proceed (yes/no)? ") == "no":
        return
    (state.enable if action == "enable" else state.disable)()
    await shell.wait(3)
    await shell.out(f"\nEncryption {action}d successfully\n\n")


@command("utils cuc auto ITL download", kind, ONLY)
async def auto_itl(shell: Shell, arguments: list[str]) -> None:
    """Whether trust lists come from the TFTP servers by themselves."""
    action, state = action_of(arguments), shell.cluster.unity.encryption
    if not shell.node.is_publisher and shell.world.refuses("cuc_itl_on_subscriber"):
        raise Failure(PUBLISHER_ONLY)
    if action == "status":
        await tell(shell, "Auto downloading of ITL", state.auto_itl)
        return
    state.auto_itl = action == "enable"
    await shell.out((ITL_ENABLED if state.auto_itl else "") + f"Auto downloading of ITL {action}d successfully\n")


async def tell(shell: Shell, what: str, on: bool) -> None:
    """Not published: a sentence, or a word."""
    word = "enabled" if on else "disabled"
    await shell.out(f"{what} is {word}\n" if shell.world.variant("cli_cuc_status") == "sentence" else f"{word}\n")
