"""CAPF: phones get, lose and renew their locally significant certificates, when they can show who they are."""

from __future__ import annotations

import datetime

import pytest

from tests.lab.axl_lab import ESTATE
from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab

CAPF = "Cisco Certificate Authority Proxy Function"
DAY = 24 * 3600
LSC_FIRST, MIC_FIRST = "By Existing Certificate (precedence to LSC)", "By Existing Certificate (precedence to MIC)"
UDT = {"phoneType": "Universal Device Template", "protocol": "Protocol Not Specified", "transportType": "TLS", "deviceSecurityMode": "Encrypted"}
PROFILES = {"LSC": LSC_FIRST, "MIC": MIC_FIRST, "NULL": "By Null String", "STRING": "By Authentication String"}


def _phone(number: int, **more) -> dict:
    return {"name": f"SEP0011AABB{number:04d}", "model": "Cisco 8845", "device_pool": "US_DP_1", **more}


PHONES = [
    _phone(1), _phone(2, lsc={"days": 10}), _phone(3, lsc={"days": 400, "issuer": "former"}), _phone(4, lsc={"days": 400, "issuer": "lost"}),
    _phone(5, model="Cisco 7841", mic=False), _phone(6, lsc={"days": -3}), _phone(7, mic=False, enters="12345"), _phone(8, mic=False, enters="999"),
    _phone(10, mra="127.80.9.31"), _phone(11, offline=True), _phone(12, model="Cisco 7965", protocol="SCCP"),
]


@pytest.fixture(scope="module")
def capf_lab(tmp_path_factory):
    """A lab whose phones are of every kind, with CAPF active and the cluster in mixed mode."""
    part = {**ESTATE["clusters"]["us_cm"], "phones": PHONES, "phone_security_profiles": [
        *({**UDT, "name": name, "authenticationMode": mode} for name, mode in PROFILES.items()),
        {**UDT, "name": "LSC-TFTP", "authenticationMode": LSC_FIRST, "tftpEncryptedConfig": True},
        {**UDT, "name": "EC", "authenticationMode": "By Null String", "keyOrder": "EC Only"}]}
    lab = Lab(tmp_path_factory.mktemp("capf-lab"), 5, speed=3000, estate={"clusters": {"us_cm": part}})
    publisher = lab.world.node("us-cm-pub")

    async def secure() -> None:
        await publisher.services.activate(CAPF)
        lab.cluster.security.set_mixed_mode(publisher)
        for node in lab.cluster.nodes.values():
            for service in ("Cisco Tftp", "Cisco CallManager"):
                if node.services.running(service):
                    await node.services.restart(service)
        await lab.world.quiet()

    lab.do(secure(), 60)
    lab.snapshot("ready")
    yield lab
    lab.close()


@pytest.fixture
def axl(capf_lab):
    """A client of the publisher, the lab as it was."""
    capf_lab.restore("ready")
    return Axl(capf_lab)


def in_days(axl: Axl, days: float, form: str = "%Y:%m:%d:%H:%M") -> str:
    """A time as upgradeFinishTime has it."""
    return (axl.lab.world.clock.now() + datetime.timedelta(days=days)).strftime(form)


def order(axl: Axl, name: str, profile: str, operation: str = "Install/Upgrade", days: float = 2, more: str = "") -> None:
    """Ask for an operation as an administrator does, and let the phone take its configuration."""
    axl.ask("updatePhone", f"<name>{name}</name><securityProfileName>{profile}</securityProfileName><certificateOperation>{operation}"
            f"</certificateOperation>{more}<upgradeFinishTime>{in_days(axl, days)}</upgradeFinishTime>")
    axl.ask("applyPhone", f"<name>{name}</name>")
    axl.lab.do(axl.lab.world.quiet())


def state(axl: Axl, name: str) -> tuple[str, str]:
    """(certificateOperation, certificateStatus) of a phone."""
    tags = "<certificateOperation/><certificateStatus/>"
    phone = axl.ask("listPhone", f"<searchCriteria><name>{name}</name></searchCriteria><returnedTags>{tags}</returnedTags>").find("return/phone")
    return phone.findtext("certificateOperation"), phone.findtext("certificateStatus")


