# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An estate of twenty clusters: looked at in one run that needs little memory, and rolled out in waves of which one does not pass."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import free_network
from tests.integration.harness import Estate
from tools.many_clusters import many_clusters
from tools.many_clusters import names
from tools.memory import Memory

CLUSTERS = names(20)
SECOND = CLUSTERS[2:5]
WAVES = [{"name": "canary", "clusters": ["emea_cm"]}, {"name": "second", "clusters": SECOND}, {"name": "third", "clusters": ["us_cm", *CLUSTERS[5:10]]},
         {"name": "fourth", "clusters": CLUSTERS[10:]}]
MEMORY = 2e9


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """All of them as installed."""
    network = free_network()
    found = Estate(Path(tmp_path_factory.mktemp("twenty")), network)
    many_clusters(network, found.inventory, len(CLUSTERS))
    with found.running():
        yield found


def written(estate: Estate, since: int) -> set[str]:
    """The clusters with a node that has been written to since then."""
    return {entry["node"].partition("-cm-")[0] + "_cm" for entry in estate.journal(writes=True, since=since) if "-cm-" in entry["node"]}


def test_all_are_compared_in_one_run_within_two_gigabytes(twenty: Estate) -> None:
    """Every cluster is looked at to its end, nothing is written, and all processes of the run together need less than 2 GB."""
    since = twenty.mark()
    with Memory() as memory:
        run = twenty.play("drift.yml", environment=memory.environment).ok()
    looked_at = {task["host"] for task in run.report["tasks"] if task["role"] and task["role"].endswith("multi_cluster") or "hardening" in str(task["role"])}
    assert {host.partition("-cm-")[0] + "_cm" for host in looked_at} == set(CLUSTERS) and run.failed == 0
    assert 0 < memory.peak < MEMORY and twenty.journal(writes=True, since=since) == []


def test_later_waves_see_no_write_while_the_gate_of_the_second_is_shut(twenty: Estate) -> None:
    """The clusters of the second wave have been changed, those of the third and fourth not at all. Put right, the next run goes on with the second wave, as far
    as it is approved.

    What the gate compares with is the baseline of an interrupted change: a phone that was registered then and is no longer there.
    """
    since = twenty.mark()
    baseline = twenty.workspace / SECOND[1] / ("gate-%s-pub.json" % SECOND[1].replace("_", "-"))
    baseline.parent.mkdir(parents=True, exist_ok=True)
    baseline.write_text(json.dumps({"services": {}, "zones": {}, "alarms": {}, "phones": ["SEP0C75BD00FFFF"]}), encoding="utf-8")
    run = twenty.play("rollout.yml", variables={"collab_rollout_waves": WAVES, "health_gate_timeout": 2})
    run.refused("the gate after %s is shut" % SECOND[1], "SEP0C75BD00FFFF")
    assert written(twenty, since) == {"emea_cm", *SECOND} and passed(twenty) == ["canary"]

    baseline.unlink()
    since_resumed = twenty.mark()
    approval = [*WAVES[:2], dict(WAVES[2], approve=True), WAVES[3]]
    twenty.play("rollout.yml", variables={"collab_rollout_waves": approval}).ok()
    assert passed(twenty) == ["canary", "second"] and written(twenty, since_resumed) <= set(SECOND)
    assert written(twenty, since) == {"emea_cm", *SECOND}


def passed(estate: Estate) -> list[str]:
    """The waves that the rollout under way has passed."""
    return sorted(json.loads((estate.workspace / "rollout.json").read_text(encoding="utf-8"))["passed"])
