# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All phones of a cluster brought to the rules: what is read, written and told, what stops it, and what a later run still knows."""
from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.action.phone_security import ActionModule
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_ledger import PhoneLedger
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_security import PhoneSecurity
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_security import PhonesRefused
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import DidNotStick
from ansible_collections.collab.security.plugins.plugin_utils.report import Report
from ansible_collections.collab.security.plugins.plugin_utils.resources.phone_rules import BadRules

sys.path.insert(0, str(Path(__file__).parent))
from fake_phones import BY_LSC  # noqa: E402
from fake_phones import DAY  # noqa: E402
from fake_phones import INSTALL  # noqa: E402
from fake_phones import JABBER  # noqa: E402
from fake_phones import LSC  # noqa: E402
from fake_phones import NONE  # noqa: E402
from fake_phones import NOW  # noqa: E402
from fake_phones import NULL  # noqa: E402
from fake_phones import PLAIN  # noqa: E402
from fake_phones import TFTP  # noqa: E402
from fake_phones import FakePhones  # noqa: E402

RULES = [
    {"name": "Jabber", "models": ["Cisco Unified Client Services Framework"], "endpoint": "jabber", "profile": JABBER},
    {"name": "Home", "device_pools": ["*_HOME"], "endpoint": "mra", "profile": NULL},
    {"name": "Desk", "models": ["Cisco 88*"], "profile": LSC}]
CLIENT = "Cisco Unified Client Services Framework"


@pytest.fixture
def us_cm(tmp_path):
    """Four desk phones in two pools, one of them away, a client, a phone at home, and one that no rule speaks of."""
    fake = FakePhones(tmp_path)
    fake.add("SEP0001")
    fake.add("SEP0002")
    fake.add("SEP0003", pool="US_DP_2")
    fake.add("SEP0004", registered=False)
    fake.add("CSFJDOE", model=CLIENT, sshUserId="admin")
    fake.add("SEPHOME1", pool="US_HOME")
    fake.add("ATA0001", model="Cisco ATA 191")
    return fake


def arguments(**more):
    checked = ActionModule.validator.validate({"rules": RULES, "granted": True, "timeout": 300, **more})
    assert not checked.error_messages, checked.error_messages
    return checked.validated_parameters


def run(fake, check=False, **more):
    fake.report = Report()
    fake.requests.clear()
    PhoneSecurity(fake, fake.pauses, arguments(**more)).run(check)
    return fake.report.result()


def ids(result):
    return {f["id"] for f in result["findings"]}


# --- the plain way -------------------------------------------------------------------------------------------------------

def test_each_kind_gets_what_table_7_14_says_and_the_second_run_writes_nothing(us_cm):
    result = run(us_cm)
    assert {name: p["securityProfileName"] for name, p in us_cm.phones.items()} == {
        "SEP0001": LSC, "SEP0002": LSC, "SEP0003": LSC, "SEP0004": LSC, "CSFJDOE": JABBER, "SEPHOME1": NULL, "ATA0001": PLAIN}
    assert [name for name, p in us_cm.phones.items() if int(p["lscvaliduntil"])] == ["SEP0001", "SEP0002", "SEP0003"]
    assert sorted(us_cm.made("updatePhone")) == ["CSFJDOE", "SEP0001", "SEP0002", "SEP0003", "SEP0004", "SEPHOME1"]
    assert us_cm.made("applyPhone") == ["CSFJDOE", "SEP0001", "SEP0002", "SEP0003", "SEPHOME1"], "the phone that is away reads it when it comes"
    assert result["changed"] and result["lsc_installed"] == 3 and result["counts"]["without_rule"] == 1
    states = dict.fromkeys(us_cm.made("updatePhone"), "told") | {"SEP0004": "reads it when it registers"}
    assert {row["name"]: row["state"] for row in result["phones"]} == states
    assert not list(us_cm.workspace.rglob("*.jsonl"))
    again = run(us_cm)
    assert not again["changed"] and us_cm.made("updatePhone", "applyPhone") == [] and again["phones"] == []
    assert us_cm.reads == ["listPhoneSecurityProfile", "status", "snapshot", "listPhone", "raw_sql"]


