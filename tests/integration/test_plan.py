# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan: made without a write, applied exactly, refused where the estate has moved since, gone on with after a run was killed."""
from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.integration.administrator import SEEDS
from tests.integration.administrator import Administrator
from tests.integration.conftest import free_network
from tests.integration.harness import Estate

# Phones have kills of their own (test_phones.py).
NO_PHONES = {"phones_rules": [{"name": "nobody", "names": ["*"], "skip": True}]}


def planned(estate: Estate, **variables: object) -> tuple[str, dict]:
    """Make a plan; gives its file and what is in it."""
    since, file = estate.mark(), estate.directory / "plan.json"
    estate.play("plan.yml", variables={"collab_plan": str(file), **variables}).ok()
    assert estate.journal(writes=True, since=since) == []
    return str(file), json.loads(file.read_text(encoding="utf-8"))


def writes(estate: Estate, since: int) -> Counter:
    """What was written since then, and how often."""
    return Counter((entry["node"], entry["operation"]) for entry in estate.journal(writes=True, since=since))


def operations(plan: dict) -> int:
    """How many operations a plan has."""
    return sum(cluster["totals"]["operations"] for cluster in plan["clusters"])


def secrets(file: Path) -> set[str]:
    """The values of an inventory's variables whose names say that they are secret."""
    words = ("password", "passphrase", "secret", "pin")
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {str(value) for name, value in found.items() if isinstance(value, str) and name.endswith(words) and "{{" not in value}


def test_from_day_0_as_without_a_plan(estate: Estate) -> None:
    """The plan announces every restart that is done; applied, it writes what a run without a plan writes; it is good once; then nothing is left to do."""
    since = estate.mark()
    undisturbed = estate.play().ok()
    expected = writes(estate, since)

    estate.load("day0")
    file, plan = planned(estate)
    announced = {(i["node"], i["what"]) for c in plan["clusters"] for s in c["steps"] for i in s["impacts"] if i["kind"] == "service_restart"}
    restarted = {(i["node"], i["what"]) for i in undisturbed.report["impact"] if i["kind"] == "service_restart"}
    assert restarted and restarted <= announced
    assert plan["trust"]["mended"] and not plan["trust"]["breaks"] and not plan["trust"]["stays"] and not plan["trust"]["unknown"]
    assert Path(file).stat().st_mode & 0o077 == 0
    hidden = secrets(estate.inventory / "group_vars" / "all.yml")
    assert hidden and not [value for value in hidden if value in Path(file).read_text(encoding="utf-8")]
    since = estate.mark()
    applied = estate.play(variables={"collab_plan": file}).ok()
    assert writes(estate, since) == expected
    assert len(applied.operations) == len(undisturbed.operations)       # and none of what was only compared

    since = estate.mark()
    estate.play(variables={"collab_plan": file}).refused("applied to its end", "a plan is good once")
    _file, after = planned(estate)
    assert operations(after) == 0 and after["trust"]["mended"] == [] and after["trust"]["counts"]["fails"] == 0
    assert estate.journal(writes=True, since=since) == []
    estate.play("verify.yml").ok()


@pytest.mark.parametrize("name", ["trunk loses SRTP", "phone profile unencrypted", "desk phone in another profile"])
def test_refused_where_another_administrator_was_faster(secured: Estate, name: str) -> None:
    """The estate drifts, a plan is made to mend it, and another administrator changes something else: nothing is written, and the message names it."""
    administrator = Administrator(secured)
    SEEDS["trunk back on the plain port"].make(administrator)
    file, plan = planned(secured)
    assert operations(plan) > 0
    SEEDS[name].make(administrator)
    since = secured.mark()
    secured.play(variables={"collab_plan": file}).refused("the estate is not as the plan saw it", SEEDS[name].found_as)
    assert secured.journal(writes=True, since=since) == []


def test_refused_where_somebody_has_mended_it(secured: Estate) -> None:
    """What the plan would do is not needed any more."""
    seed = SEEDS["trunk loses SRTP"]
    seed.make(Administrator(secured))
    file, _plan = planned(secured)
    secured.play("site.yml").ok()
    since = secured.mark()
    secured.play(variables={"collab_plan": file}).refused("the estate is not as the plan saw it", seed.found_as, "not so any more")
    assert secured.journal(writes=True, since=since) == []


