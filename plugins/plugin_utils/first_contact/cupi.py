# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is assumed of CUPI, the provisioning API of Unity Connection."""

from __future__ import annotations

from ..resources import unity_connection as cuc
from .assumption import Assumption
from .assumption import Look
from .assumption import NotSeen
from .assumption import answers
from .assumption import refused
from .assumption import wire


def _row(answer, key):
    if not answer.value["rows"]:
        raise NotSeen("there is no port group")
    return all(key in row for row in answer.value["rows"])


def _single(answer):
    if len(answer.value["rows"]) != 1:
        raise NotSeen("the list has not just one object")
    return wire(r"\"PortGroup\"\s*:\s*\{")(answer)


LEADER = (
    Look("cupi", "page", {"path": "portgroups", "element": "PortGroup", "size": 500}, (
        Assumption("cuc-text", "JSON by Accept, with a list's @total; numbers and booleans are written as strings", wire(r"\"@total\"\s*:\s*\"\d+\"")),
        Assumption("cuc-text", "a list of one object comes as that object", _single, answers),
        Assumption("cuc-port-groups", "a port group shows its SIP security profile (%s)" % cuc.PROFILE, lambda a: _row(a, cuc.PROFILE), answers),
        Assumption("cuc-port-group-nge", "a port group has SipEnableNextGenSecurity", lambda a: _row(a, "SipEnableNextGenSecurity"), answers),
    ), "leader"),
    Look("cupi", "page", {"path": "portgroups", "element": "PortGroup", "number": 1000, "size": 100}, (
        Assumption("cuc-query", "a page after the last one is empty", lambda a: a.value["rows"] == [], answers),
    ), "leader"),
    Look("cupi", "page", {"path": "sipsecurityprofiles", "element": "SipSecurityProfile"}, (
        Assumption("cuc-sip-security-profiles", "a profile has Port and DoTLS", lambda a: all({"Port", "DoTLS"} <= set(row) for row in a.value["rows"])),
    ), "leader"),
    Look("cupi", "get", {"path": "portgroups/00000000-0000-0000-0000-000000000000"}, (
        Assumption("cuc-errors", "what is not there is HTTP 404, with errors, code and message in the body",
                   lambda a: refused(404)(a) and wire(r"\"errors\"|<errors>|<ErrorDetails>")(a), refused(), fails=True),
    ), "leader"),
)
