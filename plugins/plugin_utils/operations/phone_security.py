# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All phones of a cluster brought to what the rules say (guide, Table 7-14): one bulk read, the writes that differ, then batches with a gate between."""

from __future__ import annotations

from ..anchors import ca_certificates
from ..certificates.reading import read_node
from ..errors import NodeError
from ..owed import Owed
from ..phone_profile_steps import read_profiles
from ..pki.facts import common_name
from ..pki.facts import is_ca
from ..pki.restarts import CALLMANAGER
from ..pki.restarts import TFTP
from ..reconcile import DidNotStick
from ..resources import phone_rules as rules_
from ..resources import phones as phones_
from ..words import many
from ..words import some
from . import bulk
from . import estate
from . import phone_findings as findings
from . import services as services_
from .lsc_watch import LscWatch
from .phone_batches import Batches
from .phone_batches import cut
from .phone_holds import CAPF
from .phone_holds import Holds
from .phone_ledger import PhoneLedger
from .phone_writes import Writer
from .registrations import MOST
from .registrations import Ris

GONE = "A phone that is gone for good has to be deleted from Unified CM, or skipped by a rule, before the next run. "
FINISH_DAYS = 30        # how long a phone that is away has, to come back and get its LSC
ROUNDS = 2              # a phone that had to enrol first gets its final profile in the second


class PhonesRefused(Exception):
    """AXL has refused some phones; all others are done."""


