# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones written one after the other, paced by the answers (axl.md 5: 503 while too many change notifications are outstanding)."""

from __future__ import annotations

from ..errors import NodeError
from ..resources import phones as phones_
from ..words import many
from ..words import some
from .phone_batches import NOT_FOUND
from .waiting import Stuck

PATIENCE = 900          # seconds without a single write that the cluster takes
LONGEST = 24            # times the pause of two looks: how long it is left alone at most
FEW = 10                # writes after a pause that show that it was too short
ROW = 10                # refusals in a row that are no single phone's matter
TOLD_EVERY = 100        # phones
FINISH = "upgradeFinishTime"


class Writer:
    """The writes of one task. action: DeviceAction; finish: phones.Finish; written: names in order; refused: {name: what AXL said}; gone: names that
    exist no more.
    """

    def __init__(self, action, pauses, finish):
        self.action, self.publisher, self.pauses, self.finish = action, action.publisher, pauses, finish
        self.written, self.refused, self.gone = [], {}, []
        self.pause, self.burst, self.said = 1, None, None       # of the waits for a cluster that takes no writes, see hold()

    def write(self, changes):
        """Write each change once. A phone that AXL refuses is noted and the others go on; raises Stuck when that is not about single phones."""
        in_a_row = 0
        for number, change in enumerate(changes, 1):
            name = change.phone.name
            try:
                self.request(name, dict(change.elements))
                self.written.append(name)
                in_a_row = 0
            except NodeError as e:
                if e.kind != "refused" or (e.detail or {}).get("sent") is False:
                    raise
                if NOT_FOUND in str(e):
                    self.gone.append(name)
                    continue
                self.refused[name] = (e.detail or {}).get("text") or str(e)
                in_a_row += 1
                if in_a_row == ROW and len(changes) > ROW:
                    raise Stuck("AXL has refused %d phones in a row (%s: %s); %d of %d have been written. What is left stays as it is: mend the "
                                "cause, run again." % (ROW, name, self.refused[name], len(self.written), len(changes))) from None
            if number % TOLD_EVERY == 0 and number < len(changes):
                self.action.say("%d of %d phones written" % (number, len(changes)))

    def request(self, name, elements):
        """Write one phone. The first Operation Completes By of a run shows in which form the cluster takes it (no source says so)."""
        if FINISH not in elements:
            self.one(name, elements)
            return
        forms, first = self.finish.forms(), None
        for form in forms:
            self.finish.form = form
            elements[FINISH] = self.finish.text()
            try:
                self.one(name, elements)
                break
            except NodeError as e:
                first = first or e
                if e.kind != "refused" or NOT_FOUND in str(e):
                    raise
        else:                               # refused in every form: it is not about the form
            self.finish.form = forms[0]
            raise first
        if not self.finish.proven:
            shown = self.shown(name, [FINISH]).get(FINISH) or ""
            if phones_.finish_epoch(shown) != phones_.finish_epoch(elements[FINISH]):
                raise Stuck("%s was given '%s' as Operation Completes By (upgradeFinishTime), and shows '%s'. In which form this cluster takes it is not "
                            "known. Set it for one phone on its page in Unified CM Administration, then run again: its form is used from then on." % (
                                name, elements[FINISH], shown))
            self.finish.learn([shown])

    def one(self, name, elements):
        """Write one phone, waiting as long as the cluster takes no writes. An answer that is lost is read back; only what is not there is sent again."""
        since, lost = self.pauses.clock(), False
        while True:
            try:
                operation, arguments = phones_.update_request(name, elements)
                self.publisher.once("axl", "call", operation=operation, arguments=arguments)
                self.burst = None if self.burst is None else self.burst + 1
                return
            except NodeError as e:
                if e.kind == "busy":
                    self.hold(since)
                    continue
                if e.kind != "lost" or lost:
                    raise
                lost = True
                if self.is_there(name, elements):
                    return

    def hold(self, since):
        """The cluster takes no writes now: leave it alone for a while, longer where the last pause has brought few writes, and shorter where many."""
        if self.burst is not None:
            self.pause = min(self.pause * 2, LONGEST) if self.burst < FEW else max(self.pause / 2, 1)
        self.burst = 0
        if self.pauses.clock() - since > PATIENCE:
            raise Stuck("The cluster has taken no write for %d minutes (HTTP 503: too many change notifications are outstanding); %d phones have been "
                        "written%s. Look at the load of the publisher; then run again, and the rest is done." % (
                            PATIENCE // 60, len(self.written), ", the last is %s" % self.written[-1] if self.written else ""))
        if self.said is None or len(self.written) >= self.said + TOLD_EVERY:
            self.said = len(self.written)
            self.action.say("the cluster takes no writes now (HTTP 503); %d phones written, going on when it does" % self.said)
        self.pauses.sleep(self.pauses.seconds * self.pause)

    def is_there(self, name, elements):
        """Whether a phone has what was sent, as far as it can be read."""
        tags = [tag for tag in elements if tag != "authenticationString"]
        shown = self.shown(name, tags)
        return bool(shown) and all(shown.get(tag) == elements[tag] for tag in tags)

    def shown(self, name, tags):
        """{tag: text} of one phone now."""
        operation, arguments = phones_.list_request(["name", *tags], name=name)
        found = phones_.xml_rows(self.publisher.ask("axl", "raw", operation=operation, arguments=arguments), "phone")
        return next((row for row in found if row.get("name") == name), {})

    def summary(self):
        """The refused phones in one sentence, "" where none was."""
        if not self.refused:
            return ""
        reasons = {}
        for name, said in self.refused.items():
            reasons.setdefault(said, []).append(name)
        return "; ".join("AXL refuses %s (%s): %s" % (many(len(names)), some(names), said) for said, names in sorted(reasons.items()))
