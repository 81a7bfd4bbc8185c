# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans: what is in one, what one permits, when the estate has moved, and which files are refused."""
from __future__ import annotations

import copy
import json

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.plan import model
from ansible_collections.collab.security.plugins.plugin_utils.plan import store
from ansible_collections.collab.security.plugins.plugin_utils.plan.compare import moved
from ansible_collections.collab.security.plugins.plugin_utils.plan.permit import BeyondThePlan
from ansible_collections.collab.security.plugins.plugin_utils.plan.permit import Permit
from ansible_collections.collab.security.plugins.plugin_utils.plan.text import lines_of
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import Step
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import reconcile
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

PUB = "us-cm-pub"
TRUNKS, RESTARTS, SIGN, LATE = "Trunks", "Restarts", "Sign", "Install"
CLUSTERS = [{"name": "us_cm", "product": "unified_cm", "hosts": [PUB]}]
TOMCAT = {"node": "us-cm-sub1", "kind": "service_restart", "what": "Cisco Tomcat"}


def operation(name="updateSipTrunk", about="US_CUBE", node=PUB, channel="axl", **arguments):
    return {"node": node, "channel": channel, "operation": name, "object": about, "arguments": arguments}


def finding(about="US_CUBE", before="false", **more):
    return {"id": "trunk-srtp", "severity": "high", "object": about, "message": "not as wanted", "step": None, "table": None, "before": before,
            "after": "true"} | more


def report(**lists):
    """A run's report: {list: [(task, row)]}; its tasks are always the same four."""
    actions = {TRUNKS: "sip_trunk", SIGN: "certificate_signature", LATE: "identity_certificate", RESTARTS: "service_restart"}
    tasks = [{"host": PUB, "task": task, "role": "r", "action": "collab.security." + action, "state": "ok", "seconds": 2.0, "msg": None}
             for task, action in actions.items()]
    rows = {name: [dict(row, host=PUB, task=task) for task, row in lists.get(name, ())] for name in ("operations", "impact", "findings", "pending")}
    return {"tasks": tasks, **rows}


def plan(durations=None, limits=None, **lists):
    return model.plan_of(report(**lists), CLUSTERS, "estate", "1.0.0", durations or {}, limits or {}, {PUB: []}, now=0)


DRIFT = {"operations": [(TRUNKS, operation(srtpAllowed="true")), (SIGN, operation("POST certfnsh.asp", "tomcat", request_key=""))],
         "findings": [(TRUNKS, finding())], "impact": [(TRUNKS, {"node": PUB, "kind": "trunk_reset", "what": "US_CUBE"}), (LATE, TOMCAT), (SIGN, TOMCAT)],
         "pending": [(LATE, {"id": "x", "object": "PhoneSystem-1 of us_cuc and US_UNITY of us_cm", "reason": "not proven", "what_to_do": [], "step": None})]}


def test_steps_in_order_and_each_restart_once():
    made = plan(**DRIFT)
    cluster = made["clusters"][0]
    assert [step["task"] for step in cluster["steps"]] == [TRUNKS, SIGN, LATE, RESTARTS]
    assert cluster["totals"] == {"operations": 2, "findings": 1, "pending": 1, "impacts": 2}
    assert json.loads(json.dumps(made)) == made


def test_the_time_is_an_estimate_and_what_is_unknown_is_counted():
    estimate = plan(durations={"trunk_reset": 10}, limits={"service_restart": 900}, **DRIFT)["clusters"][0]["estimate"]
    assert (estimate["reading"], estimate["known"], estimate["unknown"]) == (24.0, 34.0, 1)
    text = "\n".join(lines_of(plan(durations={"trunk_reset": 10}, limits={"service_restart": 900}, **DRIFT)))
    assert "1 service restarts take a time that is unknown, each is waited for 15 min at most" in text and "an estimate" in text


def test_for_people():
    text = "\n".join(lines_of(plan(**DRIFT)))
    assert "updateSipTrunk US_CUBE" in text and "Cisco Tomcat on us-cm-sub1" in text and "not proven" in text
    assert lines_of(plan())[-1] == "There is nothing to do."


GRAPH = {"counts": {"holds": 3, "fails": 1, "plain": 0}, "outlook": {
    word: [{"cluster": "us_cm", "object": "a -> b:%d" % number, "message": "because of %s" % word}]
    for number, word in enumerate(("breaks", "stays", "unknown", "mended"))}}


def with_graph(state="ok"):
    """The report of a run that has looked at the trust graph, and found something about another host than its own."""
    seen = report(**DRIFT)
    seen["tasks"].append({"host": PUB, "task": "Every connection", "role": None, "action": "collab.security.trust_graph", "state": state, "seconds": 2.0,
                          "msg": None, "result": GRAPH})
    seen["findings"].append(finding("a -> b:0", host="us-cube1", task="Every connection", role="cube"))
    return model.plan_of(seen, CLUSTERS, "estate", "1.0.0", {}, {}, {PUB: []}, now=0)


