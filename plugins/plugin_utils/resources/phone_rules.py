# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which security profile and which LSC each phone is to have: the operator's rules, first match wins (guide, Table 7-14).

Pure: rules, phones and profiles in, changes out.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from typing import NamedTuple

from . import phones
from .objects import boolean

CONDITIONS = {"models": "model", "device_pools": "pool", "names": "name", "descriptions": "description"}
ON_PREMISES, JABBER, MRA = "on_premises", "jabber", "mra"
ENDPOINTS = (ON_PREMISES, JABBER, MRA)
STEPS = {ON_PREMISES: "assoc-mic-phones", JABBER: "assoc-jabber", MRA: "assoc-mra-hardware"}
TABLE = "7-14"
MISSING, EXPIRED, EXPIRES, ISSUER = "missing", "expired", "about to expire", "from another issuer"


class BadRules(Exception):
    """The rules cannot be used; the text names each mistake. Nothing was written."""


@dataclass
class Rule:
    """One rule. conditions: [(attribute of Phone, pattern of all globs)]; lsc: whether an LSC is wanted; enrolment: {profile, authentication_string}, None for
    phones that have a MIC.
    """

    name: str
    conditions: list
    endpoint: str = ON_PREMISES
    skip: bool = False
    profile: str = ""
    lsc: bool = False
    enrolment: dict | None = None

    def matches(self, phone):
        """Whether all conditions hold."""
        return all(pattern.match(getattr(phone, attribute)) for attribute, pattern in self.conditions)


class Change(NamedTuple):
    """What one phone is to get. elements: of updatePhone, empty where only its present state is told; lsc: why an LSC is wanted, or ""; blocked: it has an
    LSC that nobody takes, and a profile that needs one: whatever it is told, it might not register again.
    """

    phone: phones.Phone
    rule: Rule
    elements: dict
    lsc: str
    blocked: bool = False

    @property
    def asks(self):
        """Whether an LSC is asked for."""
        return self.elements.get("certificateOperation") == phones.INSTALL

    @property
    def takes_effect(self):
        """Whether the phone has to be told (applied or reset) for it to take effect."""
        return "securityProfileName" in self.elements or self.asks


@dataclass
class Aim:
    """What phones are compared with.

    profiles: {name: row of phone security profile}; now: epoch by the cluster's clock; issuers: common names, lower case, of the CAs whose LSCs are all
    right; trusted: of those that CAPF takes LSCs of, None where that is not known; days: that an LSC has to be good for.
    """

    profiles: dict
    now: int
    issuers: set
    days: int
    finish: phones.Finish
    trusted: set | None = None

    def mode_of(self, profile):
        """The CAPF authentication mode that a profile says."""
        return self.profiles.get(profile, {}).get("authenticationMode") or phones.BY_LSC


def rules_of(entries):
    """[Rule] of the module's option. Raises BadRules with everything that is wrong with them."""
    wrong, rules, names = [], [], set()
    for number, entry in enumerate(entries, 1):
        where = "rule %d ('%s')" % (number, entry["name"])
        conditions = [(attribute, _pattern(entry[option])) for option, attribute in CONDITIONS.items() if entry.get(option) is not None]
        wants = entry["lsc"] if entry.get("lsc") is not None else entry["endpoint"] == ON_PREMISES
        rule = Rule(entry["name"], conditions, entry["endpoint"], bool(entry.get("skip")), entry.get("profile") or "", wants and not entry.get("skip"),
                    entry.get("enrolment"))
        if rule.name in names:
            wrong.append("%s: another rule has that name" % where)
        if bool(rule.profile) == rule.skip:
            wrong.append("%s: it needs either profile or skip: true" % where)
        if rule.lsc and rule.endpoint == MRA:
            wrong.append("%s: an LSC cannot be installed over mobile and remote access" % where)
        if rule.enrolment and not rule.lsc:
            wrong.append("%s: enrolment makes sense only where an LSC is wanted" % where)
        string = (rule.enrolment or {}).get("authentication_string")
        if string and not re.fullmatch(r"\d{4,10}", string):
            wrong.append("%s: authentication_string must be 4 to 10 digits, since it is typed on a phone" % where)
        if not conditions and number < len(entries):
            wrong.append("%s: it has no condition, so the rules after it would never match" % where)
        names.add(rule.name)
        rules.append(rule)
    if not rules:
        wrong.append("there is no rule")
    if wrong:
        raise BadRules("phones_rules: %s. Nothing was written." % "; ".join(wrong))
    return rules


