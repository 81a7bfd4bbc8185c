# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switch of X15.4 by which an Expressway-E takes server certificates that are not good for clients (expressway.md 4.4)."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..errors import NodeError
from .certificate_usage import SWITCH
from .cluster import require_primary

ON = "On"


def state(node):
    """The switch on a peer: On, Off, or None where the release does not have it."""
    try:
        return node.ask("expressway_cli", "configuration", path=SWITCH).get(SWITCH)
    except NodeError as e:
        if e.kind != "absent":
            raise
        return None


def switch_on(action, check, timeout=0):
    """Have it On on every peer before any certificate is uploaded: set on the primary, and waited for until the others have it, too."""
    primary = action.publisher
    if state(primary) != ON:
        action.report.finding("server-only-not-taken", "medium", SWITCH, "it is not On, so the product would refuse a certificate without client "
                              "authentication", step="exp-usage", table="7-17")
        action.report.operation(primary.name, "expressway_cli", "xConfiguration", SWITCH, value=ON)
        action.report.before[SWITCH], action.report.after[SWITCH] = "Off", ON
        if not check:
            require_primary(primary)
            primary.ask("expressway_cli", "set", path=SWITCH, value=ON)
    if check:
        return
    lacking = []

    def everywhere():
        lacking[:] = [name for name, found in action.each(action.nodes, state).items() if found != ON]
        return not lacking

    try:
        action.poll("'%s' to be On on every peer" % SWITCH, everywhere, timeout)
    except AnsibleActionFail as e:
        raise AnsibleActionFail("%s; not there yet: %s. Nothing was uploaded; look at the cluster's replication (System > Clustering), then run this again" % (
            e.message, ", ".join(lacking) or "unknown")) from None
