"""The limits of AXL on reply size (axl.md 5; transcripts/axl/fault_throttle_query_too_large.xml), here a twentieth of the real ones."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.ucm.axl import limits
from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab

PHONES = 2000
COLUMNS = "pkid, name, description, fkdevicepool, fksecurityprofile, fklocation, fksipprofile from device"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A lab with many phones."""
    lab = Lab(tmp_path_factory.mktemp("crowd"), 1, phones=PHONES)
    yield lab
    lab.close()


@pytest.fixture(autouse=True)
def smaller(monkeypatch):
    """The limits as documented, then a twentieth of them."""
    assert (limits.REPLY, limits.TOGETHER) == (8 * 1024 * 1024, 16 * 1024 * 1024)
    monkeypatch.setattr(limits, "REPLY", 8 * 1024 * 1024 // 20)
    monkeypatch.setattr(limits, "TOGETHER", 16 * 1024 * 1024 // 20)
    monkeypatch.setattr(limits, "LARGE", 1024 * 1024 // 20)


def test_reply_above_the_limit_is_refused_with_a_hint_that_works(crowd):
    code, text = Axl(crowd).fault("executeSQLQuery", f"<sql>select {COLUMNS}</sql>")
    assert code == -1
    hint = re.fullmatch(r"Query request too large\. Total rows matched: (\d+) rows\. Suggestive Row Fetch: less than (\d+) rows", text)
    assert hint is not None
    assert int(hint.group(1)) == PHONES + 4
    page = f"<sql>select first {hint.group(2)} {COLUMNS}</sql>"
    assert len(Axl(crowd).ask("executeSQLQuery", page).find("return")) == int(hint.group(2))


def test_list_operations_have_the_same_limit_and_narrow_ones_pass(crowd):
    tags = "<searchCriteria><name>SEP%</name></searchCriteria><returnedTags><name/>{}</returnedTags>"
    assert Axl(crowd).fault("listPhone", tags.format("<devicePoolName/><securityProfileName/>"))[0] == -1
    assert len(Axl(crowd).ask("listPhone", tags.format("") + "<skip>1000</skip><first>1500</first>").find("return")) == PHONES + 2 - 1000


def test_third_large_query_at_once_is_refused(crowd):
    large = f"<sql>select first 900 {COLUMNS}</sql>"
    gate, clock = crowd.world.node("us-cm-pub").axl_gate, crowd.world.clock
    Axl(crowd).ask("executeSQLQuery", large)
    speed, clock.speed = clock.speed, 1e-4          # the first two stay under way until the clock is moved
    try:
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(Axl(crowd).post, "executeSQLQuery", large) for _ in range(2)]
            while gate.under_way * 3 < limits.TOGETHER * 2:
                time.sleep(0.01)
            assert Axl(crowd).fault("executeSQLQuery", large)[0] == -1
            assert Axl(crowd).ask("executeSQLQuery", "<sql>select first 5 name from device</sql>").find("return") is not None
            crowd.call(lambda: clock.advance(1e7))
            assert [w.result(20).status_code for w in waiting] == [200, 200]
    finally:
        clock.speed = speed
    assert gate.under_way == 0
    Axl(crowd).ask("executeSQLQuery", large)


def test_phones_made_by_number_are_the_same_at_each_start(crowd, tmp_path):
    query = "select first 2 pkid, name from device where name like 'SEP0C75%' order by name"
    again = Lab(tmp_path, 2, phones=2)
    try:
        assert Axl(again).sql(query) == Axl(crowd).sql(query)
    finally:
        again.close()
