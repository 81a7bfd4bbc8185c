"""`python -m lab ...`: start, ask and end a lab. Results go to stdout, errors to stderr with exit status 1."""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from lab.core import process

MANAGED_FILES = ("certificate", "key", "pfx")


def default_directory() -> Path:
    """DIR when --dir is not given."""
    return Path(os.environ.get("COLLAB_LAB_DIR") or Path("build") / "lab")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--dir", type=Path, default=None, metavar="DIR", help="where the lab lives (default $COLLAB_LAB_DIR or build/lab)")
    top = argparse.ArgumentParser(
        prog="lab", description="A simulated estate of Unified CM, IM and Presence, Unity Connection, Expressway, Meeting Server and what manages them.",
        epilog="Environment: COLLAB_LAB_DIR (see --dir); COLLAB_LAB_VARIANTS=NAME=VALUE,... and COLLAB_LAB_MUTATE=NAME,... are in force from `up` on.",
    )
    commands = top.add_subparsers(dest="command", required=True)

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[common])

    up = add("up", "build the day-0 estate of an inventory and serve it")
    up.add_argument("-i", "--inventory", type=Path, required=True, help="inventory file or directory; estate.yml is looked for beside it")
    up.add_argument("--detach", action="store_true", help="return when it is ready")
    up.add_argument("--phones", type=int, default=0, metavar="N", help="make N more phones in each cluster")
    up.add_argument("--drain", type=float, default=50.0, metavar="X", help="change notifications that a cluster works off in a virtual second (default 50)")
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
    variant.add_parser("clear", parents=[common])
    variant.add_parser("set", parents=[common]).add_argument("readings", nargs="+", metavar="NAME VALUE", help="any number of pairs")
    add("mutate", "switch a must-refuse check off: list, NAME or clear").add_argument("name")
    ledger = add("ledger", "what the lab knows, and from which source")
    ledger.add_argument("--markdown", action="store_true")
    ledger.add_argument("--json", action="store_true")
    clock = add("clock", "the lab's date").add_subparsers(dest="action", required=True)
    clock.add_parser("advance", parents=[common]).add_argument("seconds", type=float)
    spoil = add("spoil", "make phones that were made by number wrong, evenly spread (profile, missing, expiring or issuer of the LSC, in turn)")
    spoil.add_argument("cluster")
    spoil.add_argument("count", type=int)
    spoil.add_argument("--kind", action="append", choices=("profile", "missing", "expiring", "issuer"), help="only this (may be given several times)")
    srst = add("srst", "take the certificate of an SRST reference's router, as the button Update Certificate of its page does")
    srst.add_argument("cluster")
    srst.add_argument("reference")
    authority = add("ca", "requests at the enterprise CA: decided, or their certificates revoked").add_subparsers(dest="action", required=True)
    authority.add_parser("list", parents=[common])
    for name in ("approve", "deny", "revoke"):
        authority.add_parser(name, parents=[common]).add_argument("number", type=int)
    person = add("manage", "what a person does at the pages of a management server (Meeting Management, TMS, Prime Collaboration Provisioning)")
    person.add_argument("host")
    person.add_argument("action", help="upload, restart, csr, upload-ldap; of TMS import-root, import-pfx, permit, tools, bind, restart")
    for name in MANAGED_FILES:
        person.add_argument(f"--{name}", type=Path, default=None, metavar="FILE")
    person.add_argument("--password-file", type=Path, default=None, metavar="FILE", help="with the password of --pfx")
    person.add_argument("--out", type=Path, default=None, metavar="FILE", help="of csr: where the request is written")
    router = add("router", "lines at a router's console (answers to its questions among them), and certificates that are over")
    router.add_argument("host")
    router.add_argument("lines", nargs="*", metavar="LINE")
    router.add_argument("--expire", default="", metavar="TRUSTPOINT", help="first put an expired certificate in the place of the trustpoint's own")
    public = add("public-ca", "the public CA: what a person does at its web page, and at the DNS of a domain").add_subparsers(dest="action", required=True)
    public.add_parser("list", parents=[common], help="what it has issued")
    sign = public.add_parser("sign", parents=[common], help="submit a request and take the certificate with its chain")
    sign.add_argument("csr", type=Path, metavar="CSR_FILE")
    sign.add_argument("--out", type=Path, default=None, metavar="FILE", help="write it here instead of to stdout")
    sign.add_argument("--usage", choices=("server", "both"), default="", help="extended key usage, instead of what public CAs give (variant public_ca_usage)")
    text = public.add_parser("txt", parents=[common], help="publish a TXT record (an empty value removes those of the name)")
    text.add_argument("name")
    text.add_argument("value")
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
        if given.action == "set":
            names, values = given.readings[::2], given.readings[1::2]
            if len(names) != len(values):
                print("lab: variant set takes pairs of NAME and VALUE", file=sys.stderr)
                return 1
            _print(ask(directory, "variant_set", readings=dict(zip(names, values, strict=True))))
        else:
            _print(ask(directory, f"variant_{given.action}"))
    elif command == "mutate":
        _print(ask(directory, f"mutate_{given.name}") if given.name in ("list", "clear") else ask(directory, "mutate_set", name=given.name))
    elif command == "clock":
        _print(ask(directory, "clock_advance", seconds=given.seconds))
    elif command == "spoil":
        _print(ask(directory, "spoil", cluster=given.cluster, count=given.count, kinds=given.kind))
    elif command == "srst":
        _print(ask(directory, "srst", cluster=given.cluster, reference=given.reference))
    elif command == "router":
        print(ask(directory, "router", host=given.host, lines=given.lines, expire=given.expire), end="")
    elif command == "manage":
        return _manage(given, directory)
    elif command == "public-ca":
        return _public_ca(given, directory)
    elif command == "ca":
        _print(ask(directory, "ca", action=given.action, **({"number": given.number} if given.action != "list" else {})))
    return 0


