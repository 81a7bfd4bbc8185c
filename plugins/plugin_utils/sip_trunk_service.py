# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether SIP trunks are in service again after a reset, by what the nodes themselves say (RIS)."""
from __future__ import annotations

from .errors import NodeError


class Service:
    """Baseline before the change, wait after it.

    RIS knows a trunk's state only where its SIP profile has OPTIONS ping; a trunk that was not Registered before is not
    waited for, since "Unknown" is its normal state then.
    """

    def __init__(self, action, names, timeout, check):
        self.action, self.names, self.timeout = action, names, timeout
        self.before = self._registered() if names and not check else set()

    def _registered(self):
        """{(trunk, node)} that are Registered; empty, with a warning, where the node does not say."""
        try:
            rows = self.action.publisher.ask("serviceability", "devices", names=list(self.names), device_class="SIPTrunk")
        except NodeError as e:
            if e.kind != "refused":
                raise
            self.action.warn("whether the trunks are in service cannot be read: %s" % e)
            return set()
        return {(row["name"], row["node"]) for row in rows if row["status"] == "Registered"}

    def wait(self):
        """Waits until each trunk is Registered again wherever it was; fails in the end with the names of those that are not."""
        if not self.before:
            return
        names = sorted({name for name, node in self.before})
        self.action.poll("SIP trunks %s to be in service again as before the reset (if they stay down: look at the far end's log for the TLS handshake; "
                         "the profile before is in this task's 'before')" % ", ".join(names), lambda: self.before <= self._registered(), self.timeout)
