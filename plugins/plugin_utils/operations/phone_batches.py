# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones told of a change (Apply Config or reset) batch by batch, each batch registered again before the next (guide: apply or reset the endpoint).

A batch is phones of one device pool, BATCH at most. resetDevicePool would be one request, but it resets trunks and gateways of the pool as well, which
nobody has granted.
"""

from __future__ import annotations

from ..errors import NodeError
from ..words import many
from ..words import some
from . import services
from .registrations import Ris
from .waiting import Waiting

OPERATIONS = {"apply": "applyPhone", "reset": "resetPhone"}
NOT_FOUND = "was not found"     # AXL 5007: the phone was deleted meanwhile
STEADY = 6                      # looks at which an applied phone that is registered, but not anew, counts as one that needed no restart
SLOWER = 1.5                    # by how much the pause between two looks grows
LONGEST = 6                     # times the first pause


def cut(pools, size):
    """[(device pool, [names])] of {device pool: [names]}: pools by name, none mixed, none of more than `size` phones."""
    return [(pool, names[i:i + size]) for pool, names in sorted(pools.items()) for i in range(0, len(names), size)]


class Batches:
    """One round of telling. action: DeviceAction; ledger: PhoneLedger; how: "apply" or "reset"; timeout: seconds that a batch may take to come back;
    after: called with (pool, told names) once a batch is registered again, to look at more; it may raise Stuck.
    """

    def __init__(self, action, pauses, ledger, how, timeout, after=None):
        self.action, self.report, self.pauses, self.ledger, self.how = action, action.report, pauses, ledger, how
        self.publisher, self.timeout, self.after = action.publisher, timeout, after
        self.ris, self.away, self.date = Ris(self.publisher, pauses), set(), 0

    def run(self, batches, note=""):
        """Tell the phones of the batches, one batch after the other. Raises Stuck with what is left when one does not come back.

        Phones that are not registered are not told: they read their new configuration when they register. note: a sentence for the message of a stop.
        """
        for i, (pool, names) in enumerate(batches):
            left = [pool for pool, _names in batches[i + 1:]]
            resumed = {name: self.ledger.told[name] for name in names if name in self.ledger.told}
            states = self.ris.states(names)
            told, away = dict(resumed), set()
            self.distinct([states[name]["time"] for name in names if name not in resumed and states.get(name, {}).get("registered")])
            self.action.say("%s: batch %d of %d, %s of device pool %s" % (self.how, i + 1, len(batches), many(len(names)), pool))
            for name in names:
                if name in resumed:
                    continue
                if not states.get(name, {}).get("registered"):
                    away.add(name)
                elif self.tell(name):
                    told[name] = states[name]["time"]
                    self.ledger.tell(name, states[name]["time"])
                else:
                    away.add(name)
            self.away |= away
            fresh = [name for name in told if name not in resumed]
            if fresh:
                self.report.operation(node=self.publisher.name, channel="axl", operation=OPERATIONS[self.how], object=pool, names=fresh)
                self.report.impact(node=self.publisher.name, kind="phone_reset", what="%s of device pool %s" % (many(len(fresh)), pool))
            self.wait(pool, told, left, note)
            if self.after is not None:
                self.after(pool, list(told), left)
            self.ledger.through([*told, *away])

    def distinct(self, times):
        """Wait until a registration anew can be told from those of now: RIS gives whole seconds."""
        latest = max((when for when in times if when is not None), default=None)
        if latest is None or latest < self.date:
            return

        def look():
            self.date = services.read(self.publisher, [services.ANY])[1]
            if self.date <= latest:
                raise Waiting("phones have only just registered")

        self.pauses.until(look, self.timeout, lambda why: "%s, after %d s still: is the publisher's clock right?" % (why, self.timeout))

    def foresee(self, batches):
        """Put into the report what run() would do."""
        for pool, names in batches:
            self.report.operation(node=self.publisher.name, channel="axl", operation=OPERATIONS[self.how], object=pool, names=names)
            self.report.impact(node=self.publisher.name, kind="phone_reset", what="%s of device pool %s" % (many(len(names)), pool))

    def tell(self, name):
        """Tell one phone. False when it exists no more. A lost answer is no harm: it may be told twice, this is not a setting."""
        for attempt in (1, 2):
            try:
                self.publisher.ask("axl", "call", operation=OPERATIONS[self.how], arguments={"name": name})
                return True
            except NodeError as e:
                if e.kind == "refused" and NOT_FOUND in str(e):
                    return False
                if e.kind != "lost" or attempt == 2:
                    raise
        return True

    def wait(self, pool, told, left, note):
        """Until those that were told ({name: time of their registration before}) are registered, and anew.

        Where RIS tells no times, two looks in a row have to find them all, for a reset takes a moment to show. An applied phone may need no restart: it
        counts once STEADY looks have found it registered.
        """
        if not told:
            return
        looks = []

        def look():
            states = self.ris.states(list(told))
            missing = sorted(name for name in told if not states.get(name, {}).get("registered"))
            if missing:
                looks.clear()
                raise Waiting("not registered are %d of %d: %s" % (len(missing), len(told), some(missing)))
            looks.append(True)
            old = [name for name, before in told.items() if before is not None and states[name]["time"] == before]
            if old and (self.how == "reset" or len(looks) < STEADY):
                raise Waiting("not registered anew are %d of %d: %s" % (len(old), len(told), some(old)))
            if len(looks) < 2 and any(states[name]["time"] is None for name in told):
                raise Waiting("all phones are registered, but the %s may not have shown yet" % self.how)

        self.pauses.until(look, self.timeout, lambda missing: (
            "Told of their new configuration (%s): %s of device pool %s; but not all came back within %d s: %s. %s%sWhat is left stays on record: run "
            "again." % (self.how, many(len(told)), pool, self.timeout, missing, note, not_yet(left))), SLOWER, LONGEST)


def not_yet(pools):
    """A sentence on the batches that are left ([device pool]), "" where none is."""
    return "Not told yet: %s, of device pools %s. " % (many(len(pools), "batch", "es"), ", ".join(dict.fromkeys(pools))) if pools else ""
