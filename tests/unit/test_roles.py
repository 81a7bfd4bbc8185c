# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's variables are told in three places: defaults, argument specification, README. They have to say the same."""
from __future__ import annotations

from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
ROLES = sorted(path.name for path in (REPOSITORY / "roles").iterdir())


def load(role: str, part: str) -> dict:
    """One YAML file of a role."""
    return yaml.safe_load((REPOSITORY / "roles" / role / part).read_text(encoding="utf-8"))


@pytest.mark.parametrize("role", ROLES)
def test_variables_are_told_alike(role: str) -> None:
    """Each default has its entry in the argument specification and in the README, carries the role's name, and the plain values agree."""
    defaults, spec = load(role, "defaults/main.yml"), load(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    readme = (REPOSITORY / "roles" / role / "README.md").read_text(encoding="utf-8")
    assert set(defaults) == set(spec)
    for name, value in defaults.items():
        assert name.startswith(role + "_")
        assert f"`{name}`" in readme
        if "default" in spec[name]:
            assert spec[name]["default"] == value, name


@pytest.mark.parametrize("role", ROLES)
def test_tasks_only_call_modules(role: str) -> None:
    """A role holds no logic: its tasks call the collection's modules (for Windows that of ansible.windows), show or insist on something, or include another
    of its files."""
    allowed = {"ansible.builtin.assert", "ansible.builtin.debug", "ansible.builtin.include_tasks", "ansible.builtin.import_tasks",
               "ansible.windows.win_powershell"}
    keywords = {"name", "register", "when", "loop", "loop_control", "vars", "tags", "run_once", "delegate_to"}
    for file in (REPOSITORY / "roles" / role / "tasks").glob("*.yml"):
        for task in yaml.safe_load(file.read_text(encoding="utf-8")):
            actions = set(task) - keywords
            assert all(action in allowed or action.startswith("collab.security.") for action in actions), (file.name, actions)


def test_variables_are_checked_before_anything_is_asked() -> None:
    """Where a role's own check is switched off, preflight has it in its list: that of the product's first tasks."""
    first = {"unified_cm_calls": "unified_cm", "multi_cluster": "unified_cm", "expressway_c": "expressway", "expressway_e": "expressway",
             "meeting_server_calls": "meeting_server", "unified_cm_trunks": "unified_cm", "ios_calls": "ios",
             "expressway_proof": "expressway", "expressway_check": "expressway"}
    imports, checked = {}, {}
    for file in (REPOSITORY / "playbooks" / "tasks").glob("*.yml"):
        for task in yaml.safe_load(file.read_text(encoding="utf-8")):
            role, group = task["ansible.builtin.import_role"], first.get(file.stem, file.stem)
            name = role["name"].removeprefix("collab.security.")
            assert role["rolespec_validate"] is False
            if name == "preflight":
                checked[group] = task["vars"]["preflight_roles"]
                imports.setdefault(group, set())
            else:
                imports.setdefault(group, set()).add(name)
    assert {group: sorted(names) for group, names in imports.items()} == {group: sorted(names) for group, names in checked.items()}


def of(name: str) -> list[dict]:
    """The plays of a playbook that work on hosts, without what holds the estate against a plan before them and notes it after them."""
    plays = yaml.safe_load((REPOSITORY / "playbooks" / name).read_text(encoding="utf-8"))
    return [play for play in plays if "hosts" in play and "collab_plan" not in play["hosts"]]


def test_site_and_drift_run_the_same_tasks() -> None:
    """What drift.yml compares is what site.yml does, in the same order; drift.yml only in check mode."""
    def order(plays: list[dict]) -> list[tuple]:
        return [(play["hosts"], [task["ansible.builtin.import_tasks"] for task in play["tasks"]]) for play in plays]

    site, drift = of("site.yml"), of("drift.yml")
    assert all(play["check_mode"] is True for play in drift)
    assert [list(task)[1] for task in drift.pop()["tasks"]] == ["collab.security.drift_report"]
    assert order(site) == order(drift)
    assert all(play["any_errors_fatal"] is True for play in site)


def test_a_rollout_does_what_the_site_does() -> None:
    """Each play of site.yml but the last is a task of a wave, for the same group, in the same order; the last is the phase after all waves."""
    site, rollout = of("site.yml"), of("rollout.yml")
    plays = [(play["hosts"].removeprefix("publishers:&"), play["tasks"][0]["ansible.builtin.import_tasks"]) for play in site]
    wave = [(task["when"].split("'")[1], task["ansible.builtin.include_tasks"]) for task in rollout[1]["tasks"] if "ansible.builtin.include_tasks" in task]
    last = [("unified_cm", task["ansible.builtin.import_tasks"]) for task in rollout[2]["tasks"] if "ansible.builtin.import_tasks" in task]
    assert wave + last == plays
