# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was there before each write, kept on the control node so that it can be brought back: <workspace>/<cluster>/saved/<UTC time>-<process>-<start>.jsonl.

One file a run, readable by its owner only; one line of JSON for each object, on disk before the write is made. So whatever ends a run, all that it
changed is there with its value before. A line that a kill has cut short belongs to a write that was never made.

    {"at": "2026-11-26T20:00:00Z", "task": "collab.security.sip_trunk", "node": "us-cm-pub", "act": "update", "kind": "SipTrunk",
     "key": {"name": "SIP_TRUNK_CUBE"}, "before": {"srtpAllowed": "false"}, "after": {"srtpAllowed": "true"}, "impact": []}

act     update (some elements of an object), add (it was not there), remove, or other (what cannot be brought back; kind then names why, see kinds.py)
before  elements as they were, in the form in which they are written; no secret is ever among them
impact  what the change disturbs, as in a report
note    of what cannot be brought back: what there was, in words. A certificate that is replaced is kept as saved/certificates/<SHA-256>.pem
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC
from datetime import datetime
from pathlib import Path

from ..files import write_atomic

FOLDER, CERTIFICATES = "saved", "certificates"
TIME = "%Y-%m-%dT%H:%M:%SZ"
FILE_TIME = "%Y-%m-%dT%H%M%SZ"        # no colon in the name of a file
RUN = re.compile(r"(\d{4}-\d\d-\d\dT\d{6}Z)(-\d+-\w+)")
ALL = "all"


class SavedError(Exception):
    """What was saved cannot be used as it was asked for. The text is for the operator."""


def now():
    """The control node's time, as it stands in the files."""
    return datetime.now(UTC).strftime(TIME)


class Journal:
    """The file of one run for one cluster. run: (process id of ansible-playbook, when that process was born)."""

    def __init__(self, workspace, cluster, run):
        self.folder, self.run, self.path = Path(workspace) / cluster / FOLDER, "%s-%s" % run, None

    def add(self, entries):
        """Write lines down; they are on disk when this returns. Raises SavedError where they cannot be: then the write must not go out."""
        try:
            self._add(entries)
        except OSError as e:
            raise self._unsaved(e) from None

    def keep(self, name, pem):
        """Keep a certificate beside the lines, in the directory certificates."""
        try:
            write_atomic(self.folder / CERTIFICATES / name, pem)
        except OSError as e:
            raise self._unsaved(e) from None

    def _unsaved(self, error):
        return SavedError("what is there before a change has to be saved in %s, and cannot be: %s. Nothing more was sent; rollback.yml would not know of it"
                          % (self.folder, error.strerror or error))

    def _add(self, entries):
        if self.path is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            there = sorted(self.folder.glob("*-%s.jsonl" % self.run))
            self.path = there[0] if there else self.folder / ("%s-%s.jsonl" % (now().replace(":", ""), self.run))
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, "".join("\n" + json.dumps(entry) for entry in entries).encode())
            os.fsync(handle)
        finally:
            os.close(handle)


def entries(workspace, cluster):
    """All that is saved of a cluster, oldest first; each entry with "run", the name of its file."""
    found = []
    for path in sorted((Path(workspace) / cluster / FOLDER).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                found.append({**json.loads(line), "run": path.stem})
            except ValueError:
                continue
    return found


def runs(saved):
    """[{run, since, until, changes}] of what is saved, oldest first."""
    out = {}
    for entry in saved:
        row = out.setdefault(entry["run"], {"run": entry["run"], "since": entry["at"], "until": entry["at"], "changes": 0})
        row.update(until=entry["at"], changes=row["changes"] + 1)
    return list(out.values())


def since(saved, point):
    """The entries from a point on: ALL, the name of a run, or a UTC time (2026-11-26T20:00:00Z). Raises SavedError with the runs that there are.

    A run has a file in each cluster that it changed, named by when it began there; the name of any of them means that run in all of them.
    """
    if point == ALL:
        return saved
    named, known = RUN.fullmatch(point), runs(saved)
    names = [row["run"] for row in known]
    if named:
        mine = next((i for i, name in enumerate(names) if name.endswith(named[2])), None)
        if mine is not None:
            return [entry for entry in saved if names.index(entry["run"]) >= mine]
        point = datetime.strptime(named[1], FILE_TIME).strftime(TIME)
    try:
        datetime.strptime(point, TIME)
    except ValueError:
        raise SavedError("since: '%s' is neither '%s', nor a UTC time such as %s, nor one of the runs that are saved: %s" % (point, ALL, now(), "; ".join(
            "%s (%d changes, %s to %s)" % (row["run"], row["changes"], row["since"], row["until"]) for row in known) or "none")) from None
    return [entry for entry in saved if entry["at"] >= point]
