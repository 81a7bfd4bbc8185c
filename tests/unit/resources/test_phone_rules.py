# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for phones: which one counts, what is wrong with them, and what a phone needs under one (Table 7-14)."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.resources import phone_rules as rules
from ansible_collections.collab.security.plugins.plugin_utils.resources import phones

NOW, DAY = 1_795_464_000, 86400
LSC, NULL, JABBER, PLAIN = "UDT-Encrypted-LSC.ent-pa.com", "UDT-Encrypted-NullString.ent-pa.com", "UDT-Jabber-SIPOAuth", "Standard"
PROFILES = {LSC: {"authenticationMode": phones.BY_LSC, "keySize": "2048", "keyOrder": "RSA Only"},
            NULL: {"authenticationMode": phones.BY_NULL}, JABBER: {"authenticationMode": phones.BY_NULL}, PLAIN: {}}
ISSUER = "CN=CAPF-1a2b3c4d,OU=UC,O=Example"


def entry(name, **more):
    return {"name": name, "models": None, "device_pools": None, "names": None, "descriptions": None, "endpoint": "on_premises", "skip": False, "profile": None,
            "lsc": None, "enrolment": None, **more}


def rule(**more):
    return rules.rules_of([entry("r", **{"profile": LSC, **more})])[0]


def phone(name="SEP0011AABB0001", profile=PLAIN, days=0, issuer=ISSUER, **more):
    one = phones.Phone(name, "Lobby", "Cisco 8845", "US_DP_1", profile, phones.NO_OPERATION, "", "None", "", (), NOW + days * DAY if days else 0,
                       issuer if days else "")
    return one._replace(**more)


def aim(**more):
    return rules.Aim(PROFILES, NOW, {"capf-1a2b3c4d"}, 30, phones.Finish(NOW, 30), **more)


# --- which rule ----------------------------------------------------------------------------------------------------------

def test_first_match_wins_all_conditions_hold_any_case_and_an_empty_list_matches_nothing():
    found = rules.rules_of([entry("nobody", device_pools=[], profile=LSC), entry("lobby", models=["cisco 88*"], descriptions=["*LOBBY*"], skip=True),
                            entry("jabber", names=["CSF*", "TCT*"], endpoint="jabber", profile=JABBER), entry("rest", profile=LSC)])
    assert rules.rule_for(found, phone()).name == "lobby"
    assert rules.rule_for(found, phone(description="Office")).name == "rest"
    assert rules.rule_for(found, phone("CSFJDOE", description="")).name == "jabber"
    assert rules.rule_for(found[:3], phone(description="Office")) is None
    assert [r.lsc for r in found] == [True, False, False, True]


@pytest.mark.parametrize("entries, says", [
    ([], "there is no rule"),
    ([entry("a", profile=LSC), entry("b", profile=LSC)], "rule 1 \\('a'\\): it has no condition"),
    ([entry("a", models=["x"], profile=LSC), entry("a", profile=LSC)], "another rule has that name"),
    ([entry("a")], "needs either profile or skip"),
    ([entry("a", skip=True, profile=LSC)], "needs either profile or skip"),
    ([entry("a", endpoint="mra", lsc=True, profile=NULL)], "cannot be installed over mobile and remote access"),
    ([entry("a", lsc=False, profile=LSC, enrolment={"profile": NULL})], "only where an LSC is wanted"),
    ([entry("a", profile=LSC, enrolment={"authentication_string": "12x4"})], "4 to 10 digits"),
    ([entry("a", profile=LSC, enrolment={"authentication_string": "12345678901"})], "4 to 10 digits"),
])
def test_bad_rules_say_which_and_why(entries, says):
    with pytest.raises(rules.BadRules, match=says) as e:
        rules.rules_of(entries)
    assert "phones_rules" in str(e.value) and "Nothing was written" in str(e.value)
    assert "12345678901" not in str(e.value) and "12x4" not in str(e.value)


def test_all_profiles_of_the_rules_are_needed():
    found = rules.rules_of([entry("a", models=["x"], profile=LSC, enrolment={"profile": NULL}), entry("b", models=["y"], profile=LSC), entry("c", skip=True)])
    assert rules.profiles_needed(found) == {LSC: "a", NULL: "a"}


# --- what a phone needs --------------------------------------------------------------------------------------------------

def test_a_desk_phone_gets_profile_and_lsc_in_one_request():
    change = rules.decide(phone(), rule(), aim())
    assert change.elements == {"securityProfileName": LSC, "certificateOperation": "Install/Upgrade", "authenticationMode": phones.BY_LSC, "keySize": "2048",
                               "keyOrder": "RSA Only", "upgradeFinishTime": "2026:12:23:20:00"}
    assert change.lsc == "missing" and change.takes_effect


def test_nothing_is_wanted_of_a_phone_that_has_it():
    assert rules.decide(phone(profile=LSC, days=400), rule(), aim()).elements == {}


@pytest.mark.parametrize("days, issuer, reason, mode", [
    (0, "", "missing", phones.BY_LSC), (10, ISSUER, "about to expire", phones.BY_LSC),
    (400, "CN=CAPF-OTHER", "from another issuer", phones.BY_LSC), (400, "CAPF-1a2b3c4d", "", None), (400, "O=Example;OU=UC;CN=CAPF-1A2B3C4D", "", None),
    (400, "", "", None)])
def test_when_an_lsc_is_wanted_and_how_the_phone_proves_itself(days, issuer, reason, mode):
    change = rules.decide(phone(profile=LSC, days=days, issuer=issuer), rule(), aim())
    assert (change.lsc, change.elements.get("authenticationMode")) == (reason, mode)


