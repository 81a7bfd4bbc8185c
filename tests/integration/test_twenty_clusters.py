# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An estate of twenty clusters: looked at in one run that needs little memory."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import free_network
from tests.integration.harness import Estate
from tools.many_clusters import many_clusters
from tools.many_clusters import names
from tools.memory import Memory

CLUSTERS = names(20)
MEMORY = 2e9


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """All of them as installed."""
    network = free_network()
    found = Estate(Path(tmp_path_factory.mktemp("twenty")), network)
    many_clusters(network, found.inventory, len(CLUSTERS))
    with found.running():
        yield found


def test_all_are_compared_in_one_run_within_two_gigabytes(twenty: Estate) -> None:
    """Every cluster is looked at to its end, nothing is written, and all processes of the run together need less than 2 GB."""
    since = twenty.mark()
    with Memory() as memory:
        run = twenty.play("drift.yml", environment=memory.environment).ok()
    looked_at = {task["host"] for task in run.report["tasks"] if task["role"] and task["role"].endswith("multi_cluster") or "hardening" in str(task["role"])}
    assert {host.partition("-cm-")[0] + "_cm" for host in looked_at} == set(CLUSTERS) and run.failed == 0
    assert 0 < memory.peak < MEMORY and twenty.journal(writes=True, since=since) == []
