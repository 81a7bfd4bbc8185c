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
    """A role holds no logic: its tasks call the collection's modules, show or insist on something, or include another of its files."""
    allowed = {"ansible.builtin.assert", "ansible.builtin.debug", "ansible.builtin.include_tasks", "ansible.builtin.import_tasks"}
    keywords = {"name", "register", "when", "loop", "loop_control", "vars", "tags"}
    for file in (REPOSITORY / "roles" / role / "tasks").glob("*.yml"):
        for task in yaml.safe_load(file.read_text(encoding="utf-8")):
            actions = set(task) - keywords
            assert all(action in allowed or action.startswith("collab.security.") for action in actions), (file.name, actions)


def test_site_and_drift_run_the_same_tasks() -> None:
    """What drift.yml compares is what site.yml does."""
    plays = {name: yaml.safe_load((REPOSITORY / "playbooks" / name).read_text(encoding="utf-8"))[0] for name in ("site.yml", "drift.yml")}
    assert [task["ansible.builtin.import_tasks"] for task in plays["site.yml"]["tasks"]] == [
        task["ansible.builtin.import_tasks"] for task in plays["drift.yml"]["tasks"]]
    assert plays["drift.yml"]["check_mode"] is True
