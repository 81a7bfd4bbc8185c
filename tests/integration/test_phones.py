# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones and LSCs (Table 7-14) as another administrator sees them, and a crowd of phones in a lab of their own: bulk, batches, faults, kills."""
from __future__ import annotations

import hashlib
import json
import re
import shutil
import ssl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.administrator import Administrator
from tests.integration.conftest import free_network
from tests.integration.harness import REPOSITORY
from tests.integration.harness import Estate

DESK, NULL, JABBER = "UDT-Encrypted-LSC-TFTPenc.ent-pa.com", "UDT-Encrypted-NullString.ent-pa.com", "UDT-Jabber-SIPOAuth"
PHONES = 240
ONLY = [{"hosts": "publishers:&unified_cm", "gather_facts": False, "tasks": [{"ansible.builtin.import_role": {"name": "collab.security.phones"}}]}]
RULE = {"name": "Everybody", "names": ["SEP0C75BD*"], "profile": DESK}
PAGE = "<html><body>the page of a web server that has had enough</body></html>"


def rows(admin: Administrator, query: str) -> list[dict[str, str]]:
    """What a query shows."""
    reply = admin.axl("executeSQLQuery", "<sql>%s</sql>" % query)
    return [dict(re.findall(r"<(\w+)>([^<]*)</\1>", row)) for row in re.findall("<row>.*?</row>", reply, re.DOTALL)]


def phones_of(admin: Administrator) -> dict[str, dict[str, str]]:
    """Every phone with its profile and its LSC."""
    found = rows(admin, "select d.name as name, s.name as profile, d.lscvaliduntil as until, d.lscissuername as issuer, d.tkcertificateoperation as operation "
                        "from device d join securityprofile s on d.fksecurityprofile = s.pkid where d.tkclass = 1")
    return {row["name"]: row for row in found}


# --- the estate's phones of every kind -----------------------------------------------------------------------------------

def test_each_phone_is_what_table_7_14_says(secured: Estate) -> None:
    """Desk phones and room systems with an LSC by CAPF, Jabber and phones over MRA without one, the phone without MIC enrolled and then associated."""
    found = phones_of(Administrator(secured))
    jabber = {name for name in found if name.startswith(("CSF", "TCT", "BOT", "TAB"))}
    outside = {"SEP0011AABB0200", "SEP0011AABB0201"}
    assert {found[name]["profile"] for name in jabber} == {JABBER} and {found[name]["profile"] for name in outside} == {NULL}
    desk = set(found) - jabber - outside
    assert {found[name]["profile"] for name in desk} == {DESK}
    assert {name for name, row in found.items() if row["until"] != "0"} == desk - {"SEP0011AABB0009"}, "the one in its box gets its LSC when it is plugged in"
    assert len({row["issuer"] for name, row in found.items() if row["until"] != "0"}) == 1
    assert found["SEP0011AABB0009"]["operation"] == "2" and {found[name]["operation"] for name in jabber | outside} == {"1"}


def test_a_standing_request_on_jabber_is_found_and_taken_back(secured: Estate) -> None:
    """And nothing else of the client is touched."""
    admin = Administrator(secured)
    admin.axl("updatePhone", "<name>CSFJDOE</name><certificateOperation>Install/Upgrade</certificateOperation>"
              "<authenticationMode>By Null String</authenticationMode><upgradeFinishTime>2030:01:01:00:00</upgradeFinishTime><sshUserId>admin</sshUserId>")
    drift = secured.play("drift.yml").ok()
    assert {"jabber-no-lsc", "mra-no-secrets"} <= {f["step"] for f in drift.findings if "CSFJDOE" in f["message"]}
    since = secured.mark()
    secured.play().ok()
    assert [(e["operation"], e["detail"]["object"]) for e in secured.journal(writes=True, since=since)] == [("updatePhone", "CSFJDOE")]
    assert phones_of(admin)["CSFJDOE"]["operation"] == "1"


