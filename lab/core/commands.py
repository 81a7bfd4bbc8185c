"""The commands of `python -m lab`: what each takes, and what it does. A handler (given, directory) prints its result and gives the exit status, None for 0."""

from __future__ import annotations

import argparse
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab.core import process
from lab.core.client import ask

MANAGED_FILES = ("certificate", "key", "pfx")


class BadCommand(ValueError):
    """The command cannot be carried out as it was given; the text says why."""


class Words:
    """The first or second words of commands. Each is added with what it does, and takes the options that all have."""

    def __init__(self, parser: argparse.ArgumentParser, common: argparse.ArgumentParser, dest: str = "command") -> None:
        self._words, self._common = parser.add_subparsers(dest=dest, required=True), common

    def add(self, name: str, run: Callable[[argparse.Namespace, Path], int | None], text: str = "") -> argparse.ArgumentParser:
        """A word that ends a command."""
        found = self._words.add_parser(name, parents=[self._common], **({"help": text, "description": text} if text else {}))
        found.set_defaults(run=run)
        return found

    def group(self, name: str, text: str) -> Words:
        """A word that another one follows."""
        return Words(self._words.add_parser(name, parents=[self._common], help=text, description=text), self._common, "action")


# -- the process -------------------------------------------------------------------------------------------------------
def of_the_process(words: Words) -> None:
    """Starting it, ending it, and what it was asked."""
    up = words.add("up", process.up, "build the day-0 estate of an inventory and serve it")
    up.add_argument("-i", "--inventory", type=Path, required=True, help="inventory file or directory; estate.yml is looked for beside it")
    up.add_argument("--detach", action="store_true", help="return when it is ready")
    up.add_argument("--phones", type=int, default=0, metavar="N", help="make N more phones in each cluster")
    up.add_argument("--drain", type=float, default=50.0, metavar="X", help="change notifications that a cluster works off in a virtual second (default 50)")
    up.add_argument("--speed", type=float, default=60.0, metavar="X", help="virtual seconds in a real one (default 60)")
    up.add_argument("--axl-schema", type=Path, default=None, metavar="DIR", help="AXL schema files, instead of those of the ciscoaxl package")
    words.add("down", lambda given, directory: process.down(directory), "end the lab and wait until it is gone")
    words.add("status", _status, "nodes, listeners, counters").add_argument("--json", action="store_true")
    journal = words.add("journal", _journal, "requests so far")
    journal.add_argument("--json", action="store_true")
    journal.add_argument("--writes", action="store_true", help="only writes")
    journal.add_argument("--since", type=int, default=0, metavar="N", help="only entries after number N")
    ledger = words.add("ledger", _ledger, "what the lab knows, and from which source")
    ledger.add_argument("--markdown", action="store_true")
    ledger.add_argument("--json", action="store_true")


def _status(given: argparse.Namespace, directory: Path) -> None:
    status = ask(directory, "status")
    if given.json:
        _print(status)
        return
    for node in status["nodes"]:
        ports = " ".join(f"{one['protocol']}:{one['port']}" for one in node["listeners"])
        print(f"{node['name']:16} {node['listeners'][0]['address'] if node['listeners'] else '-':14} {node['product']:17} {node['release']:6} {ports}")
    print(f"unknown requests: {status['unknown']}; journal: {status['journal']} entries; speed {status['speed']:g}")


def _journal(given: argparse.Namespace, directory: Path) -> None:
    entries = process.journal(directory, given.since, given.writes)
    if given.json:
        _print(entries)
        return
    for entry in entries:
        refused = f"  refused: {entry['detail']['refused']}" if "refused" in entry["detail"] else ""
        print(f"{entry['seq']:5} {entry['time']} {entry['node']:14} {entry['channel']:14} {entry['kind']:5} {entry['operation']}{refused}")


def _ledger(given: argparse.Namespace, _directory: Path) -> None:
    from lab import ledger  # it reads much that no other command needs

    print(ledger.text(markdown=given.markdown, as_json=given.json), end="")


# -- the state of the estate -------------------------------------------------------------------------------------------
def of_the_state(words: Words) -> None:
    """Snapshots, faults, readings, refusals and the clock."""
    words.add("snapshot", _snapshot, "remember the whole estate").add_argument("name")
    words.add("restore", _snapshot, "bring a snapshot back").add_argument("name")
    fault = words.group("fault", "inject faults")
    fault.add("add", _add_fault).add_argument("rule", help='JSON, e.g. {"channel": "axl", "operation": "update*", "action": "status"}')
    fault.add("list", _ask_and_print)
    fault.add("clear", _ask_and_print)
    variant = words.group("variant", "readings of facts that are not certain")
    variant.add("list", _ask_and_print)
    variant.add("clear", _ask_and_print)
    variant.add("set", _set_variants).add_argument("readings", nargs="+", metavar="NAME VALUE", help="any number of pairs")
    words.add("mutate", _mutate, "switch a must-refuse check off: list, NAME or clear").add_argument("name")
    clock = words.group("clock", "the lab's date")
    clock.add("advance", lambda given, directory: _print(ask(directory, "clock_advance", seconds=given.seconds))).add_argument("seconds", type=float)


def _snapshot(given: argparse.Namespace, directory: Path) -> None:
    ask(directory, given.command, name=given.name)


def _ask_and_print(given: argparse.Namespace, directory: Path) -> None:
    _print(ask(directory, f"{given.command}_{given.action}"))