class PhoneSecurity:
    """One task. action: DeviceAction; args: the module's options."""

    def __init__(self, action, pauses, args):
        self.action, self.report, self.pauses, self.args, self.publisher = action, action.report, pauses, args, action.publisher
        self.rules = rules_.rules_of(args["rules"])
        self.ledger = PhoneLedger(action.workspace, action.cluster, "apply")
        self.rows = {}
        owed = Owed(action.workspace, action.cluster).items()
        self.restarts = sorted({"%s on %s" % (e["what"], e["node"]) for e in owed if e["what"] in (TFTP, CALLMANAGER)})

    def run(self, check):
        """Read, compare, tell, write, read back, apply. Raises what stops it, with everything that was done in the report."""
        profiles = self.profiles(check)
        services, now = services_.read(self.publisher, [CAPF])
        self.aim = rules_.Aim(profiles, now, set(), self.args["lsc_days"], phones_.Finish(now, FINISH_DAYS))
        if any(rule.lsc for rule in self.rules):
            self.certificates()
        changes = self.compare(bulk.phones(self.publisher))
        findings.tell(self.report, changes, self.aim)
        self.report.add(lsc=findings.lsc_report(changes))
        holds = Holds(self.action, self.aim, self.restarts)
        todo = holds.writable(changes, check)
        self.rows.update(holds.rows)
        holds.capf(services, [c for c in todo if c.asks], check)
        try:
            self.foresee(todo) if check else self.mend(todo)
        finally:
            self.report.add(phones=list(self.rows.values()))

    # -- reading -----------------------------------------------------------------------------------------------------
    def profiles(self, check):
        """All phone security profiles; those that the rules name must be there (in check mode, an earlier task would have made them)."""
        found = read_profiles(self.publisher)
        missing = {name: rule for name, rule in rules_.profiles_needed(self.rules).items() if name not in found}
        if missing and not check:
            own = [name for name in sorted(found) if "Standard" not in name and "Model-independent" not in name]
            raise rules_.BadRules("phones_rules: %s. Nothing was written: correct the name, or make the profile first (role phone_security_profiles). "
                                  "The cluster has: %s" % ("; ".join("rule '%s' names the phone security profile '%s', which does not exist" % (rule, name)
                                                                     for name, rule in missing.items()), ", ".join(own) or "only built-in profiles"))
        for name, rule in missing.items():
            self.report.finding("phone-security-profile-missing", "medium", name, "rule '%s' names this phone security profile, which does not exist yet"
                                % rule, step="assoc-mic-phones", table=rules_.TABLE)
        for rule in self.rules:
            first = (rule.enrolment or {}).get("profile")
            if first and rule.enrolment.get("authentication_string") and found.get(first, {}).get("deviceSecurityMode") == "Encrypted":
                self.action.warn("phones_rules: with the profile '%s', which encrypts, phones of rule '%s' cannot register until somebody has typed the "
                                 "authentication string on them. Leave out enrolment.profile: they keep the profile that they have until their LSC is there."
                                 % (first, rule.name))
        return found

    def certificates(self):
        """Who issues LSCs now, and whether CAPF trusts those who signed the MICs."""
        held = read_node(self.publisher, self.action.var("collab_release"), services=["CAPF"], stores=["CAPF-trust"])
        capf = held.identities.get("capf")
        names = self.args["lsc_issuers"] or self.online_ca() or ([common_name(capf)] if capf is not None else [])
        self.aim.issuers = {phones_.common_name(name) for name in names}
        self.aim.trusted = {common_name(one).lower() for one in held.trust.get("capf", ())}
        if any(rule.lsc and rule.enrolment is None for rule in self.rules):
            findings.mic_signers(self.report, held, self.args["mic_signers"])

    def online_ca(self):
        """Names of the online CA, where the confirmed parameter says that it issues the LSCs now."""
        parameter = self.args["issuer_parameter"] or {}
        if not parameter.get("confirmed") or not parameter.get("name"):
            return []
        value = estate.parameter(self.publisher, parameter["name"])
        if value is None or value != str(parameter.get("stored_value")):
            return []
        return [common_name(one) for one in ca_certificates(self.action, self.args["online_ca_file"], "collab_ca_file") if is_ca(one)]

    def compare(self, phones):
        """A Change for each phone that a rule speaks of, the phones that need nothing included."""
        self.aim.finish.learn(phone.finish for phone in phones.values())
        changes, unmatched, skipped = [], [], set()
        for phone in phones.values():
            rule = rules_.rule_for(self.rules, phone)
            if rule is None:
                unmatched.append(phone)
            elif rule.skip:
                skipped.add(phone.name)
            else:
                changes.append(rules_.decide(phone, rule, self.aim))
        findings.without_rule(self.report, unmatched)
        by_rule = {rule.name: 0 for rule in self.rules if not rule.skip}
        for change in changes:
            by_rule[change.rule.name] += 1
        self.phones = {name: phone for name, phone in phones.items() if name not in skipped}
        self.report.add(counts={"read": len(phones), "differ": sum(bool(c.elements) for c in changes), "skipped": len(skipped), "without_rule": len(unmatched),
                                "by_rule": by_rule})
        return changes

    # -- check mode --------------------------------------------------------------------------------------------------
    def foresee(self, todo):
        """Everything that a run would do, in the report."""
        findings.operations(self.report, self.publisher.name, todo)
        names = self.to_tell([c.phone.name for c in todo if c.takes_effect])
        known = self.registered([c.phone.name for c in todo])
        self.rows.update({c.phone.name: findings.row(c, "differs", known.get(c.phone.name)) for c in todo})
        self.owed(names)
        if names and self.args["granted"]:
            self.batches(None).foresee(self.cut(names))

    def registered(self, names):
        """{name: whether it is registered now} of the phones that would be disturbed; empty where that would be more than one question."""
        if not 0 < len(names) <= MOST:
            return {}
        try:
            states = Ris(self.publisher, self.pauses).states(names)
        except NodeError as e:
            if e.kind != "busy":
                raise
            self.action.warn("RIS has no time to say which of the phones are registered: %s" % e)
            return {}
        return {name: states.get(name, {}).get("registered", False) for name in names}

    # -- doing -------------------------------------------------------------------------------------------------------
    def mend(self, todo):
        """Write, read back and tell, in rounds: what had to enrol first gets its final profile in the second."""
        self.writer = Writer(self.action, self.pauses, self.aim.finish)
        self.drop()
        for _round in range(ROUNDS):
            self.write(todo)
            names = self.to_tell([])
            if not names:
                break
            self.owed(names)
            if not self.args["granted"] or self.restarts:
                break
            watch = self.tell(names, {c.phone.name: c for c in todo if c.asks})
            todo = self.again(watch)
            if not todo:
                break
        if self.writer.refused:
            raise PhonesRefused("%s. All other phones are done." % self.writer.summary())

    def drop(self):
        """Phones that are gone, or that a rule now skips, owe nothing."""
        self.ledger.through([name for name in (*self.ledger.owes, *self.ledger.told) if name not in self.phones])

    def write(self, todo):
        """The writes, and that they stuck. The phones are on record before the first one is changed."""
        if not todo:
            return
        self.ledger.owe([c.phone.name for c in todo if c.takes_effect])
        self.action.say("%s to write" % many(len(todo)))
        before = len(self.writer.written)
        try:
            self.writer.write(todo)
        finally:
            written = set(self.writer.written[before:])
            done = [c for c in todo if c.phone.name in written]
            findings.operations(self.report, self.publisher.name, done)
            for c in todo:
                state = "written" if c.phone.name in written else "refused" if c.phone.name in self.writer.refused else "left"
                self.rows[c.phone.name] = findings.row(c, state)
        self.ledger.through([c.phone.name for c in todo if c.phone.name in self.writer.refused or c.phone.name in self.writer.gone])
        self.read_back(done)

    def read_back(self, done):
        """Each written phone must show what it was given. An operation that has ended meanwhile has fallen back by itself."""
        if not done:
            return
        now, bad = bulk.phones(self.publisher), []
        for change in done:
            phone = now.get(change.phone.name)
            left = rules_.decide(phone, change.rule, self.aim).elements if phone is not None else {}
            ended = phone is not None and phone.status != change.phone.status and "securityProfileName" not in left
            if left and not ended:
                bad.append((change, left))
        if bad:
            raise DidNotStick("%d of %d phones that were written do not show it: %s (%s)" % (
                len(bad), len(done), some([c.phone.name for c, _left in bad]), ", ".join(sorted({element for _c, left in bad for element in left}))))

    def tell(self, names, asked):
        """Apply or reset the phones in batches. Returns the watch over their LSCs."""
        watch = LscWatch(self.publisher, self.pauses, self.aim, self.args["timeout"])
        mine = set(names)
        watch.asked = {name: c for name, c in asked.items() if "authenticationString" not in c.elements and name in mine}
        work = self.batches(watch.look)
        try:
            work.run(self.cut(names), GONE)
        finally:
            for name in names:
                if self.rows[name]["state"] in ("written", "has to be told"):
                    self.rows[name]["state"] = self.told(name, work)
        for kind, found in (("CAPF gave none", watch.failed), ("it is still under way", watch.standing)):
            if found:
                self.report.finding("phone-lsc-not-installed", "medium", many(len(found)), "the LSC that was asked for is not there (%s): %s" % (
                    kind, some(found)), step="lsc-install", table=rules_.TABLE)
        self.report.add(lsc_installed=self.report.extra.get("lsc_installed", 0) + len(watch.came))
        return watch

    def told(self, name, work):
        """What has become of a phone that had to be told."""
        if name in self.ledger.owes:
            return "not told yet"
        if name in self.ledger.told:
            return "not registered again"
        return "reads it when it registers" if name in work.away else "told"

    def again(self, watch):
        """What phones that enrolled in this round still need: their final profile."""
        out = []
        for name, (until, issuer) in watch.came.items():
            change = watch.asked[name]
            phone = change.phone._replace(lsc_until=until, lsc_issuer=issuer, operation=phones_.NO_OPERATION,
                                          profile=change.elements.get("securityProfileName", change.phone.profile))
            following = rules_.decide(phone, change.rule, self.aim)
            if following.elements:
                out.append(following)
        return out

    # -- small -------------------------------------------------------------------------------------------------------
    def to_tell(self, names):
        """Names of the phones that have to be told: these, and those on record."""
        return list(dict.fromkeys([*names, *(n for n in (*self.ledger.told, *self.ledger.owes) if n in self.phones)]))

    def owed(self, names):
        """Say that phones have to be told; pending where this run may not disturb them."""
        if not names:
            return
        for name in names:
            if name not in self.rows:
                self.rows[name] = findings.row(rules_.Change(self.phones[name], rules_.Rule("", []), {}, ""), "has to be told")
        have = "they have to be told of their new configuration"
        self.report.finding("phones-owe-%s" % self.args["method"], "medium", many(len(names)), "%s: %s" % (have, some(names)), step="phone-apply",
                            table=rules_.TABLE)
        if self.restarts and self.args["granted"]:
            self.report.pending("phones-wait-for-restarts", many(len(names)), "%s, and services still owe a restart (%s)" % (have, ", ".join(self.restarts)), [
                "Grant the restarts (collab_disruption: services); then run again."], step="phone-apply")
        if not self.args["granted"]:
            self.report.pending("phones-not-granted", many(len(names)), "%s, and this run may not disturb phones: %s" % (have, some(names)), [
                "Add 'phones' to collab_disruption for a run inside a maintenance window."], step="phone-apply")

    def cut(self, names):
        """Batches of these phones."""
        pools = {}
        for name in sorted(names):
            pools.setdefault(self.phones[name].pool, []).append(name)
        return cut(pools, self.args["batch_size"])

    def batches(self, after):
        """What tells them."""
        return Batches(self.action, self.pauses, self.ledger, self.args["method"], self.args["timeout"], after)
