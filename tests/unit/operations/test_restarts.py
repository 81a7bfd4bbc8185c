"""Restarts: what is owed, in which order it is done, what stops it, and what a later run still knows."""
from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations import registrations
from ansible_collections.collab.security.plugins.plugin_utils.operations import services
from ansible_collections.collab.security.plugins.plugin_utils.operations.restarts import Restarts
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed

sys.path.insert(0, str(Path(__file__).parent))
import fake_cluster as cluster  # noqa: E402
from fake_cluster import CALLMANAGER  # noqa: E402
from fake_cluster import CTI  # noqa: E402
from fake_cluster import DAY  # noqa: E402
from fake_cluster import NOW  # noqa: E402
from fake_cluster import TFTP  # noqa: E402
from fake_cluster import TOMCAT  # noqa: E402

ALL = [TOMCAT, TFTP, CALLMANAGER, CTI]


@pytest.fixture
def us_cm(tmp_path):
    return cluster.FakeAction(tmp_path)


def run(action, names=ALL, granted=True, check=False, timeout=300, registration_timeout=300):
    Restarts(action, action.pauses, timeout, registration_timeout).run(names, granted, check)
    return action.report.result()


def renew(action, unit, serial=77):
    """A new multi-server certificate is installed on every node; what is served stays as it was."""
    for node in action.nodes.values():
        node.installed[unit] = cluster.certificate("us-cm-pub-ms.ent-pa.com", serial)


def test_nothing_owed_nothing_done(us_cm):
    result = run(us_cm)
    assert us_cm.writes == [] and not result["changed"] and result["findings"] == []


def test_tomcat_is_judged_by_what_8443_serves_publisher_first(us_cm):
    us_cm.nodes = dict(reversed(us_cm.nodes.items()))
    renew(us_cm, "tomcat")
    result = run(us_cm)
    assert [w[0] for w in us_cm.writes] == ["us-cm-pub", "us-cm-tftp1", "us-cm-sub2", "us-cm-sub1"]
    assert {w[2] for w in us_cm.writes} == {"utils service restart Cisco Tomcat"}
    assert len(result["operations"]) == 4 and all(o["channel"] == "vos_cli" for o in result["operations"])
    assert {i["kind"] for i in result["impact"]} == {"service_restart"}
    assert all(f["step"] == "restart-tomcat" for f in result["findings"])
    assert Owed(us_cm.workspace, "us_cm").items() == []
    us_cm.report.__init__()
    us_cm.writes.clear()
    assert not run(us_cm)["changed"] and us_cm.writes == []


def test_callmanager_group_one_after_the_other_with_everything_proven_between(us_cm):
    renew(us_cm, "CallManager")
    result = run(us_cm)
    assert us_cm.writes == [("us-cm-tftp1", "Restart", TFTP), ("us-cm-sub1", "Restart", CALLMANAGER), ("us-cm-sub2", "Restart", CALLMANAGER),
                            ("us-cm-sub1", "Restart", CTI), ("us-cm-sub2", "Restart", CTI)]
    assert us_cm.together == []
    assert us_cm.nodes["us-cm-sub2"].serves[5061] == us_cm.nodes["us-cm-sub2"].installed["CallManager"]
    assert [f["step"] for f in result["findings"]] == ["restart-callmanager-group"] * 5
    assert not list(us_cm.workspace.glob("us_cm/registrations.json"))


def test_check_mode_says_what_would_be_done_and_leaves_the_journal_alone(us_cm):
    renew(us_cm, "tomcat")
    Owed(us_cm.workspace, "us_cm").add(TFTP, ["us-cm-tftp1"], NOW - 30 * DAY, "paid long ago")
    result = run(us_cm, check=True)
    assert us_cm.writes == [] and result["changed"] and len(result["operations"]) == 4
    assert len(Owed(us_cm.workspace, "us_cm").items()) == 1