def test_only_the_elements_that_differ_are_sent(us_cm):
    us_cm.add("SEP0001", profile=LSC, lsc=10)
    run(us_cm)
    sent = us_cm.report.operations
    renewed = next(o for o in sent if o["arguments"].get("names") == ["SEP0001"])
    assert "securityProfileName" not in renewed["arguments"] and renewed["arguments"]["certificateOperation"] == INSTALL
    assert int(us_cm.phones["SEP0001"]["lscvaliduntil"]) > NOW + 1000 * DAY


def test_findings_are_kinds_with_counts_not_phones(us_cm):
    for n in range(300):
        us_cm.add("SEP9%03d" % n)
    result = run(us_cm, check=True)
    assert len(result["findings"]) < 12 and len(result["phones"]) == 306
    profile = next(f for f in result["findings"] if f["id"] == "phone-security-profile-assigned" and "Desk" in f["object"])
    assert profile["object"] == "304 phones (Desk)" and "and 299 more" in profile["message"]
    assert (profile["step"], profile["table"], profile["before"]) == ("assoc-mic-phones", "7-14", {PLAIN: 304})
    assert {"phone-lsc", "phone-credentials", "phone-without-rule", "phones-owe-apply"} <= ids(result)


def test_check_mode_lists_every_phone_and_touches_none(us_cm):
    result = run(us_cm, check=True)
    assert us_cm.made("updatePhone", "applyPhone", "resetPhone") == [] and not list(us_cm.workspace.rglob("*"))
    assert {row["name"]: row["registered"] for row in result["phones"]} == {
        "SEP0001": True, "SEP0002": True, "SEP0003": True, "SEP0004": False, "CSFJDOE": True, "SEPHOME1": True}
    assert [o["operation"] for o in result["operations"]] == ["updatePhone"] * 3 + ["applyPhone"] * 3
    assert [i["what"] for i in result["impact"]] == ["4 phones of device pool US_DP_1", "1 phone of device pool US_DP_2", "1 phone of device pool US_HOME"]


def test_not_granted_is_written_and_pending_and_told_by_the_next_run(us_cm):
    result = run(us_cm, granted=False)
    assert len(us_cm.made("updatePhone")) == 6 and us_cm.made("applyPhone") == []
    assert [(p["id"], p["step"]) for p in result["pending"]] == [("phones-not-granted", "phone-apply")]
    again = run(us_cm, granted=False)
    assert us_cm.made("updatePhone") == [] and again["pending"] == result["pending"] and not again["changed"]
    run(us_cm)
    assert us_cm.made("updatePhone") == [] and len(us_cm.made("applyPhone")) == 5


def test_batches_are_of_one_pool_and_no_larger_than_asked(us_cm):
    for n in range(5):
        us_cm.add("SEP8%03d" % n)
    result = run(us_cm, batch_size=2, method="reset")
    assert [(o["object"], o["arguments"]["names"]) for o in result["operations"] if o["operation"] == "resetPhone"] == [
        ("US_DP_1", ["CSFJDOE", "SEP0001"]), ("US_DP_1", ["SEP0002"]), ("US_DP_1", ["SEP8000", "SEP8001"]), ("US_DP_1", ["SEP8002", "SEP8003"]),
        ("US_DP_1", ["SEP8004"]), ("US_DP_2", ["SEP0003"]), ("US_HOME", ["SEPHOME1"])]


# --- LSCs ----------------------------------------------------------------------------------------------------------------

def test_lscs_are_reported_by_state_and_month(us_cm):
    us_cm.add("SEP0001", profile=LSC, lsc=10)
    us_cm.add("SEP0002", profile=LSC, lsc=-2)
    us_cm.add("SEP0003", profile=LSC, lsc=400, lscissuername="CN=CAPF-OTHER")
    us_cm.add("SEP0005", profile=LSC, lsc=400)
    report = run(us_cm, check=True)["lsc"]
    assert {k: report[k] for k in ("wanted", "good", "missing", "expired", "about_to_expire", "from_another_issuer")} == {
        "wanted": 5, "good": 1, "missing": 1, "expired": 1, "about_to_expire": 1, "from_another_issuer": 1}
    assert [e["name"] for e in report["expiring"]] == ["SEP0002", "SEP0001"] and report["by_month"] == {"2026-11": 1, "2026-12": 1, "2027-12": 2}


