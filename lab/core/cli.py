"""`python -m lab ...`: start, ask and end a lab. Results go to stdout, errors to stderr with exit status 1."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from lab.core import process


def default_directory() -> Path:
    """DIR when --dir is not given."""
    return Path(os.environ.get("COLLAB_LAB_DIR") or Path("build") / "lab")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--dir", type=Path, default=None, metavar="DIR", help="where the lab lives (default $COLLAB_LAB_DIR or build/lab)")
    top = argparse.ArgumentParser(
        prog="lab", description="A simulated Unified CM estate on loopback addresses.",
        epilog="Environment: COLLAB_LAB_DIR (see --dir); COLLAB_LAB_VARIANTS=NAME=VALUE,... and COLLAB_LAB_MUTATE=NAME,... are in force from `up` on.",
    )
    commands = top.add_subparsers(dest="command", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[common])

    up = add("up", "build the day-0 estate of an inventory and serve it")
    up.add_argument("-i", "--inventory", type=Path, required=True, help="inventory file or directory; estate.yml is looked for beside it")
    up.add_argument("--detach", action="store_true", help="return when it is ready")
    up.add_argument("--phones", type=int, default=0, metavar="N", help="make N more phones in each cluster")
    up.add_argument("--speed", type=float, default=60.0, metavar="X", help="virtual seconds in a real one (default 60)")
    up.add_argument("--axl-schema", type=Path, default=None, metavar="DIR", help="AXL schema files, instead of those of the ciscoaxl package")
    add("down", "end the lab and wait until it is gone")
    add("status", "nodes, listeners, counters").add_argument("--json", action="store_true")
    journal = add("journal", "requests so far")
    journal.add_argument("--json", action="store_true")
    journal.add_argument("--writes", action="store_true", help="only writes")
    journal.add_argument("--since", type=int, default=0, metavar="N", help="only entries after number N")
    add("snapshot", "remember the whole estate").add_argument("name")
    add("restore", "bring a snapshot back").add_argument("name")
    fault = add("fault", "inject faults").add_subparsers(dest="action", required=True)
    fault.add_parser("add", parents=[common]).add_argument("rule", help='JSON, e.g. {"channel": "axl", "operation": "update*", "action": "status"}')
    fault.add_parser("list", parents=[common])
    fault.add_parser("clear", parents=[common])
    variant = add("variant", "readings of facts that are not certain").add_subparsers(dest="action", required=True)
    variant.add_parser("list", parents=[common])
    chosen = variant.add_parser("set", parents=[common])
    chosen.add_argument("name")
    chosen.add_argument("value")
    add("mutate", "switch a must-refuse check off: list, NAME or clear").add_argument("name")
    ledger = add("ledger", "what the lab knows, and from which source")
    ledger.add_argument("--markdown", action="store_true")
    ledger.add_argument("--json", action="store_true")
    clock = add("clock", "the lab's date").add_subparsers(dest="action", required=True)
    clock.add_parser("advance", parents=[common]).add_argument("seconds", type=float)
    authority = add("ca", "requests at the enterprise CA that wait for its manager").add_subparsers(dest="action", required=True)
    authority.add_parser("list", parents=[common])
    for name in ("approve", "deny"):
        authority.add_parser(name, parents=[common]).add_argument("number", type=int)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command; gives the exit status."""
    given = parser().parse_args(arguments)
    directory = (given.dir or default_directory()).absolute()
    if given.command == "up":
        return process.up(given, directory)
    if given.command == "ledger":
        from lab import ledger

        print(ledger.text(markdown=given.markdown, as_json=given.json), end="")
        return 0
    from lab.core import client

    try:
        return _ask(given, directory)
    except (client.NotRunning, client.ControlError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1


def _ask(given: argparse.Namespace, directory: Path) -> int:
    from lab.core.client import ask

    command = given.command
    if command == "down":
        return process.down(directory)
    if command == "status":
        _show_status(ask(directory, "status"), given.json)
    elif command == "journal":
        _show_journal(process.journal(directory, given.since, given.writes), given.json)
    elif command in ("snapshot", "restore"):
        ask(directory, command, name=given.name)
    elif command == "fault":
        if given.action == "add":
            try:
                rule = json.loads(given.rule)
            except json.JSONDecodeError as error:
                print(f"lab: the rule is no JSON: {error}", file=sys.stderr)
                return 1
            _print(ask(directory, "fault_add", rule=rule))
        else:
            _print(ask(directory, f"fault_{given.action}"))
    elif command == "variant":
        _print(ask(directory, "variant_set", name=given.name, value=given.value) if given.action == "set" else ask(directory, "variant_list"))
    elif command == "mutate":
        _print(ask(directory, f"mutate_{given.name}") if given.name in ("list", "clear") else ask(directory, "mutate_set", name=given.name))
    elif command == "clock":
        _print(ask(directory, "clock_advance", seconds=given.seconds))
    elif command == "ca":
        _print(ask(directory, "ca", action=given.action, **({"number": given.number} if given.action != "list" else {})))
    return 0


def _print(result: Any) -> None:
    print(json.dumps(result, indent=2))


def _show_status(status: dict, as_json: bool) -> None:
    if as_json:
        _print(status)
        return
    for node in status["nodes"]:
        ports = " ".join(f"{one['protocol']}:{one['port']}" for one in node["listeners"])
        print(f"{node['name']:16} {node['listeners'][0]['address'] if node['listeners'] else '-':14} {node['release']:6} {ports}")
    print(f"unknown requests: {status['unknown']}; journal: {status['journal']} entries; speed {status['speed']:g}")


def _show_journal(entries: list[dict], as_json: bool) -> None:
    if as_json:
        _print(entries)
        return
    for entry in entries:
        refused = f"  refused: {entry['detail']['refused']}" if "refused" in entry["detail"] else ""
        print(f"{entry['seq']:5} {entry['time']} {entry['node']:14} {entry['channel']:14} {entry['kind']:5} {entry['operation']}{refused}")
