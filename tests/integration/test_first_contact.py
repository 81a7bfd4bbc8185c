# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first look at an estate: it finds the lab as the collection assumes it, says where another reading is switched on, and writes nothing to a node."""
from __future__ import annotations

import json
import stat
import subprocess

import pytest

from tests.integration.harness import REPOSITORY
from tests.integration.harness import Estate

PLAYBOOK = "first_contact.yml"
# One variant each, the row it belongs to, and where it shows.
SWITCHED = [
    ("cli_version_label", "active", "cli-show-version", "us-cm-pub"),
    ("cli_prompt", "ansi", "cli-login", "us-cm-sub1"),
    ("cli_service_head", "full", "cli-service-list", "us-cm-pub"),
    ("cli_sql_empty", "nothing", "cli-run-sql", "us-cm-pub"),
    ("axl_versionless_reply", "current", "axl-versionless", "us-cm-pub"),
    ("process_node_names", "hostname", "axl-process-node", "us-cm-pub"),
    ("axl_password_read", "empty", "ldap-passwords", "us-cm-pub"),
    ("sql_xml_column", "text", "sql-hardening", "us-cm-pub"),
    ("service_start_time", "iso", "serviceability-status", "us-cm-sub1"),
    ("certmgr_options", "missing", "certmgr-options", "us-cm-pub"),
    ("os_admin_multi_server_label", "Multi-Server SAN", "os-admin-csr", "us-cm-pub"),
    ("os_admin_monitor_labels", "os_guide", "os-admin-monitor", "us-cm-pub"),
    ("cupi_nge_field", "absent", "cuc-port-group-nge", "us-cuc-pub"),
    ("cupi_json_single", "list", "cuc-text", "us-cuc-pub"),
    ("expressway_raml", "nested", "expressway-raml", "us-expc1"),
    ("expressway_cli_end", "stars", "expressway-cli-ends", "us-expe1"),
    ("expressway_cli_verbs", "spaced", "expressway-cli-commands", "us-expc1"),
    ("expressway_sip_shape", "object", "expressway-sip", "us-expc1"),
    ("expressway_pem_line_ends", "crlf", "expressway-factory", "us-expe1"),
]


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


def test_another_reading_is_told_by_its_row(enterprise: Estate) -> None:
    """Each of these variants is found, at the node and the row where it belongs, as one that the collection knows."""
    enterprise.lab("variant", "set", *(word for name, value, _row, _host in SWITCHED for word in (name, value)))
    mark = enterprise.mark()
    run = enterprise.play(PLAYBOOK).ok()
    assert enterprise.journal(writes=True, since=mark) == []
    missed = [name for name, _value, row, host in SWITCHED if row not in rows(seen(enterprise, host), "differs")]
    assert missed == []
    told = {finding["object"] for finding in run.findings}
    assert [(host, row) for _name, _value, row, host in SWITCHED if "%s, %s" % (host, row) not in told] == []


@pytest.mark.parametrize(("variable", "channels"), [("ansible_password", {"vos_cli", "certmgr", "os_admin"}),
                                                    ("collab_application_password", {"axl", "serviceability"})])
def test_a_refused_login_is_tried_once_and_the_other_channels_are_looked_at(estate: Estate, variable: str, channels: set[str]) -> None:
    """An account may lock after a few; what its channels would have shown was not seen, the rest was."""
    mark = estate.mark()
    estate.play(PLAYBOOK, "--limit", "us-cm-pub", variables={variable: "wrong-Password-1"}).ok()
    results = seen(estate, "us-cm-pub")["results"]
    assert {one["channel"] for one in results if one["result"] == "not_seen" and "refused" in one["seen"]} == channels
    assert {one["channel"] for one in results if one["result"] == "holds"} == {"axl", "serviceability", "certmgr", "os_admin", "vos_cli", "tls"} - channels
    logins = [entry for entry in estate.journal(since=mark) if entry["node"] == "us-cm-pub" and "login" in entry["operation"].lower()]
    assert len([entry for entry in logins if entry["channel"] in channels]) <= 1, logins
