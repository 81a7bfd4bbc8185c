# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin finds the lab's clusters, and the plays work with what it finds."""
from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import yaml

from tests.integration.harness import REPOSITORY
from tests.integration.harness import Estate

NODES = {"us-cm-pub": "1.1", "us-cm-sub1": "1.2", "us-cm-sub2": "1.3", "us-cm-tftp1": "1.4", "us-imp-pub": "3.1", "us-imp-sub1": "3.2"}


def discovered(estate: Estate, **options: object) -> Path:
    """An inventory directory with one file of the plugin's, and the lab's variables."""
    directory = estate.directory / "discovered"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(estate.inventory / "group_vars", directory / "group_vars")
    lab = estate.lab_directory
    (directory / "us.unified_cm.yml").write_text(yaml.safe_dump({
        "plugin": "collab.security.unified_cm", "cluster": "us_cm", "publisher": "us-cm-pub.ent-pa.com", "presence_cluster": "us_imp",
        "domain": "ent-pa.com", "addresses": {name: "%s.%s" % (estate.network, end) for name, end in NODES.items()},
        "application_user": "svc-collab", "ca_file": str(lab / "ca" / "chain.pem"), "pinned_certificates": str(lab / "pins"), **options}))
    return directory


def ask(estate: Estate, directory: Path, password: str = "lab-Application-0816") -> subprocess.CompletedProcess:
    """ansible-inventory --list, with the password in the environment."""
    return subprocess.run(["ansible-inventory", "-i", str(directory), "--list"], cwd=REPOSITORY, capture_output=True, text=True, timeout=120,
                          env={**estate.environment, "COLLAB_APPLICATION_PASSWORD": password, "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true"})


def values(listed: dict, host: str) -> dict:
    """Variables of a host. What a device says is nothing that Ansible would take for a template, and is marked so."""

    def bare(value: object) -> object:
        if isinstance(value, list):
            return [bare(one) for one in value]
        return value.get("__ansible_unsafe", value) if isinstance(value, dict) else value

    return {name: bare(value) for name, value in listed["_meta"]["hostvars"][host].items()}


def test_a_cluster_is_found(estate: Estate) -> None:
    """Nodes, roles, release and groups are those of the inventory that was written by hand; nothing is written to a node."""
    directory, since = discovered(estate), estate.mark()
    listed = json.loads(ask(estate, directory).stdout)
    by_hand = yaml.safe_load((estate.inventory / "hosts.yml").read_text())["all"]["children"]["unified_cm"]["children"]["us_cm"]["hosts"]
    assert set(listed["us_cm"]["hosts"]) == set(by_hand) and listed["publishers"]["hosts"] == ["us-cm-pub"]
    for name, said in by_hand.items():
        found = values(listed, name)
        assert sorted(found["collab_roles"]) == sorted(said["collab_roles"]), name
        assert (found["ansible_host"], found["collab_product"], found["collab_release"]) == (said["ansible_host"], "unified_cm", "15")
    assert estate.journal(writes=True, since=since) == []


def test_presence_nodes_are_a_cluster_of_their_own(enterprise: Estate) -> None:
    """The nodes of IM and Presence come from the same database, into the group that the plays select."""
    assert "presence_publisher" in ask(enterprise, discovered(enterprise)).stderr, "the database does not say which of the two is the publisher"
    listed = json.loads(ask(enterprise, discovered(enterprise, presence_publisher="us-imp-pub")).stdout)
    assert sorted(listed["us_imp"]["hosts"]) == ["us-imp-pub", "us-imp-sub1"] and "us_imp" in listed["im_presence"]["children"]
    assert sorted(listed["publishers"]["hosts"]) == ["us-cm-pub", "us-imp-pub"]
    assert values(listed, "us-imp-sub1")["collab_cm_cluster"] == "us_cm" and values(listed, "us-imp-pub")["collab_roles"] == ["publisher"]


def test_the_plays_work_with_it(estate: Estate) -> None:
    """The conditions of site.yml hold for what was found."""
    done = subprocess.run(
        ["ansible-playbook", "-i", str(discovered(estate)), str(REPOSITORY / "playbooks" / "site.yml"), "--tags", "preflight",
         "-e", json.dumps({"collab_workspace": str(estate.workspace)})],
        cwd=REPOSITORY, env={**estate.environment, "COLLAB_APPLICATION_PASSWORD": "lab-Application-0816"}, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0 and "us-cm-pub" in done.stdout, done.stdout[-4000:]


def test_a_cached_inventory_asks_once(estate: Estate) -> None:
    """With a cache the cluster is asked once, and the password is not in the cache."""
    directory = discovered(estate, cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection=str(estate.directory / "inventory-cache"))
    first, since = ask(estate, directory), estate.mark()
    second = ask(estate, directory)
    assert json.loads(first.stdout) == json.loads(second.stdout) and estate.journal(since=since) == []
    kept = "".join(file.read_text() for file in (estate.directory / "inventory-cache").rglob("*") if file.is_file())
    assert "us-cm-sub2" in kept and "lab-Application" not in kept


def test_a_wrong_password_is_tried_once_and_not_shown(estate: Estate) -> None:
    """So that no account is locked by it."""
    since = estate.mark()
    done = ask(estate, discovered(estate), "planted-Wrong-3")
    assert done.returncode != 0 and "application_password" in done.stderr and "planted-Wrong-3" not in done.stdout + done.stderr
    assert len(estate.journal(since=since)) == 1, estate.journal(since=since)


def test_a_certificate_that_is_not_trusted(estate: Estate) -> None:
    """The password does not leave before the publisher has proven its name."""
    since = estate.mark()
    done = ask(estate, discovered(estate, pinned_certificates=str(estate.directory)))
    assert done.returncode != 0 and "us-cm-pub" in done.stderr and "certificate" in done.stderr
    assert estate.journal(since=since) == []