def lsc(axl: Axl, name: str) -> tuple[float, str | None, float]:
    """(days it is still valid, issuer, days the issuer is) of a phone's LSC, as SQL has them."""
    row = axl.sql(f"select lscvaliduntil, lscissuername, lscissuervaliduntil from device where name='{name}'")[0]
    now = axl.lab.world.clock.epoch()
    return (int(row["lscvaliduntil"]) - now) / DAY, row["lscissuername"], (int(row["lscissuervaliduntil"]) - now) / DAY


def registered(axl: Axl, name: str) -> tuple[str, str, bool]:
    """(status, reason, by TLS) of a phone."""
    row = axl.lab.cluster.phones.registration(name)
    return row.status, row.reason, row.secure


DONE = ("No Pending Operation", "Upgrade Success")


def failed(why: str) -> tuple[str, str]:
    """What an installation that failed leaves."""
    return "No Pending Operation", f"Upgrade Failed: {why}"


def test_a_phone_with_a_manufacturers_certificate_gets_an_lsc(axl):
    assert axl.sql("select lscvaliduntil, lscissuername from device where name='SEP0011AABB0001'") == [{"lscvaliduntil": "0", "lscissuername": None}]
    order(axl, "SEP0011AABB0001", "LSC")
    days, issuer, issuer_days = lsc(axl, "SEP0011AABB0001")
    assert state(axl, "SEP0011AABB0001") == DONE and registered(axl, "SEP0011AABB0001") == ("Registered", "", True)
    assert 1820 < days < 1826 and issuer.startswith("C=US,") and 1700 < issuer_days < 1826
    axl.lab.world.set_variant("lsc_issuer_name", "reversed")
    assert lsc(axl, "SEP0011AABB0001")[1] == ",".join(reversed(issuer.split(",")))
    axl.lab.world.set_variant("lsc_issuer_name", "cn")
    assert lsc(axl, "SEP0011AABB0001")[1] == issuer.partition("CN=")[2]
    before = axl.lab.cluster.phones.registration("SEP0011AABB0001")
    axl.ask("applyPhone", "<name>SEP0011AABB0001</name>")
    assert axl.lab.cluster.phones.registration("SEP0011AABB0001") == before, "nothing waits any more, and nothing differs"


def test_an_operation_waits_for_the_phone_and_can_be_called_off(axl):
    axl.ask("updatePhone", "<name>SEP0011AABB0001</name><certificateOperation>Install/Upgrade</certificateOperation>"
            f"<upgradeFinishTime>{in_days(axl, 1)}</upgradeFinishTime>")
    assert state(axl, "SEP0011AABB0001") == ("Install/Upgrade", "Operation Pending")
    axl.ask("updatePhone", "<name>SEP0011AABB0001</name><certificateOperation>No Pending Operation</certificateOperation>")
    assert state(axl, "SEP0011AABB0001") == ("No Pending Operation", "None")
    order(axl, "SEP0011AABB0001", "NULL")
    axl.ask("updatePhone", "<name>SEP0011AABB0001</name><certificateOperation>No Pending Operation</certificateOperation>")
    assert state(axl, "SEP0011AABB0001") == DONE, "what came of the last operation stays to be read"


@pytest.mark.parametrize(("number", "profile", "outcome"), [
    (2, "LSC", DONE), (2, "MIC", DONE), (3, "LSC", DONE), (4, "LSC", failed("Invalid LSC")), (4, "MIC", DONE), (6, "LSC", failed("Invalid LSC")),
    (5, "LSC", failed("Invalid Credentials")), (5, "NULL", DONE), (7, "STRING", DONE), (8, "STRING", failed("Invalid Authentication String")),
    (1, "STRING", ("Install/Upgrade", "Operation Pending")), (12, "EC", failed("No Support for EC only in CAPF version 3"))])
