# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate before and after a cluster is changed: what worked before has to work afterwards. Reads only.

Before, a baseline is kept in the workspace; it stays until the gate after the change has been passed, so that the baseline of a run that was killed in
between is not taken from what it had left half done.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..errors import NodeError
from ..files import write_json
from .health import state
from .waiting import Stuck
from .waiting import Waiting

FILE = "gate-%s.json"      # one a host that plays run on: both routers of a pair are one
KEPT = ("services", "zones", "alarms", "phones")       # of a state, what it is compared by


class Gate:
    """One look. action: DeviceAction with a workspace; pauses: waiting.Pauses; least: percentage of the baseline's phones that have to be registered."""

    def __init__(self, action, pauses, least):
        self.action, self.pauses, self.least = action, pauses, least
        self.path = Path(action.workspace) / action.cluster / (FILE % action.where)

    def before(self, check):
        """Keep the baseline, unless an interrupted change has left its own. Raises Stuck where the cluster is in no state to be changed."""
        now = state(self.action)
        if now["problems"]:
            raise Stuck("The gate before %s is shut, nothing was changed: %s" % (self.action.cluster, "; ".join(now["problems"])))
        kept = self.baseline()
        if kept is None and not check:
            write_json(self.path, {name: now[name] for name in KEPT})
        return kept or now

    def after(self, timeout, check):
        """Wait until the cluster is as good as its baseline. Raises Stuck with what is missing after `timeout` seconds."""
        kept = self.baseline()
        if kept is None:
            raise Stuck("there is no baseline of %s: the gate has to be passed before the change, too (%s is not there)" % (self.action.cluster, self.path))

        def look():
            missing = self.missing(kept, state(self.action))
            if missing:
                raise Waiting("; ".join(missing))

        self.pauses.until(look, timeout, lambda missing: (
            "The gate after %s is shut: %s. No later wave is begun. Put it right and run the rollout again: it goes on with this wave"
            % (self.action.cluster, missing)))
        if not check:
            os.unlink(self.path)
        return kept

    def missing(self, kept, now):
        """Sentences: what the baseline has and the cluster now lacks."""
        out = list(now["problems"])
        for node, gone in lost(kept["services"], now["services"]):
            out.append("%s no longer run%s on %s" % (", ".join(gone), "s" if len(gone) == 1 else "", node))
        for node, gone in lost(kept["zones"], now["zones"]):
            out.append("%s %s no longer Active on %s" % (", ".join(gone), "is" if len(gone) == 1 else "are", node))
        for node, new in lost(now["alarms"], kept["alarms"]):
            out.append("%s has raised an alarm: %s" % (node, "; ".join(new)))
        phones = set(kept["phones"] or ())
        back = phones & set(now["phones"] or ())
        if len(back) * 100 < len(phones) * self.least:
            away = sorted(phones - back)
            out.append("%d of %d phones are registered, fewer than %d %%; missing: %s%s" % (
                len(back), len(phones), self.least, ", ".join(away[:5]), " and %d more" % (len(away) - 5) if len(away) > 5 else ""))
        return out

    def baseline(self):
        """What was kept before the change, or None."""
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as e:
            raise NodeError("refused", "%s cannot be read: %s. Remove it where no change is under way" % (self.path, e)) from None


def lost(before, now):
    """[(node, [names])] of what `before` has and `now` has not; both {node: [names]}."""
    gone = [(node, sorted(set(names) - set(now.get(node, ())))) for node, names in before.items()]
    return [(node, names) for node, names in gone if names]
