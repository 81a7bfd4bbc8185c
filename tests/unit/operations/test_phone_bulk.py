# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bulk reads in pages, the record of phones that have to be told, and writes paced by the answers."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations import bulk
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_batches import Batches
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_ledger import PhoneLedger
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_writes import PATIENCE
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_writes import Writer
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from ansible_collections.collab.security.plugins.plugin_utils.owed import OwedError
from ansible_collections.collab.security.plugins.plugin_utils.resources import phones as phones_
from ansible_collections.collab.security.plugins.plugin_utils.resources.phone_rules import Change

sys.path.insert(0, str(Path(__file__).parent))
from fake_phones import LSC  # noqa: E402
from fake_phones import NOW  # noqa: E402
from fake_phones import FakePhones  # noqa: E402


@pytest.fixture
def many(tmp_path):
    """25 phones."""
    fake = FakePhones(tmp_path)
    for n in range(25):
        fake.add("SEP%012X" % n, lsc=100 + n, sshUserId="admin" if n == 3 else "")
    return fake


# --- pages ---------------------------------------------------------------------------------------------------------------

def test_all_phones_with_their_lscs(many, monkeypatch):
    monkeypatch.setattr(bulk, "PAGE", 10)
    found = bulk.phones(many)
    assert len(found) == 25 and many.reads == ["listPhone"] * 3 + ["raw_sql"]
    assert found["SEP000000000003"].accounts == ("sshUserId",)
    assert (found["SEP000000000003"].lsc_until, found["SEP000000000003"].lsc_issuer) == (NOW + 103 * 86400, many.issuer)


@pytest.mark.parametrize("words", ["Suggestive Row Fetch: less than 9 rows", "Suggested row fetch: less than 9 rows"])
def test_pages_shrink_as_the_server_says(many, monkeypatch, words):
    monkeypatch.setattr(bulk, "PAGE", 20)
    asked = []

    def ask(skip, first):
        asked.append((skip, first))
        if first > 9:
            raise NodeError("refused", "AXL listPhone: Query request too large. Total rows matched: 25 rows. " + words)
        return [{"name": n} for n in range(25)][skip:skip + first]

    assert len(list(bulk.pages(ask, 20, lambda row: row["name"]))) == 25
    assert asked == [(0, 20), (0, 8), (8, 8), (16, 8), (24, 8)]


def test_another_fault_is_no_page(many):
    def ask(skip, first):
        raise NodeError("refused", "AXL listPhone: something else")
    with pytest.raises(NodeError, match="something else"):
        list(bulk.pages(ask, 20, id))


def test_a_server_that_knows_no_pages(many, monkeypatch):
    monkeypatch.setattr(bulk, "PAGE", 10)
    many.ignores_paging = "both"
    assert len(bulk.read(many, ("name",))) == 25 and len(many.reads) == 1


def test_a_server_that_knows_no_skip_is_not_taken_for_complete(many, monkeypatch):
    monkeypatch.setattr(bulk, "PAGE", 10)
    many.ignores_paging = "skip"
    with pytest.raises(bulk.CannotPage, match="first 10 rows again and again"):
        bulk.read(many, ("name",))


def test_an_empty_cluster(tmp_path):
    assert bulk.phones(FakePhones(tmp_path)) == {}


# --- the record ----------------------------------------------------------------------------------------------------------

def test_the_record_outlives_a_run_and_is_gone_when_all_is_through(tmp_path):
    one = PhoneLedger(tmp_path, "us_cm", "apply")
    one.owe(["A", "B", "C"])
    one.tell("A", 17)
    again = PhoneLedger(tmp_path, "us_cm", "apply")
    assert (list(again.owes), again.told) == (["B", "C"], {"A": 17})
    again.owe(["A"])
    assert "A" in again.owes and again.told == {}
    again.through(["A", "B"])
    assert list(PhoneLedger(tmp_path, "us_cm", "apply").owes) == ["C"]
    again.through(["C"])
    assert not again.path.exists()


def test_a_line_cut_short_by_a_kill_is_as_if_never_written(tmp_path):
    one = PhoneLedger(tmp_path, "us_cm", "apply")
    one.owe(["A", "B"])
    with open(one.path, "a") as f:
        f.write('{"told": "A", "bef')
    again = PhoneLedger(tmp_path, "us_cm", "apply")
    assert list(again.owes) == ["A", "B"]
    again.tell("B", None)
    third = PhoneLedger(tmp_path, "us_cm", "apply")
    assert (list(third.owes), third.told) == (["A"], {"B": None})
    assert third.path.stat().st_mode & 0o077 == 0


def test_an_older_debt_does_not_count(tmp_path):
    one = PhoneLedger(tmp_path, "us_cm", "reset")
    one.begin(100)
    one.owe(["A"])
    one.through(["A"])
    assert PhoneLedger(tmp_path, "us_cm", "reset").done == {"A"}
    one.begin(200)
    assert one.done == set() and PhoneLedger(tmp_path, "us_cm", "reset").since == 200


def test_without_a_workspace_nothing_may_be_changed():
    ledger = PhoneLedger(None, "us_cm", "apply")
    ledger.through(["A"])
    with pytest.raises(OwedError, match="collab_workspace"):
        ledger.owe(["A"])


