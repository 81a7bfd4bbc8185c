# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both trunk modules report and write, from the plans of resources/trunk_plan.py.

A trunk takes up a new profile, port or subject only when it is reset. So the reset is written down as owed before the write that
needs it (`reset:trunk:NAME` in the cluster's list of debts) and struck out once the cluster has taken the reset: a run that is
killed between the two leaves a debt that the next run pays.
"""
from __future__ import annotations

from .asking import axl
from .reconcile import Step
from .resources import sip_trunk as trunks_
from .resources import sip_trunk_security_profile as profiles_
from .sip_trunks import encrypted_presence

OWED = "reset:trunk:"


def owed_resets(owed):
    """{trunk: reason} of the resets that are owed."""
    return {entry["what"][len(OWED):]: entry["reason"] for entry in owed.items() if entry["what"].startswith(OWED)}


# --- profiles ------------------------------------------------------------------------------------------------------

def profile_findings(report, plan):
    """Every difference of one secure profile; pending where it cannot be made."""
    if plan.blocked:
        report.pending("sip-trunk-security-profile", plan.name, plan.blocked[0], plan.blocked[1], step="trunk-profile-copy")
        return
    if plan.actual is None:
        report.finding("sip-trunk-security-profile-missing", "medium", plan.name, "the secure profile for %s does not exist%s" % (
            ", ".join(plan.trunks), "; it is to be a copy of '%s'" % plan.original if plan.original else ""), step="trunk-profile-copy",
            table=profiles_.TABLE, before=None, after=plan.wanted)
        return
    for element, before, after in plan.differences:
        step, severity, table = plan.step(element)
        report.finding("sip-trunk-security-profile", severity, plan.name, "%s is %r and has to be %r" % (element, before, after), step=step, table=table,
                       before=before, after=after)


def profile_steps(node, plans, owed, when):
    """The writes that bring the profiles to their plans; a profile in use owes its trunks a reset."""
    steps = []
    for plan in plans.values():
        differences = plan.differences
        if not differences:
            continue
        if plan.actual is None:
            operation, arguments = profiles_.PROFILE.add_request(plan.name, plan.wanted)
            before, shown = None, plan.wanted
        else:
            changes = {element: after for element, was, after in differences}
            operation, arguments = profiles_.PROFILE.update_request(plan.name, changes)
            before, shown = {element: was for element, was, after in differences}, changes
        steps.append(Step(
            description={"node": node.name, "channel": "axl", "operation": operation, "object": plan.name, **shown},
            apply=_write(node, (operation, arguments), owed, plan.users, when, "its profile '%s' changed" % plan.name),
            before=before, after=shown,
            impact=[{"node": node.name, "kind": "trunk_reset", "what": name} for name in plan.users]))
    return steps


def _write(node, request, owed, trunks, when, reason):
    def apply():
        for name in trunks:
            owed.add(OWED + name, [node.name], when(), reason)
        axl(node, request)
    return apply


def profile_state(plan):
    """One profile in the module's result."""
    return {"name": plan.name, "original": plan.original, "trunks": plan.trunks, "subject_names": sorted(plan.names), "incoming_port": plan.port,
            "state": "pending" if plan.blocked else "missing" if plan.actual is None else "differs" if plan.differences else "as wanted"}


# --- trunks --------------------------------------------------------------------------------------------------------

def hold(plan, owed, granted, check, own):
    """(reason, advice) why this trunk is not written in this run although something is to be done, else None.

    ``own`` () -> sentences that say what is wrong with the cluster's own end. In check mode profile and own end are taken as made, since
    the run would have made them before.
    """
    if not plan.differences and plan.name not in owed:
        return None
    if plan.differences and plan.waits:
        return plan.waits
    if plan.differences and plan.profile.differences and not check:
        return ("its secure profile '%s' is not yet as it has to be" % plan.profile.name,
                ["Run collab.security.sip_trunk_security_profile with the same options first; what it could not do, its own report says."])
    if plan.differences and not check:
        wrong = own()
        if wrong:
            return ("the cluster's own certificate for SIP is not proven by the CA file, so far ends may refuse it: " + "; ".join(wrong),
                    ["Give CallManager its certificate from the enterprise CA and restart it (roles certificates and service_restarts), then run again."])
    if not granted:
        return ("a reset ends what the trunk signals at that moment, and this run may not disturb trunks",
                ["Run again in a window with 'trunks' in collab_disruption."])
    return None


def trunk_findings(report, plan, owed):
    """Every difference of one trunk, and what its far ends show."""
    for element, before, after in plan.differences:
        step, severity, label = trunks_.FIELDS[element]
        report.finding("sip-trunk", severity, plan.name, "%s: %s, has to be %s" % (label, _words(before), _words(after)), step=step, table=trunks_.TABLE,
                       before=before, after=after)
        if element == "securityProfileName" and plan.profile.wanted:
            report.finding("sip-trunk-transport", "high", plan.name, "its profile '%s' does not make it leave by TLS" % before,
                           step="trunk-outgoing-transport", table=trunks_.TABLE, before=before, after=after)
    for proof in plan.contradictions:
        report.finding("sip-trunk-subject-contradicts", "high", plan.name, "subject_names says %s, but %s:%d serves a certificate for %s" % (
            ", ".join(plan.spec["subject_names"]), proof["address"], proof["port"], ", ".join(proof["carried"])),
            step=profiles_.SUBJECT_STEPS[plan.profile.peer], table=profiles_.TABLE, before=plan.spec["subject_names"], after=proof["carried"])
    if not plan.differences:
        for proof in plan.proofs:
            if not proof["proven"]:
                report.finding("sip-trunk-far-end", "medium", plan.name, "the trunk is secured, but its far end %s:%d does not prove itself now: %s"
                               % (proof["address"], proof["port"], proof["reason"]), step=profiles_.SUBJECT_STEPS[plan.profile.peer])
    unnamed = [proof for proof in plan.proofs if proof["proven"] and not proof["server_name"] and not plan.spec.get("subject_names")]
    if unnamed and plan.differences:
        report.finding("sip-trunk-name-unconfirmed", "low", plan.name, "the destination is an address, so the name was taken from the certificate that it "
                       "served (chain proven): %s" % ", ".join("%s is %s" % (proof["address"], proof["names"][0]) for proof in unnamed),
                       step=profiles_.SUBJECT_STEPS[plan.profile.peer], table=profiles_.TABLE)
    if plan.name in owed and not plan.differences:
        report.finding("sip-trunk-reset-owed", "high", plan.name, "the trunk has not been reset since a change: %s" % owed[plan.name],
                       step="trunk-select-profile", table=trunks_.TABLE)


def trunk_steps(node, plans, owed, names, when):
    """The writes for the trunks ``names``: one update of each that differs, then its reset; a reset alone where just that is owed."""
    steps, debts = [], owed_resets(owed)
    for name in names:
        plan = plans[name]
        differences = plan.differences
        if differences:
            operation, arguments = trunks_.update_request(name, plan.wanted, [element for element, before, after in differences])
            after = {element: wanted for element, was, wanted in differences}
            steps.append(Step(
                description={"node": node.name, "channel": "axl", "operation": operation, "object": name, **after},
                apply=_write(node, (operation, arguments), owed, [name], when, "it was switched to TLS"),
                before={element: was for element, was, wanted in differences}, after=after))
        if differences or name in debts:
            steps.append(Step(
                description={"node": node.name, "channel": "axl", "operation": "resetSipTrunk", "object": name},
                apply=_reset(node, owed, name), impact=[{"node": node.name, "kind": "trunk_reset", "what": name}]))
    return steps


def _reset(node, owed, name):
    def apply():
        axl(node, ("resetSipTrunk", {"name": name}))
        owed.settle(OWED + name, node.name)
    return apply


def presence_findings(report, found):
    """A presence trunk that someone has encrypted; it is reported, and never touched."""
    for name in encrypted_presence(found):
        report.finding("sip-trunk-presence-encrypted", "medium", name, "the trunk to IM and Presence (%s) is encrypted; not all of its messages can be, so the "
                       "guide leaves it plain" % found.presence[name], step="trunk-presence-plain")


def _words(value):
    return ", ".join(value) if isinstance(value, list) else "%s" % value


def trunk_state(plan, held):
    """One trunk in the module's result."""
    state = "pending" if held else "to switch" if plan.differences else "secured"
    ends = [{"address": p["address"], "port": p["port"], "server_name": p["server_name"], "names": p["carried"], "proven": p["proven"],
             "reason": p["reason"]} for p in plan.proofs]
    return {"name": plan.name, "state": state, "profile": plan.profile.name, "far_ends": ends}
