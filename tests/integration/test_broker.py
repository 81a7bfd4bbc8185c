# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run's sessions as the nodes see them."""
from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path

from tests.integration.harness import Estate

FACTS = {"name": "Facts", "collab.security.cluster_info": {"gather": ["version", "nodes", "services"]}}
RESET = {"name": "End the session", "ansible.builtin.meta": "reset_connection"}
PREFLIGHT = {"name": "Preflight", "collab.security.preflight": {}, "ignore_errors": True}


def playbook(estate: Estate, *tasks: dict, hosts: str = "publishers") -> str:
    """A playbook of these tasks."""
    path = estate.directory / "tasks.json"
    path.write_text(json.dumps([{"name": "Tasks", "hosts": hosts, "gather_facts": False, "tasks": list(tasks)}]))
    return str(path)


def brokers(estate: Estate) -> list[int]:
    """Brokers whose working environment is this estate's."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command, environment = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
            except OSError:
                continue
            if b"broker.py" in command and str(estate.lab_directory).encode() in environment:
                found.append(int(folder.name))
    return found


def test_each_node_is_logged_in_to_once_and_logged_out_of(estate: Estate) -> None:
    since = estate.mark()
    estate.play(playbook(estate, PREFLIGHT, FACTS, PREFLIGHT, FACTS))
    journal = estate.journal(since=since)
    logins = Counter(e["node"] for e in journal if (e["channel"], e["operation"]) == ("vos_cli", "login"))
    assert len(logins) == 4 and set(logins.values()) == {1}
    deadline = time.time() + 30
    while brokers(estate) and time.time() < deadline:
        time.sleep(0.05)
    assert brokers(estate) == []
    exits = Counter(e["node"] for e in estate.journal(since=since) if (e["channel"], e["operation"]) == ("vos_cli", "exit"))
    assert exits == logins


def test_reset_connection_logs_in_again(estate: Estate) -> None:
    since = estate.mark()
    estate.play(playbook(estate, PREFLIGHT, RESET, PREFLIGHT))
    logins = Counter(e["node"] for e in estate.journal(since=since) if (e["channel"], e["operation"]) == ("vos_cli", "login"))
    assert logins.pop("us-cm-pub") == 2 and set(logins.values()) == {1}        # the other nodes' sessions are theirs


def test_the_schema_is_fetched_once_for_all_runs(estate: Estate) -> None:
    task = {"name": "Trunks", "collab.security.cluster_info": {"gather": ["nodes", "trunks"]}}
    since, cache = estate.mark(), {"collab_cache_dir": str(estate.directory / "schema-cache")}
    for _time in range(2):
        estate.play(playbook(estate, task, task), variables=cache).ok()
    fetched = [e for e in estate.journal(since=since) if e["operation"] == "GET /plugins/axlsqltoolkit.zip"]
    assert len(fetched) == 1
    assert all(os.stat(f).st_mode & 0o077 == 0 for f in (estate.directory / "schema-cache").iterdir())


def test_a_corporate_certificate_bundle_changes_nothing(estate: Estate) -> None:
    empty = estate.directory / "bundle.pem"
    empty.touch()
    environment = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"), str(empty))
    estate.play(playbook(estate, FACTS), environment={**environment, "HTTPS_PROXY": "http://127.0.0.1:1"}).ok()


def test_modules_never_run_on_a_node(estate: Estate) -> None:
    since = estate.mark()
    estate.play(playbook(estate, {"name": "Ping", "ansible.builtin.ping": {}})).refused("this host is a device", "delegate_to: localhost")
    assert estate.journal(since=since) == []
