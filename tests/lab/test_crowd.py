"""Phones by the thousand: they are there at once, come back from a reset a few at a time, and some of them never."""

from __future__ import annotations

import time

import pytest

from tests.lab.axl_lab import ESTATE
from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab
from tests.lab.test_serviceability import RIS

PHONES = 3000
WRONG = 300
PROFILE = "UDT-Encrypted-LSC.ent-pa.com"
FIRST = 0x0C75BD000000


def made(number: int) -> str:
    """Name of a phone made by number."""
    return f"SEP{FIRST + number:012X}"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A lab with some thousand phones, of which each tenth is wrong."""
    profile = {"name": PROFILE, "phoneType": "Universal Device Template", "protocol": "Protocol Not Specified", "deviceSecurityMode": "Encrypted",
               "transportType": "TLS"}
    part = {**ESTATE["clusters"]["us_cm"], "phone_security_profiles": [profile],
            "made_phones": {"security_profile": PROFILE, "lsc": {"days": 900}, "wrong": WRONG}}
    began = time.process_time()
    lab = Lab(tmp_path_factory.mktemp("crowd"), 6, phones=PHONES, speed=600, estate={"clusters": {"us_cm": part}})
    lab.started_in = time.process_time() - began
    lab.snapshot("day0")
    yield lab
    lab.close()


@pytest.fixture
def axl(crowd):
    """A client of the publisher, the lab on day 0."""
    crowd.restore("day0")
    return Axl(crowd)


def states(axl: Axl) -> dict[str, int]:
    """How many of the made phones are in which state."""
    count: dict[str, int] = {}
    for row in axl.lab.cluster.phones.registrations():
        if row.name.startswith("SEP0C75BD"):
            count[row.status] = count.get(row.status, 0) + 1
    return count


def come_up(axl: Axl) -> None:
    """Wait until all that were reset have done what they can."""
    axl.lab.do(axl.lab.world.quiet(), 60)


def test_thousands_of_phones_are_there_in_a_moment(axl):
    assert axl.lab.started_in < 3.0
    assert states(axl) == {"Registered": PHONES}
    tags = "<name/><description/><model/><devicePoolName/><securityProfileName/><certificateOperation/><certificateStatus/><upgradeFinishTime/>"
    inner = f"<searchCriteria><name>SEP0C75BD%</name></searchCriteria><returnedTags>{tags}</returnedTags><skip>1000</skip><first>{{}}</first>"
    axl.ask("listPhone", inner.format(1))
    began = time.process_time()
    page = axl.ask("listPhone", inner.format(1000))
    assert (len(page.find("return")), time.process_time() - began < 0.5) == (1000, True)
    assert page.find("return")[0].findtext("name") == made(1000)


def test_each_tenth_of_them_is_wrong_as_the_estate_says(axl):
    query = "select count(*) from device d join securityprofile s on s.pkid=d.fksecurityprofile where d.name like 'SEP0C75BD%'"
    assert axl.sql(f"{query} and s.name='{PROFILE}' and d.lscvaliduntil>0") == [{"count": str(PHONES - WRONG)}]
    assert axl.sql(f"{query} and s.name<>'{PROFILE}' and d.lscvaliduntil=0") == [{"count": str(WRONG)}]


def test_phones_are_spoilt_evenly_and_in_turn(axl):
    from lab.ucm import seed_phones

    spoilt = axl.lab.call(lambda: seed_phones.spoil(axl.lab.cluster, 40))
    assert len(set(spoilt)) == 40 and spoilt[0] == made(0) and spoilt[20] == made(PHONES // 2)
    places = ", ".join(f"'{name}'" for name in spoilt)
    rows = {row["name"]: row for row in axl.sql("select d.name, d.lscvaliduntil, d.lscissuername, s.name as profile from device d join securityprofile s "
                                                f"on s.pkid=d.fksecurityprofile where d.name in ({places})")}
    issuers = {rows[name]["lscissuername"] for name in spoilt[2::4]}
    assert all(rows[name]["profile"] != PROFILE for name in spoilt[0::4])
    assert {rows[name]["lscvaliduntil"] for name in spoilt[1::4]} == {"0"}
    assert all(0 < int(rows[name]["lscvaliduntil"]) - axl.lab.world.clock.epoch() < 6 * 86400 for name in spoilt[2::4])
    assert not issuers & {rows[name]["lscissuername"] for name in spoilt[3::4]}
    with pytest.raises(ValueError, match=f"{PHONES} phones"):
        axl.lab.call(lambda: seed_phones.spoil(axl.lab.cluster, PHONES + 1))


def test_one_question_tells_of_a_thousand_devices(axl):
    items = "".join(f"<a:item><a:Item>{made(number)}</a:Item></a:item>" for number in range(1000))
    envelope = (f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://schemas.cisco.com/ast/soap"><e:Body><a:selectCmDeviceExt>'
                "<a:StateInfo/><a:CmSelectionCriteria><a:MaxReturnedDevices>2000</a:MaxReturnedDevices><a:DeviceClass>Phone</a:DeviceClass>"
                "<a:Model>255</a:Model><a:Status>Any</a:Status><a:NodeName/><a:SelectBy>Name</a:SelectBy>"
                f"<a:SelectItems>{items}</a:SelectItems><a:Protocol>Any</a:Protocol><a:DownloadStatus>Any</a:DownloadStatus></a:CmSelectionCriteria>"
                "</a:selectCmDeviceExt></e:Body></e:Envelope>")
    answer = axl.send("POST", RIS, data=envelope.encode(), headers={"Content-Type": "text/xml", "SOAPAction": "selectCmDeviceExt"})
    assert answer.status_code == 200, answer.text
    assert answer.text.count("<ns1:Status>Registered<") + answer.text.count(":Status>Registered<") >= 1000


def test_a_reset_of_many_takes_its_time(axl, monkeypatch):
    monkeypatch.setattr(axl.lab.world.clock, "speed", 20.0)  # the first half minute must outlast the questions of a busy machine
    axl.ask("resetDevicePool", "<name>US_DP_1</name>")
    assert states(axl) == {"UnRegistered": PHONES}
    began = axl.lab.world.clock.epoch()
    come_up(axl)
    assert states(axl) == {"Registered": PHONES}
    assert (axl.lab.world.clock.epoch() - began) * axl.lab.world.clock.speed > 30 + PHONES / 50 - 2


def test_some_never_come_back(axl):
    axl.lab.world.faults.add({"channel": "phones", "node": "us_cm", "operation": "register SEP0C75BD00000*", "action": "never", "times": 0})
    for number in range(30):
        axl.ask("resetPhone", f"<name>{made(number)}</name>")
    come_up(axl)
    assert {axl.lab.cluster.phones.registration(made(number)).status for number in range(16)} == {"UnRegistered"}
    assert {axl.lab.cluster.phones.registration(made(number)).status for number in range(16, 30)} == {"Registered"}
    axl.lab.world.faults.clear()
    axl.ask("resetPhone", f"<name>{made(0)}</name>")
    come_up(axl)
    assert axl.lab.cluster.phones.registration(made(0)).status == "Registered"


def test_a_phone_that_is_deleted_on_its_way_is_gone(axl):
    axl.ask("resetDevicePool", "<name>US_DP_1</name>")
    axl.ask("removePhone", f"<name>{made(7)}</name>")
    come_up(axl)
    assert states(axl) == {"Registered": PHONES - 1} and axl.lab.cluster.phones.registration(made(7)) is None


def test_a_phone_reset_twice_comes_up_once(axl, monkeypatch):
    monkeypatch.setattr(axl.lab.world.clock, "speed", 20.0)
    axl.ask("resetPhone", f"<name>{made(1)}</name>")
    first = axl.lab.cluster.phones.registration(made(1)).since
    axl.lab.do(axl.lab.world.clock.sleep(20))
    axl.ask("resetPhone", f"<name>{made(1)}</name>")
    axl.lab.do(axl.lab.world.clock.sleep(15))
    assert axl.lab.cluster.phones.registration(made(1)).status == "UnRegistered" and axl.lab.cluster.phones.registration(made(1)).since > first
    come_up(axl)
    assert axl.lab.cluster.phones.registration(made(1)).status == "Registered"


def test_a_flood_of_writes_meets_the_limit_and_gets_through_after_it(axl, monkeypatch):
    monkeypatch.setattr(axl.lab.world, "drain", 0.0)
    axl.lab.cluster.change_notifications.add(1490)
    answers = [axl.post("updatePhone", f"<name>{made(number)}</name><description>{number}</description>").status_code for number in range(13)]
    assert answers == [200] * 11 + [503] * 2
    assert axl.sql("select count(*) from device where description='11'") == [{"count": "0"}]
    monkeypatch.setattr(axl.lab.world, "drain", 50.0)
    axl.lab.do(axl.lab.world.clock.sleep(3))
    axl.ask("updatePhone", f"<name>{made(11)}</name><description>11</description>")


def test_a_fault_in_the_middle_of_a_batch(axl):
    axl.lab.world.faults.add({"channel": "axl", "operation": "updatePhone", "action": "status", "status": 500, "nth": 4})
    answers = [axl.post("updatePhone", f"<name>{made(number)}</name><description>new</description>").status_code for number in range(6)]
    assert answers == [200, 200, 200, 500, 200, 200]
    assert axl.sql("select count(*) from device where description='new'") == [{"count": "5"}]


def test_enrolment_of_many_at_once(axl):
    async def activate() -> None:
        await axl.lab.world.node("us-cm-pub").services.activate("Cisco Certificate Authority Proxy Function")

    axl.lab.do(activate())
    names = [row["name"] for row in axl.sql("select name from device where lscvaliduntil=0 and name like 'SEP0C75BD%'")]
    soon = axl.lab.world.clock.now().strftime("2099:%m:%d:00:00")
    for name in names:
        axl.ask("updatePhone", f"<name>{name}</name><securityProfileName>{PROFILE}</securityProfileName><certificateOperation>Install/Upgrade"
                f"</certificateOperation><upgradeFinishTime>{soon}</upgradeFinishTime>")
    assert axl.ask("applyPhoneSecurityProfile", f"<name>{PROFILE}</name>").findtext("return") == "true"
    come_up(axl)
    assert len(names) == WRONG
    assert axl.sql("select count(*) from device where lscvaliduntil>0 and name like 'SEP0C75BD%'") == [{"count": str(PHONES)}]
