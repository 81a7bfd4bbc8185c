# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the phones of a cluster show, told by kind: a count and the first names, never ten thousand findings."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from datetime import datetime

from ..resources import phone_rules as rules_
from ..resources import phones as phones_
from ..resources.phone_security_profile import is_fqdn
from ..words import many
from ..words import some

SEVERITY = {rules_.MISSING: "medium", rules_.EXPIRED: "high", rules_.EXPIRES: "medium", rules_.ISSUER: "medium"}
SECRET = "authenticationString"
MOST = 200              # phones with their dates in the list of LSCs that expire


def grouped(changes, key):
    """{key(change): [changes]} in order, without those whose key is None."""
    found = {}
    for change in changes:
        if key(change) is not None:
            found.setdefault(key(change), []).append(change)
    return found


def names_of(changes):
    """The first names and how many more."""
    return some([change.phone.name for change in changes])


def tell(report, changes, aim):
    """Every kind of difference, as findings. changes: a Change for each phone that has a rule, those without differences included."""
    _profiles(report, changes)
    _lscs(report, changes)
    _scope(report, changes, aim)


def _finding(report, id, severity, object, found, message, step, **values):
    report.finding(id, severity, "%s (%s)" % (many(len(found)), object), "%s: %s" % (message, names_of(found)), step=step, table=rules_.TABLE, **values)


def _profiles(report, changes):
    def key(change):
        wanted = change.elements.get("securityProfileName")
        return (change.rule.name, wanted) if wanted else None

    for (rule, wanted), found in grouped(changes, key).items():
        first = found[0].rule
        enrolled = [c for c in found if first.enrolment and c.phone.profile == first.enrolment.get("profile") and not c.lsc]
        step = "lsc-reprofile" if len(enrolled) == len(found) else rules_.STEPS[first.endpoint]
        before = dict(Counter(c.phone.profile for c in found).most_common(20))
        _finding(report, "phone-security-profile-assigned", "high", rule, found, "another phone security profile than %s" % wanted, step, before=before,
                 after=wanted)


def _lscs(report, changes):
    for (rule, reason), found in grouped(changes, lambda c: (c.rule.name, c.lsc) if c.lsc else None).items():
        _finding(report, "phone-lsc", SEVERITY[reason], rule, found, "the LSC is %s" % reason, "lsc-install", before=reason, after="a current LSC")
    failed = grouped(changes, lambda c: c.phone.status if c.lsc and c.phone.status.startswith(phones_.FAILED) else None)
    for status, found in failed.items():
        _finding(report, "phone-lsc-failed", "high", "CAPF", found, "the last certificate operation ended in '%s'" % status, "lsc-install", before=status)
    standing = [c for c in changes if c.elements.get("certificateOperation") == phones_.NO_OPERATION]
    for rule, found in grouped(standing, lambda c: c.rule.name).items():
        jabber = found[0].rule.endpoint == rules_.JABBER
        _finding(report, "phone-lsc-not-wanted", "medium", rule, found, "an LSC is asked for, and this kind of endpoint is to have none",
                 "jabber-no-lsc" if jabber else rules_.STEPS[found[0].rule.endpoint], before=phones_.INSTALL, after=phones_.NO_OPERATION)


def _scope(report, changes, aim):
    outside = [c for c in changes if c.rule.endpoint != rules_.ON_PREMISES]
    found = [c for c in outside if rules_.encrypts_file(c.phone.profile, aim) or rules_.encrypts_file(c.rule.profile, aim)]
    if found:
        _finding(report, "phone-tftp-encryption-scope", "medium", "mobile and remote access, Jabber", found,
                 "the profile encrypts the configuration file, which these endpoints cannot read without a certificate", "psp-tftpenc-scope")
    for names, found in grouped(outside, lambda c: c.phone.accounts or None).items():
        _finding(report, "phone-credentials", "medium", "mobile and remote access, Jabber", found,
                 "the phone page holds %s, and their configuration files are not encrypted" % " and ".join(names), "mra-no-secrets")
    for profile, found in grouped(outside, lambda c: c.rule.profile if c.rule.endpoint == rules_.MRA else None).items():
        if not is_fqdn(profile):
            _finding(report, "phone-security-profile-name", "high", "mobile and remote access", found,
                     "the profile %s has no name in FQDN form, so Expressway-C cannot carry it in its certificate" % profile, "psp-fqdn-name")