def test_not_granted_is_pending(us_cm):
    renew(us_cm, "tomcat")
    result = run(us_cm, granted=False)
    assert us_cm.writes == [] and not result["changed"]
    assert len(result["pending"]) == 1 and "collab_disruption" in result["pending"][0]["what_to_do"][0]
    assert "us-cm-pub, us-cm-sub1" in result["pending"][0]["object"]


def test_the_journal_counts_where_no_evidence_can(us_cm):
    owed = Owed(us_cm.workspace, "us_cm")
    owed.add(TFTP, ["us-cm-pub", "us-cm-tftp1"], NOW - 60, "mixed mode set")
    owed.add(CTI, ["us-cm-sub1"], NOW - 25 * DAY, "older than its start")
    result = run(us_cm)
    assert us_cm.writes == [("us-cm-tftp1", "Restart", TFTP)]
    assert "mixed mode set" in result["findings"][0]["message"]
    assert owed.items() == []


def test_a_service_that_an_interrupted_restart_left_down_is_brought_back(us_cm):
    us_cm.nodes["us-cm-sub1"].services[CTI] = "Stopped"
    assert not run(us_cm)["changed"]
    Owed(us_cm.workspace, "us_cm").add(CTI, ["us-cm-sub1"], NOW - 60, "certificate replaced")
    run(us_cm)
    assert us_cm.writes == [("us-cm-sub1", "Restart", CTI)]


def test_started_before_the_certificate_was_issued(us_cm):
    for node in us_cm.nodes.values():
        node.installed["CallManager"] = cluster.certificate("x", 2, not_before=NOW - DAY)
        node.serves.pop(5061, None)
        if node.services.get(CTI):
            node.services[CTI] = NOW - 3600
    run(us_cm)
    assert [w[2] for w in us_cm.writes] == [TFTP, CALLMANAGER, CALLMANAGER]


def test_dates_prove_nothing_where_a_service_serves_what_is_younger_than_itself(us_cm):
    for node in us_cm.nodes.values():
        node.installed["CallManager"] = cluster.certificate("x", 2, not_before=NOW - DAY)
        if 5061 in node.serves:
            node.serves[5061] = node.installed["CallManager"]
    assert not run(us_cm)["changed"]


def test_started_before_the_ctl_file_changed_counts_in_mixed_mode_only(us_cm):
    us_cm.replies["show ctl"] = ("Length of CTL file: 100\nThe CTL File was last modified on Sun Nov 22 20:00:00 UTC 2026\nCTL Record #:1\n----\n"
                                 "4 FUNCTION 2 CCM+TFTP\n")
    assert not run(us_cm)["changed"]
    us_cm.parameters["ClusterSecurityMode"] = "1"
    run(us_cm, names=[TFTP])
    assert us_cm.writes == [("us-cm-tftp1", "Restart", TFTP)]


def test_sip_oauth_owes_callmanager_until_5090_serves_the_tomcat_certificate(us_cm):
    us_cm.parameters["ClusterSIPOAuthMode"] = "1"
    us_cm.nodes["us-cm-sub2"].serves[5090] = us_cm.nodes["us-cm-sub2"].installed["tomcat"]
    run(us_cm)
    assert us_cm.writes == [("us-cm-sub1", "Restart", CALLMANAGER)]


def test_a_stranger_on_the_port_stops_everything(us_cm):
    renew(us_cm, "tomcat")
    us_cm.broken = True
    us_cm.replies["x"] = None
    cli = us_cm.cli

    def restart(node, command, answers):
        out = cli(node, command, answers)
        node.serves[8443] = cluster.certificate("somebody else", 666)
        return out

    us_cm.cli = restart
    with pytest.raises(Stuck, match="8443 of us-cm-pub serves a certificate .* neither .* Not touched.*Cisco Tomcat on us-cm-sub1"):
        run(us_cm)
    assert len(us_cm.writes) == 1
    assert len(Owed(us_cm.workspace, "us_cm").items(TOMCAT)) == 4


