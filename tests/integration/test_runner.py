# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run carried to another place by ansible-runner: transmit here, worker there, process here again."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests import packaged
from tests.integration.administrator import SEEDS
from tests.integration.administrator import Administrator
from tests.integration.harness import Estate


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the worker's machine has: the collection, installed."""
    directory = tmp_path_factory.mktemp("worker")
    return packaged.install(packaged.build(directory), directory / "collections")


def prepared(estate: Estate, directory: Path) -> Path:
    """The directory that is sent: the playbook, the inventory, and what the run is to know besides."""
    for name in ("project", "inventory", "env"):
        (directory / name).mkdir(parents=True)
    (directory / "project" / "drift.yml").write_text("---\n- name: Drift\n  ansible.builtin.import_playbook: collab.security.drift\n", encoding="utf-8")
    shutil.copy(estate.inventory / "hosts.yml", directory / "inventory")
    shutil.copytree(estate.inventory / "group_vars", directory / "inventory" / "group_vars")
    (directory / "env" / "extravars").write_text(json.dumps({"collab_workspace": str(estate.workspace)}), encoding="utf-8")
    (directory / "env" / "envvars").write_text(
        json.dumps({"COLLAB_LAB_DIR": str(estate.lab_directory), "ANSIBLE_CALLBACKS_ENABLED": "collab.security.run_report"}), encoding="utf-8")
    return directory


def runner(data: bytes | None, directory: Path, *arguments: str, **variables: str) -> bytes:
    """One command of ansible-runner, fed with `data`; gives what it printed."""
    environment = {**packaged.foreign(dict(os.environ)), **variables}
    done = subprocess.run(["ansible-runner", *arguments], cwd=directory, env=environment, input=data, capture_output=True, timeout=600)
    assert done.returncode == 0, done.stdout[-4000:].decode(errors="replace") + done.stderr[-4000:].decode(errors="replace")
    return done.stdout


@contextmanager
def watched(collections: Path) -> Iterator[set[str]]:
    """What brokers() finds at any time while the block runs."""
    seen, over = set(), threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            seen.update(brokers(collections))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def brokers(collections: Path) -> list[str]:
    """Processes that hold sessions for a run of this installation."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes().decode(errors="replace")
        except OSError:
            continue        # ended meanwhile
        if str(collections) in command and "broker.py" in command:
            found.append(command)
    return found


def passwords(inventory: Path) -> set[str]:
    """What the inventory's variables call a password or passphrase."""
    found = set()
    for file in (inventory / "group_vars").glob("*.yml"):
        found |= {str(value) for name, value in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items() if name.endswith(("password", "passphrase"))}
    return found


def test_transmit_worker_process(secured: Estate, collections: Path, tmp_path: Path) -> None:
    """The worker finds the drift; events and artifacts come back, none of them with a password; nothing of the run is left, no node has been written to."""
    seed = SEEDS["phone profile unencrypted"]
    seed.make(Administrator(secured))
    since = secured.mark()
    sent = runner(None, tmp_path, "transmit", str(prepared(secured, tmp_path / "sent")), "-p", "drift.yml", "--ident", "drift")
    with watched(collections) as seen:
        worked = runner(sent, tmp_path, "worker", "--private-data-dir", str(tmp_path / "there"), ANSIBLE_COLLECTIONS_PATH=str(collections),
                        ANSIBLE_HOME=str(tmp_path / "ansible"))
    assert seen, "the run has had a broker"
    runner(worked, tmp_path, "process", str(tmp_path / "back"), "--ident", "drift")

    artifacts = tmp_path / "back" / "artifacts" / "drift"
    assert (artifacts / "status").read_text(encoding="utf-8") == "successful" and (artifacts / "rc").read_text(encoding="utf-8") == "0"
    events = [json.loads(file.read_text(encoding="utf-8")) for file in (artifacts / "job_events").glob("*.json")]
    findings = [finding for event in events for finding in (event["event_data"].get("res") or {}).get("findings") or ()]
    assert any(seed.found_as in str(finding["object"]) for finding in findings)
    assert [event["event"] for event in events].count("playbook_on_stats") == 1
    secrets = passwords(secured.inventory)
    assert len(secrets) > 5
    for file in (file for place in (tmp_path / "back", tmp_path / "there") for file in place.rglob("*") if file.is_file() and "inventory" not in file.parts):
        text = file.read_text(encoding="utf-8", errors="replace")
        assert not [secret for secret in secrets if secret in text], file
    assert secured.journal(writes=True, since=since) == []
    end = time.monotonic() + 60     # the broker lets a request under way come to its end
    while brokers(collections) and time.monotonic() < end:
        time.sleep(0.1)
    assert brokers(collections) == []
