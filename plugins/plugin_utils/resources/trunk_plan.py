# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a cluster has and what its trunks' far ends have proven to what is to be done: profiles first, then trunks.

Both modules, collab.security.sip_trunk_security_profile and collab.security.sip_trunk, decide by these functions, so that
the profile that the one writes is the profile that the other expects. Plain data in, plain data out; no network.

A *proof* is what probing one far end gave: {address, port, server_name, proven (bool), names (list, the certificate's
common name, else its DNS names), carried (all names of the certificate), reason, advice (list)}.
"""
from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from . import sip_trunk as trunks_
from . import sip_trunk_security_profile as profiles_
from .sip_trunk import BadTrunks


@dataclass
class ProfilePlan:
    """One secure profile: whose twin it is, what it has to hold, and why it cannot be made where it cannot."""

    name: str
    original: str | None            # None: the original is gone, or an administrator made this secure profile
    ours: bool                      # carries our suffix: its names are exactly the wanted ones; otherwise names are only added
    trunks: list                    # wanted trunks that use it or will
    users: list                     # trunks that use it now
    actual: dict | None
    names: set
    port: int
    peer: str
    wanted: dict | None = None
    blocked: tuple | None = None    # (reason, advice)

    @property
    def differences(self):
        """[(element, actual, wanted)]; all wanted elements where the profile does not exist; nothing where it is blocked."""
        if self.wanted is None:
            return []
        if self.actual is None:
            return [(element, "", value) for element, value in self.wanted.items()]
        return profiles_.profile_differences(self.actual, self.wanted)

    def step(self, element):
        """(step of the guide, severity, table) of a difference in one element."""
        step, severity = profiles_.SECURE_FIELDS.get(element, ("trunk-profile-copy", "medium"))
        if element == "x509SubjectName":
            step = profiles_.SUBJECT_STEPS[self.peer]
        if element == "incomingPort" and self.port != 5061:
            step = "trunk-incoming-port-b2b"
        return step, severity, profiles_.TABLE


@dataclass
class TrunkPlan:
    """One trunk: what Table 7-12 wants of it, and why it has to wait where it has to."""

    name: str
    spec: dict
    trunk: dict
    profile: ProfilePlan
    proofs: list
    wanted: dict | None = None
    waits: tuple | None = None      # (reason, advice)
    contradictions: list = field(default_factory=list)

    @property
    def proven(self):
        """True where every far end is proven (and there is at least one)."""
        return bool(self.proofs) and all(proof["proven"] for proof in self.proofs)

    @property
    def differences(self):
        """[(element, actual, wanted)] of Table 7-12."""
        return trunks_.trunk_differences(self.trunk, self.wanted) if self.wanted else []


def default_port(original):
    """The secure twin's incoming port: 5061 beside 5060, and one above where the original has a port of its own.

    So what the original kept apart (business-to-business beside mobile and remote access, Table 7-11) stays apart.
    """
    port = original["incomingPort"]
    return int(port) + 1 if port.isdigit() and port != "5060" and 1024 <= int(port) < 65535 else 5061


def plan_profiles(trunks, profiles, specs, proofs, suffix):
    """{secure profile name: ProfilePlan} for the wanted trunks.

    ``trunks`` are all trunks of the cluster, ``profiles`` all its profiles, ``specs`` the wanted ones by name, ``proofs``
    {trunk: [proof]}. Raises BadTrunks where the operator's entries contradict each other.
    """
    groups = {}
    for name, spec in specs.items():
        used = trunks[name]["securityProfileName"]
        if used not in profiles:
            raise BadTrunks("the SIP trunk '%s' uses the security profile '%s', which the cluster does not list" % (name, used))
        try:
            original, secure = profiles_.twin_of(used, suffix, profiles)
        except ValueError as e:
            raise BadTrunks(str(e)) from None
        group = groups.setdefault(secure, {"original": original, "specs": []})
        group["original"] = group["original"] or original
        group["specs"].append(spec)
    users = {}
    for name, trunk in trunks.items():
        users.setdefault(trunk["securityProfileName"], []).append(name)
    plans = {}
    for secure, group in sorted(groups.items()):
        plans[secure] = _profile(secure, group, profiles, sorted(users.get(secure, ())), proofs, suffix)
    _block_clashes(plans, profiles, users)
    return plans


def _profile(secure, group, profiles, users, proofs, suffix):
    actual, original, specs = profiles.get(secure), profiles.get(group["original"]), group["specs"]
    ports = {int(spec["incoming_port"]) for spec in specs if spec.get("incoming_port")}
    if len(ports) > 1:
        raise BadTrunks("trunks: %s share the security profile '%s' but ask for different incoming ports (%s)" % (
            ", ".join(spec["name"] for spec in specs), secure, ", ".join(str(port) for port in sorted(ports))))
    port = ports.pop() if ports else default_port(original) if original else int(actual["incomingPort"])
    names, missing = set(), []
    for spec in specs:
        found = {name.lower() for name in spec.get("subject_names") or ()}
        if not found:
            found = {name for proof in proofs[spec["name"]] if proof["proven"] for name in proof["names"]}
            if not proofs[spec["name"]] or not all(proof["proven"] for proof in proofs[spec["name"]]):
                missing.append(spec["name"])
        names |= found
    ours = secure.endswith(suffix)
    others = [name for name in users if name not in {spec["name"] for spec in specs}]
    if actual and (missing or others or not ours):
        names |= profiles_.subjects(actual["x509SubjectName"])      # what a far end proved earlier is not forgotten because it is silent today
    peer = next((spec["peer"] for spec in specs if spec.get("peer")), "ios")
    plan = ProfilePlan(secure, group["original"], ours, sorted(spec["name"] for spec in specs), users, actual, names, port, peer)
    if not names:
        plan.blocked = ("no X.509 subject name is known: no far end of %s has proven its certificate" % ", ".join(plan.trunks),
                        ["Give the far ends a TLS listener with a certificate of the enterprise CA, then run again.",
                         "Or set 'subject_names' of the trunk to the common names of the far ends' certificates."])
        return plan
    try:
        plan.wanted = profiles_.wanted_profile(original, names, port)
    except ValueError as e:
        plan.blocked = (str(e), ["Give the far ends certificates whose names can be used, or set 'subject_names' of the trunk."])
    return plan


def _block_clashes(plans, profiles, users):
    """Blocks each new profile whose port or names are taken by another one (Security Guide: one name and port, one profile)."""
    taken = {}                                                      # port -> [(profile, names)] of secure profiles that are in force
    plain = {}                                                      # port -> [profile] of profiles without TLS that trunks use
    for name, profile in profiles.items():
        if name in plans or not users.get(name) or not profile["incomingPort"].isdigit():
            continue
        if profile["incomingTransport"] == "TLS":
            taken.setdefault(int(profile["incomingPort"]), []).append((name, profiles_.subjects(profile["x509SubjectName"])))
        else:
            plain.setdefault(int(profile["incomingPort"]), []).append(name)
    for plan in sorted(plans.values(), key=lambda plan: (plan.actual is None, plan.name)):      # what exists goes before what is new
        if plan.wanted is None:
            continue
        advice = ["Give one of them another port ('incoming_port' of the trunk, for example 5561), and its far end the same port to call."]
        shared = [(name, sorted(names & plan.names)) for name, names in taken.get(plan.port, ()) if names & plan.names]
        if plan.port in plain:
            plan.blocked = ("incoming port %d is used without TLS by the profile '%s' already" % (plan.port, plain[plan.port][0]), advice)
        elif shared:
            plan.blocked = ("the profile '%s' has the X.509 subject %s on incoming port %d already, and Unified CM does not allow the same pair twice"
                            % (shared[0][0], ", ".join(shared[0][1]), plan.port), advice)
        if plan.blocked:
            plan.wanted = None
        else:
            taken.setdefault(plan.port, []).append((plan.name, plan.names))


def plan_trunks(trunks, specs, proofs, profile_plans):
    """{trunk: TrunkPlan} for the wanted trunks."""
    by_trunk = {name: plan for plan in profile_plans.values() for name in plan.trunks}
    plans = {}
    for name, spec in sorted(specs.items()):
        trunk = trunks[name]
        plan = TrunkPlan(name, spec, trunk, by_trunk[name], proofs[name])
        plan.wanted = trunks_.wanted_trunk(trunk, spec, plan.profile.name)
        plan.contradictions = _contradictions(spec, proofs[name])
        plan.waits = _waits(plan)
        plans[name] = plan
    return plans


def _contradictions(spec, proofs):
    """Far ends that have proven a certificate which carries none of the names that the operator gave."""
    given = {name.lower() for name in spec.get("subject_names") or ()}
    return [proof for proof in proofs if given and proof["proven"] and not given & {name.lower() for name in proof["carried"]}]


def _waits(plan):
    """(reason, advice) where the trunk cannot go to TLS now, else None."""
    if not plan.proofs:
        if plan.trunk["destAddrIsSrv"] == "true":
            return ("its destination is an SRV record, whose targets have to be named before they can be proven",
                    ["Set 'far_ends' of the trunk to the targets of the record of _sips._tcp: address, port and server_name of each."])
        return "it has no destination", ["Give the trunk a destination, or list it under 'exclude'."]
    unproven = [proof for proof in plan.proofs if not proof["proven"]]
    if unproven:
        advice = []
        for proof in unproven:
            advice.extend(line for line in proof["advice"] if line not in advice)
        return "; ".join("%s:%d: %s" % (proof["address"], proof["port"], proof["reason"]) for proof in unproven), advice
    if plan.contradictions:
        proof = plan.contradictions[0]
        return ("subject_names says %s, but %s:%d serves a certificate for %s: calls from it would be refused"
                % (", ".join(plan.spec["subject_names"]), proof["address"], proof["port"], ", ".join(proof["carried"])),
                ["Correct 'subject_names' of the trunk, or leave it out: it is then taken from the certificate."])
    members = [(one["address"].lower(), one["port"]) for one in plan.wanted["destinations"]]
    if len(set(members)) < len(members):
        return ("two of its destinations would become the same address and port",
                ["Remove the destination that is the same host twice, or give its far ends different ports in 'far_ends'."])
    if plan.profile.blocked:
        return "its secure profile '%s' cannot be made: %s" % (plan.profile.name, plan.profile.blocked[0]), plan.profile.blocked[1]
    return None