def test_a_restart_that_never_comes_back_names_node_and_what_is_left(us_cm):
    renew(us_cm, "CallManager")
    us_cm.broken = True
    with pytest.raises(Stuck, match="Cisco CallManager on us-cm-sub1 is not back 300 s.*port 5061.*Not touched.*us-cm-sub2"):
        run(us_cm)
    assert us_cm.writes[-1] == ("us-cm-sub1", "Restart", CALLMANAGER)
    left = {(e["what"], e["node"]) for e in Owed(us_cm.workspace, "us_cm").items()}
    assert (CALLMANAGER, "us-cm-sub1") in left and (CALLMANAGER, "us-cm-sub2") in left and (TFTP, "us-cm-tftp1") not in left


def test_phones_must_be_back_before_the_next_and_a_later_run_remembers_them(us_cm):
    renew(us_cm, "CallManager")
    away = us_cm.nodes["us-cm-sub1"].serviceability_control

    def control(action, services):
        away(action, services)
        us_cm.phones_away = us_cm.now + 10 ** 9
        return {}

    us_cm.nodes["us-cm-sub1"].serviceability_control = control
    with pytest.raises(Stuck, match="restarted on us-cm-sub1, but the phones.*1 of 3.*CSFJDOE.*Not touched.*us-cm-sub2"):
        run(us_cm)
    assert (us_cm.workspace / "us_cm" / "registrations.json").exists()
    writes = list(us_cm.writes)
    with pytest.raises(Stuck, match="earlier run was interrupted.*CSFJDOE.*registrations.json"):
        run(us_cm)
    assert us_cm.writes == writes
    del us_cm.nodes["us-cm-sub1"].serviceability_control
    us_cm.phones_away = 0
    run(us_cm)
    assert us_cm.writes[len(writes):] == [("us-cm-sub2", "Restart", CALLMANAGER), ("us-cm-sub1", "Restart", CTI), ("us-cm-sub2", "Restart", CTI)]
    assert not (us_cm.workspace / "us_cm" / "registrations.json").exists()


def test_no_restart_while_the_other_member_of_the_group_is_down(us_cm):
    Owed(us_cm.workspace, "us_cm").add(CALLMANAGER, ["us-cm-sub1"], NOW, "x")
    us_cm.nodes["us-cm-sub2"].services[CALLMANAGER] = "Stopped"
    with pytest.raises(Stuck, match="us-cm-sub2 is Stopped.*US_CMG_1.*us-cm-sub1"):
        run(us_cm)
    assert us_cm.writes == []


def test_the_member_that_is_down_and_owed_goes_first(us_cm):
    Owed(us_cm.workspace, "us_cm").add(CALLMANAGER, ["us-cm-sub1", "us-cm-sub2"], NOW, "x")
    us_cm.nodes["us-cm-sub2"].services[CALLMANAGER] = "Stopped"
    run(us_cm)
    assert us_cm.writes == [("us-cm-sub2", "Restart", CALLMANAGER), ("us-cm-sub1", "Restart", CALLMANAGER)]


def test_lost_answers_are_looked_at_not_sent_again(us_cm):
    renew(us_cm, "CallManager")
    us_cm.faults += [{"node": "us-cm-sub1", "channel": "serviceability", "op": "control", "kind": "lost", "after": True, "times": 1},
                     {"node": "us-cm-sub1", "channel": "serviceability", "op": "status", "kind": "unreachable", "times": 2,
                      "when": lambda a: len(us_cm.writes) == 2}]
    run(us_cm)
    assert us_cm.writes.count(("us-cm-sub1", "Restart", CALLMANAGER)) == 1