# --- writes --------------------------------------------------------------------------------------------------------------

def changes(fake, **elements):
    found = bulk.phones(fake)
    fake.requests.clear()
    return [Change(phone, None, dict(elements or {"securityProfileName": LSC}), "") for phone in found.values()]


def writer(fake):
    return Writer(fake, fake.pauses, phones_.Finish(NOW, 30))


def test_503_is_waited_out_and_no_write_is_lost_or_made_twice(many):
    many.faults.append({"operation": "updatePhone", "kind": "busy", "skip": 10, "times": 3})
    work = writer(many)
    work.write(changes(many))
    assert len(work.written) == 25 and many.now == NOW + 5 + 10 + 20
    assert len(many.made("updatePhone")) == 28 and len(set(many.made("updatePhone"))) == 25
    assert any("503" in said for said in many.said)


def test_a_cluster_that_takes_no_writes_at_all(many):
    many.faults.append({"operation": "updatePhone", "kind": "busy", "skip": 10, "times": -1})
    with pytest.raises(Stuck, match="no write for 15 minutes.*10 phones have been written, the last is SEP000000000009"):
        writer(many).write(changes(many))
    assert many.now - NOW >= PATIENCE and len(many.made("updatePhone")) < 40


@pytest.mark.parametrize("after, requests", [(True, 25), (False, 26)])
def test_a_lost_answer_is_read_back_and_sent_again_only_if_it_was_not_done(many, after, requests):
    many.faults.append({"operation": "updatePhone", "kind": "lost", "skip": 7, "after": after})
    work = writer(many)
    work.write(changes(many))
    assert len(work.written) == 25 and len(many.made("updatePhone")) == requests and many.made("listPhone") == [None]
    assert {p["securityProfileName"] for p in many.phones.values()} == {LSC}


def test_a_refused_phone_does_not_stop_the_others(many):
    many.faults.append({"operation": "updatePhone", "kind": "refused", "name": "SEP000000000007", "text": "not allowed", "detail": {"text": "not allowed"}})
    work = writer(many)
    found = changes(many)
    del many.phones["SEP000000000009"]
    work.write(found)
    assert (len(work.written), work.refused, work.gone) == (23, {"SEP000000000007": "not allowed"}, ["SEP000000000009"])
    assert work.summary() == "AXL refuses 1 phone (SEP000000000007): not allowed"


def test_what_is_refused_again_and_again_stops(many):
    many.faults.append({"operation": "updatePhone", "kind": "refused", "skip": 3, "times": -1, "text": "no", "detail": {"text": "licence"}})
    with pytest.raises(Stuck, match="refused 10 phones in a row.*licence.*3 of 25 have been written"):
        writer(many).write(changes(many))
    assert len(many.made("updatePhone")) == 13


@pytest.mark.parametrize("form", ["%Y:%m:%d:%H:%M", "%Y %m %d %H"])
def test_the_first_phone_shows_in_which_form_a_time_is_taken(many, form):
    many.finish_form = form
    work = writer(many)
    work.write(changes(many, certificateOperation="Install/Upgrade", upgradeFinishTime="?"))
    assert len(work.written) == 25 and len({p["upgradeFinishTime"] for p in many.phones.values()}) == 1
    assert work.finish.proven and many.made("listPhone") == [None] and len(many.made("updatePhone")) == 25 + (form != "%Y:%m:%d:%H:%M")


def test_a_time_that_is_not_shown_as_it_was_sent_stops_before_the_second_phone(many):
    update = many.update

    def odd(phone, elements):
        update(phone, elements)
        phone["upgradeFinishTime"] = "1798056000"
        return {}

    many.update = odd
    with pytest.raises(Stuck, match="upgradeFinishTime.*shows '1798056000'"):
        writer(many).write(changes(many, certificateOperation="Install/Upgrade", upgradeFinishTime="?"))
    assert len(many.made("updatePhone")) == 1


def test_pauses_grow_while_they_bring_little_and_shrink_when_they_bring_much(many):
    """A cluster that works off one change in ten seconds: not two tries a write, but one in several."""
    once, slots = many.once, [5.0, many.now]

    def limited(channel, op, **args):
        if args.get("operation") == "updatePhone":
            slots[:] = [slots[0] + (many.now - slots[1]) / 10, many.now]
            if slots[0] < 1:
                many.requests.append(("refused", None))
                raise NodeError("busy", "HTTP 503")
            slots[0] -= 1
        return once(channel, op, **args)

    many.once = limited
    work = writer(many)
    work.write(changes(many))
    refused = [operation for operation, _name in many.requests].count("refused")
    assert len(work.written) == 25 and len(many.made("updatePhone")) == 25 and refused <= 8
    assert len([said for said in many.said if "503" in said]) == 1


def test_a_registration_of_this_very_second_is_waited_out(tmp_path):
    """RIS gives whole seconds: told in the second of its last registration, a phone that is back at once would never look registered anew."""
    action = FakePhones(tmp_path)
    batches = Batches(action, action.pauses, None, "reset", 900)
    before = len(action.requests)
    batches.distinct([action.now - 1, None, action.now])
    assert action.now == NOW + 5 and batches.date == action.now
    asked = len(action.requests)
    assert asked > before
    batches.distinct([NOW])
    batches.distinct([])
    assert len(action.requests) == asked
