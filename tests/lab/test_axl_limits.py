"""The limits of AXL on reply size, with a cluster of many phones (axl.md 5; transcripts/axl/fault_throttle_query_too_large.xml)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab

PHONES = 30000
ALL = "<sql>select pkid, name, description, fkdevicepool, fksecurityprofile, fklocation, fksipprofile from device</sql>"
# a bit more than half of the two replies' worth that may be under way together
LARGE = "<sql>select first 18000 pkid, name, description, fkdevicepool, fksecurityprofile, fklocation, fksipprofile from device</sql>"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A lab with many phones, in which a second takes a second."""
    lab = Lab(tmp_path_factory.mktemp("crowd"), "127.78.42", phones=PHONES, speed=10.0)
    yield lab
    lab.close()


def test_reply_of_more_than_8_mb_is_refused_with_a_hint(crowd):
    code, text = Axl(crowd).fault("executeSQLQuery", ALL)
    assert code == -1
    hint = re.fullmatch(r"Query request too large\. Total rows matched: (\d+) rows\. Suggestive Row Fetch: less than (\d+) rows", text)
    assert hint is not None
    assert int(hint.group(1)) == PHONES + 4
    page = ALL.replace("select ", f"select first {hint.group(2)} ")
    assert len(Axl(crowd).ask("executeSQLQuery", page).find("return")) == int(hint.group(2))


def test_narrow_list_of_all_phones_passes(crowd):
    tags = "<searchCriteria><name>SEP%</name></searchCriteria><returnedTags><name/></returnedTags>"
    reply = Axl(crowd).ask("listPhone", tags)
    assert len(reply.find("return")) == PHONES + 2


def test_third_large_query_at_once_is_refused(crowd):
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda client: client.post("executeSQLQuery", LARGE), [Axl(crowd) for _ in range(3)]))
    assert sorted(a.status_code for a in answers) == [200, 200, 500]
    assert Axl(crowd).post("executeSQLQuery", LARGE).status_code == 200


def test_phones_made_by_number_are_the_same_at_each_start(crowd, tmp_path):
    first = Axl(crowd).sql("select first 2 pkid, name from device where name like 'SEP0C75%' order by name")
    crowd_again = Lab(tmp_path, "127.78.43", phones=2)
    try:
        assert Axl(crowd_again).sql("select pkid, name from device where name like 'SEP0C75%' order by name") == first
    finally:
        crowd_again.close()