def _manage(given: argparse.Namespace, directory: Path) -> int:
    from lab.core.client import ask

    try:
        files = {name: base64.b64encode(path.read_bytes()).decode("ascii") for name in MANAGED_FILES if (path := getattr(given, name))}
        password = given.password_file.read_text(encoding="utf-8").strip() if given.password_file else ""
    except OSError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    result = ask(directory, "manage", host=given.host, action=given.action, files=files, password=password)
    if given.out is not None and "csr" in result:
        given.out.write_text(result["csr"], encoding="ascii")
    else:
        _print(result)
    return 0


def _public_ca(given: argparse.Namespace, directory: Path) -> int:
    from lab.core.client import ask

    if given.action == "list":
        _print(ask(directory, "public_ca", action="list"))
    elif given.action == "txt":
        ask(directory, "public_ca", action="txt", name=given.name, value=given.value)
    else:
        try:
            csr = given.csr.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            print(f"lab: {given.csr}: {error}", file=sys.stderr)
            return 1
        text = ask(directory, "public_ca", action="sign", csr=csr, usage=given.usage)
        if given.out is None:
            print(text, end="")
        else:
            given.out.write_text(text, encoding="ascii")
    return 0


def _print(result: Any) -> None:
    print(json.dumps(result, indent=2))


def _show_status(status: dict, as_json: bool) -> None:
    if as_json:
        _print(status)
        return
    for node in status["nodes"]:
        ports = " ".join(f"{one['protocol']}:{one['port']}" for one in node["listeners"])
        print(f"{node['name']:16} {node['listeners'][0]['address'] if node['listeners'] else '-':14} {node['product']:17} {node['release']:6} {ports}")
    print(f"unknown requests: {status['unknown']}; journal: {status['journal']} entries; speed {status['speed']:g}")


def _show_journal(entries: list[dict], as_json: bool) -> None:
    if as_json:
        _print(entries)
        return
    for entry in entries:
        refused = f"  refused: {entry['detail']['refused']}" if "refused" in entry["detail"] else ""
        print(f"{entry['seq']:5} {entry['time']} {entry['node']:14} {entry['channel']:14} {entry['kind']:5} {entry['operation']}{refused}")
