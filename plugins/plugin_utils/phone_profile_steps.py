# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the phone security profile module plans, reports and writes, from the tables of resources/phone_security_profile.py.

A phone takes up a changed profile when it is told of it. So the phones of a profile are written down as owing that before the profile is changed
(operations/phone_ledger.py); the module phone_security tells them, in batches.
"""
from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from .asking import axl
from .operations import bulk
from .reconcile import Step
from .resources import phone_security_profile as psp
from .words import many


class NoUniversalProfile(Exception):
    """The cluster does not list the built-in profile that type and protocol are copied from."""


@dataclass
class Plan:
    """One profile: its row of the table, what is there, what has to be there, and what differs."""

    name: str
    spec: dict
    actual: dict | None
    wanted: dict
    differences: list = field(default_factory=list)     # what an update can change
    stuck: list = field(default_factory=list)           # what it cannot: type and protocol


def read_profiles(node):
    """All phone security profiles of the cluster, by name."""
    return psp.PROFILE.read_all(axl(node, psp.PROFILE.list_request()))


def plan_profiles(profiles, specs):
    """[Plan] for the wanted profiles. Raises NoUniversalProfile where type and protocol cannot be known."""
    built_in = profiles.get(psp.BUILT_IN) or next((found for name, found in sorted(profiles.items()) if found["phoneType"] == psp.UNIVERSAL), None)
    if built_in is None:
        raise NoUniversalProfile("the cluster lists no phone security profile of the type '%s' (such as the built-in '%s'), so the protocol that "
                                 "such a profile needs is not known. Nothing was written: look at System > Security > Phone Security Profile, and whether the "
                                 "application user may read it." % (psp.UNIVERSAL, psp.BUILT_IN))
    plans = []
    for spec in specs:
        plan = Plan(spec["name"], spec, profiles.get(spec["name"]), psp.wanted_profile(spec, built_in))
        if plan.actual is not None:
            for element, before, after in psp.PROFILE.differences(plan.actual, plan.wanted):
                if element in psp.PROFILE.add_only:
                    plan.stuck.append((element, before, after))
                elif not psp.acceptable(element, before, after):
                    plan.differences.append((element, before, after))
        if plan.stuck:
            plan.differences = []               # another kind of profile that happens to bear the name: not ours to change
        plans.append(plan)
    return plans


def profile_findings(report, plans):
    """Every difference of every profile."""
    for plan in plans:
        row = psp.row_step(plan.spec)
        if plan.actual is None:
            report.finding("phone-security-profile-missing", "medium", plan.name, "the phone security profile does not exist", step=row, table=psp.TABLE,
                           before=None, after=plan.wanted)
        for element, before, after in plan.differences:
            report.finding("phone-security-profile", "high" if element in psp.HIGH else "medium", plan.name, "%s is %r and has to be %r" % (
                element, before, after), step=psp.COMMON_STEPS.get(element, row), table=psp.TABLE, before=before, after=after)
        for element, before, after in plan.stuck:
            report.finding("phone-security-profile-type", "high", plan.name, "%s is %r and has to be %r; it cannot be changed once a profile exists" % (
                element, before, after), step="psp-type-udt", table=psp.TABLE, before=before, after=after)
        if plan.stuck:
            report.pending("phone-security-profile-type", plan.name, "a profile of this name exists with another type or protocol, which cannot be changed",
                           ["Rename or remove that profile, or choose another name for this one."], step="psp-type-udt")
        if not psp.is_fqdn(plan.name) and not plan.spec.get("oauth"):
            report.finding("phone-security-profile-name", "low", plan.name, "the name is not in FQDN form: endpoints that use this profile cannot come in over "
                           "mobile and remote access", step="psp-fqdn-name")


def profile_steps(node, plans, ledger, users):
    """The writes for profiles that are missing or differ. ledger: PhoneLedger; `users` {profile: [phone]} is filled for those that are changed."""
    steps = []
    for plan in plans:
        impact = []
        if plan.actual is None:
            operation, arguments = psp.PROFILE.add_request(plan.name, plan.wanted)
            before, shown = None, plan.wanted
        elif plan.differences:
            shown = {element: after for element, was, after in plan.differences}
            operation, arguments = psp.PROFILE.update_request(plan.name, shown)
            before = {element: was for element, was, after in plan.differences}
            if plan.name not in users:
                users[plan.name] = phones_of(node, plan.name)
            if users[plan.name]:
                impact = [{"node": node.name, "kind": "phone_reset", "what": "%s of %s" % (many(len(users[plan.name])), plan.name)}]
        else:
            continue
        steps.append(Step(description={"node": node.name, "channel": "axl", "operation": operation, "object": plan.name, **shown},
                          apply=_write(node, (operation, arguments), ledger, users.get(plan.name)),
                          before=before, after=shown, impact=impact))
    return steps


def _write(node, request, ledger, phones):
    def apply():
        if phones:
            ledger.owe(phones)
        axl(node, request)
    return apply


def phones_of(node, profile):
    """Names of the phones that use a profile."""
    return sorted(row["name"] for row in bulk.read(node, ("name",), securityProfileName=profile))
