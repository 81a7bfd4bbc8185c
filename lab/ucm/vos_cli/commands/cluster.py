"""Commands about the node and its cluster: version, status, membership, database replication, backups."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from lab.core.world import IM_PRESENCE
from lab.products import PRODUCTS
from lab.ucm.vos_cli.registry import Failure
from lab.ucm.vos_cli.registry import command
from lab.ucm.vos_cli.registry import no_arguments

if TYPE_CHECKING:
    from lab.core.world import Node
    from lab.ucm.vos_cli.shell import Shell

# Builds that exist in public transcripts, one a release (22_show_version_active; the middle part of older ones by the same scheme).
BUILDS = {"12.5": "12.5.1.12900-115", "14": "14.0.1.12900-161", "15": "15.0.1.11900-40"}
BOOT_DAYS = 79


def build(node: Node) -> str:
    """The full version text of a node's release, such as 15.0.1.11900-40."""
    for prefix, version in BUILDS.items():
        if node.release == prefix or node.release.startswith(prefix + "."):
            return version
    return f"{node.release}.0.1.10000-1"


def members(shell: Shell) -> list[Node]:
    """The servers that know each other: a Unified CM cluster with its IM and Presence nodes, or those of another product alone."""
    cluster = shell.cluster.cm_cluster if shell.cluster.product == IM_PRESENCE else shell.cluster
    return [*cluster.nodes.values(), *cluster.presence]


def ordered(shell: Shell) -> list[Node]:
    """Subscribers first, the publisher of all last, as transcript 06 has them."""
    nodes = members(shell)
    return [node for node in nodes if not is_first(node)] + [node for node in nodes if is_first(node)]


def is_first(node: Node) -> bool:
    """Whether this is the publisher of all that know each other: that of IM and Presence is a subscriber of Unified CM."""
    return node.is_publisher and node.product != IM_PRESENCE


@command("show version active", "read")
async def show_version(shell: Shell, arguments: list[str]) -> None:
    """Transcript 22."""
    no_arguments(shell, arguments)
    label = "Active Master Version" if shell.world.variant("cli_version_label") == "active-master" else "Active Version"
    await shell.out(f"{label}: {build(shell.node)}\nActive Version Installed Software Options:\n  No Installed Software Options Found.\n")


@command("show status", "read")
async def show_status(shell: Shell, arguments: list[str]) -> None:
    """Host, date, version and uptime (public transcripts id:63183925950 and id:55670386340)."""
    no_arguments(shell, arguments)
    now = shell.world.clock.now()
    await shell.out(
        f"\nHost Name          : {shell.node.name}\n"
        f"Date               : {now:%a %b} {now.day}, {now:%Y %H:%M:%S}\n"
        "Time Zone          : Coordinated Universal Time (Etc/UTC)\n"
        "Locale             : en_US.UTF-8\n"
        f"Product Ver        : {build(shell.node)}\n"
        "Unified OS Version : 7.0.0.0-4\n\n"
        "Uptime:\n"
        f" {now:%H:%M:%S} up {BOOT_DAYS} days, 12:45,  1 user,  load average: 0.21, 0.16, 0.11\n\n"
        "CPU Idle:   93.06%  System:   02.40%    User:   04.29%\n"
        "  IOWAIT:   00.25%     IRQ:   00.00%    Soft:   00.00%\n\n"
        "Memory Total:        8062096K\n        Free:         133808K\n        Used:        4111244K\n"
        "      Cached:        3312040K\n      Shared:         470380K\n     Buffers:         342228K\n\n"
        "                        Total            Free            Used\n"
        "Disk/active         22187548K        9256672K       12705464K (58%)\n"
        "Disk/inactive       22187548K       20884420K         176064K (1%)\n"
        "Disk/logging        77201424K       47443520K       25836240K (36%)\n\n"
    )


@command("show network cluster", "read")
async def show_network_cluster(shell: Shell, arguments: list[str]) -> None:
    """Transcript 06, and the older form without product and database role (vos.md 3)."""
    no_arguments(shell, arguments)
    layout = shell.world.variant("cli_network_cluster")
    since = f"{shell.since:%a %b} {shell.since.day} {shell.since:%H:%M:%S %Y}"
    lines = []
    for node in ordered(shell):
        role, database = "Publisher" if is_first(node) else "Subscriber", "DBPub" if node.is_publisher else "DBSub"
        words = [node.address, node.fqdn, node.name, role]
        words += [] if layout == "old" else [PRODUCTS[node.product].word, database]
        words.append("authenticated" if node is shell.node else f"authenticated using TCP since {since}")
        line = " ".join(words)
        lines += [line[start : start + 80] for start in range(0, len(line), 80)] if layout == "wrapped" else [line]
    if is_first(shell.node):
        lines += ["", "Server Table (processnode) Entries", "----------------------------------", *(node.fqdn for node in members(shell))]
    await shell.out("\n".join(lines) + "\n\n")