@pytest.mark.parametrize("bad", [{"days": -3}, {"days": 10, "status": phones.INVALID_LSC}, {"days": 400, "issuer": "CN=CAPF-LOST"}])
def test_an_lsc_that_nobody_takes(bad):
    """By its MIC, and in its plain profile until it has a new one; not touched where its profile encrypts; or as its rule says."""
    there = aim(trusted={"capf-former"})
    plain = rules.decide(phone(**bad), rule(), there)
    assert plain.elements["authenticationMode"] == phones.BY_MIC and "securityProfileName" not in plain.elements
    there.profiles = {**PROFILES, LSC: {**PROFILES[LSC], "deviceSecurityMode": "Encrypted"}}
    change = rules.decide(phone(profile=LSC, **bad), rule(), there)
    assert change.blocked and change.elements == {} and change.lsc
    enrols = rules.decide(phone(profile=LSC, **bad), rule(enrolment={"profile": NULL}), there)
    assert (enrols.elements["securityProfileName"], enrols.elements["authenticationMode"], enrols.blocked) == (NULL, phones.BY_NULL, False)


def test_an_lsc_of_a_former_capf_that_is_still_trusted_counts_until_the_new_one_is_there():
    change = rules.decide(phone(profile=LSC, days=400, issuer="CN=CAPF-FORMER"), rule(), aim(trusted={"capf-former"}))
    assert (change.lsc, change.elements["authenticationMode"], change.blocked) == ("from another issuer", phones.BY_LSC, False)


def test_a_standing_request_is_not_made_again_unless_its_time_is_over_or_it_is_another():
    standing = phone(profile=LSC, operation="Install/Upgrade", mode=phones.BY_LSC, finish="2026:12:01:00:00")
    assert rules.decide(standing, rule(), aim()).elements == {}
    assert rules.decide(standing._replace(finish="2026:11:01:00:00"), rule(), aim()).elements["certificateOperation"] == "Install/Upgrade"
    assert rules.decide(standing._replace(mode=phones.BY_STRING), rule(), aim()).elements["authenticationMode"] == phones.BY_LSC
    assert rules.decide(standing._replace(finish="soon"), rule(), aim()).elements == {}


def test_a_finished_operation_is_never_compared():
    done = phone(profile=LSC, days=400, status="Upgrade Success")
    assert rules.decide(done, rule(), aim()).elements == {}
    troubled = phone(profile=LSC, days=400, operation="Troubleshoot")
    assert rules.decide(troubled, rule(), aim()).elements == {}


def test_jabber_gets_no_lsc_and_a_request_for_one_is_taken_back():
    jabber = rule(endpoint="jabber", profile=JABBER)
    assert rules.decide(phone("CSFJDOE", profile=JABBER, days=400), jabber, aim()).elements == {}
    change = rules.decide(phone("CSFJDOE", profile=JABBER, operation="Install/Upgrade"), jabber, aim())
    assert change.elements == {"certificateOperation": "No Pending Operation"} and not change.takes_effect
    assert rules.decide(phone("CSFJDOE", profile=JABBER, operation="Delete"), jabber, aim()).elements == {}


def test_a_phone_without_mic_enrols_first_and_is_associated_after():
    handset = rule(enrolment={"profile": NULL})
    first = rules.decide(phone(), handset, aim())
    assert (first.elements["securityProfileName"], first.elements["authenticationMode"]) == (NULL, phones.BY_NULL)
    assert rules.decide(phone(profile=NULL, days=400), handset, aim()).elements == {"securityProfileName": LSC}
    renewed = rules.decide(phone(profile=LSC, days=10), handset, aim())
    assert "securityProfileName" not in renewed.elements and renewed.elements["authenticationMode"] == phones.BY_LSC


def test_with_an_authentication_string_the_phone_keeps_its_profile_until_it_has_its_lsc():
    handset = rule(enrolment={"authentication_string": "471108"})
    change = rules.decide(phone(), handset, aim())
    assert "securityProfileName" not in change.elements
    assert (change.elements["authenticationMode"], change.elements["authenticationString"]) == (phones.BY_STRING, "471108")


# --- values --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("value, form, epoch", [
    ("2026:11:23:20:00", "%Y:%m:%d:%H:%M", NOW), ("2026 11 23 20", "%Y %m %d %H", NOW), ("2026-11-23 20:00", "%Y-%m-%d %H:%M", NOW),
    ("", None, None), ("tomorrow", None, None), ("2026:13:45:20:00", "%Y:%m:%d:%H:%M", None)])
def test_forms_of_operation_completes_by(value, form, epoch):
    assert (phones.finish_form(value), phones.finish_epoch(value)) == (form, epoch)


def test_the_form_that_phones_show_is_used():
    finish = phones.Finish(NOW, 30)
    finish.learn(["", "rubbish", "2025 01 02 03"])
    assert (finish.text(), finish.proven, finish.forms()) == ("2026 12 23 20", True, ["%Y %m %d %H"])
    assert phones.Finish(NOW, 30).forms() == ["%Y:%m:%d:%H:%M", "%Y %m %d %H"]


@pytest.mark.parametrize("name, common", [
    ("CN=CAPF-1a2b,OU=UC", "capf-1a2b"), ("O=Example;CN=CAPF-1a2b", "capf-1a2b"), ("/O=Example/CN=CAPF-1a2b", "capf-1a2b"), ("CAPF-1a2b", "capf-1a2b"),
    ("O=X, CN = Enterprise Issuing CA 1", "enterprise issuing ca 1")])
def test_common_names_in_any_spelling(name, common):
    assert phones.common_name(name) == common


def test_secrets_are_never_asked_for():
    assert not {"authenticationString", "sshPwd"} & set(phones.TAGS)