def _add_fault(given: argparse.Namespace, directory: Path) -> None:
    try:
        rule = json.loads(given.rule)
    except json.JSONDecodeError as error:
        raise BadCommand(f"the rule is no JSON: {error}") from None
    _print(ask(directory, "fault_add", rule=rule))


def _set_variants(given: argparse.Namespace, directory: Path) -> None:
    names, values = given.readings[::2], given.readings[1::2]
    if len(names) != len(values):
        raise BadCommand("variant set takes pairs of NAME and VALUE")
    _print(ask(directory, "variant_set", readings=dict(zip(names, values, strict=True))))


def _mutate(given: argparse.Namespace, directory: Path) -> None:
    _print(ask(directory, f"mutate_{given.name}") if given.name in ("list", "clear") else ask(directory, "mutate_set", name=given.name))


# -- what people do ----------------------------------------------------------------------------------------------------
def of_people(words: Words) -> None:
    """At pages and consoles that the lab does not serve."""
    spoil = words.add("spoil", _spoil, "make phones that were made by number wrong, evenly spread (profile, missing, expiring or issuer of the LSC, in turn)")
    spoil.add_argument("cluster")
    spoil.add_argument("count", type=int)
    spoil.add_argument("--kind", action="append", choices=("profile", "missing", "expiring", "issuer"), help="only this (may be given several times)")
    srst = words.add("srst", _srst, "take the certificate of an SRST reference's router, as the button Update Certificate of its page does")
    srst.add_argument("cluster")
    srst.add_argument("reference")
    authority = words.group("ca", "requests at the enterprise CA: decided, or their certificates revoked")
    authority.add("list", lambda given, directory: _print(ask(directory, "ca", action="list")))
    for name in ("approve", "deny", "revoke"):
        authority.add(name, _decide).add_argument("number", type=int)
    person = words.add("manage", _manage, "what a person does at the pages of a management server (Meeting Management, TMS, Prime Collaboration Provisioning)")
    person.add_argument("host")
    person.add_argument("action", help="upload, restart, csr, upload-ldap; of TMS import-root, import-pfx, permit, tools, bind, restart")
    for name in MANAGED_FILES:
        person.add_argument(f"--{name}", type=Path, default=None, metavar="FILE")
    person.add_argument("--password-file", type=Path, default=None, metavar="FILE", help="with the password of --pfx")
    person.add_argument("--out", type=Path, default=None, metavar="FILE", help="of csr: where the request is written")
    router = words.add("router", _router, "lines at a router's console (answers to its questions among them), and certificates that are over")
    router.add_argument("host")
    router.add_argument("lines", nargs="*", metavar="LINE")
    router.add_argument("--expire", default="", metavar="TRUSTPOINT", help="first put an expired certificate in the place of the trustpoint's own")
    public = words.group("public-ca", "the public CA: what a person does at its web page, and at the DNS of a domain")
    public.add("list", lambda given, directory: _print(ask(directory, "public_ca", action="list")), "what it has issued")
    sign = public.add("sign", _sign, "submit a request and take the certificate with its chain")
    sign.add_argument("csr", type=Path, metavar="CSR_FILE")
    sign.add_argument("--out", type=Path, default=None, metavar="FILE", help="write it here instead of to stdout")
    sign.add_argument("--usage", choices=("server", "both"), default="", help="extended key usage, instead of what public CAs give (variant public_ca_usage)")
    text = public.add("txt", _publish, "publish a TXT record (an empty value removes those of the name)")
    text.add_argument("name")
    text.add_argument("value")


def _spoil(given: argparse.Namespace, directory: Path) -> None:
    _print(ask(directory, "spoil", cluster=given.cluster, count=given.count, kinds=given.kind))


def _srst(given: argparse.Namespace, directory: Path) -> None:
    _print(ask(directory, "srst", cluster=given.cluster, reference=given.reference))


def _decide(given: argparse.Namespace, directory: Path) -> None:
    _print(ask(directory, "ca", action=given.action, number=given.number))


def _router(given: argparse.Namespace, directory: Path) -> None:
    print(ask(directory, "router", host=given.host, lines=given.lines, expire=given.expire), end="")


def _manage(given: argparse.Namespace, directory: Path) -> None:
    try:
        files = {name: base64.b64encode(path.read_bytes()).decode("ascii") for name in MANAGED_FILES if (path := getattr(given, name))}
        password = given.password_file.read_text(encoding="utf-8").strip() if given.password_file else ""
    except OSError as error:
        raise BadCommand(str(error)) from None
    result = ask(directory, "manage", host=given.host, action=given.action, files=files, password=password)
    if given.out is not None and "csr" in result:
        given.out.write_text(result["csr"], encoding="ascii")
    else:
        _print(result)


def _sign(given: argparse.Namespace, directory: Path) -> None:
    try:
        csr = given.csr.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCommand(f"{given.csr}: {error}") from None
    text = ask(directory, "public_ca", action="sign", csr=csr, usage=given.usage)
    if given.out is None:
        print(text, end="")
    else:
        given.out.write_text(text, encoding="ascii")


def _publish(given: argparse.Namespace, directory: Path) -> None:
    ask(directory, "public_ca", action="txt", name=given.name, value=given.value)


def _print(result: Any) -> None:
    print(json.dumps(result, indent=2))
