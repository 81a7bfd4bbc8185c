# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SIP security profile of the guide: port 5061 with TLS. Made where it is missing; none is ever changed, since others may use it."""
from __future__ import annotations

from ..reconcile import Step
from ..reconcile import reconcile
from ..resources.objects import boolean
from ..resources.unity_connection import number
from ..resources.unity_connection import secure_profile
from ..resources.unity_connection import value
from . import reading

STEP = "cuc-sip-profile"


def ensure(action, port, check):
    """Have a profile with this port and TLS; reports it."""
    node, name = action.publisher, "%d/TLS" % port

    def plan(profiles):
        if secure_profile(profiles, port):
            return []
        plain = [value(row, "DisplayName") for row in profiles if number(row, "Port") == port and not boolean(value(row, "DoTLS"))]
        message = "there is no SIP security profile with port %d and TLS%s" % (port, "; '%s' has the port without TLS" % plain[0] if plain else "")
        body = {"Port": str(port), "DoTLS": "true"}
        return [Step(description={"node": node.name, "channel": "cupi", "operation": "POST sipsecurityprofiles", "object": name, **body},
                     apply=lambda: node.ask("cupi", "create", path="sipsecurityprofiles", body=body), after=body,
                     finding={"id": "cuc-sip-security-profile", "severity": "medium", "object": name, "message": message, "step": STEP, "after": body})]

    profiles = reconcile(action.report, check, lambda: reading.profiles(node), plan)
    found = secure_profile(profiles, port)
    action.report.add(profile={"name": value(found, "DisplayName") or name, "id": value(found, "ObjectId")} if found else None)
