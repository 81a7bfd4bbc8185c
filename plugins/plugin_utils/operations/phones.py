# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reset of phones that a changed CTL file owes: phones fetch it when they start (guide, Enable Mixed Mode; vos.md 2).

Phones are reset one by one (resetPhone), a device pool at a time. resetDevicePool would be one request, but it resets trunks and
gateways of the pool as well, which nobody has granted.
"""

from __future__ import annotations

import json

from ..errors import NodeError
from ..files import write_json
from ..owed import PHONES
from ..owed import Owed
from ..pki.restarts import CALLMANAGER
from ..pki.restarts import TFTP
from ..resources.objects import rows
from ..resources.objects import text
from . import registrations
from . import services as services_
from .waiting import Waiting

PAGE = 500
STEP = "mixed-restart"
NOT_FOUND = "was not found"     # AXL 5007: the phone was deleted meanwhile


class ResetDone:
    """The phones that an interrupted reset has done, {name: epoch by the publisher's clock}: phones.json beside the debts.

    Written after each phone, so that a killed run is gone on with: it repeats the one that was under way at most, and forgets none. since: when the
    debt was made; what was reset for an older one does not count.
    """

    def __init__(self, workspace, cluster, since):
        self.path, self.since = workspace / cluster / "phones.json", since
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError):
            found = {}
        self.phones = found["phones"] if found.get("since") == since else {}

    def add(self, name, when):
        """This phone was reset."""
        self.phones[name] = when
        write_json(self.path, {"since": self.since, "phones": self.phones})

    def forget(self):
        """All is done."""
        self.path.unlink(missing_ok=True)


class PhoneReset:
    """The owed reset of one cluster's phones in one task. action: DeviceAction; pauses: waiting.Pauses; timeout: seconds a device pool."""

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
        registered = registrations.registered(self.publisher)
        pools = self.pools(set(registered))
        self.report.add(device_pools={pool: len(names) for pool, names in pools.items()})
        already = ResetDone(self.action.workspace, self.action.cluster, max(d["since"] for d in debts))
        baseline = set(registered) | set(already.phones)
        for i, (pool, names) in enumerate(pools.items()):
            left = [name for name in names if name not in already.phones]
            if left:
                self.report.impact(node=self.publisher.name, kind="phone_reset", what="%d phones of device pool %s" % (len(left), pool))
            if check:
                self.report.operation(node=self.publisher.name, channel="axl", operation="resetPhone", object=pool, names=left)
                continue
            since = services_.read(self.publisher, [services_.ANY])[1]
            self.action.say("resetting %d phones of device pool %s (%d of %d)" % (len(left), pool, i + 1, len(pools)))
            for name in left:
                if self.one(name):
                    already.add(name, since)
            done = [name for name in left if name in already.phones]
            if left:
                self.report.operation(node=self.publisher.name, channel="axl", operation="resetPhone", object=pool, names=done)
            baseline -= set(left) - set(done)
            self.wait(baseline, {name: already.phones[name] for name in names if name in already.phones}, pool, list(pools)[i + 1:])
        if not check:
            for debt in debts:
                self.owed.settle(PHONES, debt["node"], started=debt["since"] + 1)
            already.forget()

    def pools(self, registered):
        """{device pool: [registered phones]} by name, from listPhone, page by page."""
        found, seen, skip = {}, set(), 0
        while True:
            page = rows(self.publisher.ask("axl", "call", operation="listPhone", arguments={
                "searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "devicePoolName": ""}, "skip": skip, "first": PAGE}), "phone")
            names = [text(row.get("name")) for row in page]
            if not names or names[0] in seen:               # some servers ignore paging: a page that begins again is the last
                break
            seen.update(names)
            for row in page:
                if text(row.get("name")) in registered:
                    found.setdefault(text(row.get("devicePoolName")), []).append(text(row.get("name")))
            if len(page) < PAGE:
                break
            skip += PAGE
        return {pool: sorted(found[pool]) for pool in sorted(found)}

    def one(self, name):
        """Reset one phone. False when it exists no more. A lost answer is no harm: a reset may be sent twice, it is not a setting."""
        try:
            self.publisher.ask("axl", "call", operation="resetPhone", arguments={"name": name})
        except NodeError as e:
            if e.kind == "refused" and NOT_FOUND in str(e):
                return False
            if e.kind != "lost":
                raise
            self.publisher.ask("axl", "call", operation="resetPhone", arguments={"name": name})
        return True

    def wait(self, baseline, reset, pool, left):
        """Until as many phones are registered as before, and those that were reset ({name: epoch}) anew since then.

        Where RIS tells no times, two looks in a row have to find them all, for a reset takes a moment to show.
        """
        looks = []

        def look():
            now = registrations.back(self.publisher, baseline)
            old = [name for name in reset if name in now and now[name]["time"] is not None and now[name]["time"] < reset[name]]
            if old:
                raise Waiting("%d phones have not registered anew, %s among them" % (len(old), old[0]))
            looks.append(True)
            if len(looks) < 2 and any(row["time"] is None for row in now.values()):
                raise Waiting("all phones are registered, but the reset may not have shown yet")

        self.pauses.until(look, self.timeout, lambda missing: (
            "%d phones of device pool %s were reset, but not all came back within %d s: %s. In mixed mode 'show ctl' must name the installed CallManager "
            "certificate. %sThe reset stays on record: run again." % (
                len(reset), pool, self.timeout, missing, "Not reset yet: device pools %s. " % ", ".join(left) if left else "")))
