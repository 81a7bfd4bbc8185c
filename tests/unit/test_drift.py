"""Drift for schedulers: the gravest first, each thing once, JUnit that fails for what is grave enough and survives what devices send."""
from __future__ import annotations

import os
from xml.etree import ElementTree

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils import drift
from ansible_collections.collab.security.plugins.plugin_utils import run_file


def finding(severity, host="us-cm-pub", task="Certificates", message="expired", **more):
    return {"id": "x", "severity": severity, "object": "tomcat", "message": message, "step": "csr-tomcat", "host": host, "task": task} | more


def task(host="us-cm-pub", name="Certificates", state="ok", msg=None):
    return {"host": host, "task": name, "role": "collab.security.certificates", "action": "collab.security.trust_store", "state": state, "changed": False,
            "seconds": 0.5, "msg": msg, "result": {}}


def report(findings, tasks=None):
    return {"playbook": "drift.yml", "findings": findings, "pending": [], "tasks": tasks or [task(), task(name="Trunks")]}


def test_gravest_first_and_once():
    found = drift.drift_of(report([finding("low"), finding("high"), finding("low", task="again")]))
    assert [f["severity"] for f in found["findings"]] == ["high", "low"] and found["counts"] == {"high": 1, "medium": 0, "low": 1, "info": 0}


def test_what_failed_is_told():
    assert drift.drift_of(report([], [task(state="unreachable", msg="no answer")]))["failed"] == [
        {"host": "us-cm-pub", "task": "Certificates", "message": "no answer"}]


@pytest.mark.parametrize(("level", "expected"), [("info", 3), ("low", 2), ("medium", 1), ("high", 1)])
def test_as_grave_as(level, expected):
    assert len(drift.at_least([finding("high"), finding("low"), finding("info")], level)) == expected


@pytest.mark.parametrize(("level", "failures"), [("low", "1"), ("high", "0")])
def test_junit_fails_for_what_is_grave_enough(level, failures):
    suite = ElementTree.fromstring(drift.junit(report([finding("low")]), level)).find("testsuite")
    assert suite.attrib["name"] == "us-cm-pub" and suite.attrib["tests"] == "2" and suite.attrib["failures"] == failures
    assert len(suite.findall("testcase/failure")) == int(failures)


def test_junit_tells_failed_tasks_as_errors():
    suite = ElementTree.fromstring(drift.junit(report([], [task(state="failed", msg="refused")]), "info")).find("testsuite")
    assert suite.attrib["errors"] == "1" and suite.find("testcase/error").attrib["message"] == "refused"


def test_junit_of_a_finding_about_another_host():
    """It stands in that host's suite, as a case of its own, and fails there alone."""
    text = drift.junit(report([finding("high", host="us-cube1", role="cube"), finding("high", host="us-cm-sub1", role="cube")], [task()]), "info")
    suites = {suite.attrib["name"]: suite for suite in ElementTree.fromstring(text)}
    assert {name: (suite.attrib["tests"], suite.attrib["failures"]) for name, suite in suites.items()} == {
        "us-cm-pub": ("1", "0"), "us-cm-sub1": ("1", "1"), "us-cube1": ("1", "1")}
    assert suites["us-cube1"].find("testcase").attrib["classname"] == "us-cube1.cube" and "expired" in suites["us-cube1"].find("testcase/failure").text


def test_junit_of_text_that_xml_cannot_carry():
    text = ElementTree.fromstring(drift.junit(report([finding("high", message="bell \x07 <&> ü")]), "info")).find(".//failure").text
    assert "bell ? <&> ü" in text


def test_the_runs_file(tmp_path, monkeypatch):
    monkeypatch.setattr(run_file, "control_directory", lambda: str(tmp_path))
    with pytest.raises(AnsibleActionFail, match="run_report"):
        run_file.load(os.getpid())
    run_file.save(run_file.path_of(os.getpid(), str(tmp_path)), report([finding("high")]))
    assert run_file.load(os.getpid())["findings"][0]["severity"] == "high"