def test_an_online_ca_as_issuer(us_cm):
    us_cm.add("SEP0001", profile=LSC, lsc=400, lscissuername="C=US,CN=Enterprise Issuing CA 1")
    result = run(us_cm, check=True, lsc_issuers=["Enterprise Issuing CA 1"])
    assert "SEP0001" not in [row["name"] for row in result["phones"]]


def test_signers_of_mics_that_capf_does_not_trust_are_a_finding(us_cm):
    us_cm.trust = us_cm.trust[:2]
    found = next(f for f in run(us_cm, check=True)["findings"] if f["id"] == "mic-signer-missing")
    assert found["before"] == ["Cisco Root CA M2", "Cisco Manufacturing CA SHA2"]


def test_jabber_with_a_standing_request_and_encrypted_files_outside(us_cm):
    us_cm.add("CSFJDOE", model=CLIENT, profile=JABBER, certificateOperation=INSTALL, sshUserId="admin")
    us_cm.add("SEPHOME1", pool="US_HOME", profile=TFTP)
    result = run(us_cm)
    steps = {f["step"] for f in result["findings"]}
    assert {"jabber-no-lsc", "psp-tftpenc-scope", "mra-no-secrets", "assoc-mra-hardware"} <= steps
    assert us_cm.phones["CSFJDOE"]["certificateOperation"] == NONE and "CSFJDOE" not in us_cm.made("applyPhone")


def test_phones_without_mic_enrol_first_and_get_their_profile_in_the_same_run(us_cm):
    rules = [{"name": "Handsets", "names": ["SEP000*"], "profile": LSC, "enrolment": {"profile": NULL}}]
    for name in ("SEP0001", "SEP0002", "SEP0003"):
        us_cm.phones[name]["mic"] = False
    result = run(us_cm, rules=rules)
    assert [us_cm.phones[n]["securityProfileName"] for n in ("SEP0001", "SEP0002", "SEP0003", "SEP0004")] == [LSC, LSC, LSC, NULL]
    assert us_cm.made("updatePhone").count("SEP0001") == 2 and us_cm.made("applyPhone").count("SEP0001") == 2 and result["lsc_installed"] == 3
    assert not run(us_cm, rules=rules)["changed"]
    us_cm.add("SEP0004", profile=NULL, lsc=1000)
    assert "lsc-reprofile" in {f["step"] for f in run(us_cm, rules=rules)["findings"]} and us_cm.phones["SEP0004"]["securityProfileName"] == LSC


def test_an_authentication_string_is_sent_and_shown_nowhere(us_cm):
    rules = [{"name": "Handsets", "names": ["SEP0001"], "profile": LSC, "enrolment": {"authentication_string": "471108"}}]
    result = run(us_cm, rules=rules)
    phone = us_cm.phones["SEP0001"]
    assert (phone["authenticationString"], phone["authenticationMode"], phone["securityProfileName"]) == ("471108", "By Authentication String", PLAIN)
    assert "471108" not in json.dumps(result, default=str) + " ".join(us_cm.said)
    assert not run(us_cm, rules=rules)["changed"], "it waits for somebody to type the string"
    phone.update(certificateOperation=NONE, lscvaliduntil=str(NOW + 1000 * DAY), lscissuername=us_cm.issuer)
    run(us_cm, rules=rules)
    assert phone["securityProfileName"] == LSC and us_cm.made("updatePhone") == ["SEP0001"]


def test_an_encrypted_profile_before_the_string_is_typed_is_warned_of(us_cm):
    rules = [{"name": "Handsets", "names": ["NONE"], "profile": LSC, "enrolment": {"profile": NULL, "authentication_string": "471108"}}]
    run(us_cm, rules=rules)
    assert "cannot register until somebody has typed" in us_cm.warnings[0]


