# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection installed from its tarball: its playbooks run by their names, without the checkout."""
from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests import packaged
from tests.integration.harness import Estate
from tests.integration.harness import Run


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path with nothing but the installed tarball."""
    directory = tmp_path_factory.mktemp("installed")
    return packaged.install(packaged.build(directory), directory / "collections")


def play(estate: Estate, collections: Path, name: str, **variables: object) -> Run:
    """Run one of the collection's playbooks, or a file, from a directory of its own, as a site does."""
    report = estate.directory / "report.json"
    report.unlink(missing_ok=True)
    environment = {**packaged.foreign(estate.environment), "ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(collections.parent / "ansible"),
                   "ANSIBLE_CALLBACKS_ENABLED": "collab.security.run_report", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORKS": "20"}
    command = ["ansible-playbook", "-i", str(estate.inventory / "hosts.yml"), name if name.endswith(".yml") else "collab.security." + name,
               "-e", json.dumps({"collab_workspace": str(estate.workspace), **variables})]
    done = subprocess.run(command, cwd=collections.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    return Run(done.returncode, done.stdout, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}, 0.0)


def test_from_day_0_to_the_report(estate: Estate, collections: Path) -> None:
    """Drift is found, site mends it and has nothing left to do, the proof holds, a rollout finds all done, and the page is written."""
    listed = packaged.run(["ansible-galaxy", "collection", "list", "--format", "json"], collections.parent, ANSIBLE_COLLECTIONS_PATH=str(collections))
    assert [path for path, found in json.loads(listed).items() if "collab.security" in found] == [str(collections / "ansible_collections")]
    since = estate.mark()
    assert play(estate, collections, "drift").findings
    assert estate.journal(writes=True, since=since) == []
    assert play(estate, collections, "site").ok().changed > 0
    since = estate.mark()
    assert play(estate, collections, "site").ok().changed == 0
    play(estate, collections, "verify").ok()
    page = collections.parent / "report.html"
    play(estate, collections, "report", collab_report_html=str(page)).ok()
    assert page.stat().st_size > 0
    waves = [{"name": "us", "clusters": ["us_cm"]}]
    play(estate, collections, "rollout", collab_rollout_waves=waves).ok()
    assert json.loads((estate.workspace / "rollout.json").read_text(encoding="utf-8"))["passed"].keys() == {"us", "links"}
    imported = collections.parent / "rollout.yml"       # as in a controller's project: it lies elsewhere, and finds what it includes
    imported.write_text("---\n- name: Rollout\n  ansible.builtin.import_playbook: collab.security.rollout\n", encoding="utf-8")
    play(estate, collections, str(imported), collab_rollout_waves=waves).ok()
    assert estate.journal(writes=True, since=since) == []