@command("utils dbreplication runtimestate", "read")
async def runtimestate(shell: Shell, arguments: list[str]) -> None:
    """State of replication, after some time; the layouts of 10.5 (id:63550708979) and 15 (id:40943692527)."""
    no_arguments(shell, arguments)
    now = shell.world.clock.now()
    state = shell.world.variant("replication_state")
    nodes = list(shell.cluster.nodes.values())
    await shell.wait(20)
    if len(nodes) == 1:
        raise Failure("Runtime state cannot be performed on a cluster with a single active node; aborting operation")
    if state == "database-down":
        raise Failure("Cisco DB is not running")
    checked = "134" if state == "in-progress" else "754"
    progress = "in PROGRESS" if state == "in-progress" else "COMPLETED"
    if shell.world.variant("cli_replication_layout") == "old":
        status = f"     Replication status command {progress} {checked} tables checked out of 754\n"
    else:
        status = f"     Replication status command {progress}. Checked {checked} tables out of 754\n"
    text = (
        f"\nServer Time: {now:%a %b %d %H:%M:%S UTC %Y}\n\n"
        f"Cluster Replication State: Replication status command started at: {now:%Y-%m-%d-%H-%M}\n{status}"
        "     Last Completed Table: devicenumplanmapremdestmap\n"
    )
    errors = "     Errors or Mismatches Were Found!!!\n" if state == "broken" else "     No Errors or Mismatches found.\n"
    log = f"\n     Use 'file view activelog cm/trace/dbl/sdi/ReplicationStatus.{now:%Y_%m_%d_%H_%M_%S}.out' to see the details\n\n\n"
    version = build(shell.node).replace(".", "_").replace("-", "_")
    text += f"{errors}{log}DB Version: ccm{version}\n\nRepltimeout set to: 300s\nPROCESS option set to: 1\n\n\n"
    text += f"Cluster Detailed View from {shell.node.name} ({len(nodes)} Servers):\n\n"
    row = "{:<24} {:<17} {:<9} {:<9} {:<8} {:<14} {}\n".format
    text += row("", "", "PING", "DB/RPC/", "REPL.", "Replication", "REPLICATION SETUP")
    text += row("SERVER-NAME", "IP ADDRESS", "(msec)", "DbMon?", "QUEUE", "Group ID", "(RTMT) & Details")
    text += row("-----------", "----------", "------", "-------", "-----", "-----------", "------------------")
    for number, node in enumerate(nodes):
        ailing = not node.is_publisher and state == "broken"
        setup = "(4) Setup Failed" if ailing else "(2) Setup Completed"
        ping = "0.045" if node is shell.node else "0.711"
        text += row(node.name, node.address, ping, "Y/N/Y" if ailing else "Y/Y/Y", "391694" if ailing else "0", f"(g_{number + 2})", setup)
    await shell.out(text + "\n")


def last_backup(shell: Shell) -> datetime.datetime | None:
    """When the last backup succeeded; None without one.

    The estate says it as backup.hours_ago (before the node came up) or backup.last_success (ISO 8601, or a YAML date and time).
    """
    backup = shell.cluster.estate.get("backup") or {}
    if "hours_ago" in backup:
        return shell.since - datetime.timedelta(hours=float(backup["hours_ago"]))
    if not backup.get("last_success"):
        return None
    moment = datetime.datetime.fromisoformat(str(backup["last_success"]).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


@command("utils disaster_recovery history", "read")
async def backup_history(shell: Shell, arguments: list[str]) -> None:
    """Past backups: archive, device, date, result (columns as read by id:1374479898 and shown in id:51827004046)."""
    if [word.lower() for word in arguments] not in (["backup"], ["restore"]):
        raise Failure("Invalid operation. Valid operations are: backup, restore")
    await shell.wait(3)
    how = shell.world.variant("cli_backup_history")
    if how == "agent-down":
        master = shell.cluster.publisher.name
        await shell.out(f"Unable to connect to Master Agent host: {master}, Port: 4040. This may be due to Master or Local Agent being down.\n")
        return
    last = last_backup(shell)
    if arguments[0].lower() == "restore" or last is None or how == "no-history":
        await shell.out("drfCliMsg:  No history data is available\n")
        return
    archive = f"{last:%Y-%m-%d-%H-%M-%S}.tar"
    failed = shell.since
    await shell.out(
        "Tar Filename             Backup Device  Completed On                  Result   Backup Type  Features Backed Up\n"
        f"{archive:<24} NETWORK        {last:%a %b %d %H:%M:%S UTC %Y}  SUCCESS  MANUAL       UCM\n"
        + (
            f"TAR file not created     NETWORK        {failed:%a %b %d %H:%M:%S UTC %Y}  ERROR    SCHEDULED    UCM\n"
            if how == "last-failed"
            else ""
        )
    )
