"""The report of an estate: the right state in each cell, certificates by the day they end, a page that holds together whatever devices say."""
from __future__ import annotations

from html.parser import HTMLParser

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.estate_report.model import days
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.model import model_of
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.page import page
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.page import time_line

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


def test_sections_in_the_guides_order_and_unknown_ones_last():
    model = model_of(report([task(role="verification"), task(role="own_role"), task(role="mixed_mode")]), CLUSTERS, NOW)
    assert [section["title"] for section in model["sections"]] == ["Mixed mode and CAPF", "Proof", "Own role"]


def test_certificates_by_the_day_they_end():
    rows = [handshake("us-cm-sub1", "2027-12-01T00:00:00Z"), handshake("us-cm-pub", "2026-01-01T00:00:00Z")]
    model = model_of(report([task(role="verification", result={"handshakes": rows})]), CLUSTERS, NOW)
    assert [row["node"] for row in model["certificates"]] == ["us-cm-pub", "us-cm-sub1"]
    assert [row["grave"] for row in time_line(model["certificates"])] == ["past", "good"] and days("2026-11-24T00:00:00Z", NOW) == 0


class Balanced(HTMLParser):
    """Every element that is opened is closed, in order."""

    VOID = {"meta", "br", "circle", "rect"}

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        assert not any(name in ("src", "href") for name, _value in attrs), "the page needs nothing but itself"

    def handle_endtag(self, tag):
        assert tag in self.VOID or self.open.pop() == tag


def test_the_page_holds_together_and_shows_no_markup_of_a_device():
    rows = [handshake(), handshake("us-cm-sub1", None, "failed", problems=["<script>alert(1)</script>"])]
    text = page(model_of(report([task(role="verification", result={"handshakes": rows})], [finding(message="<b>bold</b>")]), CLUSTERS, NOW))
    parser = Balanced()
    parser.feed(text)
    assert parser.open == [] and "<script>" not in text and "&lt;b&gt;bold" in text and "1/2" in text


def test_the_page_of_nothing():
    text = page(model_of(report([]), CLUSTERS, NOW))
    assert "Nothing differs" in text and "Nothing waits" in text and "No handshake" in text