def test_lscs_of_an_unexpected_issuer_stop_after_the_first_batch(us_cm):
    us_cm.issuer = "CN=Somebody Else"
    with pytest.raises(Stuck, match="US_DP_1.*issued by CN=Somebody Else, and capf-1a2b3c4d is expected.*lsc_issuers.*Not told yet: 2 batches"):
        run(us_cm)
    assert "SEP0003" not in us_cm.made("applyPhone")


def test_a_batch_without_a_single_lsc_stops_the_rest(us_cm):
    for n in range(5):
        us_cm.add("SEP8%03d" % n)
    us_cm.lsc_fails = "Upgrade Failed: Invalid MIC"
    with pytest.raises(Stuck, match="not one of 7 phones of device pool US_DP_1 got its LSC.*registered again"):
        run(us_cm)
    assert "SEP0003" not in us_cm.made("applyPhone")
    assert "phone-lsc-failed" in ids(run(us_cm, check=True))


def test_few_lscs_that_do_not_come_are_told_and_stop_nothing(us_cm):
    us_cm.lsc_fails = "Upgrade Failed: CA Communication Failure"
    result = run(us_cm)
    assert "phone-lsc-not-installed" in ids(result) and result["lsc_installed"] == 0 and "SEP0003" in us_cm.made("applyPhone")


def test_a_phone_with_an_lsc_that_nobody_takes_keeps_a_plain_profile_until_it_has_a_new_one(us_cm):
    us_cm.add("SEP0001", lsc=-2)
    us_cm.add("SEP0002", lsc=400, lscissuername="CN=CAPF-OF-ANOTHER-CLUSTER")
    run(us_cm)
    for name in ("SEP0001", "SEP0002"):
        phone = us_cm.phones[name]
        assert (phone["securityProfileName"], phone["authenticationMode"]) == (LSC, "By Existing Certificate (precedence to MIC)"), name
        assert int(phone["lscvaliduntil"]) > NOW + 1000 * DAY and us_cm.made("updatePhone").count(name) == 2
    assert not run(us_cm)["changed"]


def test_with_a_profile_that_encrypts_it_is_left_alone_and_pending_unless_its_rule_says_how_to_enrol(us_cm):
    us_cm.add("SEP0001", profile=LSC, lsc=-2)
    result = run(us_cm)
    assert "SEP0001" not in us_cm.made("updatePhone", "applyPhone")
    assert [p["id"] for p in result["pending"]] == ["phones-cannot-prove-themselves"] and "SEP0001" in result["pending"][0]["reason"]
    assert "cannot prove itself" in [row["state"] for row in result["phones"] if row["name"] == "SEP0001"]
    rules = [{"name": "Expired", "names": ["SEP0001"], "profile": LSC, "enrolment": {"profile": NULL}}]
    run(us_cm, rules=rules)
    assert us_cm.phones["SEP0001"]["securityProfileName"] == LSC and int(us_cm.phones["SEP0001"]["lscvaliduntil"]) > NOW + 1000 * DAY


def test_a_former_capf_that_is_still_trusted_is_no_reason_to_wait(us_cm):
    us_cm.add("SEP0001", profile=LSC, lsc=400, lscissuername="CN=Cisco Manufacturing CA")
    run(us_cm)
    assert us_cm.phones["SEP0001"]["authenticationMode"] == BY_LSC and us_cm.phones["SEP0001"]["lscissuername"] == us_cm.issuer


def test_nothing_that_encrypts_is_written_or_told_while_restarts_are_owed(us_cm):
    run(us_cm, granted=False)
    us_cm.add("SEP0009")
    Owed(us_cm.workspace, "us_cm").add("Cisco CallManager", ["us-cm-sub1"], NOW, "mixed mode set")
    result = run(us_cm)
    assert us_cm.made("updatePhone", "applyPhone") == []
    assert {p["id"] for p in result["pending"]} == {"phones-wait-for-mode", "phones-wait-for-restarts"}
    assert all("Cisco CallManager on us-cm-sub1" in p["reason"] for p in result["pending"])
    Owed(us_cm.workspace, "us_cm").settle("Cisco CallManager", "us-cm-sub1")
    run(us_cm)
    assert us_cm.made("updatePhone") == ["SEP0009"] and len(us_cm.made("applyPhone")) == 6