def test_a_phone_authenticates_as_its_profile_asks(axl, number, profile, outcome):
    name = f"SEP0011AABB{number:04d}"
    before = lsc(axl, name)[0]
    order(axl, name, profile, more="<authenticationString>12345</authenticationString>")
    assert state(axl, name) == outcome
    assert (lsc(axl, name)[0] > 1800) if outcome == DONE else (abs(lsc(axl, name)[0] - before) < 0.1)


def test_capf_may_go_by_what_axl_sent_for_the_phone(axl):
    axl.lab.world.set_variant("capf_settings", "phone")
    order(axl, "SEP0011AABB0005", "LSC", more="<authenticationMode>By Null String</authenticationMode>")
    assert state(axl, "SEP0011AABB0005") == DONE


def test_mics_count_while_their_roots_are_trusted(axl):
    publisher = axl.lab.world.node("us-cm-pub")
    for entry in publisher.certificates.trust("CAPF"):
        if entry.certificate in axl.lab.world.manufacturing:
            publisher.certificates.delete_trust("CAPF", entry.filename)
    order(axl, "SEP0011AABB0001", "LSC")
    assert state(axl, "SEP0011AABB0001") == failed("Invalid MIC")


def test_an_operation_has_its_time(axl):
    order(axl, "SEP0011AABB0001", "NULL", days=-0.1)
    assert state(axl, "SEP0011AABB0001") == failed("User Initiated Request Late/Timedout")


@pytest.mark.parametrize(("reading", "outcome"), [("late", failed("User Initiated Request Late/Timedout")), ("unlimited", DONE)])
def test_an_operation_without_a_time(axl, reading, outcome):
    axl.lab.world.set_variant("capf_no_finish_time", reading)
    axl.ask("updatePhone", "<name>SEP0011AABB0001</name><certificateOperation>Install/Upgrade</certificateOperation>")
    axl.ask("resetPhone", "<name>SEP0011AABB0001</name>")
    axl.lab.do(axl.lab.world.quiet())
    assert state(axl, "SEP0011AABB0001") == outcome


def test_the_form_of_the_time(axl):
    code, text = axl.fault("updatePhone", "<name>SEP0011AABB0001</name><upgradeFinishTime>2026 12 24 18</upgradeFinishTime>")
    assert code == 5003 and "upgradeFinishTime" in text
    axl.ask("updatePhone", "<name>SEP0011AABB0001</name><upgradeFinishTime>2026:12:24:18:00</upgradeFinishTime>")
    axl.lab.world.set_variant("capf_finish_time", "blanks")
    assert axl.sql("select upgradefinishtime from device where name='SEP0011AABB0001'") == [{"upgradefinishtime": "2026 12 24 18"}]
    axl.ask("updatePhone", "<name>SEP0011AABB0001</name><upgradeFinishTime>2026 12 24 19</upgradeFinishTime>")


def test_without_capf_the_operation_goes_on_waiting(axl):
    publisher = axl.lab.world.node("us-cm-pub")

    async def stop() -> None:
        await publisher.services.stop(CAPF)

    axl.lab.do(stop())
    order(axl, "SEP0011AABB0001", "LSC")
    assert state(axl, "SEP0011AABB0001") == ("Install/Upgrade", "Operation Pending")
    assert registered(axl, "SEP0011AABB0001") == ("Registered", "", True), "the MIC serves meanwhile"


def test_capf_is_out_of_reach_over_mobile_and_remote_access(axl):
    order(axl, "SEP0011AABB0010", "NULL")
    assert state(axl, "SEP0011AABB0010") == ("Install/Upgrade", "Operation Pending")
    assert registered(axl, "SEP0011AABB0010") == ("Registered", "", True), "Expressway stands for it"
    assert axl.lab.cluster.phones.registration("SEP0011AABB0010").ip == "127.80.9.31"


