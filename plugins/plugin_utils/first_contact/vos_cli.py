# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is assumed of the command line of the nodes of Unified CM, IM and Presence, Unity Connection and Prime Collaboration Deployment."""

from __future__ import annotations

import re

from ..certificates.reading import IN_DATABASE
from ..certificates.reading import has_api
from ..operations import cli_services
from ..operations import cli_texts
from ..operations import preconditions
from ..pki.holdings import listed
from ..pki.pem import find_certificates
from ..unity_connection import encryption
from .assumption import Assumption
from .assumption import Look
from .assumption import NotSeen
from .assumption import answers
from .assumption import says
from .assumption import wire


def _services(answer):
    return bool(cli_services.listed(answer.text))


def _certificates(answer):
    return bool(listed(answer.text))


def _signed(answer):
    """How a certificate that a CA issued is described: only where there is one that is not self-signed."""
    lines = [line for line in answer.text.splitlines() if ".pem" in line and "self-signed" not in line.lower()]
    if not lines:
        raise NotSeen("the node has self-signed certificates only")
    return any("signed by" in line.lower() for line in lines)


def _backup(answer):
    return cli_texts.last_backup(answer.text) is not None


def _replication(answer):
    return cli_texts.replication(answer.text)["state"] != "unknown"


def run(command, *assumptions, of="node"):
    """A Look by one command."""
    return Look("vos_cli", "run", {"command": command}, assumptions, of)


VERSION = run(
    "show version active",
    Assumption("cli-login", "the prompt is 'admin:' with nothing before it on its line but the carriage return", wire(r"(?:^|\r|\n)admin:\s*\Z"),
               lambda a: "admin:" in a.raw),
    Assumption("cli-terminal", "what is typed comes back as it was typed", wire(r"admin:\s*show version active\r*$"), answers),
    Assumption("cli-show-version", "the line begins with 'Active Master Version:'", says(r"^Active Master Version: \S"),
               lambda a: cli_texts.active_version(a.text)["version"] is not None),
)
EVERY_NODE = (
    VERSION,
    run("show status", Assumption("cli-show-status", "it has the lines Host Name, Date and Product Ver", says(r"^Host Name\s*:.*\n(.*\n)*?^Product Ver\s*:"))),
    run("utils service list",
        Assumption("cli-service-list", "services as NAME[STATE], without the platform's own and a return code above them, and 'Command successful' at the end",
                   lambda a: _services(a) and "Return code" not in a.text
                   and "Command successful" in a.text, _services)),
    run("show cert list own",
        Assumption("cli-show-cert-list", "lines UNIT/FILE.pem: description; a certificate of a CA is 'signed by' it", _signed, _certificates)),
    run("show cert own tomcat",
        Assumption("cli-show-cert", "a certificate comes with its PEM, below lines such as Serial Number and Issuer Name or Issuer DN",
                   lambda a: bool(find_certificates(a.text)) and says(r"^\s*Issuer ?(Name|DN)")(a), lambda a: bool(find_certificates(a.text)))),
    run("show csr list own", Assumption("cli-show-csr", "lines UNIT/FILE.csr, or none", answers)),
    run("show first contact",
        Assumption("cli-unknown-command", "a command that there is not is told by 'Executed command unsuccessfully', with 'No valid command entered' before it",
                   lambda a: "No valid command entered" in _output(a) and "Executed command unsuccessfully" in _output(a),
                   lambda a: a.error is not None and a.error.kind == "refused", fails=True)),
)
CLUSTER = (
    run("utils dbreplication runtimestate",
        Assumption("cli-dbreplication", "'Checked N tables out of N' where a check was made, then a table of the nodes with their queues",
                   lambda a: _replication(a) and says(r"\. Checked \d+ tables out of \d+")(a), _replication), of="leader"),
    run("utils disaster_recovery history backup",
        Assumption("cli-backup-history", "a table of backups: file, device, completion in words, result", _backup, answers), of="leader"),
    run("show network cluster",
        Assumption("cli-show-network-cluster", "a line for each node: address, FQDN, host name, kind, what else it is, and since when it is authenticated",
                   says(r"^\s*[\d.:a-f]+\s+\S+\.\S+\s+\S+\s+(Publisher|Subscriber)\s+\S.*authenticated"), answers), of="leader"),
)


# What a node without the certificate API is asked for the bytes of its trusted certificates, which `show cert trust` only describes.
DATABASE = Look("vos_cli", "run", {"command": IN_DATABASE}, (
    Assumption("cli-run-sql", "the database has certificates as PEM, whole, in its column 'certificate'", lambda a: bool(find_certificates(a.text))),
), "leader", lambda release: not has_api(release))


def _output(answer):
    return str(((answer.error.detail or {}) if answer.error is not None else {}).get("output", ""))


UNIFIED_CM = (
    DATABASE,
    run("show license status",
        Assumption("cli-show-license", "export control is said to be ALLOWED or NOT ALLOWED, with a capital at each word",
                   says(r"Allowed\s*$", re.MULTILINE), says(r"allowed")),
        of="leader"),
    run("run sql select name from processnode where name = 'no such node'",
        Assumption("cli-run-sql", "an answer without rows has the heading of its columns", says(r"^name\s*\n=+"), answers), of="leader"),
    run("utils sipOAuth-mode status",
        Assumption("cli-sipoauth", "the status is a sentence with enabled or disabled in it",
                   says(r"\b(is|mode).*(enabled|disabled)"), lambda a: True), of="leader"),
)
UNITY_CONNECTION = (
    DATABASE,
    run("show cuc cluster status",
        Assumption("cuc-cluster-status", "a table of servers with their state, Primary or Secondary, under headings",
                   says(r"Server Name.*Server State"),
                   lambda a: bool(preconditions.cluster_status(a.text)["nodes"])), of="leader"),
    run(encryption.STATUS,
        Assumption("cuc-encryption-cli", "the status is a sentence that ends with enabled or disabled", says(r"\S+ .*\bis (enabled|disabled)"),
                   lambda a: encryption.enabled(a.text) is not None), of="leader"),
)
