# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/coverage.yaml says what is done of the guide and which tests prove it; this holds it to its word."""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
ROWS = yaml.safe_load((REPOSITORY / "docs" / "coverage.yaml").read_text(encoding="utf-8"))
STEPS = REPOSITORY.parent / "shared" / "reference" / "guide-steps.yaml"
DONE = [row for row in ROWS if row["state"] in ("done", "checked")]
FIELDS = {"id", "role", "module", "tests", "state", "why", "evidence"}
STATES = {"done", "checked", "pending", "open"}
EVIDENCE = {"schema", "document", "transcript", "inferred"}

COLLECT = """
import json, sys
import pytest

class Collector:
    found = {}

    def pytest_collection_finish(self, session):
        for item in session.items:
            name = item.nodeid.split("[")[0]
            skipped = any(item.iter_markers("skip")) or any(
                mark.args and mark.args[0] for mark in item.iter_markers("skipif")) or any(item.iter_markers("xfail"))
            self.found[name] = self.found.get(name, True) and skipped

collector = Collector()
code = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", *sys.argv[2:]], plugins=[collector])
json.dump({"code": int(code), "found": collector.found}, open(sys.argv[1], "w"))
"""


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """Every test that pytest collects of the files that the rows name: its name without parameters -> whether each
    of its cases is skipped or expected to fail (a test may be run once more with a check of the lab taken out, and has to fail then)."""
    files = sorted({test.split("::")[0] for row in ROWS for test in row["tests"]})
    missing = [file for file in files if not (REPOSITORY / file).is_file()]
    assert not missing, f"docs/coverage.yaml names files that do not exist: {missing}"
    answer = tmp_path_factory.mktemp("collected") / "answer.json"
    done = subprocess.run([sys.executable, "-c", COLLECT, str(answer), *files], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert answer.exists(), done.stdout + done.stderr
    result = json.loads(answer.read_text(encoding="utf-8"))
    assert result["code"] == 0, done.stdout + done.stderr
    return result["found"]


def test_rows_are_well_formed() -> None:
    """Each row has exactly the fields agreed on, with values that mean something."""
    for row in ROWS:
        assert set(row) == FIELDS, row["id"]
        assert row["state"] in STATES, row["id"]
        assert row["evidence"] in EVIDENCE, row["id"]
        assert isinstance(row["tests"], list), row["id"]
        if row in DONE:
            assert row["role"] and row["module"] and row["tests"], f"{row['id']} is said to be {row['state']}, but not by what, or not proven"
        if row["state"] != "done":
            assert row["why"], f"{row['id']} is not done and does not say why"


def test_ids_are_unique() -> None:
    """No step twice."""
    names = [row["id"] for row in ROWS]
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})


@pytest.mark.parametrize("row", DONE, ids=[row["id"] for row in DONE])
def test_role_and_modules_exist(row: dict) -> None:
    """What a row names as doing the step is in the collection."""
    assert (REPOSITORY / "roles" / row["role"] / "tasks" / "main.yml").is_file()
    for module in row["module"].split(", "):
        assert (REPOSITORY / "plugins" / "modules" / f"{module}.py").is_file(), module


def test_named_tests_exist_and_run(collected: dict[str, bool]) -> None:
    """Each test that a row names is collected by pytest, and neither skipped nor expected to fail."""
    for row in ROWS:
        for test in row["tests"]:
            assert test in collected, f"{row['id']}: pytest does not collect {test}"
            assert not collected[test], f"{row['id']}: {test} is skipped or expected to fail"


def test_every_step_of_the_guide_has_its_row() -> None:
    """The rows are the guide's steps, no more and no less. The list of steps lies beside the checkout where the project is developed."""
    if not STEPS.exists():
        assert len(ROWS) == 230
        return
    steps = [row["id"] for row in yaml.safe_load(STEPS.read_text(encoding="utf-8"))]
    assert [row["id"] for row in ROWS] == steps
