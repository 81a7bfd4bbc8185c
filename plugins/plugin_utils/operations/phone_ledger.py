# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which phones still have to be told of a change, kept in the workspace so that a killed run is gone on with.

One line of JSON is appended for each event and is on disk before the next step, so that ten thousand phones cost ten thousand short lines, not ten
thousand files. A line that a kill has cut short is as if it had never been written.

    {"since": 1795464000}                 what follows is about the debt of then
    {"owes": ["SEP...", ...]}             these have to be told; written down before they are changed
    {"told": "SEP...", "before": 179...}  this one was applied or reset; before: the time of its registration until then, or null
    {"through": ["SEP...", ...]}          these are registered again, or need not be told any more
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..owed import OwedError


class PhoneLedger:
    """The events of one kind of debt. owes: {name: None} in order; told: {name: time of its registration before, or None}; since: of the debt, or None."""

    def __init__(self, workspace, cluster, kind):
        self.path = Path(workspace) / cluster / ("phones-%s.jsonl" % kind) if workspace else None
        self.since, self.owes, self.told, self.done = None, {}, {}, set()
        try:
            text = self.path.read_text(encoding="utf-8") if self.path else ""
        except FileNotFoundError:
            text = ""
        self.whole = text == "" or text.endswith("\n")
        for line in text.splitlines():
            try:
                self._take(json.loads(line))
            except ValueError:
                continue

    def begin(self, since):
        """What is on file about an older debt does not count."""
        if self.since != since:
            self.forget()
            self._add({"since": since})

    def owe(self, names):
        """These have to be told: write it down before they are changed."""
        fresh = [name for name in names if name not in self.owes or name in self.told]
        if fresh:
            self._add({"owes": fresh})

    def tell(self, name, before):
        """This one was told."""
        self._add({"told": name, "before": before})

    def through(self, names):
        """These are registered again, or need nothing any more."""
        names = [name for name in names if name in self.owes or name in self.told]
        if names:
            self._add({"through": names})
        if not self.owes and not self.told and self.since is None:
            self.forget()

    def forget(self):
        """All is done."""
        self.since, self.owes, self.told, self.done, self.whole = None, {}, {}, set(), True
        if self.path:
            self.path.unlink(missing_ok=True)

    def _take(self, event):
        if "since" in event:
            self.since = event["since"]
        for name in event.get("owes", ()):
            self.owes[name] = None
            self.told.pop(name, None)
            self.done.discard(name)
        if "told" in event:
            self.told[event["told"]] = event.get("before")
            self.owes.pop(event["told"], None)
        for name in event.get("through", ()):
            self.owes.pop(name, None)
            self.told.pop(name, None)
            self.done.add(name)

    def _add(self, event):
        if self.path is None:
            raise OwedError("collab_workspace is not set: without it, phones that have to be told of a change would be forgotten if the run were "
                            "interrupted. Set it to a directory on the control node that is kept between runs.")
        self._take(event)
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            line = json.dumps(event) + "\n"
            os.write(handle, (line if self.whole else "\n" + line).encode())
            os.fsync(handle)
            self.whole = True
        finally:
            os.close(handle)
