# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report and reconcile engine."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import DidNotStick
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import Step
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import reconcile
from ansible_collections.collab.security.plugins.plugin_utils.report import Report


class Store:
    """A device with named values."""

    def __init__(self, values, wanted, deaf=(), answers=None):
        self.values, self.wanted, self.deaf, self.reads, self.writes = dict(values), wanted, deaf, 0, []
        self.answers = dict(answers or {})

    def read(self):
        self.reads += 1
        return dict(self.values)

    def plan(self, actual):
        return [Step({"node": "n", "channel": "axl", "operation": "set", "object": name, "value": value}, lambda n=name, v=value: self.write(n, v),
                     before=actual.get(name), after=value, finding={"id": "differs", "severity": "medium", "object": name, "message": "differs"},
                     impact=[{"node": "n", "kind": "service_restart", "what": "s"}])
                for name, value in self.wanted.items() if actual.get(name) != value]

    def write(self, name, value):
        self.writes.append(name)
        if name not in self.deaf:
            self.values[name] = value
        if name in self.answers:
            raise self.answers.pop(name)


def run(store, check=False):
    report = Report()
    reconcile(report, check, store.read, store.plan)
    return report.result()


def test_writes_only_what_differs_and_reads_it_back():
    store = Store({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4})
    result = run(store)
    assert store.writes == ["b", "c"] and store.reads == 2 and store.values == {"a": 1, "b": 3, "c": 4}
    assert result["changed"] and [o["object"] for o in result["operations"]] == ["b", "c"]
    assert result["operations"][0]["arguments"] == {"value": 3}
    assert result["diff"] == {"before": {"b": 2, "c": None}, "after": {"b": 3, "c": 4}}
    assert len(result["findings"]) == 2 and len(result["impact"]) == 1
    again = run(store)
    assert not again["changed"] and store.writes == ["b", "c"] and again["diff"] == {} and again["findings"] == []


def test_check_mode_says_the_same_and_writes_nothing():
    store = Store({"a": 0}, {"a": 1})
    checked = run(store, check=True)
    assert store.writes == [] and store.reads == 1
    assert checked == run(store)


def test_what_did_not_stick_fails():
    store = Store({}, {"a": 1, "b": 2}, deaf=("b",))
    with pytest.raises(DidNotStick, match="set b on n"):
        run(store)


def test_a_lost_answer_is_read_back_and_never_sent_again():
    store = Store({}, {"a": 1, "b": 2, "c": 3}, answers={"b": NodeError("lost", "no answer")})
    assert len(run(store)["operations"]) == 3
    assert store.writes == ["a", "b", "c"]


def test_a_lost_request_that_was_not_done_fails_clearly():
    store = Store({}, {"a": 1, "b": 2}, deaf=("a",), answers={"a": NodeError("lost", "no answer")})
    report = Report()
    with pytest.raises(NodeError, match="read back: it was not done") as caught:
        reconcile(report, False, store.read, store.plan)
    assert caught.value.kind == "lost" and store.writes == ["a"] and not report.changed


def test_a_refusal_ends_it_and_what_was_done_stays_reported():
    store = Store({}, {"a": 1, "b": 2}, answers={"b": NodeError("refused", "no")})
    report = Report()
    with pytest.raises(NodeError):
        reconcile(report, False, store.read, store.plan)
    assert [o["object"] for o in report.operations] == ["a"]


def test_report_refuses_words_that_it_does_not_know_and_repeats_nothing():
    report = Report()
    with pytest.raises(ValueError):
        report.finding("x", "grave", "o", "m")
    with pytest.raises(ValueError):
        report.impact("n", "explosion", "w")
    for _time in range(2):
        report.finding("x", "low", "o", "m")
        report.pending("p", "o", "r", ("do this",))
    assert len(report.findings) == 1 and report.pendings == [{"id": "p", "object": "o", "reason": "r", "what_to_do": ["do this"], "step": None}]
    assert not report.changed
