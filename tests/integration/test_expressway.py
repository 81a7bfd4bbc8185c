# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressway clusters as a whole: what stops a run before anything is written, one login, what is read under every reading."""
from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.integration.administrator import Administrator
from tests.integration.harness import Estate

CONDITIONS = ("--limit", "expressway", "--tags", "preflight")
FACTS = """
- hosts: us-expc1:us-expe1
  gather_facts: false
  tasks:
    - name: Facts
      collab.security.expressway_info:
"""


def facts(estate: Estate, **variants: str) -> dict:
    """{host: expressway_info} under some readings."""
    if variants:
        estate.lab("variant", "set", *(word for pair in variants.items() for word in pair))
    playbook = estate.directory / "facts.yml"
    playbook.write_text(FACTS)
    run = estate.play(str(playbook)).ok()
    return {task["host"]: task["result"]["expressway"] for task in run.report["tasks"] if task["action"] == "collab.security.expressway_info"}


def refused_logins(estate: Estate, since: int) -> list[dict]:
    """The logins at Expressways that the lab refused."""
    return [e for e in estate.journal(since=since) if "exp" in e["node"] and str(e["detail"].get("refused", "")) in ("401", "login", "password")]


# -- what is read ----------------------------------------------------------------------------------------------------
def test_facts(edge: Estate) -> None:
    """What a cluster is, from both of its documents."""
    since = edge.mark()
    found = facts(edge)
    assert found["us-expc1"]["cluster"] == {
        "name": "us-expc.ent-pa.com", "primary": "us-expc1.ent-pa.com", "peers": ["us-expc1.ent-pa.com", "us-expc2.ent-pa.com"]}
    assert found["us-expe1"]["versions"] == {"us-expe1": "X15.4.0", "us-expe2": "X15.4.0"} and found["us-expe1"]["mra"] is False
    assert edge.journal(writes=True, since=since) == []


@pytest.mark.parametrize("variants", [
    {"expressway_configuration_xml": "absent"}, {"expressway_configuration_xml": "absent", "expressway_getxml_configuration": "offered"},
    {"expressway_configuration_xml": "absent", "expressway_cli_end": "stars", "expressway_cli_output_quotes": "text_only", "expressway_cli_unset": "left_out"},
    {"expressway_raml": "nested", "expressway_xml_head": "blank_line", "expressway_value_case": "mixed"},
    {"expressway_raml": "named", "expressway_error_status": "telling"}], ids=lambda one: ",".join(one.values()))
def test_facts_under_other_readings(edge: Estate, variants: dict) -> None:
    """Whatever serves them: the same facts."""
    assert facts(edge) == facts(edge, **variants) != {}


# -- what stops a run ------------------------------------------------------------------------------------------------
def test_conditions_hold_as_installed(edge: Estate) -> None:
    """The lab's inventory says the truth about its Expressways."""
    since = edge.mark()
    run = edge.play("site.yml", *CONDITIONS).ok()
    assert run.findings == [] and edge.journal(writes=True, since=since) == []


def test_a_subordinate_is_no_primary(edge: Estate) -> None:
    """Another peer has become the primary since the inventory was written: nothing is written anywhere."""
    for peer in ("us-expc1", "us-expc2"):
        Administrator(edge, peer).xconfiguration("xConfiguration Alternates ConfigurationPrimary: 2")
    since = edge.mark()
    edge.play("site.yml", "--limit", "expressway").refused("us-expc1 is a subordinate peer", "us-expc2 is the primary of its cluster by its own word")
    assert edge.journal(writes=True, since=since) == []


@pytest.mark.parametrize(("variables", "words"), [
    ({"collab_release": "14.0"}, ("collab_release of us-expc1 is 14.0", "X15.4.0")),
    ({"collab_release": "new"}, ("collab_release of us-expc1 must be its release",)),
    ({"collab_cluster_name": "expc.ent-pa.com"}, ("collab_cluster_name is expc.ent-pa.com", "us-expc.ent-pa.com")),
    ({"collab_fqdn": "us-expc9.ent-pa.com"}, ("us-expc9.ent-pa.com", "collab_fqdn")),
    ({"collab_https_port": 20999}, ("collab_https_port",)),
    ({"ansible_port": 20999}, ("SSH host key", "-p 20999")),
], ids=lambda one: next(iter(one)) if isinstance(one, dict) else "")
def test_wrong_words_in_the_inventory(edge: Estate, variables: dict, words: tuple) -> None:
    """Each is named with the variable to correct, and nothing is written."""
    since = edge.mark()
    edge.play("site.yml", "--limit", "us_expc", variables=variables).refused(*words)
    assert edge.journal(writes=True, since=since) == []


# -- logins ----------------------------------------------------------------------------------------------------------
def test_one_failed_login_is_never_repeated(edge: Estate) -> None:
    """One refused login for each cluster's account, on no other peer and by no other channel; nothing is banned."""
    bad = edge.directory / "bad.yml"
    bad.write_text("ansible_password: planted-Secret-11\n")
    since = edge.mark()
    run = edge.play("site.yml", "--limit", "us_expc", "-e", "@" + str(bad))
    bad.unlink()
    run.refused("login of 'admin' was refused", "ansible_password")
    assert len(refused_logins(edge, since)) == 1 and "planted-Secret-11" not in run.output
    edge.play("site.yml", *CONDITIONS).ok()