def test_an_lsc_is_deleted_and_looked_at(axl):
    order(axl, "SEP0011AABB0002", "LSC", "Troubleshoot")
    assert state(axl, "SEP0011AABB0002") == ("No Pending Operation", "Troubleshoot Success")
    order(axl, "SEP0011AABB0002", "LSC", "Delete")
    assert state(axl, "SEP0011AABB0002") == ("No Pending Operation", "Delete Success")
    assert axl.sql("select lscvaliduntil, lscissuername from device where name='SEP0011AABB0002'") == [{"lscvaliduntil": "0", "lscissuername": None}]


def test_an_encrypted_phone_shows_the_lsc_it_has(axl):
    for number in (2, 3, 4, 5, 6):
        order(axl, f"SEP0011AABB{number:04d}", "LSC", "No Pending Operation")
    outcomes = {number: registered(axl, f"SEP0011AABB{number:04d}")[:2] for number in (2, 3, 4, 5, 6)}
    assert outcomes == {2: ("Registered", ""), 3: ("Registered", ""), 4: ("UnRegistered", "PhoneCertificateUntrusted"),
                        5: ("UnRegistered", "NoPhoneCertificate"), 6: ("UnRegistered", "PhoneCertificateUntrusted")}


def test_an_encrypted_file_wants_a_certificate_and_the_premises(axl):
    for number in (1, 5, 10):
        order(axl, f"SEP0011AABB{number:04d}", "LSC-TFTP", "No Pending Operation")
    outcomes = {number: registered(axl, f"SEP0011AABB{number:04d}")[:2] for number in (1, 5, 10)}
    assert outcomes == {1: ("Registered", ""), 5: ("UnRegistered", "ConfigEncrypted"), 10: ("UnRegistered", "ConfigEncrypted")}


def test_a_phone_that_was_never_plugged_in_does_nothing(axl):
    order(axl, "SEP0011AABB0011", "NULL")
    assert state(axl, "SEP0011AABB0011") == ("Install/Upgrade", "Operation Pending")
    assert axl.lab.cluster.phones.registration("SEP0011AABB0011") is None


def test_an_operation_ordered_by_sql_as_a_public_tool_does(axl):
    key = axl.sql("select pkid from device where name='SEP0011AABB0002'")[0]["pkid"]
    axl.ask("executeSQLUpdate", "<sql>update device set tkcertificatestatus=2, tkCertificateOperation=2, "
            f"UpgradeFinishTime='{in_days(axl, 3)}' where pkid='{key}'</sql>")
    axl.ask("applyPhone", "<name>SEP0011AABB0002</name>")
    axl.lab.do(axl.lab.world.quiet())
    assert state(axl, "SEP0011AABB0002") == DONE and lsc(axl, "SEP0011AABB0002")[0] > 1800


def test_a_deleted_phone_does_not_come_back(axl):
    axl.ask("updatePhone", "<name>SEP0011AABB0001</name><certificateOperation>Install/Upgrade</certificateOperation>"
            f"<upgradeFinishTime>{in_days(axl, 1)}</upgradeFinishTime>")
    axl.ask("resetPhone", "<name>SEP0011AABB0001</name>")
    axl.ask("removePhone", "<name>SEP0011AABB0001</name>")
    axl.lab.do(axl.lab.world.quiet())
    assert axl.lab.cluster.phones.registration("SEP0011AABB0001") is None
    assert axl.fault("getPhone", "<name>SEP0011AABB0001</name>")[0] == 5007


def test_a_snapshot_holds_lscs_and_operations_that_wait(axl):
    axl.ask("updatePhone", "<name>SEP0011AABB0001</name><certificateOperation>Install/Upgrade</certificateOperation>"
            f"<upgradeFinishTime>{in_days(axl, 1)}</upgradeFinishTime>")
    axl.lab.snapshot("waiting")
    order(axl, "SEP0011AABB0001", "LSC")
    axl.lab.restore("waiting")
    assert state(axl, "SEP0011AABB0001") == ("Install/Upgrade", "Operation Pending")
    axl.ask("resetPhone", "<name>SEP0011AABB0001</name>")
    axl.lab.do(axl.lab.world.quiet())
    assert state(axl, "SEP0011AABB0001") == DONE
