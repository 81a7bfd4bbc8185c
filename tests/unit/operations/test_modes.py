"""SIP OAuth mode, mixed mode, the CTL file, activation and the reset of phones: read first, written down first, read back."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations import oauth_refresh
from ansible_collections.collab.security.plugins.plugin_utils.operations.activation import activate
from ansible_collections.collab.security.plugins.plugin_utils.operations.modes import Modes
from ansible_collections.collab.security.plugins.plugin_utils.operations.phones import PhoneReset
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from ansible_collections.collab.security.plugins.plugin_utils.owed import PHONES
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.owed import OwedError

sys.path.insert(0, str(Path(__file__).parent))
import fake_cluster as cluster  # noqa: E402
from fake_cluster import CALLMANAGER  # noqa: E402
from fake_cluster import CAPF  # noqa: E402
from fake_cluster import CTI  # noqa: E402
from fake_cluster import NOW  # noqa: E402
from fake_cluster import TFTP  # noqa: E402

LICENCE = {"return": "Success", "LicenseDetails": {"Registration": {"Status": "Registered", "ExportControlFunctionality": "ALLOWED"}}}
PARAMETERS = {"return": {"serviceParameter": [{"name": "OAuthRefreshLoginFlow", "value": "0"}, {"name": "ClusterSecurityMode", "value": "0"}]}}


def ctl_text(callmanager, capf):
    records = "".join("CTL Record #:%d\n----\n4       FUNCTION        2       %s\n6       SERIALNUMBER    1       %02X\n\n" % (i, function, serial)
                      for i, (function, serial) in enumerate((("CCM+TFTP", callmanager), ("CAPF", capf)), 1))
    return ("Length of CTL file: 900\r\nThe CTL File was last modified on Mon Nov 23 20:00:00 UTC 2026\r\n\r\n%s\r\n"
            "The CTL file was verified successfully.\r\n" % records)


ABSENT = "Length of CTL file: 0\r\nCTL File not found . Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL file.\r\n"


@pytest.fixture
def us_cm(tmp_path):
    action = cluster.FakeAction(tmp_path)
    pub = action.publisher
    pub.services[CAPF] = NOW - 100
    pub.ctl = ABSENT

    def serial(unit):
        return {"CallManager": 2, "CAPF": 3}[unit] if pub.installed[unit] == action.first[unit] else 77

    def write(command):
        action.writes.append(command)
        assert Owed(action.workspace, "us_cm").items(), "what a command owes is written down before it is sent"

    def set_mixed(node, answers):
        write("mixed")
        assert [a["answer"] for a in answers] == ["y", "yes"]
        action.parameters["ClusterSecurityMode"] = "1"
        pub.ctl = ctl_text(serial("CallManager"), serial("CAPF"))
        return "Moving Cluster to Mixed Mode\r\nCluster set to Mixed Mode\r\n"

    def update(node, answers):
        write("update")
        pub.ctl = ctl_text(serial("CallManager"), serial("CAPF"))
        return "Updating CTL file\r\nCTL file Updated\r\n"

    def enable(node, answers):
        write("oauth")
        action.parameters["ClusterSIPOAuthMode"] = "1"
        return ""

    action.first = dict(pub.installed)
    action.replies.update({"getSmartLicenseStatus": LICENCE, "show ctl": lambda node, answers: pub.ctl, "utils ctl set-cluster mixed-mode": set_mixed,
                           "utils ctl update CTLFile": update, "utils sipOAuth-mode enable": enable, "listServiceParameter": PARAMETERS})
    return action


def modes(action, granted=True, check=False):
    return Modes(action, action.pauses, granted, check)


def debts(action):
    return {(e["what"], e["node"]) for e in Owed(action.workspace, "us_cm").items()}


MIXED_DEBTS = {(TFTP, "us-cm-tftp1"), (CALLMANAGER, "us-cm-sub1"), (CALLMANAGER, "us-cm-sub2"), (CTI, "us-cm-sub1"), (CTI, "us-cm-sub2"), (PHONES, "us-cm-pub")}


# mixed mode and CTL

def test_mixed_mode_is_set_once_and_owes_restarts_and_phones(us_cm):
    modes(us_cm).mixed()
    result = us_cm.report.result()
    assert us_cm.writes == ["mixed"] and debts(us_cm) == MIXED_DEBTS
    assert result["mode"] == "mixed" and result["ctl"]["lacking"] == [] and result["ctl"]["verified"]
    assert [o["operation"] for o in result["operations"]] == ["utils ctl set-cluster mixed-mode"]
    assert {"node": "us-cm-pub", "kind": "phone_reset", "what": "all phones"} in result["impact"]
    us_cm.report.__init__()
    modes(us_cm).mixed()
    assert us_cm.writes == ["mixed"] and not us_cm.report.result()["changed"]


def test_check_mode_writes_nothing(us_cm):
    modes(us_cm, check=True).mixed()
    assert us_cm.writes == [] and debts(us_cm) == set() and us_cm.report.changed and us_cm.report.extra["mode"] == "non_secure"


def test_not_granted_is_pending(us_cm):
    modes(us_cm, granted=False).mixed()
    assert us_cm.writes == [] and [p["step"] for p in us_cm.report.pendings] == ["mixed-set"] and us_cm.report.findings


def test_capf_first(us_cm):
    us_cm.publisher.services[CAPF] = None
    with pytest.raises(Stuck, match="Authority Proxy Function does not run on us-cm-pub .Not Activated"):
        modes(us_cm).mixed()
    assert us_cm.writes == [] and debts(us_cm) == set()
    modes(us_cm, check=True).mixed()
    assert "mixed-capf-first" in [f["step"] for f in us_cm.report.findings]


def test_until_12_the_ctl_provider_too(us_cm):
    us_cm.publisher.variables["collab_release"] = "12.5"
    us_cm.publisher.services["Cisco CTL Provider"] = None
    with pytest.raises(Stuck, match="Cisco CTL Provider does not run on us-cm-pub"):
        modes(us_cm).mixed()
    assert us_cm.writes == []


@pytest.mark.parametrize(("status", "export", "said"), [("Registered", "Not Allowed", "export-controlled"), ("UNREGISTERED", "allowed", "not registered")])
def test_the_licence_must_allow_it(us_cm, status, export, said):
    us_cm.replies["getSmartLicenseStatus"] = {"return": "Success", "LicenseDetails": {"Registration": {"Status": status, "ExportControlFunctionality": export}}}
    for act in (lambda m: m.mixed(), lambda m: m.sip_oauth(True, lambda: None)):
        with pytest.raises(Stuck, match=said):
            act(modes(us_cm))
    assert us_cm.writes == []


def test_a_new_callmanager_certificate_makes_the_ctl_stale_before_any_restart(us_cm):
    modes(us_cm).mixed()
    us_cm.report.__init__()
    for node in us_cm.nodes.values():
        node.installed["CallManager"] = cluster.certificate("us-cm-pub-ms.ent-pa.com", 77)
    modes(us_cm, granted=False).mixed()
    assert us_cm.writes == ["mixed"] and us_cm.report.pendings[0]["step"] == "mixed-ctl-update"
    us_cm.now += 60
    modes(us_cm).mixed()
    assert us_cm.writes == ["mixed", "update"]
    assert us_cm.report.extra["ctl"]["serials"]["CCM+TFTP"] == ["4D"]
    assert {e["since"] for e in Owed(us_cm.workspace, "us_cm").items()} == {NOW + 60}


def test_a_new_certificate_on_one_node_counts_too(us_cm):
    modes(us_cm).mixed()
    us_cm.report.__init__()
    us_cm.nodes["us-cm-tftp1"].installed["CallManager"] = cluster.certificate("us-cm-tftp1.ent-pa.com", 78)
    modes(us_cm, check=True).mixed()
    assert "of us-cm-tftp1 has the serial number 4E" in us_cm.report.findings[0]["message"] and us_cm.writes == ["mixed"]


def test_a_ctl_file_without_serial_numbers_is_pending_not_updated_again_and_again(us_cm):
    us_cm.parameters["ClusterSecurityMode"] = "1"
    us_cm.publisher.ctl = "Length of CTL file: 9\nCTL Record #:1\n----\n4       FUNCTION        2       CCM+TFTP\n"
    modes(us_cm).mixed()
    assert us_cm.writes == [] and [p["id"] for p in us_cm.report.pendings] == ["ctl-unreadable"]


def test_a_mode_that_does_not_stick_is_no_success(us_cm):
    us_cm.replies["utils ctl set-cluster mixed-mode"] = "Cluster set to Mixed Mode\r\n"
    with pytest.raises(Stuck, match="ClusterSecurityMode does not read 1.*Cluster set to Mixed Mode"):
        modes(us_cm).mixed()
    assert us_cm.report.operations == [] and debts(us_cm) == MIXED_DEBTS


def test_a_lost_answer_is_read_back(us_cm):
    us_cm.faults.append({"node": "us-cm-pub", "channel": "vos_cli", "kind": "lost", "after": True, "times": 1, "when": lambda a: "set-cluster" in a["command"]})
    modes(us_cm).mixed()
    assert us_cm.writes == ["mixed"] and us_cm.report.extra["mode"] == "mixed"


def test_nothing_is_sent_without_a_workspace(us_cm):
    us_cm.workspace = None
    with pytest.raises(OwedError, match="collab_workspace is not set"):
        modes(us_cm).mixed()
    assert us_cm.writes == []


# SIP OAuth

def test_sip_oauth_is_enabled_and_owes_callmanager(us_cm):
    modes(us_cm).sip_oauth(True, lambda: None)
    assert us_cm.writes == ["oauth"] and debts(us_cm) == {(CALLMANAGER, "us-cm-sub1"), (CALLMANAGER, "us-cm-sub2")}
    assert us_cm.report.extra["sip_oauth"] is True
    us_cm.report.__init__()
    modes(us_cm).sip_oauth(True, lambda: pytest.fail("asked for a precondition of what is on already"))
    assert us_cm.writes == ["oauth"] and not us_cm.report.changed


@pytest.mark.parametrize("row", [None, "0"])
def test_a_row_that_says_nothing_leaves_it_to_the_ports(us_cm, row):
    """Absent, or not kept up to date before release 14: off is what opens no port, on what was enabled and waits for its restart, or has a port open."""
    us_cm.publisher.variables["collab_release"] = "12.5"
    us_cm.parameters.pop("ClusterSIPOAuthMode")
    if row is not None:
        us_cm.parameters["ClusterSIPOAuthMode"] = row
    us_cm.replies["utils sipOAuth-mode enable"] = lambda node, answers: us_cm.writes.append("oauth") or ""
    modes(us_cm).sip_oauth(True, lambda: None)
    assert us_cm.writes == ["oauth"] and debts(us_cm) == {(CALLMANAGER, "us-cm-sub1"), (CALLMANAGER, "us-cm-sub2")}
    modes(us_cm).sip_oauth(True, lambda: pytest.fail("enabled again while the restart is still owed"))
    for name in ("us-cm-sub1", "us-cm-sub2"):
        Owed(us_cm.workspace, "us_cm").settle(CALLMANAGER, name)
    us_cm.nodes["us-cm-sub2"].serves[5091] = us_cm.publisher.installed["tomcat"]
    us_cm.report.__init__()
    modes(us_cm).sip_oauth(True, lambda: pytest.fail("enabled again although a port is open"))
    assert us_cm.writes == ["oauth"] and us_cm.report.extra["sip_oauth"] is True and not us_cm.report.findings


def test_a_row_that_says_nothing_and_no_callmanager_is_unknown(us_cm):
    del us_cm.parameters["ClusterSIPOAuthMode"]
    for node in us_cm.nodes.values():
        node.services[CALLMANAGER] = None
    modes(us_cm).sip_oauth(True, lambda: None)
    assert us_cm.writes == [] and us_cm.report.pendings[0]["id"] == "sip-oauth-unknown" and us_cm.report.extra["sip_oauth"] is None


def test_sip_oauth_waits_for_its_precondition(us_cm):
    modes(us_cm).sip_oauth(True, lambda: oauth_refresh.against(us_cm.publisher, None))
    assert us_cm.writes == [] and "OAuthRefreshLoginFlow (now: 0)" in us_cm.report.pendings[0]["reason"]
    assert "collab_oauth_refresh_parameter" in " ".join(us_cm.report.pendings[0]["what_to_do"])


@pytest.mark.parametrize(("spec", "said"), [
    ({"name": "OAuthRefreshLoginFlow", "confirmed": False, "stored_value": "0"}, "not confirmed"),
    ({"name": "OAuthRefreshLoginFlow", "confirmed": True, "stored_value": None}, "not confirmed"),
    ({"name": "NoSuchThing", "confirmed": True, "stored_value": "1"}, "does not have"),
    ({"name": "OAuthRefreshLoginFlow", "confirmed": True, "stored_value": "1"}, "is not enabled"),
    ({"name": "oauthrefreshloginflow", "confirmed": True, "stored_value": "0"}, None)])
def test_the_refresh_parameter_is_never_guessed(us_cm, spec, said):
    found = oauth_refresh.against(us_cm.publisher, spec)
    assert found is None if said is None else said in found[0]


# activation

def test_activation_deploys_what_is_not_activated_and_starts_what_is_stopped(us_cm):
    us_cm.publisher.services[CAPF] = None
    activate(us_cm, us_cm.pauses, [CAPF], ["publisher"], 300, True)
    assert us_cm.writes == [] and us_cm.report.changed
    us_cm.report.__init__()
    activate(us_cm, us_cm.pauses, [CAPF], ["publisher"], 300, False)
    assert us_cm.writes == [("us-cm-pub", "Deploy", CAPF)]
    assert us_cm.report.extra["services"][CAPF]["us-cm-pub"]["status"] == "Started"
    us_cm.report.__init__()
    activate(us_cm, us_cm.pauses, [CAPF], ["publisher"], 300, False)
    assert not us_cm.report.changed
    us_cm.publisher.services[CAPF] = "Stopped"
    activate(us_cm, us_cm.pauses, [CAPF], ["publisher"], 300, False)
    assert us_cm.writes[1:] == [("us-cm-pub", "Start", CAPF)]


def test_activation_that_never_starts(us_cm):
    us_cm.publisher.services[CAPF], us_cm.takes = None, 10_000
    with pytest.raises(Stuck, match="did not start within 300 s: it is Starting"):
        activate(us_cm, us_cm.pauses, [CAPF], ["publisher"], 300, False)


# phones

@pytest.fixture
def phones(us_cm):
    us_cm.replies["listPhone"] = lambda a: {"return": {"phone": [
        {"name": n, "devicePoolName": {"_value_1": "US_DP_%d" % (i % 2 + 1)}} for i, n in enumerate([*us_cm.phones, "SEPOFFLINE"])]}}
    us_cm.reset = []
    us_cm.replies["resetPhone"] = lambda a: us_cm.reset.append(a["name"])
    us_cm.times = dict.fromkeys(us_cm.phones, NOW - 1000)
    us_cm.comes_back = True

    def devices(names=("*",), device_class="Any", node=None, status="Any"):
        for n in us_cm.reset if us_cm.comes_back else ():
            us_cm.times[n] = max(us_cm.times[n], us_cm.now if us_cm.now > NOW else 0)
        return [{"name": n, "node": "us-cm-sub1", "status": "Registered", "time": us_cm.times[n]} for n in us_cm.phones]

    us_cm.publisher.serviceability_devices = devices
    return us_cm


def test_phones_are_reset_only_when_owed_and_after_the_restarts(phones):
    PhoneReset(phones, phones.pauses, 300).run(True, False)
    assert phones.reset == [] and not phones.report.changed
    owed = Owed(phones.workspace, "us_cm")
    owed.add(PHONES, ["us-cm-pub"], NOW, "mixed mode set")
    owed.add(TFTP, ["us-cm-tftp1"], NOW, "mixed mode set")
    PhoneReset(phones, phones.pauses, 300).run(True, False)
    assert phones.reset == [] and "Cisco Tftp on us-cm-tftp1" in phones.report.pendings[0]["reason"]
    owed.settle(TFTP, "us-cm-tftp1")
    phones.report.__init__()
    PhoneReset(phones, phones.pauses, 300).run(False, False)
    assert phones.reset == [] and phones.report.pendings[0]["id"] == "phone-reset-not-granted"
    phones.report.__init__()
    PhoneReset(phones, phones.pauses, 300).run(True, True)
    assert phones.reset == [] and len(phones.report.operations) == 2
    phones.report.__init__()
    PhoneReset(phones, phones.pauses, 300).run(True, False)
    assert sorted(phones.reset) == sorted(phones.phones) and owed.items() == []
    assert phones.report.extra["device_pools"] == {"US_DP_1": 2, "US_DP_2": 1}


def test_phones_that_do_not_come_back_stop_the_rest(phones):
    owed = Owed(phones.workspace, "us_cm")
    owed.add(PHONES, ["us-cm-pub"], NOW, "CTL file updated")
    phones.comes_back = False
    with pytest.raises(Stuck, match="2 phones of device pool US_DP_1; .*not registered anew are 2 of 2.*Not told yet: 1 batch, of device pools US_DP_2"):
        PhoneReset(phones, phones.pauses, 300).run(True, False)
    assert len(phones.reset) == 2 and len(owed.items()) == 1


def test_a_phone_that_was_deleted_meanwhile_is_no_trouble(phones):
    Owed(phones.workspace, "us_cm").add(PHONES, ["us-cm-pub"], NOW, "CTL file updated")

    def reset(arguments):
        if arguments["name"] == "CSFJDOE":
            raise NodeError("refused", "AXL resetPhone: Item not valid: The specified CSFJDOE was not found")
        phones.reset.append(arguments["name"])

    phones.replies["resetPhone"] = reset
    PhoneReset(phones, phones.pauses, 300).run(True, False)
    assert sorted(phones.reset) == ["SEP0011AABB0001", "SEP0011AABB0002"]


def test_an_interrupted_reset_is_gone_on_with(phones):
    owed = Owed(phones.workspace, "us_cm")
    owed.add(PHONES, ["us-cm-pub"], NOW, "CTL file updated")
    whole = phones.replies["resetPhone"]

    def killed(arguments):
        if phones.reset:
            raise KeyboardInterrupt
        return whole(arguments)
    phones.replies["resetPhone"] = killed
    with pytest.raises(KeyboardInterrupt):
        PhoneReset(phones, phones.pauses, 300).run(True, False)
    assert len(phones.reset) == 1 and len(owed.items()) == 1
    phones.replies["resetPhone"] = whole
    PhoneReset(phones, phones.pauses, 300).run(True, False)
    assert sorted(phones.reset) == sorted(phones.phones) and owed.items() == []
    owed.add(PHONES, ["us-cm-pub"], NOW + 100, "CTL file updated again")
    PhoneReset(phones, phones.pauses, 300).run(True, False)
    assert len(phones.reset) == 2 * len(phones.phones)
