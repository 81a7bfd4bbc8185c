# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which phones are registered, and the baseline that a restart must come back to before the next one (axl.md 6, RisPort70)."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..files import write_json
from ..resources.objects import text
from .waiting import Pauses
from .waiting import Waiting

MOST = 1000             # devices in one answer of RIS
SHELF_LIFE = 24 * 3600  # seconds after which the baseline of an interrupted run says nothing any more
RATE = 0.8              # part of the pause between two looks that lies between two questions: at 5 s, 15 a minute, which is what RIS allows


class Ris:
    """Questions for phones by their exact names, inside the rate of RIS. pauses: waiting.Pauses of the task."""

    def __init__(self, publisher, pauses):
        self.publisher, self.pauses, self.last = publisher, pauses, None

    def states(self, names):
        """{phone: {registered, node, time}} of those that RIS knows; time: epoch of that state, or None. MOST names a question."""
        found = {}
        for i in range(0, len(names), MOST):
            if self.last is not None:
                wait = self.last + self.pauses.seconds * RATE - self.pauses.clock()
                if wait > 0:
                    self.pauses.sleep(wait)
            self.last = self.pauses.clock()
            for row in self.publisher.ask("serviceability", "devices", names=names[i:i + MOST], device_class="Phone"):
                known = found.get(row["name"])
                if known is None or (row.get("time") or 0, is_registered(row)) >= (known["time"] or 0, known["registered"]):
                    found[row["name"]] = {"registered": is_registered(row), "node": row.get("node") or "", "time": row.get("time")}
        return found


def is_registered(row):
    """Whether a row of RIS says so."""
    return str(row.get("status")).lower() == "registered"


def registered(publisher, pauses=None):
    """{phone: {node, time}} for all phones that are registered now; time: epoch of the registration, or None.

    A wildcard can bring a device once from each node that ever had it; its latest state counts. Where there may be more than an answer holds, all are
    asked for by their names, inside the rate of RIS (pauses: waiting.Pauses of the task). Raises NodeError kind "busy" beyond the rate limit.
    """
    ris = Ris(publisher, pauses or Pauses())
    ris.last = ris.pauses.clock()
    found = publisher.ask("serviceability", "devices", names=["*"], device_class="Phone")
    if len(found) >= MOST:
        names = [text(row.get("name")) for row in publisher.ask("axl", "sql", query="select name from device where tkclass = 1 order by name")]
        states = ris.states(names)
        return {name: {"node": one["node"], "time": one["time"]} for name, one in states.items() if one["registered"]}
    latest = {}
    for row in sorted(found, key=lambda r: (r.get("time") or 0, is_registered(r))):
        latest[row["name"]] = row
    return {name: {"node": row.get("node") or "", "time": row.get("time")} for name, row in latest.items() if is_registered(row)}


class Baseline:
    """The phones that were registered before the first restart, kept in the workspace until the last one is through.

    An interrupted run left some of them without a server; taken anew, the baseline would accept that.
    """

    def __init__(self, workspace, cluster):
        self.path = Path(workspace) / cluster / "registrations.json" if workspace else None

    def load(self, now):
        """The names on file, None where there is no file, it is older than a day by now (device epoch), or it cannot be read."""
        try:
            data = json.loads(self.path.read_text(encoding="utf-8")) if self.path else {}
            return set(data["registered"]) if 0 <= now - data["taken"] < SHELF_LIFE else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, names, now):
        """Keep the names; now: device epoch."""
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_json(self.path, {"taken": int(now), "registered": sorted(names)})

    def drop(self):
        """The restarts are through: forget."""
        if self.path and self.path.exists():
            os.unlink(self.path)


def back(publisher, baseline, pauses=None):
    """One look for a wait: raises Waiting while fewer phones are registered than the baseline has. Returns those of now."""
    now = registered(publisher, pauses)
    if len(now) < len(baseline):
        missing = sorted(baseline - set(now))
        names = ", ".join(missing[:5]) + (" and %d more" % (len(missing) - 5) if len(missing) > 5 else "")
        raise Waiting("%d of %d phones are registered; not back yet: %s" % (len(now), len(baseline), names))
    return now