def test_the_trust_graph_is_in_it_and_no_step():
    """What it names is saved and shown, what breaks last; and it is nothing that can move, or that a run has to do."""
    made = with_graph()
    assert made["trust"] == {"counts": GRAPH["counts"], **GRAPH["outlook"]} and made["clusters"] == plan(**DRIFT)["clusters"]
    assert lines_of(made)[-5:] == ["connections today: 1 fails, 3 holds", "  mended: us_cm: a -> b:3: because of mended",
                                   "  NOT KNOWN: us_cm: a -> b:2: because of unknown", "  WILL NOT HOLD: us_cm: a -> b:1: because of stays",
                                   "  WILL BREAK: us_cm: a -> b:0: because of breaks"]
    assert moved(made, plan(**DRIFT)) == [] and plan(**DRIFT)["trust"] is None
    failed = with_graph("failed")
    assert failed["trust"] is None and failed["failed"][0]["task"] == "Every connection"


def test_what_failed_is_in_it():
    failed = report()
    failed["tasks"][0] |= {"state": "failed", "msg": "no answer"}
    made = model.plan_of(failed, CLUSTERS, "estate", "1.0.0", {}, {}, {})
    assert made["failed"] == [{"host": PUB, "task": TRUNKS, "message": "no answer"}] and "NOT COMPARED" in lines_of(made)[-1]


@pytest.mark.parametrize(("task", "done", "rules", "permitted"), [
    (TRUNKS, operation(srtpAllowed="true"), {}, True),
    (TRUNKS, operation(srtpAllowed="false"), {}, False),
    (TRUNKS, operation(srtpAllowed="true", more="1"), {}, False),
    (TRUNKS, operation(about="US_CUBE2", srtpAllowed="true"), {}, False),
    (TRUNKS, operation(node="emea-cm-pub", srtpAllowed="true"), {}, False),
    (SIGN, operation(srtpAllowed="true"), {}, False),
    (SIGN, operation("POST certfnsh.asp", "tomcat", request_key="ab"), {}, False),
    (SIGN, operation("POST certfnsh.asp", "tomcat", request_key="ab"), {"derives": ("request_key",)}, True),
    (LATE, operation("POST /identity", "tomcat"), {}, False),
    (LATE, operation("POST /identity", "tomcat"), {"follows": ("certificate_signature",)}, True),
    (LATE, operation("POST /identity", "tomcat"), {"follows": ("service_restart",)}, False),
    (LATE, operation("resetSipTrunk", "US_UNITY"), {}, True),
    (LATE, operation("resetSipTrunk", "US_UNITY2"), {}, False),
    (RESTARTS, operation("utils service restart Cisco Tomcat", "Cisco Tomcat", "us-cm-sub1", "vos_cli"), {}, True),
    (RESTARTS, operation("utils service restart Cisco Tomcat", "Cisco Tomcat", PUB, "vos_cli"), {}, False),
])
def test_exactly_what_the_plan_has(task, done, rules, permitted):
    assert (Permit(plan(**DRIFT), PUB, task, **rules).beyond([done]) == []) is permitted


def test_a_part_of_the_phones_of_a_plan():
    many = operation("updatePhone", "3 phones (Jabber)", names=["A", "B", "C"], profile="P")
    permit = Permit(plan(operations=[(TRUNKS, many)]), PUB, TRUNKS)
    assert permit.beyond([operation("updatePhone", "1 phone (Jabber)", names=["B"], profile="P")]) == []
    assert permit.beyond([operation("updatePhone", "1 phone (Jabber)", names=["D"], profile="P")])
    assert permit.beyond([operation("updatePhone", "1 phone (Jabber)", names=["B"], profile="Q")])


def test_phones_that_the_plan_says_are_reset():
    reset = {"node": PUB, "kind": "phone_reset", "what": "2 phones of device pool A"}
    done = operation("doDeviceReset", "A", names=["A", "B"])
    announced = plan(impact=[(TRUNKS, {"node": PUB, "kind": "phone_reset", "what": "all phones"})])
    assert Permit(announced, PUB, RESTARTS, pays=True).beyond([done], [reset]) == []
    assert Permit(plan(), PUB, RESTARTS, pays=True).beyond([done], [reset]) == [done]
    assert Permit(announced, PUB, RESTARTS).beyond([done], [reset]) == [done]


def test_what_is_beyond_is_refused_before_it_is_sent():
    sent, after = [], Report()
    after.demand = Permit(plan(**DRIFT), PUB, TRUNKS).demand
    steps = [Step({"node": PUB, "channel": "axl", "operation": "updateSipTrunk", "object": name, "srtpAllowed": "true"}, lambda name=name: sent.append(name))
             for name in ("US_CUBE", "US_OTHER")]
    with pytest.raises(BeyondThePlan, match="no updateSipTrunk of US_OTHER on us-cm-pub.*Nothing was sent for it"):
        reconcile(after, False, list, lambda _now: list(steps))
    assert sent == ["US_CUBE"] and [op["object"] for op in after.operations] == ["US_CUBE"]