def test_an_answer_lost_before_it_was_done_is_not_claimed(us_cm):
    Owed(us_cm.workspace, "us_cm").add(TFTP, ["us-cm-tftp1"], NOW, "x")
    us_cm.faults.append({"node": "us-cm-tftp1", "channel": "serviceability", "op": "control", "kind": "lost", "times": 1})
    with pytest.raises(Stuck, match="Cisco Tftp on us-cm-tftp1 is not back.*since before the restart"):
        run(us_cm)
    assert us_cm.report.operations == [] and len(Owed(us_cm.workspace, "us_cm").items()) == 1


def test_a_refused_login_ends_the_wait(us_cm):
    renew(us_cm, "tomcat")
    us_cm.faults.append({"node": "us-cm-pub", "channel": "serviceability", "op": "status", "kind": "auth", "when": lambda a: len(us_cm.writes) == 1})
    with pytest.raises(NodeError) as e:
        run(us_cm)
    assert e.value.kind == "auth" and len(us_cm.writes) == 1


@pytest.mark.parametrize(("row", "activated", "running"), [
    ({"status": "Stopped", "reason_code": -1068}, False, False), ({"status": "Not Activated", "reason_code": -1}, False, False),
    ({"status": "Stopped", "reason_code": -1019}, True, False), ({"status": "Started", "reason_code": -1, "up_time": 60}, True, True)])
def test_states_in_both_readings(us_cm, row, activated, running):
    us_cm.publisher.serviceability_status = lambda services: {"date": NOW, "services": [{"name": services[0], **row}]}
    found = services.read(us_cm.publisher, [TFTP])[0][TFTP]
    assert (found.activated, found.running, found.started) == (activated, running, NOW - 60 if running else None)


@pytest.mark.parametrize(("words", "offset"), [
    ("Mon Nov 23 15:00:00 2026", -300), ("2026-11-23T21:00:00", 60), ("2026-11-23 20:00:07", 0), ("yesterday", None)])
def test_distance_from_utc_by_a_service_start(words, offset):
    assert services.offset_minutes([services.Service("x", "Started", True, NOW, words)]) == offset


def test_many_phones_are_asked_for_inside_the_rate_of_ris():
    """An answer holds a thousand: 16,500 phones take eighteen questions, and RIS answers fifteen a minute."""
    asked, now = [], [0.0]

    def ask(channel, op, **args):
        if op == "sql":
            return [{"name": "SEP%012d" % number} for number in range(16500)]
        asked.append(now[0])
        assert sum(1 for then in asked if then > now[0] - 60) <= 15, "more than RIS answers"
        return [{"name": name, "node": "us-cm-sub1", "status": "Registered", "time": 1} for name in (
            args["names"] if "*" not in args["names"] else ["SEP%012d" % number for number in range(1000)])]

    def sleep(seconds):
        now[0] += seconds

    pauses = Pauses(5.0, sleep=sleep, clock=lambda: now[0])
    assert len(registrations.registered(types.SimpleNamespace(ask=ask), pauses)) == 16500
    assert len(asked) == 18 and now[0] <= 120


@pytest.mark.parametrize(("release", "status", "asked"), [("15", "Stopped", True), ("15", "Started", False), ("12.5", "Stopped", False)])
def test_haproxy_is_looked_for_by_the_command_line_where_serviceability_does_not_see_it(release, status, asked):
    """It is there from release 14 on."""
    said = []

    def ask(channel, op, **args):
        said.append(channel)
        if channel == "vos_cli":
            return {"output": "Cisco HAProxy[STARTED]  \r\nCisco Tomcat[STARTED]  \r\n"}
        return {"date": NOW, "services": [{"name": "Cisco HAProxy", "status": status, "reason_code": "-1", "start_time": "", "up_time": "50"}]}

    node = types.SimpleNamespace(ask=ask, variables={"collab_release": release, "collab_product": "unified_cm"})
    found = services.read(node, ["Cisco HAProxy"])[0]["Cisco HAProxy"]
    assert found.running is (release == "15") and ("vos_cli" in said) is asked
