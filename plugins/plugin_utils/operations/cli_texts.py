# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the platform CLI prints, as data: replication, versions, own certificates, backups. Pure functions, tolerant of layout."""

from __future__ import annotations

import re
from datetime import datetime
from datetime import timedelta
from datetime import timezone

from .ctl import ZONES

ROW = re.compile(r"^\s*(\S+)\s+(\S+)\s+(\S+)\s+([YN?-]/[YN?-]/[YN?-])\s+(\S+)\s+(?:\S+\s+)?\((\d+|-)\)\s*(.*?)\s*$", re.MULTILINE)
SINGLE = re.compile(r"cluster with a single active node", re.IGNORECASE)
DOWN = re.compile(r"Cisco DB is not running|A Cisco DB is down", re.IGNORECASE)
PROGRESS = re.compile(r"in PROGRESS", re.IGNORECASE)
MISMATCH = re.compile(r"^(?!.*\bno errors or mismatch).*\bmismatch.*$", re.IGNORECASE | re.MULTILINE)


def replication(output):
    """`utils dbreplication runtimestate` as {state, problems, nodes} (vos.md 3).

    state: "good", "single" (one node: there is nothing to replicate), "progress" (a check is under way: wait), "bad" or "unknown"
    (nothing in the output that could be judged); problems: sentences; nodes: names in the table.
    """
    text = output.replace("\r", "")
    if SINGLE.search(text):
        return {"state": "single", "problems": [], "nodes": []}
    if DOWN.search(text):
        return {"state": "bad", "problems": ["the database service is not running on the publisher"], "nodes": []}
    problems, nodes = [], []
    for name, _address, _ping, checks, queue, setup, details in ROW.findall(text):
        nodes.append(name)
        if checks != "Y/Y/Y":
            problems.append("%s: DB/RPC/DbMon is %s instead of Y/Y/Y" % (name, checks))
        if queue != "0":
            problems.append("%s: its replication queue is at %s instead of 0" % (name, queue))
        if setup != "2":
            problems.append("%s: replication setup is (%s) %s instead of (2) Setup Completed" % (name, setup, details))
    problems += [line.strip() for line in MISMATCH.findall(text)]
    if problems:
        return {"state": "bad", "problems": problems, "nodes": nodes}
    if PROGRESS.search(text):
        return {"state": "progress", "problems": [], "nodes": nodes}
    return {"state": "good" if nodes else "unknown", "problems": [], "nodes": nodes}


VERSION = re.compile(r"Active (?:Master )?Version:\s*(\S+)", re.IGNORECASE)
# How an unrestricted load shows in this output is published nowhere (vos.md 8); its installers bear UNRST and the documents say "unrestricted".
UNRESTRICTED = re.compile(r"un-?restricted|UNRST", re.IGNORECASE)


def active_version(output):
    """`show version active` as {version, unrestricted}: version such as "15.0.1.11900-40" or None."""
    found = VERSION.search(output)
    return {"version": found.group(1) if found else None, "unrestricted": bool(UNRESTRICTED.search(output))}


def release_of(version):
    """(major, minor) of a version or of a declared release: "15.0.1.11900-40" -> (15, 0), "15" -> (15, None), "12.5" -> (12, 5)."""
    numbers = re.match(r"\s*(\d+)(?:\.(\d+))?", str(version))
    if not numbers:
        return None
    return int(numbers.group(1)), int(numbers.group(2)) if numbers.group(2) else None


def same_release(declared, actual):
    """Whether a node's version is of the declared release: as far as the declared one goes ("15" fits any 15, "12.5" not 12.0)."""
    want, have = release_of(declared), release_of(actual)
    return bool(want and have and want[0] == have[0] and (want[1] is None or want[1] == have[1]))


BACKUP = re.compile(r"^\s*(\S+\.tar)\s+(.*?)\s+[A-Z][a-z]{2}\s+([A-Z][a-z]{2})\s+(\d+)\s+(\d+:\d+:\d+)\s+(\S+)\s+(\d{4})\s+(\S+)", re.MULTILINE)


def last_backup(output):
    """Epoch of the newest successful backup in `utils disaster_recovery history backup`, None where it shows none that can be read.

    A row (CLI Reference Guide 12.5, Utils): file, device, "Thu Dec 10 10:35:22 CST 2009", SUCCESS or ERROR, type, features. A zone name
    that means several offsets is read as UTC: half a day does not matter for the age of a backup.
    """
    newest = None
    for _name, _device, month, day, clock, zone, year, result in BACKUP.findall(output.replace("\r", "")):
        if result.upper() != "SUCCESS":
            continue
        try:
            when = datetime.strptime("%s %s %s %s" % (month, day, clock, year), "%b %d %H:%M:%S %Y")
        except ValueError:
            continue
        epoch = int(when.replace(tzinfo=timezone(timedelta(minutes=ZONES.get(zone.upper(), 0)))).timestamp())
        newest = epoch if newest is None else max(newest, epoch)
    return newest


OWN = re.compile(r"^\s*([A-Za-z0-9-]+)/\S+\.pem", re.MULTILINE)


def own_units(output):
    """The certificate units that `show cert list own` lists, lower case."""
    return {unit.lower() for unit in OWN.findall(output.replace("\r", ""))}