def test_check_mode_does_without_ris_where_it_has_no_time(us_cm):
    us_cm.faults.append({"operation": "devices", "kind": "busy", "times": -1})
    us_cm.ask = us_cm.once
    assert {row["registered"] for row in run(us_cm, check=True)["phones"]} == {None} and "RIS has no time" in us_cm.warnings[0]


def test_no_lsc_is_asked_for_while_capf_does_not_run(us_cm):
    us_cm.capf_runs = False
    assert "capf-not-running" in ids(run(us_cm, check=True))
    with pytest.raises(Stuck, match="does not run on us-cm-pub, so no LSC would be issued \\(asked for: 4 phones\\).*Nothing was written"):
        run(us_cm)
    assert us_cm.made("updatePhone") == []


# --- what stops it -------------------------------------------------------------------------------------------------------

def test_profiles_that_do_not_exist_stop_before_anything_is_written(us_cm):
    rules = [RULES[0], {"name": "Desk", "models": ["*"], "profile": "UDT-Encryped-LSC"}]
    with pytest.raises(BadRules, match="rule 'Desk' names the phone security profile 'UDT-Encryped-LSC', which does not exist.*has: UDT-Encrypted-LSC"):
        run(us_cm, rules=rules)
    assert us_cm.made("updatePhone") == [] and not list(us_cm.workspace.rglob("*"))
    assert "phone-security-profile-missing" in ids(run(us_cm, check=True, rules=rules))


def test_encrypted_profiles_wait_for_mixed_mode_and_jabber_does_not(us_cm):
    us_cm.mixed = "0"
    result = run(us_cm)
    assert us_cm.made("updatePhone") == ["CSFJDOE"] and [p["id"] for p in result["pending"]] == ["phones-wait-for-mode"]
    assert {row["state"] for row in result["phones"] if row["name"] != "CSFJDOE"} == {"waits for mixed mode"}


def test_a_batch_that_does_not_come_back_stops_the_rest_and_stays_on_record(us_cm):
    us_cm.never = {"SEP0002"}
    with pytest.raises(Stuck, match="3 phones of device pool US_DP_1; but not all came back within 300 s: not registered are 1 of 3: SEP0002.*"
                                    "Not told yet: 2 batches, of device pools US_DP_2, US_HOME"):
        run(us_cm)
    states = {row["name"]: row["state"] for row in us_cm.report.result()["phones"]}
    assert (states["SEP0001"], states["SEP0002"], states["SEP0003"]) == ("not registered again", "not registered again", "not told yet")
    with pytest.raises(Stuck, match="SEP0002"):
        run(us_cm)
    assert us_cm.made("updatePhone", "applyPhone") == [], "nobody else is disturbed while they are away"
    us_cm.never = set()
    run(us_cm)
    assert us_cm.made("applyPhone") == ["SEP0003", "SEPHOME1"] and not list(us_cm.workspace.rglob("*.jsonl"))


def test_a_phone_that_is_gone_for_good_can_be_deleted_or_left_out(us_cm):
    us_cm.never = {"SEP0002"}
    with pytest.raises(Stuck):
        run(us_cm)
    run(us_cm, rules=[{"name": "Away", "names": ["SEP0002"], "skip": True}, *RULES])
    assert us_cm.made("applyPhone") == ["SEP0003", "SEPHOME1"]


def test_an_applied_phone_that_needs_no_restart_is_not_waited_for_forever(us_cm):
    settle = us_cm.settle

    def stays(phone):
        phone.update(registered=True, told=None) if phone["name"] == "SEP0001" else settle(phone)

    us_cm.settle = stays
    us_cm.phones["SEP0001"].update(lscvaliduntil=str(NOW + 1000 * DAY), lscissuername=us_cm.issuer)
    run(us_cm)
    assert us_cm.now - NOW < 300
    us_cm.add("SEP0001")
    us_cm.phones["SEP0001"].update(lscvaliduntil=str(NOW + 1000 * DAY), lscissuername=us_cm.issuer)
    with pytest.raises(Stuck, match="not registered anew are 1 of 1: SEP0001"):
        run(us_cm, method="reset")


