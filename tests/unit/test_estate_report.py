"""The report of an estate: the right state in each cell, certificates by the day they end, a page that holds together whatever devices say."""
from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.estate_report.model import days
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.model import model_of
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.page import page
from tests.unit.report_sample import connection
from tests.unit.report_sample import operation
from tests.unit.report_sample import sample

NOW = 1_795_464_000
CLUSTERS = [{"name": "us_cm", "product": "unified_cm", "release": "15", "hosts": ["us-cm-pub"]},
            {"name": "us_cube", "product": "ios", "release": "17.9", "hosts": ["us-cube1", "us-cube2"]}]


def task(host="us-cm-pub", role="certificates", name="Trust", **more):
    return {"host": host, "task": name, "role": "collab.security." + role, "action": "collab.security.x", "state": "ok", "changed": False, "check": False,
            "seconds": 1.0, "msg": None, "result": {}} | more


def finding(severity="high", host="us-cm-pub", name="Trust", message="missing"):
    return {"id": "x", "severity": severity, "object": "tomcat-trust", "message": message, "step": "trust-ucm-tomcat", "host": host, "task": name}


def handshake(node="us-cm-pub", until="2026-12-01T00:00:00Z", verdict="proved", **more):
    return {"node": node, "port": 8443, "purpose": "HTTPS", "certificate": "tomcat AABB", "valid_until": until, "verdict": verdict, "problems": [],
            "protocol": "TLSv1.3"} | more


def report(tasks, findings=(), pending=()):
    return {"playbook": "drift.yml", "tasks": tasks, "findings": list(findings), "pending": list(pending), "operations": []}


def state(tasks, findings=(), pending=()):
    return model_of(report(tasks, findings, pending), CLUSTERS, NOW)["state"]


@pytest.mark.parametrize(("tasks", "findings", "pending", "expected"), [
    ([task()], [], [], "ok"),
    ([task()], [finding()], [], "drift"),
    ([task()], [finding("info")], [], "ok"),
    ([task(changed=True)], [finding()], [], "changed"),
    ([task(changed=True, check=True)], [finding()], [], "drift"),
    ([task(state="failed")], [finding()], [], "failed"),
    ([task()], [], [{"id": "y", "object": "o", "reason": "r", "what_to_do": [], "step": None, "host": "us-cm-pub", "task": "Trust"}], "pending"),
])
def test_the_state_of_a_cell(tasks, findings, pending, expected):
    found = state(tasks, findings, pending)
    assert found["us_cm"]["certificates"]["state"] == expected and found["us_cube"]["certificates"]["state"] == "none"


def test_a_cluster_of_several_hosts_is_one_column():
    found = state([task("us-cube1"), task("us-cube2")], [finding(host="us-cube2")])
    assert found["us_cube"]["certificates"] == {"state": "drift", "findings": 1, "pending": 0}


def test_a_finding_stands_in_the_cell_of_the_role_that_mends_it():
    """Whichever cluster's task has found it."""
    graph = task(role="x", name="Connections", action="collab.security.trust_graph") | {"role": None}
    tasks = [graph, task(), task("us-cube1"), task("us-cube1", role="cube", name="Calls")]
    found = finding(host="us-cube1", name="Connections") | {"role": "cube"}
    model = model_of(report(tasks, [found]), CLUSTERS, NOW)
    assert {name: {role: cell["state"] for role, cell in cells.items()} for name, cells in model["state"].items()} == {
        "us_cm": {"certificates": "ok", "cube": "none"}, "us_cube": {"certificates": "ok", "cube": "drift"}}
    assert [one["cluster"] for one in model["findings"]] == ["us_cube"] and model["state"]["us_cube"]["cube"]["findings"] == 1


def test_sections_in_the_guides_order_and_unknown_ones_last():
    model = model_of(report([task(role="verification"), task(role="own_role"), task(role="mixed_mode")]), CLUSTERS, NOW)
    assert [section["title"] for section in model["sections"]] == ["Mixed mode and CAPF", "Proof", "Own role"]


def test_certificates_by_the_day_they_end():
    rows = [handshake("us-cm-sub1", "2027-12-01T00:00:00Z"), handshake("us-cm-pub", "2026-01-01T00:00:00Z")]
    model = model_of(report([task(role="verification", result={"handshakes": rows})]), CLUSTERS, NOW)
    assert [row["node"] for row in model["certificates"]] == ["us-cm-pub", "us-cm-sub1"]
    assert days("2026-11-24T00:00:00Z", NOW) == 0


def test_the_trust_graph_is_there_only_where_the_run_has_made_one():
    assert model_of(report([task()]), CLUSTERS, NOW)["trust"] is None and 'id="trust"' not in page(model_of(report([task()]), CLUSTERS, NOW))
    failed = task(action="collab.security.trust_graph", state="failed", result={})
    assert model_of(report([failed]), CLUSTERS, NOW)["trust"] is None
    rows = [connection("us_cm", "us_cube")]
    model = model_of(report([task(action="collab.security.trust_graph", result={"connections": rows})]), CLUSTERS, NOW)
    assert model["trust"] == rows and 'id="trust"' in page(model)


def test_what_a_former_run_has_changed_stands_by_cluster():
    former = report([]) | {"begun": "2026-11-23 22:00 UTC", "playbook": "site.yml", "operations": [operation("us-cube1", "crypto pki authenticate", "SEC-CA")]}
    model = model_of(report([]), CLUSTERS, NOW, former)
    assert [row["cluster"] for row in model["former"]["operations"]] == ["us_cube"] and model["operations"] == []
    assert "crypto pki authenticate" in page(model) and 'id="changed"' not in page(model_of(report([]), CLUSTERS, NOW))


class Balanced(HTMLParser):
    """Every element that is opened is closed, in order, and nothing is fetched."""

    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self.attributes(attrs)

    def handle_startendtag(self, tag, attrs):
        self.attributes(attrs)

    @staticmethod
    def attributes(attrs):
        for name, value in attrs:
            assert name not in ("src", "href", "style", "onload") and not (value or "").startswith("http"), "the page needs nothing but itself"

    def handle_endtag(self, tag):
        assert tag in self.VOID or self.open.pop() == tag


def test_the_page_holds_together_and_shows_no_markup_of_a_device():
    rows = [handshake(), handshake("us-cm-sub1", None, "failed", problems=["<script>alert(1)</script>"])]
    text = page(model_of(report([task(role="verification", result={"handshakes": rows})], [finding(message="<b>bold</b>")]), CLUSTERS, NOW))
    parser = Balanced()
    parser.feed(text)
    assert parser.open == [] and "<script>" not in text and "&lt;b&gt;bold" in text and "1/2" in text


def test_a_page_with_everything_needs_no_network_and_says_all_of_it_in_words_too():
    text = page(sample())
    parser = Balanced()
    parser.feed(text)
    assert parser.open == [] and not re.search(r"https?:|@import|<script|<img|<link|url\((?!#)", text)
    for words in ("ends within 30 days", "ends within 90 days", "fails today, holds after the plan", "52 certificates as a table", "15 connections as a table",
                  "Run again with -e", "updateSipTrunkSecurityProfile"):
        assert words in text, words
    assert text.count("<svg class=\"line\"") == text.count("<svg class=\"trust\"") == 1 and text.count('role="img" aria-labelledby=') == 2


def test_the_page_of_nothing():
    text = page(model_of(report([]), CLUSTERS, NOW))
    assert "Nothing differs" in text and "Nothing waits" in text and "No handshake" in text