# -- the whole work on a cluster's Expressways -----------------------------------------------------------------------
WORK = ("--limit", "us_expc:us_expe")
SECRETS = ("lab-Expressway-0823", "lab-Traversal-0824", "lab-Application-0816", "lab-Enrol-4711", "PRIVATE KEY-----")
# One of each kind, on the way of one run. Where one stops a run, the next run meets the next.
FAULTS = [
    {"channel": "expressway_api", "operation": "POST /certs/root", "phase": "after", "action": "reset"},
    {"channel": "expressway_api", "operation": "POST /certs/generate_csr", "phase": "after", "action": "reset"},
    {"channel": "expressway_api", "operation": "POST /certs/server", "phase": "after", "action": "reset"},
    {"channel": "expressway_api", "operation": "POST /restart", "phase": "after", "action": "reset"},
    {"channel": "expressway_api", "operation": "POST /common/credential", "action": "status", "status": 503, "times": 2},
    {"channel": "expressway_api", "operation": "POST /controller/server/cucm", "phase": "after", "action": "reset"},
    {"channel": "expressway_api", "operation": "POST /edge/zone/*", "action": "drop"},
    {"channel": "expressway_api", "operation": "POST /controller/zone/*", "phase": "after", "action": "reset"},
    {"channel": "expressway_cli", "operation": "xConfiguration Zones DefaultZone*", "phase": "after", "action": "drop"},
]


@pytest.fixture(scope="session")
def _behind(running_edge: Estate) -> str:
    """Name of the state in which Unified CM is secured and its Expressways are as installed."""
    running_edge.load("day0")
    running_edge.play("site.yml", "--limit", "us_cm", "--skip-tags", "trunks,phones").ok()
    running_edge.save("behind")
    return "behind"


@pytest.fixture
def behind(running_edge: Estate, _behind: str) -> Estate:
    """Unified CM secured, its Expressways as installed."""
    running_edge.load(_behind)
    return running_edge


def writes(estate: Estate, since: int) -> Counter:
    """What Expressways were told since then, and how often."""
    return Counter((e["node"], e["operation"]) for e in estate.journal(writes=True, since=since) if "exp" in e["node"])


def test_from_the_state_of_the_installation(behind: Estate) -> None:
    """Check mode foresees it and writes nothing; one run does it; the second, and check mode, have nothing to do."""
    since = behind.mark()
    check = behind.play("site.yml", *WORK, "--check", "--diff").ok()
    assert check.operations and behind.journal(writes=True, since=since) == []
    behind.play("site.yml", *WORK).ok()
    zones = {zone["name"]: zone["status"] for host in facts(behind).values() for zone in host["zones"]}
    assert {zones["UC traversal"], zones["B2B traversal"]} == {"Active"}
    since = behind.mark()
    for options in ((), ("--check", "--diff")):
        again = behind.play("site.yml", *WORK, *options).ok()
        assert again.changed == 0 and again.operations == []
    assert behind.journal(writes=True, since=since) == []


def test_killed_again_and_again(behind: Estate) -> None:
    """Each run is killed as soon as it has written five times. Together they write what one undisturbed run writes, and no more."""
    since = behind.mark()
    behind.play("site.yml", *WORK).ok()
    undisturbed = writes(behind, since)
    behind.load("behind")
    since, killed = behind.mark(), 0
    while behind.play_and_kill(5, "site.yml", *WORK):
        killed += 1
        assert killed < 60, writes(behind, since).most_common(5)
    assert killed >= sum(undisturbed.values()) / 12, "too few kills to mean anything"
    behind.play("site.yml", *WORK).ok()
    assert writes(behind, since) == undisturbed
    since = behind.mark()
    assert behind.play("site.yml", *WORK).ok().changed == 0
    assert behind.journal(writes=True, since=since) == []


def test_further_runs_finish(behind: Estate) -> None:
    """Lost replies, dropped sessions and 503: each run says clearly what happened, and the last one has all done."""
    for rule in FAULTS:
        behind.fault(**rule)
    for _run in range(len(FAULTS) + 1):
        run = behind.play("site.yml", *WORK)
        assert "Traceback" not in run.output and "a bug in" not in run.output, run.output[-6000:]
        if run.code == 0:
            break
    assert run.code == 0, run.output[-6000:]
    assert [f for f in json.loads(behind.lab("fault", "list")) if not f["struck"]] == [], "these never struck, so they test nothing"
    behind.lab("fault", "clear")
    since = behind.mark()
    assert behind.play("site.yml", *WORK).ok().changed == 0 and behind.journal(writes=True, since=since) == []


def test_nothing_secret_is_left(behind: Estate) -> None:
    """Output at -vvvv with --diff, report, workspace and the lab's journal."""
    run = behind.play("site.yml", *WORK, "-vvvv", "--diff", environment={"ANSIBLE_LOG_PATH": str(behind.directory / "ansible.log")}).ok()
    left = {"output": run.output, "journal": behind.lab("journal", "--json"), "log": (behind.directory / "ansible.log").read_text(),
            "report": (behind.directory / "report.json").read_text()}
    left.update({str(file): file.read_text(errors="replace") for file in behind.workspace.rglob("*") if file.is_file()})
    for where, text in left.items():
        for secret in SECRETS:
            assert secret not in text, "%s holds %r" % (where, secret)