def profiles_needed(rules):
    """Names of all profiles that the rules mention, each with the first rule that does: {profile: rule name}."""
    found = {}
    for rule in rules:
        for name in (rule.profile, (rule.enrolment or {}).get("profile")):
            if name:
                found.setdefault(name, rule.name)
    return found


def rule_for(rules, phone):
    """The first rule that matches, or None."""
    return next((rule for rule in rules if rule.matches(phone)), None)


def lsc_reason(phone, aim):
    """Why a phone needs an LSC: MISSING, EXPIRED, ISSUER, EXPIRES, or "" where it has one that is all right."""
    if phone.lsc_until <= 0:
        return MISSING
    if phone.lsc_until <= aim.now:
        return EXPIRED
    if aim.issuers and phone.lsc_issuer and phones.common_name(phone.lsc_issuer) not in aim.issuers:
        return ISSUER
    return EXPIRES if phone.lsc_until <= aim.now + aim.days * 86400 else ""


def decide(phone, rule, aim):
    """The Change that a phone needs under its rule."""
    elements, reason = {}, lsc_reason(phone, aim) if rule.lsc else ""
    stale = bool(reason) and reason != MISSING and not _taken(phone, aim)
    profile = rule.profile
    if rule.enrolment is not None and (stale or reason == MISSING):
        profile = rule.enrolment.get("profile") or phone.profile
    elif stale:
        if aim.profiles.get(phone.profile, {}).get("deviceSecurityMode") == "Encrypted":
            return Change(phone, rule, {}, reason, True)
        profile = phone.profile                 # it registers by that, with whatever certificate, until it has a new LSC
    if phone.profile != profile:
        elements["securityProfileName"] = profile
    if reason:
        mode = _mode(rule, profile, reason, stale, aim)
        if not _asked_for(phone, mode, aim):
            elements.update(_request(rule, profile, mode, aim))
    elif not rule.lsc and phone.operation == phones.INSTALL:
        elements["certificateOperation"] = phones.NO_OPERATION
    return Change(phone, rule, elements, reason)


def _taken(phone, aim):
    """Whether CAPF and CallManager take the phone's LSC."""
    trusted = aim.trusted is None or not phone.lsc_issuer or phones.common_name(phone.lsc_issuer) in aim.trusted | aim.issuers
    return phone.lsc_until > aim.now and trusted and phone.status != phones.INVALID_LSC


def _mode(rule, profile, reason, stale, aim):
    """How the phone is to prove itself to CAPF (Security Guide): by its own LSC where that is good, else by its MIC, else by what the rule says."""
    if rule.enrolment is not None and (stale or reason == MISSING):
        return phones.BY_STRING if rule.enrolment.get("authentication_string") else phones.BY_NULL
    return phones.BY_MIC if stale else aim.mode_of(profile)


def _asked_for(phone, mode, aim):
    """Whether that very request stands already, with time left."""
    end = phones.finish_epoch(phone.finish)
    return phone.operation == phones.INSTALL and phone.mode in ("", mode) and (end is None or end > aim.now)


def _request(rule, profile, mode, aim):
    row = aim.profiles.get(rule.profile, {})
    elements = {"certificateOperation": phones.INSTALL, "authenticationMode": mode}
    if row.get("keySize"):
        elements["keySize"] = row["keySize"]
    if row.get("keyOrder"):
        elements["keyOrder"] = row["keyOrder"]
    if mode == phones.BY_STRING:
        elements["authenticationString"] = rule.enrolment["authentication_string"]
    elements["upgradeFinishTime"] = aim.finish.text()
    return elements


def encrypts_file(profile, aim):
    """Whether a profile encrypts the configuration file."""
    return boolean(aim.profiles.get(profile, {}).get("tftpEncryptedConfig"))


def _pattern(globs):
    """One expression for a list of globs, in any case; an empty list matches nothing."""
    return re.compile("|".join(translate(glob) for glob in globs) or r"(?!)", re.IGNORECASE)