def without_rule(report, phones):
    """Phones that no rule speaks of: left alone, and said."""
    if phones:
        models = Counter(phone.model for phone in phones)
        report.finding("phone-without-rule", "info", many(len(phones)), "no rule matches them, so they are left as they are; by model: %s" % ", ".join(
            "%d %s" % (number, model) for model, number in models.most_common(10)), step="assoc-mic-phones", table=rules_.TABLE)


def mic_signers(report, held, signers):
    """CAPF takes a phone's MIC only where it trusts who signed it. held: Holdings of the publisher; signers: common names."""
    there = {phones_.common_name(c.subject.rfc4514_string()).replace("_", " ") for c in held.trust.get("capf", ())}
    missing = [name for name in signers if name.lower().replace("_", " ") not in there]
    if missing:
        report.finding("mic-signer-missing", "medium", "CAPF-trust", "these signers of MICs are not in CAPF-trust of the publisher, so phones with such a MIC "
                       "cannot prove themselves to CAPF: %s. They come with the installation; upload them again from a node that has them" % ", ".join(missing),
                       step="lsc-install", before=missing)


def lsc_report(changes):
    """LSCs where they are wanted: {wanted, good, missing, ..., by_month: {YYYY-MM: number}, expiring: [{name, valid_until, state}]}."""
    wanted = [c for c in changes if c.rule.lsc]
    out = {"wanted": len(wanted), "good": sum(not c.lsc for c in wanted)}
    out.update({reason.replace(" ", "_"): sum(c.lsc == reason for c in wanted) for reason in SEVERITY})
    out["by_month"] = dict(sorted(Counter(_date(c.phone.lsc_until)[:7] for c in changes if c.phone.lsc_until > 0).items()))
    expiring = sorted((c for c in wanted if c.lsc in (rules_.EXPIRED, rules_.EXPIRES)), key=lambda c: c.phone.lsc_until)
    out["expiring"] = [{"name": c.phone.name, "valid_until": _date(c.phone.lsc_until), "state": c.lsc} for c in expiring[:MOST]]
    return out


def _date(epoch):
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d")


def row(change, state, registered=None):
    """One phone in the module's result. Secrets are no part of it."""
    phone, elements = change.phone, change.elements
    return {"name": phone.name, "model": phone.model, "device_pool": phone.pool, "rule": change.rule.name, "profile": phone.profile,
            "wanted_profile": elements.get("securityProfileName"), "lsc": change.lsc, "certificate_operation": elements.get("certificateOperation"),
            "registered": registered, "state": state}


def operations(report, node, changes):
    """The writes as operations, one for all phones that get the same."""
    def key(change):
        return change.rule.name, tuple(sorted((k, "********" if k == SECRET else v) for k, v in change.elements.items()))

    for (rule, elements), found in grouped(changes, key).items():
        report.operation(node=node, channel="axl", operation="updatePhone", object="%s (%s)" % (many(len(found)), rule),
                         names=[c.phone.name for c in found], **dict(elements))
        before = report.before.setdefault(rule, {})
        after = report.after.setdefault(rule, {})
        for c in found:
            for element, value in c.elements.items():
                if element in ("securityProfileName", "certificateOperation"):
                    was = c.phone.profile if element == "securityProfileName" else c.phone.operation
                    before.setdefault(element, Counter())[was] += 1
                    after.setdefault(element, Counter())[value] += 1
