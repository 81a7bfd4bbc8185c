# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the tarball, what ansible-builder finds in it, and whether the execution environment's definition fits both."""
from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest
import yaml

from tests import packaged

DEFINITION = packaged.REPOSITORY / "extensions" / "execution_environment" / "execution-environment.yml"


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection, built."""
    return packaged.build(tmp_path_factory.mktemp("tarball"))


def test_it_has_what_a_site_runs_and_nothing_of_the_lab(tarball: Path) -> None:
    """Every playbook, role and module is in; no password of the lab is, in no file."""
    with tarfile.open(tarball) as archive:
        content = {member.name: archive.extractfile(member).read() for member in archive.getmembers() if member.isfile()}
    for pattern in ("playbooks/**/*.yml", "roles/**/*.yml", "plugins/**/*.py", "inventories/ent_pa/**/*.yml", "docs/*.md"):
        assert {str(file.relative_to(packaged.REPOSITORY)) for file in packaged.REPOSITORY.glob(pattern) if file.is_file()} <= set(content), pattern
    assert {"requirements.txt", "meta/runtime.yml", "meta/execution-environment.yml", "COPYING", "README.md",
            "extensions/execution_environment/execution-environment.yml"} <= set(content)
    roots = {name.split("/")[0] for name in content}
    assert not roots & {"lab", "tests", "tools", "build", "Makefile", "ansible.cfg", "collections"} and not {r for r in roots if r.startswith(".")}, roots
    secrets = lab_passwords()
    assert len(secrets) > 5
    assert [(name, secret) for name, text in content.items() for secret in secrets if secret.encode() in text] == []


def lab_passwords() -> set[str]:
    """The values of all variables of the lab's inventory that are called a password or passphrase."""
    found = set()
    for file in (packaged.REPOSITORY / "inventories" / "lab" / "group_vars").glob("*.yml"):
        variables = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        found |= {str(value) for name, value in variables.items() if name.endswith(("password", "passphrase"))}
    return found


def test_ansible_builder_finds_the_python_packages(tarball: Path, tmp_path: Path) -> None:
    """Introspection of the installed collection gives each line of requirements.txt."""
    installed = packaged.install(tarball, tmp_path / "collections")
    found = tmp_path / "found.txt"
    packaged.run(["ansible-builder", "introspect", str(installed), "--write-pip", str(found)], tmp_path)
    wanted = [line.split("#")[0].strip() for line in (packaged.REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()]
    text = found.read_text(encoding="utf-8")
    assert [line for line in filter(None, wanted) if line not in text] == []


def test_the_definition_makes_a_build_context(tarball: Path, tmp_path: Path) -> None:
    """ansible-builder takes the definition, and the context has the tarball where the image's build looks for it."""
    shutil.copy(DEFINITION, tmp_path)
    shutil.copy(tarball, tmp_path)
    packaged.run(["ansible-builder", "create", "-f", DEFINITION.name, "-c", "context", "--output-filename", "Containerfile"], tmp_path)
    wanted, = yaml.safe_load((tmp_path / "context" / "_build" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    assert (tmp_path / "context" / "_build" / wanted["name"]).read_bytes() == tarball.read_bytes()
    assert "ansible-core==2.19.14" in (tmp_path / "context" / "Containerfile").read_text(encoding="utf-8")
    core = [line for line in (packaged.REPOSITORY / "requirements-dev.txt").read_text(encoding="utf-8").splitlines() if "ansible-core==2.19.14" in line]
    assert core, "the image has the ansible-core that the tests run on"


def test_a_mistake_in_the_definition_is_refused(tmp_path: Path) -> None:
    """ansible-builder checks it against its schema, so the test above says something."""
    wrong = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    wrong["dependencies"]["collections"] = wrong["dependencies"].pop("galaxy")
    (tmp_path / DEFINITION.name).write_text(yaml.safe_dump(wrong), encoding="utf-8")
    with pytest.raises(AssertionError, match="Additional properties are not allowed"):
        packaged.run(["ansible-builder", "create", "-f", DEFINITION.name, "-c", "context"], tmp_path)
