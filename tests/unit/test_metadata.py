# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection says of itself: action group, requirements, and what is not shipped."""
from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


def test_action_group_has_every_module() -> None:
    """`module_defaults: group/collab.security.all` reaches all modules; newer ansible-core is never refused."""
    runtime = yaml.safe_load((REPOSITORY / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["action_groups"]["all"] == sorted(path.stem for path in (REPOSITORY / "plugins" / "modules").glob("*.py"))
    assert "<" not in runtime["requires_ansible"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "constraints.txt"])
def test_requirements_are_exact(name: str) -> None:
    """Two installations are the same."""
    condition = r"(python_version|sys_platform|platform_machine) [<>=]+ \"[\w.]+\""
    lines = [line.split("#")[0].strip() for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines()]
    for line in filter(None, lines):
        assert re.fullmatch(rf"-[rc] [\w.-]+\.txt|[\w.-]+==[\w.]+(; {condition}( and {condition})*)?", line), line


def test_a_constant_is_set_once() -> None:
    """Two changes that come together may each bring a name of their own; the second would silently take the place of the first."""
    for file in (REPOSITORY / "plugins").rglob("*.py"):
        names = [target.id for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign) for target in node.targets
                 if isinstance(target, ast.Name)]
        assert len(names) == len(set(names)), (file, sorted(name for name in names if names.count(name) > 1))


def test_simulation_and_tests_are_not_shipped() -> None:
    """A user of the collection gets neither the lab nor the tool chain."""
    ignored = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))["build_ignore"]
    assert {"lab", "inventories/lab", "tests", "tools", "extensions/molecule", "Makefile"} <= set(ignored)
