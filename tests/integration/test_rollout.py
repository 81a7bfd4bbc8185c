# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout in waves: the canary first, a gate around each, no later cluster touched after one that is shut, resumed where it stopped."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import free_network
from tests.integration.harness import Estate

WAVES = [{"name": "canary", "clusters": ["emea_cm"]}, {"name": "us", "clusters": ["us_cm"]}]


@pytest.fixture(scope="module")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Both Unified CM clusters as installed."""
    found = Estate(Path(tmp_path_factory.mktemp("waves")), free_network(), ("us_cm", "emea_cm"))
    with found.running():
        yield found


@pytest.fixture
def pair(_pair: Estate) -> Estate:
    """Two clusters on day 0."""
    _pair.load("day0")
    return _pair


@pytest.fixture
def mistaken(pair: Estate) -> Iterator[Estate]:
    """The operator has the US trunk to EMEA expect a name that EMEA's certificates do not carry: calls go in the clear today, and would fail by TLS."""
    file = pair.inventory / "group_vars" / "us_cm.yml"
    shipped = file.read_text(encoding="utf-8")
    variables = yaml.safe_load(shipped)
    next(trunk for trunk in variables["collab_sip_trunks"] if trunk["name"] == "EMEA_ICT")["subject_names"] = ["nobody.ent-pa.com"]
    file.write_text(yaml.safe_dump(variables), encoding="utf-8")
    yield pair
    file.write_text(shipped, encoding="utf-8")


def rollout(estate: Estate, *arguments: str, waves: object = WAVES, **variables: object):
    """One run."""
    return estate.play("rollout.yml", *arguments, variables={"collab_rollout_waves": waves, **variables})


def touched(estate: Estate, since: int) -> list[str]:
    """The nodes' regions that have been written to since then, in the order of their first write."""
    found: list[str] = []
    for entry in estate.journal(writes=True, since=since):
        region, kind = entry["node"].split("-")[:2]
        if kind == "cm" and region not in found:
            found.append(region)
    return found


def passed(estate: Estate) -> list[str]:
    """The waves that the rollout under way has passed."""
    file = estate.workspace / "rollout.json"
    return sorted(json.loads(file.read_text(encoding="utf-8"))["passed"]) if file.exists() else []


def test_wave_by_wave_to_the_end_and_nothing_left_to_do(pair: Estate) -> None:
    """The canary is done before the other cluster is begun; then the links; a rollout after that writes nothing, and site.yml agrees."""
    since = pair.mark()
    planned = rollout(pair, "--check").ok()
    assert pair.journal(writes=True, since=since) == [] and planned.operations and passed(pair) == []
    run = rollout(pair).ok()
    done = [task["host"] for task in run.report["tasks"] if "certificates" in str(task["role"])]
    assert touched(pair, since) == ["emea", "us"] and done == sorted(done), "the canary's tasks come first"
    assert passed(pair) == ["canary", "links", "us"]
    since = pair.mark()
    assert rollout(pair).ok().changed == 0 and pair.play().ok().changed == 0
    assert pair.journal(writes=True, since=since) == []


def test_a_shut_gate_leaves_later_waves_untouched_and_is_resumed(pair: Estate) -> None:
    """The canary does not come back to what it was: the run ends, the second cluster has seen no write. Put right, the next run goes on with the canary.

    What it was is the baseline of an interrupted change, which the gate keeps: a phone that was registered then and is no longer there.
    """
    since = pair.mark()
    baseline = pair.workspace / "emea_cm" / "gate-emea-cm-pub.json"
    baseline.parent.mkdir(parents=True)
    baseline.write_text(json.dumps({"services": {}, "zones": {}, "alarms": {}, "phones": ["SEP0C75BD00FFFF"]}), encoding="utf-8")
    rollout(pair, health_gate_timeout=2).refused("the gate after emea_cm is shut", "0 of 1 phones are registered", "SEP0C75BD00FFFF")
    assert touched(pair, since) == ["emea"] and passed(pair) == []
    baseline.unlink()
    since = pair.mark()
    rollout(pair).ok()
    assert touched(pair, since)[0] == "us" and passed(pair) == ["canary", "links", "us"]


def test_what_would_break_a_call_is_not_begun(mistaken: Estate) -> None:
    """Neither without a plan nor by one, which names it; where the operator lets it be so, the rollout goes on."""
    words = ("connections that work today would not work after this run", "us_cm: us-cm-sub", "EMEA_ICT", "nobody.ent-pa.com",
             "collab_accept_broken_connections")
    since = mistaken.mark()
    stopped = rollout(mistaken).refused(*words)
    assert mistaken.journal(writes=True, since=since) == [] and passed(mistaken) == []
    assert {finding["host"] for finding in stopped.findings if "nobody.ent-pa.com" in finding["message"]} == {"us-cm-pub"}

    file = mistaken.directory / "plan.json"
    shown = mistaken.play("plan.yml", variables={"collab_plan": str(file)}).ok()
    trust = json.loads(file.read_text(encoding="utf-8"))["trust"]
    assert trust["breaks"] and all("nobody.ent-pa.com" in one["message"] and one["cluster"] == "us_cm" for one in trust["breaks"])
    assert trust["mended"] and trust["unknown"] == [] and "WILL BREAK: us_cm" in shown.output
    before = mistaken.mark()
    mistaken.play("site.yml", variables={"collab_plan": str(file)}).refused(*words)
    assert mistaken.journal(since=before) == []

    run = rollout(mistaken, "--check", collab_accept_broken_connections=True).ok()
    assert run.operations and any("nobody.ent-pa.com" in finding["message"] for finding in run.findings)
    assert mistaken.journal(writes=True, since=since) == []


def test_a_cluster_in_no_state_to_be_changed_is_not(pair: Estate) -> None:
    """Broken replication shuts the gate before the first wave."""
    since = pair.mark()
    pair.lab("variant", "set", "replication_state", "broken")
    rollout(pair).refused("the gate before emea_cm is shut, nothing was changed")
    assert pair.journal(writes=True, since=since) == []


@pytest.mark.parametrize(("waves", "words"), [
    (WAVES[:1], "us_cm is in no wave"),
    ([*WAVES, {"name": "third", "clusters": ["apac_cm"]}], "apac_cm is no cluster of the inventory"),
])
def test_bad_waves(pair: Estate, waves: object, words: str) -> None:
    """Nothing is asked of any node."""
    since = pair.mark()
    rollout(pair, waves=waves).refused(words)
    assert pair.journal(since=since) == []


def test_a_wave_is_not_passed_without_one_of_its_clusters(pair: Estate) -> None:
    """--limit is refused."""
    since = pair.mark()
    rollout(pair, "--limit", "us_cm").refused("a wave would pass without emea-cm-pub")
    assert touched(pair, since) == [] and passed(pair) == []


def test_a_wave_waits_for_its_approval(pair: Estate) -> None:
    """Only the canary is done; approved, the run goes on with the second wave and does not go through the first again."""
    waves = [WAVES[0], dict(WAVES[1], approve=True)]
    since = pair.mark()
    waiting = rollout(pair, waves=waves).ok()
    assert touched(pair, since) == ["emea"] and passed(pair) == ["canary"] and waiting.pending[0]["id"] == "rollout-approval"
    since = pair.mark()
    run = rollout(pair, waves=waves, rollout_approved=["us"]).ok()
    assert touched(pair, since)[0] == "us" and passed(pair) == ["canary", "links", "us"]
    assert not any(task["host"] == "emea-cm-pub" and "certificates" in str(task["role"]) for task in run.report["tasks"])
