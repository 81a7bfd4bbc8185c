# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reset of phones that a changed CTL file owes: phones fetch it when they start (guide, Enable Mixed Mode; vos.md 2)."""

from __future__ import annotations

from ..owed import PHONES
from ..owed import Owed
from ..pki.restarts import CALLMANAGER
from ..pki.restarts import TFTP
from . import bulk
from . import registrations
from .phone_batches import Batches
from .phone_batches import cut
from .phone_ledger import PhoneLedger

BATCH = 500             # phones at most that are reset at a time
STEP = "mixed-restart"
HINT = ("In mixed mode 'show ctl' must name the installed CallManager certificate. A phone that is gone for good has to be deleted from Unified CM before "
        "the next run. ")


class PhoneReset:
    """The owed reset of one cluster's phones in one task. action: DeviceAction; pauses: waiting.Pauses; timeout: seconds a batch of one device pool."""

    def __init__(self, action, pauses, timeout):
        self.action, self.report, self.pauses, self.timeout = action, action.report, pauses, timeout
        self.publisher = action.publisher
        self.owed = Owed(action.workspace, action.cluster)

    def run(self, granted, check):
        """Reset all registered phones if that is owed and granted. Raises Stuck when those of a pool do not come back."""
        debts = self.owed.items(PHONES)
        self.report.add(owed=bool(debts), device_pools={})
        if not debts:
            return
        reason = "; ".join(dict.fromkeys(d["reason"] for d in debts))
        self.report.finding(id="phones-owe-reset", severity="medium", object="all phones", step=STEP,
                            message="phones must be reset to fetch what was changed: %s" % reason)
        first = [e for e in self.owed.items() if e["what"] in (TFTP, CALLMANAGER)]
        if first and not check:
            self.report.pending(id="phones-wait-for-restarts", object="all phones", step=STEP, reason=(
                "services still owe a restart (%s); phones that were reset now would fetch the old files"
                % ", ".join("%s on %s" % (e["what"], e["node"]) for e in first)), what_to_do=[
                "Grant the restarts (collab_disruption: services); then run again."])
        elif not granted:
            self.report.pending(id="phone-reset-not-granted", object="all phones", step=STEP, reason="%s, and this run may not disturb phones" % reason,
                                what_to_do=["Add 'phones' to collab_disruption for a run inside a maintenance window."])
        else:
            self.reset(debts, check)

    def reset(self, debts, check):
        """Batch by batch; those that an interrupted run has done, for this debt, are not reset again."""
        ledger = PhoneLedger(self.action.workspace, self.action.cluster, "reset")
        since = max(d["since"] for d in debts)
        done = ledger.done if ledger.since == since else set()
        told = set(ledger.told) if ledger.since == since else set()
        pools = self.pools((set(registrations.registered(self.publisher, self.pauses)) - done) | told)
        self.report.add(device_pools={pool: len(names) for pool, names in pools.items()})
        work = Batches(self.action, self.pauses, ledger, "reset", self.timeout)
        batches = cut(pools, BATCH)
        if check:
            work.foresee(batches)
            return
        ledger.begin(since)
        ledger.owe([name for names in pools.values() for name in names if name not in ledger.told])
        work.run(batches, HINT)
        for debt in debts:
            self.owed.settle(PHONES, debt["node"], started=debt["since"] + 1)
        ledger.forget()

    def pools(self, names):
        """{device pool: [those of the names that still exist]}, both by name."""
        found = {}
        for row in bulk.read(self.publisher, ("name", "devicePoolName")):
            if row["name"] in names:
                found.setdefault(row.get("devicePoolName") or "", []).append(row["name"])
        return {pool: sorted(found[pool]) for pool in sorted(found)}
