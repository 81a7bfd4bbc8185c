# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running configuration of 5,000 lines with certificates, read by our channel beside the bare transfer; and what a run asks a router that has nothing to do.

Against a lab of its own whose routers a first run has secured. The bare transfer is what no client can do without: the same command typed in a shell of stock
paramiko, received to the last line, with nothing looked at in between. Both are logged in before the clock runs.
"""
from __future__ import annotations

import shutil
import statistics
import time

import paramiko
import yaml

from ansible_collections.collab.security.plugins.plugin_utils.channels.ios_cli import Channel
from tests.integration.administrator import ENABLE
from tests.integration.administrator import ROUTER
from tests.integration.harness import REPOSITORY
from tests.integration.harness import Estate

LINES, TIMES = 5_000, 9
NETWORK = "127.73"
NAME, ADDRESS, PORT = "us-cube1", "%s.9.1" % NETWORK, 20022
SHOW = "show running-config"
READS = ("terminal ", "show ")


def estate_of(directory):
    """The lab's inventory with Unified CM and its CUBEs, which have 5,000 lines."""
    source = directory / "source"
    shutil.copytree(REPOSITORY / "inventories" / "lab", source)
    estate = yaml.safe_load((source / "estate.yml").read_text())
    estate["clusters"]["us_cube"] = {"running_lines": LINES}
    (source / "estate.yml").write_text(yaml.safe_dump(estate))
    return Estate(directory, NETWORK, ("us_cm", "us_cube"), source=source)


class Bare:
    """A shell of stock paramiko in privileged mode."""

    def __init__(self, known_hosts):
        self.client = paramiko.SSHClient()
        self.client.load_host_keys(str(known_hosts))
        self.client.connect(ADDRESS, PORT, *ROUTER, look_for_keys=False, allow_agent=False)
        self.shell = self.client.invoke_shell(width=511, height=1000)
        self.shell.settimeout(30)
        self.until((b">", b"#"))
        for line, end in (("enable", (b"Password:",)), (ENABLE, (b"#",)), ("terminal length 0", (b"#",)), ("terminal width 511", (b"#",))):
            self.type(line, end)

    def until(self, ends):
        """What comes until it ends so."""
        seen = bytearray()
        while not bytes(seen[-40:]).rstrip().endswith(ends):
            seen += self.shell.recv(65536)
        return bytes(seen)

    def type(self, line, ends):
        """Type a line; give what came."""
        self.shell.send(line + "\n")
        return self.until(ends)


def transfers(estate):
    """(seconds by our channel, seconds of the bare transfer, lines): medians, by turns. Ends where the two did not read the same."""
    known = estate.lab_directory / "known_hosts"
    options = {"host": ADDRESS, "port": PORT, "fqdn": NAME + ".ent-pa.com", "remote_user": ROUTER[0], "password": ROUTER[1], "enable_password": ENABLE,
               "known_hosts": str(known)}
    ours, bare, taken = Channel(options.get), Bare(known), {"ours": [], "bare": []}
    try:
        ours.show(60, "show crypto key mypubkey rsa")
        for _turn in range(TIMES):
            start = time.perf_counter()
            ours_text = ours.show(60, SHOW)["output"]
            taken["ours"].append(time.perf_counter() - start)
            start = time.perf_counter()
            bare_text = bare.type(SHOW, (b"\nend\r\n\r\n%s#" % NAME.encode(), b"\nend\r\n%s#" % NAME.encode()))
            taken["bare"].append(time.perf_counter() - start)
    finally:
        ours.close()
        bare.client.close()
    lines = [[one.rstrip() for one in text.splitlines() if one.strip()] for text in (ours_text, bare_text.decode().replace("\r", ""))]
    body = [part[next(n for n, one in enumerate(part) if one.startswith("version ")):] for part in lines]
    if body[0] != body[1][:len(body[0])] or len(body[0]) < LINES * 0.95 or not any(one.startswith("crypto pki certificate chain") for one in body[0]):
        raise SystemExit("the channel read %d lines, the bare transfer %d, and they have to be the same" % tuple(map(len, body)))
    return statistics.median(taken["ours"]), statistics.median(taken["bare"]), len(body[0])


def measure(directory, row):
    """All rows. row: bench.row."""
    directory.mkdir(parents=True)
    estate = estate_of(directory)
    estate.up()
    try:
        estate.play("site.yml").ok()
        ours, bare, lines = transfers(estate)
        since = estate.mark()
        run = estate.play("site.yml").ok()
        seen = [entry["operation"] for entry in estate.journal(since=since) if entry["node"] == NAME and entry["channel"] == "ios_cli"]
    finally:
        estate.down()
    if run.changed:
        raise SystemExit("the run on routers with nothing to do changed %d things" % run.changed)
    return [
        row("running configuration of a router, lines with certificates", lines, ""),
        row("read whole by the channel", ours, "s"),
        row("of that, the bare transfer (paramiko)", bare, "s"),
        row("so it takes, in times of the bare transfer (1.5 at most)", ours / bare, "x"),
        row("logins of a run on a router with nothing to do (1 at most)", seen.count("login"), ""),
        row("commands of it (4 at most)", sum(one.startswith(READS) for one in seen), ""),
    ]