def test_a_refused_phone_fails_the_task_once_all_others_are_done(us_cm):
    us_cm.faults.append({"operation": "updatePhone", "kind": "refused", "name": "SEP0001", "detail": {"text": "The model does not support it"}, "times": -1})
    with pytest.raises(PhonesRefused, match="AXL refuses 1 phone \\(SEP0001\\): The model does not support it. All other phones are done"):
        run(us_cm)
    assert us_cm.phones["SEP0003"]["securityProfileName"] == LSC and "SEP0001" not in us_cm.made("applyPhone")
    assert not list(us_cm.workspace.rglob("*.jsonl"))


def test_what_does_not_stick_is_no_success(us_cm):
    update = us_cm.update
    us_cm.update = lambda phone, elements: update(phone, {k: v for k, v in elements.items() if phone["name"] != "SEP0002" or k != "securityProfileName"})
    with pytest.raises(DidNotStick, match="1 of 6 phones that were written do not show it: SEP0002 \\(securityProfileName\\)"):
        run(us_cm)
    assert us_cm.made("applyPhone") == []


def test_an_operation_that_has_ended_by_itself_meanwhile_did_stick(us_cm):
    update = us_cm.update

    def at_once(phone, elements):
        update(phone, elements)
        phone.update(certificateOperation=NONE, certificateStatus="Upgrade Failed: Phone Communication Failure")
        return {}

    us_cm.update = at_once
    run(us_cm, granted=False)
    assert len(us_cm.made("updatePhone")) == 6


# --- killed --------------------------------------------------------------------------------------------------------------

def test_killed_before_or_after_any_request_the_next_run_does_what_is_left(us_cm, tmp_path):
    run(us_cm)
    writes, total = {n: us_cm.made("updatePhone").count(n) for n in us_cm.phones}, len(us_cm.requests)
    told = set(us_cm.made("applyPhone"))
    for after in (False, True):
        for number in range(total):
            fake = FakePhones(tmp_path / ("%s%d" % (after, number)))
            for name, pool, registered, model in (("SEP0001", "US_DP_1", True, "Cisco 8845"), ("SEP0002", "US_DP_1", True, "Cisco 8845"),
                                                  ("SEP0003", "US_DP_2", True, "Cisco 8845"), ("SEP0004", "US_DP_1", False, "Cisco 8845"),
                                                  ("CSFJDOE", "US_DP_1", True, CLIENT), ("SEPHOME1", "US_HOME", True, "Cisco 8845"),
                                                  ("ATA0001", "US_DP_1", True, "Cisco ATA 191")):
                fake.add(name, pool=pool, registered=registered, model=model)
            once, counted = fake.once, []

            def dies(channel, op, once=once, counted=counted, number=number, after=after, **args):
                counted.append(op)
                if len(counted) == number + 1:
                    if after:
                        once(channel, op, **args)
                    raise KeyboardInterrupt
                return once(channel, op, **args)

            fake.once = dies
            with pytest.raises(KeyboardInterrupt):
                run(fake)
            first, fake.once = list(fake.requests), once
            fake.sleep(60)
            run(fake)
            both = first + fake.requests
            updates = [n for o, n in both if o == "updatePhone"]
            applies = [n for o, n in both if o == "applyPhone"]
            assert {n: updates.count(n) for n in fake.phones} == writes, (after, number)
            assert set(applies) == told and len(applies) - len(told) <= after, (after, number, applies)
            assert not list(fake.workspace.rglob("*.jsonl"))
            assert not run(fake)["changed"]


def test_what_is_owed_from_before_is_told_even_where_nothing_differs(us_cm):
    run(us_cm)
    PhoneLedger(us_cm.workspace, "us_cm", "apply").owe(["SEP0001", "SEPGONE"])
    result = run(us_cm)
    assert us_cm.made("updatePhone", "applyPhone") == ["SEP0001"] and "phones-owe-apply" in ids(result)
