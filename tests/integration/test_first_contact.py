# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first look at an estate: it finds the lab as the collection assumes it, says where another reading is switched on, and writes nothing to a node."""
from __future__ import annotations

import json
import stat
import subprocess

from tests.integration.harness import REPOSITORY
from tests.integration.harness import Estate

PLAYBOOK = "first_contact.yml"


def seen(estate: Estate, host: str) -> dict:
    """What the run has written of one node."""
    return json.loads((estate.workspace / "first_contact" / (host + ".json")).read_text(encoding="utf-8"))


def variables_of(estate: Estate) -> dict:
    """{host: its variables}, as Ansible has them."""
    command = ["ansible-inventory", "-i", str(estate.inventory), "--list"]
    done = subprocess.run(command, cwd=REPOSITORY, env=estate.environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["_meta"]["hostvars"]


def rows(found: dict, result: str) -> set[str]:
    """The rows of the ledger that came out so."""
    return {one["row"] for one in found["results"] if one["result"] == result}


def test_the_lab_as_shipped_is_as_assumed_and_nothing_is_written(enterprise: Estate) -> None:
    """No assumption differs, every channel is seen, no request of the journal changes anything, and what is written is the owner's alone."""
    mark = enterprise.mark()
    run = enterprise.play(PLAYBOOK).ok()
    assert enterprise.journal(writes=True, since=mark) == []
    assert run.findings == [] and run.operations == [] and run.changed == 0
    files = sorted((enterprise.workspace / "first_contact").iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    hosts = [file.stem for file in files if file.suffix == ".json"]
    assert {"us-cm-pub", "us-cm-tftp1", "emea-cm-pub", "us-imp-pub", "us-cuc-pub", "us-expc1", "us-expe2", "emea-expe1"} <= set(hosts)
    for host in hosts:
        assert rows(seen(enterprise, host), "differs") == set(), host
    channels = {one["channel"] for one in seen(enterprise, "us-cm-pub")["results"] if one["result"] == "holds"}
    assert channels == {"axl", "serviceability", "certmgr", "os_admin", "vos_cli", "tls"}


def test_a_capture_tells_nothing_of_whose_it_is(enterprise: Estate) -> None:
    """No name, address, account, password, device or certificate of the inventory stands in any capture."""
    enterprise.play(PLAYBOOK, variables={"collab_capture_words": ["Example Enterprise"]}).ok()
    listed = variables_of(enterprise)
    words = {"Example Enterprise", "SEP0011", "CSFJDOE", "lab-Directory-0817", "BEGIN RSA"}
    for name, variables in listed.items():
        words |= {name, variables.get("ansible_host", name)}
        words |= {variables[key] for key in ("ansible_password", "collab_application_password", "collab_application_user") if key in variables}
    captures = list((enterprise.workspace / "first_contact").glob("*.capture.txt"))
    for file in captures:
        text = file.read_text(encoding="utf-8").lower()
        assert [word for word in words if word.lower() in text] == [], file.name
    assert len(captures) > 15 and "admin:" in (enterprise.workspace / "first_contact" / "us-cm-pub.capture.txt").read_text(encoding="utf-8")
