# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Password and PIN policies against limits: credential policies of Unified CM, authentication rules of Unity Connection. Reads only.

Both products count alike: failed logons before a lockout (0: never locked), minutes of a lockout (0: until an administrator unlocks), shortest length,
former credentials remembered, and whether trivial ones are refused.
"""
from __future__ import annotations

from ..asking import axl
from ..errors import NodeError
from ..resources.objects import boolean
from ..resources.objects import rows
from ..resources.objects import text
from ..resources.unity_connection import value
from ..unity_connection.reading import all_rows

STEP = "credential-policy"
# what is judged -> (element of Unified CM, field of Unity Connection)
ELEMENTS = {"failed_logons": ("failedLogon", "MaxHacks"), "lockout_minutes": ("lockoutDuration", "LockoutDuration"),
            "minimum_length": ("minCredLength", "MinLength"), "history": ("prevCredStoredNum", "PrevCredCount"),
            "refuse_trivial": ("trivialCredCheck", "TrivialCredChecking")}
WORDS = {"failed_logons": "failed logons before a lockout", "lockout_minutes": "minutes of a lockout", "minimum_length": "shortest length",
         "history": "former credentials remembered", "refuse_trivial": "refusal of trivial credentials"}


def judge(kind, found, limit):
    """Why a value does not hold against its limit, None where it does. found: text of the product."""
    if kind == "refuse_trivial":
        return None if boolean(found) or not limit else "is off"
    if not found.lstrip("-").isdigit():
        return "could not be read (%r)" % found
    number = int(found)
    if kind == "failed_logons":
        return "are not limited" if number == 0 else "are %d, more than %d" % (number, limit) if number > limit else None
    if kind == "lockout_minutes":
        return None if number == 0 or number >= limit else "are %d, fewer than %d" % (number, limit)
    return None if number >= limit else "is %d, less than %d" % (number, limit)


class Credentials:
    """One run of the module. action: DeviceAction; args: the limits and exclude; product: of the cluster."""

    def __init__(self, action, args, product):
        self.action, self.args, self.report, self.product = action, args, action.report, product

    def run(self):
        """Judge every policy; none at all is a finding, and so is what cannot be read."""
        try:
            policies = self.unity() if self.product == "unity_connection" else self.unified_cm()
        except NodeError as e:
            if e.kind != "refused":
                raise
            policies, why = {}, str(e)
        else:
            why = "the cluster lists no policy at all"
        if not policies:
            self.report.finding("credential-policies-unreadable", "medium", self.action.cluster, "nothing is said about password and PIN policies: %s" % why,
                                step=STEP)
        for name, values in sorted(policies.items()):
            for kind, found in values.items() if name not in self.args["exclude"] else ():
                wrong = judge(kind, found, self.args[kind])
                if wrong:
                    self.report.finding("credential-policy", "medium", name, "%s: %s %s" % (name, WORDS[kind], wrong), step=STEP, before=found,
                                        after=str(self.args[kind]))
        self.report.add(policies=policies)

    def unified_cm(self):
        """{credential policy: {what: value}}."""
        request = ("listCredentialPolicy", {"searchCriteria": {"name": "%"}, "returnedTags": {
            "name": "", **{element: "" for element, _field in ELEMENTS.values()}}})
        return {text(row.get("name")): {kind: text(row.get(element)) for kind, (element, _field) in ELEMENTS.items()}
                for row in rows(axl(self.action.publisher, request), "credentialPolicy")}

    def unity(self):
        """{authentication rule: {what: value}}."""
        return {value(row, "DisplayName"): {kind: value(row, field) for kind, (_element, field) in ELEMENTS.items()}
                for row in all_rows(self.action.publisher, "authenticationrules", "AuthenticationRule")}
