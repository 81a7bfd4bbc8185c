"""The gate: replication and services as before, phones back, a baseline that survives an interrupted change."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.operations.gate import FILE
from ansible_collections.collab.security.plugins.plugin_utils.operations.gate import Gate
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck

sys.path.insert(0, str(Path(__file__).parent))
import fake_cluster as cluster  # noqa: E402
from test_preflight import REPLICATION  # noqa: E402

RUNTIME = "utils dbreplication runtimestate"


@pytest.fixture
def us_cm(tmp_path):
    action = cluster.FakeAction(tmp_path)
    action.replies[RUNTIME] = REPLICATION
    action.node = action.publisher
    return action


def gate(action, least=98):
    return Gate(action, action.pauses, least)


def path(action):
    return Path(action.workspace) / action.cluster / (FILE % action.where)


def test_passed_as_healthy_as_before_and_forgotten(us_cm):
    kept = gate(us_cm).before(False)
    assert sorted(kept["services"]) == sorted(us_cm.nodes) and kept["phones"] == sorted(us_cm.phones)
    gate(us_cm).after(60, False)
    assert not path(us_cm).exists() and us_cm.writes == []


def test_check_mode_keeps_no_baseline(us_cm):
    gate(us_cm).before(True)
    assert not path(us_cm).exists()


def test_bad_replication_shuts_the_gate_before(us_cm):
    us_cm.replies[RUNTIME] = "Replication status command COMPLETED 3 tables checked out of 681\nErrors or Mismatches were found!!!\n"
    with pytest.raises(Stuck, match="nothing was changed"):
        gate(us_cm).before(False)
    assert not path(us_cm).exists()


def test_a_service_that_no_longer_runs_shuts_the_gate_after(us_cm):
    gate(us_cm).before(False)
    us_cm.nodes["us-cm-sub1"].services[cluster.CALLMANAGER] = "Stopped"
    with pytest.raises(Stuck) as e:
        gate(us_cm).after(60, False)
    assert "Cisco CallManager no longer runs on us-cm-sub1" in str(e.value) and path(us_cm).exists()


@pytest.mark.parametrize(("least", "passes"), [(98, False), (10, True)])
def test_phones_that_stay_away(us_cm, least, passes):
    gate(us_cm).before(False)
    us_cm.broken = True         # one phone of all registers
    if passes:
        gate(us_cm, least).after(60, False)
        return
    with pytest.raises(Stuck, match=r"1 of \d+ phones are registered, fewer than 98 %"):
        gate(us_cm, least).after(60, False)


def test_a_service_that_comes_back_is_waited_for(us_cm):
    gate(us_cm).before(False)
    us_cm.nodes["us-cm-sub1"].services[cluster.CALLMANAGER] = us_cm.now + 30
    gate(us_cm).after(60, False)


def test_the_baseline_of_an_interrupted_change_is_kept(us_cm):
    first = gate(us_cm).before(False)
    us_cm.nodes["us-cm-sub1"].services[cluster.CALLMANAGER] = "Stopped"
    assert gate(us_cm).before(False)["services"] == first["services"]


def test_no_baseline_and_a_broken_one(us_cm):
    with pytest.raises(Stuck, match="there is no baseline"):
        gate(us_cm).after(60, False)
    path(us_cm).parent.mkdir(parents=True, exist_ok=True)
    path(us_cm).write_text("{", encoding="utf-8")
    with pytest.raises(Exception, match="cannot be read"):
        gate(us_cm).after(60, False)


def test_other_products_have_nothing_to_compare(us_cm):
    us_cm.node.variables["collab_product"] = "ios"
    assert gate(us_cm).before(False) == {"services": {}, "zones": {}, "alarms": {}, "phones": None, "problems": []}
    gate(us_cm).after(60, False)


def test_two_hosts_of_one_cluster_have_a_baseline_each(us_cm, tmp_path):
    """Both routers of a pair are hosts that plays run on."""
    other = cluster.FakeAction(tmp_path)
    other.replies[RUNTIME], other.node, other.where = REPLICATION, other.publisher, "us-cm-other"
    gate(us_cm).before(False)
    gate(other).before(False)
    gate(us_cm).after(60, False)
    gate(other).after(60, False)
