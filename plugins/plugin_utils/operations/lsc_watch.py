# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the phones of a batch got the LSCs that were asked for: looked at once the batch is registered again."""

from __future__ import annotations

from ..resources import phones as phones_
from ..words import some
from . import bulk
from .phone_batches import LONGEST
from .phone_batches import SLOWER
from .phone_batches import not_yet
from .waiting import Stuck
from .waiting import Waiting

ENOUGH = 5              # requests of one batch that say something about CAPF when not one of them was answered with an LSC


class LscWatch:
    """asked: {name: Change} of the phones that were to get an LSC by themselves (not those where somebody types a string).

    came: {name: (valid until, issuer)}; failed: CAPF said no; standing: still under way when the time was over.
    """

    def __init__(self, publisher, pauses, aim, timeout):
        self.publisher, self.pauses, self.aim, self.timeout = publisher, pauses, aim, timeout
        self.asked, self.came, self.failed, self.standing = {}, {}, [], []

    def look(self, pool, told, left):
        """Wait for the LSCs of one batch. Raises Stuck where CAPF gives none at all, or LSCs of another issuer than is expected."""
        asked = [name for name in told if name in self.asked]
        if not asked:
            return
        seen = {}

        def check():
            seen.update(bulk.lscs(self.publisher, asked))
            waiting = [name for name in asked if seen.get(name, (0, "", False))[2]]
            if waiting:
                raise Waiting(some(waiting))

        try:
            self.pauses.until(check, self.timeout, str, SLOWER, LONGEST)
        except Stuck:
            pass                                    # what is still under way is told below; the phones themselves are registered
        fresh = [name for name in asked if self.fresh(name, seen)]
        self.came.update({name: seen[name][:2] for name in fresh})
        self.standing += [name for name in asked if name not in fresh and name in seen and seen[name][2]]
        self.failed += [name for name in asked if name not in fresh and (name not in seen or not seen[name][2])]
        self.judge(pool, asked, fresh, seen, left)

    def fresh(self, name, seen):
        """Whether the LSC is another than before."""
        until, issuer, _standing = seen.get(name, (0, "", False))
        before = self.asked[name].phone
        return until > self.aim.now and (until, issuer) != (before.lsc_until, before.lsc_issuer)

    def judge(self, pool, asked, fresh, seen, left):
        """Stop before the next batch where going on makes no sense."""
        others = sorted({seen[name][1] for name in fresh if self.aim.issuers and seen[name][1]
                         and phones_.common_name(seen[name][1]) not in self.aim.issuers})
        rest = " " + not_yet(left)
        if others:
            raise Stuck("the LSCs that phones of device pool %s have just got are issued by %s, and %s is expected. If that is the right CA, name it in "
                        "lsc_issuers; otherwise look at the CAPF parameters and restart CAPF.%s" % (
                            pool, ", ".join(others), ", ".join(sorted(self.aim.issuers)), rest))
        if len(asked) >= ENOUGH and not fresh:
            raise Stuck("not one of %d phones of device pool %s got its LSC: %s. They are registered again. Look at their Certificate Operation Status, at "
                        "CAPF on the publisher, and at the MIC roots in CAPF-trust; then run again.%s" % (len(asked), pool, some(asked), rest))
