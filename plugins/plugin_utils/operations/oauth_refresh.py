# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The enterprise parameter "OAuth with Refresh Login Flow", a precondition of SIP OAuth mode whose internal name is published nowhere."""

from __future__ import annotations

from ..resources.parameters import ENTERPRISE
from ..resources.parameters import candidates
from ..resources.parameters import list_request
from ..resources.parameters import matching
from ..resources.parameters import read_all

LABEL = "OAuth with Refresh Login Flow"
VARIABLE = "collab_oauth_refresh_parameter"


def against(publisher, spec):
    """What stands against SIP OAuth mode, as (reason, what to do), or None where the parameter is proven to be enabled.

    spec: {name, confirmed, stored_value} of the inventory, or None. Never decides by a name that nobody confirmed: the cluster's own
    parameters are searched for candidates, and those are shown (axl.md 4).
    """
    operation, arguments = list_request(ENTERPRISE)
    there = read_all(publisher.ask("axl", "call", operation=operation, arguments=arguments))
    spec = spec or {}
    name, stored = spec.get("name"), spec.get("stored_value")
    if not (name and spec.get("confirmed") and stored is not None):
        found = candidates(LABEL, there)
        shown = ", ".join("%s (now: %s)" % (n, there[n]["value"] or "empty") for n in found) or "none found"
        return ("whether '%s' is enabled cannot be read: its internal name is not confirmed. Candidates on this cluster: %s" % (LABEL, shown), [
            "Enable '%s' under System > Enterprise Parameters." % LABEL,
            "Find out which of the candidates it is (its value changes with the page), then set %s: {name: ..., confirmed: true, stored_value: ...} "
            "with the value that is stored while the page shows Enabled." % VARIABLE])
    actual = next((row for n, row in there.items() if n.lower() == name.lower()), None)
    if actual is None:
        return ("%s names the parameter %s, which this cluster does not have" % (VARIABLE, name), [
            "Correct the name in %s. Candidates on this cluster: %s." % (VARIABLE, ", ".join(candidates(LABEL, there)) or "none found")])
    if not matching(actual["value"], stored):
        return ("'%s' is not enabled (%s is %s, not %s)" % (LABEL, name, actual["value"] or "empty", stored), [
            "Enable it under System > Enterprise Parameters, or with the module enterprise_parameter."])
    return None
