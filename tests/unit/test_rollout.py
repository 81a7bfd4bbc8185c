"""Waves: every cluster in exactly one, a rollout goes on where it stopped, and one that needs approval waits for it."""
from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.collab.security.plugins.plugin_utils.rollout import LINKS
from ansible_collections.collab.security.plugins.plugin_utils.rollout import BadRollout
from ansible_collections.collab.security.plugins.plugin_utils.rollout import Progress
from ansible_collections.collab.security.plugins.plugin_utils.rollout import ahead
from ansible_collections.collab.security.plugins.plugin_utils.rollout import waves_of

REPOSITORY = Path(__file__).resolve().parents[2]
CLUSTERS = ("us_cm", "us_imp", "emea_cm")
WAVES = [{"name": "canary", "clusters": ["emea_cm"]}, {"name": "us", "clusters": ["us_cm", "us_imp"], "approve": True}]


def test_waves_in_their_order():
    assert [(wave.name, wave.clusters, wave.approve) for wave in waves_of(WAVES, CLUSTERS)] == [
        ("canary", ("emea_cm",), False), ("us", ("us_cm", "us_imp"), True)]


@pytest.mark.parametrize(("declared", "words"), [
    ([], "emea_cm is in no wave; us_cm is in no wave; us_imp is in no wave"),
    ([{"name": "a", "clusters": ["us_cm"]}], "emea_cm is in no wave; us_imp is in no wave"),
    ([*WAVES, {"name": "b", "clusters": ["us_cm"]}], "us_cm is in more than one wave"),
    ([*WAVES, {"name": "b", "clusters": ["apac_cm"]}], "apac_cm is no cluster of the inventory"),
    ([*WAVES, {"name": "us", "clusters": []}], "the wave us is declared twice; the wave us has no cluster"),
    ([{"name": LINKS, "clusters": list(CLUSTERS)}], "'links' is no name for a wave"),
])
def test_bad_waves_are_refused_with_all_that_is_wrong(declared, words):
    with pytest.raises(BadRollout) as e:
        waves_of(declared, CLUSTERS)
    assert str(e.value).startswith("collab_rollout_waves: ") and words in str(e.value)


@pytest.mark.parametrize(("inventory", "variables"), [("lab", "all.yml"), ("ent_pa", "all/main.yml")])
def test_the_shipped_waves_have_every_cluster_of_their_inventory(inventory, variables):
    directory = REPOSITORY / "inventories" / inventory
    groups = yaml.safe_load((directory / "hosts.yml").read_text(encoding="utf-8"))["all"]["children"]
    publishers = set(groups["publishers"]["hosts"])
    clusters = [name for group in groups.values() for name, cluster in group.get("children", {}).items() if publishers & set(cluster["hosts"])]
    declared = yaml.safe_load((directory / "group_vars" / variables).read_text(encoding="utf-8"))["collab_rollout_waves"]
    assert [wave.name for wave in waves_of(declared, clusters)] == ["canary", "us"] and len(clusters) == 18


def test_a_wave_that_waits_for_approval_holds_up_all_later_ones():
    waves = waves_of([WAVES[1], WAVES[0]], CLUSTERS)
    assert ahead(waves, {}, []) == ([], waves[0])
    assert ahead(waves, {}, ["us"]) == (waves, None)
    assert ahead(waves, {"us": "2026-11-26T10:00:00Z"}, []) == ([waves[1]], None)


def test_progress_is_kept_until_the_end_and_then_forgotten(tmp_path):
    waves = waves_of(WAVES, CLUSTERS)
    Progress.load(tmp_path, waves).mark("canary")
    again = Progress.load(tmp_path, waves)
    assert list(again.passed) == ["canary"]
    assert Progress.load(tmp_path, waves, restart=True).passed == {}
    again.mark("us")
    again.mark(LINKS)
    assert Progress.load(tmp_path, waves).passed == {}


def test_other_waves_than_those_under_way_are_refused(tmp_path):
    Progress.load(tmp_path, waves_of(WAVES, CLUSTERS)).mark("canary")
    other = waves_of([{"name": "all", "clusters": list(CLUSTERS)}], CLUSTERS)
    with pytest.raises(BadRollout, match="rollout_restart=true"):
        Progress.load(tmp_path, other)
    assert Progress.load(tmp_path, other, restart=True).passed == {}


def test_a_broken_file_says_what_to_do(tmp_path):
    (tmp_path / "rollout.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadRollout, match="rollout_restart=true"):
        Progress.load(tmp_path, waves_of(WAVES, CLUSTERS))