BAD = {
    "unknown profile": ([{**RULE, "profile": "UDT-Encryped"}], ("UDT-Encryped", "does not exist", "phones_rules")),
    "LSC over MRA": ([{**RULE, "endpoint": "mra", "lsc": True}], ("mobile and remote access", "Everybody")),
    "rule that hides the next": ([{"name": "all", "profile": DESK}, RULE], ("would never match",)),
    "neither profile nor skip": ([{"name": "all"}], ("either profile or skip",)),
    "string that cannot be typed": ([{**RULE, "enrolment": {"authentication_string": "planted-Str1ng"}}], ("4 to 10 digits",)),
    "unknown kind": ([{**RULE, "endpoint": "home"}], ("endpoint", "on_premises")),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_rules_stop_before_anything_is_written(secured: Estate, name: str) -> None:
    """The message names the rule and what is wrong; a secret in it is not shown."""
    given, words = BAD[name]
    since = secured.mark()
    run = secured.play("site.yml", "--tags", "phones", variables={"phones_rules": given}).refused(*words)
    assert "planted-Str1ng" not in run.output
    assert secured.journal(writes=True, since=since) == []


# --- a crowd -------------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """A lab with some hundred phones, all as they should be, in three device pools."""
    directory = Path(tmp_path_factory.mktemp("crowd"))
    source = directory / "source"
    shutil.copytree(REPOSITORY / "inventories" / "lab", source)
    estate = yaml.safe_load((source / "estate.yml").read_text())
    us = estate["clusters"]["us_cm"]
    us["device_pools"] += [{"name": "US_DP_%d" % n, "callmanager_group": "US_CMG_1"} for n in (2, 3)]
    us["phone_security_profiles"] = [{
        "name": DESK, "phoneType": "Universal Device Template", "protocol": "Protocol Not Specified", "deviceSecurityMode": "Encrypted", "transportType": "TLS",
        "authenticationMode": "By Existing Certificate (precedence to LSC)", "keySize": 2048, "tftpEncryptedConfig": True}]
    us["made_phones"] = {"security_profile": DESK, "lsc": {"days": 900}}
    (source / "estate.yml").write_text(yaml.safe_dump(estate))
    found = Estate(directory, free_network(), source=source)
    found.up("--phones", str(PHONES))
    try:
        found.play(variables={"phones_rules": [RULE]}).ok()
        found.save("ready")
        yield found
    finally:
        found.down()


@pytest.fixture
def crowd(crowded: Estate) -> Estate:
    """The crowd, every phone as it should be; `only` is a play with the role alone."""
    crowded.load("ready")
    (crowded.directory / "only.yml").write_text(json.dumps(ONLY))
    return crowded


def only(estate: Estate, *arguments: str, **variables: object):
    """The role alone, on the phones that were made by number."""
    return estate.play(str(estate.directory / "only.yml"), *arguments, variables={"phones_rules": [RULE], **variables})


def spoil(estate: Estate, number: int, *arguments: str) -> list[str]:
    """Names of phones that are wrong from now on."""
    return json.loads(estate.lab("spoil", "us_cm", str(number), *arguments))


def counted(estate: Estate, since: int) -> Counter:
    """Requests by operation."""
    return Counter(e["operation"] for e in estate.journal(since=since))


def written(estate: Estate, since: int, operation: str = "updatePhone") -> list[str]:
    """Objects of the writes of one operation."""
    return [e["detail"]["object"] for e in estate.journal(writes=True, since=since) if e["operation"] == operation]


def task(run) -> dict:
    """What the module returned."""
    return next(t["result"] for t in run.report["tasks"] if t["action"] == "collab.security.phone_security")


def test_wrong_phones_are_found_and_mended_and_no_others(crowd: Estate) -> None:
    """Drift lists them in few requests and writes nothing; mending writes each once, tells each once, and reads little."""
    wrong = spoil(crowd, 60)
    since = crowd.mark()
    drift = only(crowd, "--check", "--diff").ok()
    assert sorted(row["name"] for row in task(drift)["phones"]) == sorted(wrong)
    asked = counted(crowd, since)
    assert sum(asked.values()) <= 25 and crowd.journal(writes=True, since=since) == [], asked
    assert len(drift.findings) < 10 and {"missing", "about to expire", "from another issuer"} <= {f["before"] for f in drift.findings if f["id"] == "phone-lsc"}

    since = crowd.mark()
    run = only(crowd).ok()
    assert sorted(written(crowd, since)) == sorted(wrong) == sorted(written(crowd, since, "applyPhone"))
    reads = sum(e["kind"] == "read" for e in crowd.journal(since=since))
    assert reads <= 60, counted(crowd, since)
    assert task(run)["lsc_installed"] == 45 and "of device pool US_DP_3" in run.output

    since = crowd.mark()
    assert only(crowd).ok().changed == 0
    assert crowd.journal(writes=True, since=since) == []


def test_what_is_not_granted_is_told_by_a_later_run(crowd: Estate) -> None:
    """Written now, pending with the list, told in the window; by reset, if that is wanted."""
    wrong = spoil(crowd, 12)
    since = crowd.mark()
    run = only(crowd, collab_disruption=[]).ok()
    assert sorted(written(crowd, since)) == sorted(wrong) and written(crowd, since, "applyPhone") == []
    assert [p["id"] for p in run.pending] == ["phones-not-granted"]
    since = crowd.mark()
    assert only(crowd, collab_disruption=[]).ok().changed == 0
    only(crowd, phones_method="reset").ok()
    assert sorted(written(crowd, since, "resetPhone")) == sorted(wrong) and written(crowd, since) == []
    assert only(crowd).ok().changed == 0


def test_a_batch_that_never_registers_again_stops_the_rest(crowd: Estate) -> None:
    """The message names the phones that are away and the batches that are left; nobody else is disturbed until they are back."""
    wrong = spoil(crowd, 30, "--kind", "profile")
    crowd.fault(channel="phones", node="us_cm", operation="register %s" % wrong[0], action="never", times=0)
    since = crowd.mark()
    only(crowd, phones_timeout=3).refused(wrong[0], "not all came back", "Not told yet", "run again")
    told = written(crowd, since, "applyPhone")
    assert wrong[0] in told and len(told) < len(wrong)
    since = crowd.mark()
    only(crowd, phones_timeout=3).refused(wrong[0])
    assert crowd.journal(writes=True, since=since) == []
    crowd.lab("fault", "clear")
    Administrator(crowd).axl("resetPhone", "<name>%s</name>" % wrong[0])
    since = crowd.mark()
    only(crowd).ok()
    assert sorted(told + written(crowd, since, "applyPhone")) == sorted(wrong)
    assert only(crowd).ok().changed == 0


FAULTS = {
    "AXL takes no writes for a while": ({"channel": "axl", "operation": "updatePhone", "action": "status", "status": 503, "nth": 5, "times": 3}, True),
    "lost after the write": ({"channel": "axl", "operation": "updatePhone", "phase": "after", "action": "reset", "nth": 7}, True),
    "lost before the write": ({"channel": "axl", "operation": "updatePhone", "action": "drop", "nth": 7}, True),
    "AXL fails at one phone": ({"channel": "axl", "operation": "updatePhone", "action": "status", "status": 500, "body": PAGE, "nth": 9}, False),
    "RIS has no time": ({"channel": "ris", "operation": "selectCmDeviceExt", "action": "status", "status": 503, "times": 3}, True),
    "AXL fails while phones are told": ({"channel": "axl", "operation": "applyPhone", "action": "status", "status": 500, "body": PAGE, "nth": 4}, False),
}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_faults_in_the_middle(crowd: Estate, name: str) -> None:
    """Each write is made once, whatever happens; where a run ends with an error, the next one does what is left."""
    rule, through = FAULTS[name]
    wrong = spoil(crowd, 24)
    crowd.fault(**rule)
    since = crowd.mark()
    run = only(crowd)
    assert (run.code == 0) is through, run.report["tasks"][-1]["msg"]
    assert "Traceback" not in run.output and "a bug in" not in run.output
    if not through:
        assert "a web server that has had enough" in run.output
    assert [f for f in json.loads(crowd.lab("fault", "list")) if not f["struck"]] == []
    crowd.lab("fault", "clear")
    only(crowd).ok()
    done = [e["detail"]["object"] for e in crowd.journal(writes=True, since=since) if e["operation"] == "updatePhone" and not e["detail"].get("refused")]
    assert set(done) == set(wrong)
    assert only(crowd).ok().changed == 0
    found = phones_of(Administrator(crowd))
    assert {found[name]["profile"] for name in wrong} == {DESK} and all(int(found[name]["until"]) > 0 for name in wrong)


def test_an_expired_lsc_is_not_a_phone_cut_off(crowd: Estate) -> None:
    """With a profile that encrypts it could not register again: it is left alone and pending, until its rule says how to enrol."""
    wrong = spoil(crowd, 4, "--kind", "expiring")
    crowd.lab("clock", "advance", str(6 * 86400))
    since = crowd.mark()
    run = only(crowd).ok()
    assert [p["id"] for p in run.pending] == ["phones-cannot-prove-themselves"] and crowd.journal(writes=True, since=since) == []
    only(crowd, phones_rules=[{**RULE, "enrolment": {"profile": NULL}}]).ok()
    assert set(written(crowd, since)) == set(wrong)
    assert only(crowd).ok().changed == 0
    found = phones_of(Administrator(crowd))
    assert {found[name]["profile"] for name in wrong} == {DESK} and all(int(found[name]["until"]) > 1_900_000_000 for name in wrong)


def test_killed_again_and_again(crowd: Estate) -> None:
    """Each run is killed after some more writes; together they write each phone once and tell each once (the one under way at a kill at most twice)."""
    wrong = spoil(crowd, 160)
    since, kills = crowd.mark(), 0
    play, variables = str(crowd.directory / "only.yml"), {"phones_rules": [RULE]}
    while crowd.play_and_kill(9, play, variables=variables):
        kills += 1
        assert kills < 30
    assert kills >= 3, "too few kills to mean anything"
    only(crowd).ok()
    updates, applies = Counter(written(crowd, since)), Counter(written(crowd, since, "applyPhone"))
    assert set(updates) == set(wrong) == set(applies)
    assert set(updates.values()) == {1}, updates.most_common(3)
    assert sum(applies.values()) - len(wrong) <= kills
    since = crowd.mark()
    assert only(crowd).ok().changed == 0
    assert crowd.journal(writes=True, since=since) == []


def test_an_authentication_string_is_left_nowhere(crowd: Estate) -> None:
    """Neither in the output at -vvvv, nor in report, workspace or log."""
    crowd.lab("variant", "set", "capf_settings", "phone")
    rule = {"name": "Handsets", "names": ["SEP0C75BD000001"], "profile": DESK, "enrolment": {"authentication_string": "8472913650"}}
    spoil(crowd, PHONES, "--kind", "missing")
    play, given = str(crowd.directory / "only.yml"), {"collab_disruption": [], "phones_rules": [rule]}
    run = crowd.play(play, "-vvvv", "--diff", variables=given, environment={"ANSIBLE_LOG_PATH": str(crowd.directory / "ansible.log")}).ok()
    assert run.changed == 1
    left = [crowd.directory / "report.json", crowd.directory / "ansible.log", *crowd.workspace.rglob("*")]
    command = crowd.command(play, variables=given)
    shown = run.output.replace(command[command.index("-e") + 1], "")        # Ansible repeats its command line
    assert "8472913650" not in shown
    for file in left:
        if file.is_file():
            assert "8472913650" not in file.read_text(errors="replace"), file


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """A dozen phones on day 0 in a lab whose minute takes three seconds, so that the limits a minute bite."""
    directory = Path(tmp_path_factory.mktemp("slow"))
    found = Estate(directory, free_network())
    found.up("--phones", "12", "--speed", "20")
    (directory / "only.yml").write_text(json.dumps(ONLY))
    try:
        yield found
    finally:
        found.down()


def test_ris_is_asked_no_more_often_than_it_allows_and_waited_for_where_it_refuses(slow: Estate) -> None:
    """One phone a batch, looked at again and again: RIS refuses, the run waits, and each phone is told once."""
    rule = {"name": "Plain", "names": ["SEP0C75BD*"], "profile": "Universal Device Template - Model-independent Security Profile", "lsc": False}
    only(slow, phones_rules=[rule], phones_batch_size=1, phones_method="reset", collab_poll_seconds=0.05).ok()
    told, asked = Counter(written(slow, 0, "resetPhone")), [e for e in slow.journal() if e["operation"] == "selectCmDeviceExt"]
    assert len(told) == 12 and set(told.values()) == {1}
    assert any("rate" in str(e["detail"]).lower() for e in asked), "RIS never refused, so this tests nothing"


def test_phones_that_axl_refuses_are_named_and_all_others_are_done(slow: Estate) -> None:
    """A profile of one model on phones of several: those of that model get it, and are told; the task fails with the others' names and AXL's words."""
    models = {row["name"]: row["model"] for row in rows(Administrator(slow), "select d.name as name, m.name as model from device d join typemodel m "
                                                                             "on d.tkmodel = m.enum where d.tkclass = 1") if row["name"].startswith("SEP0C")}
    mine = {name for name, model in models.items() if model == "Cisco 8845"}
    rule = {"name": "One model", "names": ["SEP0C75BD*"], "profile": "Cisco 8845 - Standard SIP Non-Secure Profile", "lsc": False}
    for name in sorted(mine):
        Administrator(slow).axl("updatePhone", "<name>%s</name><securityProfileName>Universal Device Template - Model-independent Security Profile"
                                "</securityProfileName>" % name)
    since = slow.mark()
    refused = "AXL refuses %d phones" % (len(models) - len(mine))
    run = only(slow, phones_rules=[rule]).refused(refused, "does not match the device type", "All other phones are done")
    assert {name for name, row in phones_of(Administrator(slow)).items() if row["profile"] == rule["profile"]} >= mine
    assert set(written(slow, since, "applyPhone")) == mine
    assert len(run.output) < 20_000


def test_no_write_is_lost_or_repeated_while_too_many_changes_are_outstanding(tmp_path: Path) -> None:
    """More phones than the cluster lets be outstanding, and few worked off in a second: it refuses, the run waits, and each phone is written once."""
    estate, many = Estate(tmp_path, free_network()), 1560
    estate.up("--phones", str(many), "--drain", "0.001")
    (tmp_path / "only.yml").write_text(json.dumps(ONLY))
    try:
        rule = {"name": "Plain", "names": ["SEP0C75BD*"], "profile": "Universal Device Template - Model-independent Security Profile", "lsc": False}
        run = only(estate, phones_rules=[rule], collab_disruption=[]).ok()
        tries = [e["detail"] for e in estate.journal(writes=True) if e["operation"] == "updatePhone"]
    finally:
        estate.down()
    done = [one["object"] for one in tries if not one.get("refused")]
    assert len(done) == len(set(done)) == many
    assert 0 < len(tries) - many <= 25 and run.output.count("takes no writes now") == 1


# --- secure SRST ---------------------------------------------------------------------------------------------------------

def fingerprint_of(estate: Estate) -> str:
    """SHA-256 of what the branch's router serves."""
    pem = ssl.get_server_certificate((estate.network + ".9.81", 2445))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()


def is_secure(estate: Estate) -> bool:
    """What the reference says."""
    return rows(Administrator(estate), "select name, issecure from srst where name = 'US_BRANCH_SRST'")[0]["issecure"] == "t"


def srst(run) -> dict:
    """The reference in the module's result."""
    return next(t["result"]["references"][0] for t in run.report["tasks"] if t["action"] == "collab.security.srst_reference")


def test_srst_is_secure_and_its_certificate_is_pending_until_confirmed(secured: Estate) -> None:
    """The router's certificate is shown with its fingerprint; once an administrator has confirmed it, the phones behind it are told, once."""
    assert is_secure(secured)
    run = secured.play("site.yml", "--tags", "srst,phones").ok()
    assert (run.changed, srst(run)["certificate"], srst(run)["sha256"].replace(":", "")) == (0, "not known", fingerprint_of(secured))
    assert [p["object"] for p in run.pending if p["step"] == "srst-fetch"] == ["US_BRANCH_SRST"]
    secured.lab("srst", "us_cm", "US_BRANCH_SRST")
    confirmed = {"collab_srst_references": [{"name": "US_BRANCH_SRST", "server_name": "us-branch1.ent-pa.com", "certificate_sha256": fingerprint_of(secured)}]}
    since = secured.mark()
    assert srst(secured.play("site.yml", "--tags", "srst,phones", variables=confirmed).ok())["certificate"] == "confirmed"
    assert written(secured, since, "applyPhone") == ["SEP0011AABB0300"]
    since = secured.mark()
    assert secured.play("site.yml", "--tags", "srst,phones", variables=confirmed).ok().changed == 0
    assert secured.journal(writes=True, since=since) == []


@pytest.mark.parametrize("place", ["in_srst_info", "beside"])
def test_a_phone_with_a_plain_file_shows_the_certificate(secured: Estate, place: str) -> None:
    """Where saving the reference is enough, the next run sees in a phone's file that Unified CM has the router's certificate."""
    secured.lab("variant", "set", "srst_fetch", "on_update", "srst_certificate_place", place)
    Administrator(secured).axl("updateSrst", "<name>US_BRANCH_SRST</name><isSecure>false</isSecure>")
    plain = {"collab_phone_rules": [{"name": "Branch", "device_pools": ["US_BRANCH"], "profile": "UDT-Encrypted-LSC.ent-pa.com"}]}
    run = secured.play("site.yml", "--tags", "srst,phones", variables=plain).ok()
    assert is_secure(secured) and run.changed
    run = secured.play("site.yml", "--tags", "srst,phones", variables=plain).ok()
    assert (run.changed, srst(run)["certificate"]) == (0, "taken") and not [p for p in run.pending if p["step"] == "srst-fetch"]


def test_srst_router_that_is_not_proven(secured: Estate) -> None:
    """The reference stays as it is, pending with what to do; a wrong name in the list stops the run."""
    Administrator(secured).axl("updateSrst", "<name>US_BRANCH_SRST</name><isSecure>false</isSecure>")
    since = secured.mark()
    run = secured.play("site.yml", "--tags", "srst", variables={"collab_srst_references": [{"name": "US_BRANCH_SRST", "server_name": "other.ent-pa.com"}]}).ok()
    assert [(p["object"], p["step"]) for p in run.pending] == [("US_BRANCH_SRST", "srst-certificate")] and not is_secure(secured)
    unknown = {"collab_srst_references": [{"name": "US_BRANCH"}]}
    secured.play("site.yml", "--tags", "srst", variables=unknown).refused("US_BRANCH_SRST", "collab_srst_references")
    assert secured.journal(writes=True, since=since) == []