def test_a_killed_run_is_gone_on_with_by_the_same_plan(estate: Estate) -> None:
    """Killed at several of its writes; together the runs write what one undisturbed run writes."""
    since = estate.mark()
    estate.play(variables=NO_PHONES).ok()
    expected = writes(estate, since)

    estate.load("day0")
    file, _plan = planned(estate, **NO_PHONES)
    since = estate.mark()
    for after in (1, 4, 9):
        assert estate.play_and_kill(after, variables={"collab_plan": file, **NO_PHONES})
    estate.play(variables={"collab_plan": file, **NO_PHONES}).ok()
    assert writes(estate, since) == expected


def test_moved_while_a_run_lay_killed(estate: Estate) -> None:
    """What the plan does not have is not done, even where the estate has moved by the plan's own hand."""
    file, _plan = planned(estate)
    assert estate.play_and_kill(3, variables={"collab_plan": file})
    administrator, trunk = Administrator(estate), "<name>US_CUBE</name>"
    destinations = re.search("<destinations>.*</destinations>", administrator.axl("getSipTrunk", trunk), re.DOTALL)
    assert destinations and ">5060<" in destinations[0]
    administrator.axl("updateSipTrunk", trunk + re.sub("<destination [^>]*>", "<destination>", destinations[0]).replace(">5060<", ">5062<"))
    since = estate.mark()
    estate.play(variables={"collab_plan": file}).refused("the estate is not as the plan saw it", "US_CUBE")
    assert estate.journal(writes=True, since=since) == []


def test_what_is_no_plan_for_this_run(secured: Estate, tmp_path: Path) -> None:
    """Refused before a node is asked, with what is wrong; nothing is written."""
    file, plan = planned(secured)
    other = tmp_path / "plan.json"
    since = secured.mark()
    for words, change in (
        ("does not exist", None),
        ("is no plan", "[]"),
        ("knows format 1", {"format": 2}),
        ("was made by version 0.9.0", {"collection": "0.9.0"}),
        ("another estate", {"estate": "0" * 64}),
        ("collab_disruption", {"disruption": {"us-cm-pub": []}}),
        ("is incomplete", {"failed": [{"host": "us-cm-pub", "task": "Certificates", "message": "no answer"}]}),
    ):
        if change is not None:
            other.write_text(change if isinstance(change, str) else json.dumps(plan | change), encoding="utf-8")
        secured.play(variables={"collab_plan": str(other)}).refused("collab_plan", words)
    assert secured.journal(since=since) == []


def test_a_rollout_by_a_plan(secured: Estate) -> None:
    """Waves apply a plan in the same way."""
    seed = SEEDS["trunk loses SRTP"]
    seed.make(Administrator(secured))
    file, _plan = planned(secured)
    since = secured.mark()
    waves = {"collab_rollout_waves": [{"name": "all", "clusters": ["us_cm"]}], "collab_plan": file}
    secured.play("rollout.yml", variables=waves).ok()
    written = secured.journal(writes=True, since=since)
    assert written and all(seed.mends(write) for write in written)
    secured.play("rollout.yml", variables=waves).refused("applied to its end")


def test_the_whole_enterprise(enterprise: Estate) -> None:
    """What follows from what, across products: a plan from day 0 is applied to its end, by clusters of every kind side by side."""
    file, plan = planned(enterprise)
    assert {cluster["name"] for cluster in plan["clusters"] if cluster["totals"]["operations"]} >= {"us_cm", "emea_cm", "us_imp", "us_cuc", "us_expe"}
    enterprise.play(variables={"collab_plan": file}).ok()
    assert operations(planned(enterprise)[1]) == 0


def test_routers_meeting_servers_and_management(tmp_path: Path) -> None:
    """Of these, check mode sees little before their certificates are there: what follows from the requests in the plan is done."""
    others = Estate(tmp_path, free_network(), ("us_cm", "us_cube", "us_cms", "us_pcd"))
    with others.running():
        file, plan = planned(others)
        asked = {cluster["name"] for cluster in plan["clusters"] if cluster["totals"]["operations"]}
        assert asked >= {"us_cube", "us_cms", "us_pcd"}
        since = others.mark()
        others.play(variables={"collab_plan": file}).ok()
        assert {"us-cube1", "us-cms1", "us-pcd1"} <= {node for node, _operation in writes(others, since)}
