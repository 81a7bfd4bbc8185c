# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster still owes after a change: restarts of services and the reset of its phones, kept on the control node.

A run can be killed between a change and the restart that makes it count. So a debt is written down *before* the change and struck
out only when the device itself has shown that it is paid. The file is <workspace>/<cluster>/owed.json:

    {"version": 1, "owed": [{"what": "Cisco Tomcat", "node": "us-cm-pub", "since": 1795464000, "reason": "tomcat certificate replaced"}]}

what    a service as Serviceability names it, or PHONES for the reset of all phones (node is then the publisher)
node    inventory name
since   seconds since 1970 by the *device's* clock (the Date header of its last answer before the change); a start after it pays the debt
reason  for people
"""

from __future__ import annotations

import fcntl
import json
from contextlib import contextmanager
from pathlib import Path

from .files import write_json

PHONES = "phones"
VERSION = 1


class OwedError(Exception):
    """The journal of debts cannot be used; the text says which file or variable and what to do."""


class Owed:
    """The debts of one cluster. workspace: directory (str or Path) or None, where nothing was ever written down and nothing can be."""

    def __init__(self, workspace, cluster):
        self.cluster = cluster
        self.path = Path(workspace) / cluster / "owed.json" if workspace else None

    def items(self, what=None):
        """All debts (or those of one service) as a list of dicts {what, node, since, reason}; empty without a workspace."""
        if self.path is None:
            return []
        return [dict(entry) for entry in self._read() if what in (None, entry["what"])]

    def add(self, service, nodes, since_epoch, reason):
        """Write down that each of nodes (inventory names) owes a restart of service, before the change that causes it.

        A debt that is already there takes the later time: only a start after the last change pays for all of them.
        Raises OwedError when no workspace is configured: a change whose restart could be forgotten must not be made.
        """
        if self.path is None:
            raise OwedError("collab_workspace is not set: without it a restart of '%s' that this change owes would be forgotten if the run "
                            "were interrupted. Set it to a directory on the control node that is kept between runs." % service)
        with self._locked():
            entries = {(e["what"], e["node"]): e for e in self._read()}
            for node in nodes:
                old = entries.get((service, node))
                reasons = old["reason"].split("; ") if old else []
                entries[service, node] = {
                    "what": service,
                    "node": node,
                    "since": max(int(since_epoch), old["since"]) if old else int(since_epoch),
                    "reason": "; ".join(reasons + [reason] * (reason not in reasons)),
                }
            self._write(list(entries.values()))

    def settle(self, service, node, started=None):
        """Strike out a debt. With started (device epoch of the service's start), only if that is later than the change.

        Returns True when something was struck out.
        """
        if self.path is None or not self.path.exists():
            return False
        with self._locked():
            entries = self._read()
            kept = [e for e in entries if (e["what"], e["node"]) != (service, node) or (started is not None and started <= e["since"])]
            if len(kept) != len(entries):
                self._write(kept)
            return len(kept) != len(entries)

    @contextmanager
    def _locked(self):
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self.path.with_suffix(".lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self):
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            entries = data["owed"]
            if data["version"] != VERSION or not all({"what", "node", "since", "reason"} <= set(e) for e in entries):
                raise ValueError("not in the form of version %d" % VERSION)
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise OwedError("%s, the list of restarts owed, cannot be read (%s). Restore it from a backup; or restart by hand what the last "
                            "changes named, then delete it." % (self.path, e)) from None
        return entries

    def _write(self, entries):
        write_json(self.path, {"version": VERSION, "owed": sorted(entries, key=lambda e: (e["what"], e["node"]))})