def changed(**lists):
    return plan(**{**DRIFT, **lists})


def test_nothing_has_moved():
    assert moved(plan(**DRIFT), plan(**DRIFT)) == []


@pytest.mark.parametrize(("now", "words"), [
    (changed(findings=[(TRUNKS, finding(before="other"))]), "US_CUBE: planned with 'false', now 'other'"),
    (changed(findings=[]), "US_CUBE: planned with 'false', now this is not so any more"),
    (changed(findings=[*DRIFT["findings"], (RESTARTS, finding("Tomcat"))]), "Restarts: Tomcat: it was right, now 'false'"),
    (changed(operations=DRIFT["operations"][:1]), "tomcat: planned to be sent to us-cm-pub: POST certfnsh.asp, now it is not needed any more"),
    (changed(operations=[*DRIFT["operations"], (TRUNKS, operation("resetSipTrunk"))]), "US_CUBE: not planned, now resetSipTrunk would be sent"),
])
def test_what_has_moved_is_named(now, words):
    said = moved(plan(**DRIFT), now)
    assert len(said) == 1 and words in said[0] and PUB in said[0]


def test_time_alone_moves_nothing():
    ages = [plan(findings=[(TRUNKS, finding(message="it ends in %d days" % days))]) for days in (12, 11)]
    assert moved(*ages) == []


def test_a_run_that_looks_at_other_tasks():
    narrow = copy.deepcopy(plan(**DRIFT))
    narrow["clusters"][0]["steps"].pop()
    assert "--limit" in moved(plan(**DRIFT), narrow)[0] and "--limit" in moved(narrow, plan(**DRIFT))[0]


def test_where_a_run_was_killed():
    """What has been done by then is no move; more than the plan has is; what was not begun has to be as it was."""
    rules, begun = {"sip_trunk": (False, (), ()), "certificate_signature": (False, (), ("request_key",))}, {(PUB, SIGN)}
    signed = changed(operations=[DRIFT["operations"][0]])
    assert moved(plan(**DRIFT), signed, begun, rules) == []
    more = changed(operations=[*DRIFT["operations"], (TRUNKS, operation("resetSipTrunk"))])
    assert "resetSipTrunk" in moved(plan(**DRIFT), more, begun, rules)[0]
    other = changed(findings=[(TRUNKS, finding(before="other"))])
    assert "now 'other'" in moved(plan(**DRIFT), other, begun, rules)[0]
    assert moved(plan(**DRIFT), other, {(PUB, TRUNKS)}, rules) == []


@pytest.mark.parametrize(("content", "words"), [
    (None, "does not exist"), ("no JSON", "is no plan"), ("[]", "is no plan"), ({"format": model.FORMAT + 1}, "has format"),
    ({"collection": "0.9"}, "version 0.9"), ({"estate": "other"}, "another estate"), ({"more": 1}, "no whole plan: more"),
    ({"failed": [{"host": "a", "task": "b", "message": "c"}]}, "incomplete"),
])
def test_files_that_are_no_plan_for_this(tmp_path, content, words):
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_text(content if isinstance(content, str) else json.dumps(plan() | content), encoding="utf-8")
    with pytest.raises(store.BadPlan, match="collab_plan.*" + words):
        store.load(file, "1.0.0", "estate")


def test_a_plan_is_good_once_and_its_progress_its_own(tmp_path):
    file = tmp_path / "plan.json"
    store.save(file, plan(**DRIFT))
    assert store.load(file, "1.0.0", "estate") == plan(**DRIFT) and file.stat().st_mode & 0o077 == 0
    progress = store.Progress(file)
    progress.check()
    assert progress.begun() == set()
    progress.note(PUB, TRUNKS)
    with open(progress.path, "a", encoding="utf-8") as torn:
        torn.write('{"host": "us-')
    progress.note(PUB, SIGN)
    progress.check()
    assert progress.begun() == {(PUB, TRUNKS), (PUB, SIGN)} and progress.path.stat().st_mode & 0o077 == 0
    progress.finish()
    with pytest.raises(store.BadPlan, match="applied to its end"):
        progress.check()
    file.write_text(json.dumps(plan()), encoding="utf-8")
    with pytest.raises(store.BadPlan, match="another plan"):
        progress.check()
    store.save(file, plan())
    progress.check()


def test_the_version_of_a_checkout_and_of_an_installation(tmp_path):
    (tmp_path / "galaxy.yml").write_text("namespace: collab\nversion: 1.2.3\n", encoding="utf-8")
    assert store.version_of(tmp_path) == "1.2.3"
    (tmp_path / "MANIFEST.json").write_text(json.dumps({"collection_info": {"version": "1.2.4"}}), encoding="utf-8")
    assert store.version_of(tmp_path) == "1.2.4"
