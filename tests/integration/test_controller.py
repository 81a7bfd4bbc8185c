# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a controller, made by the modules of awx.awx against a stand-in for its API: options and requests are real, the API's checks are not."""
from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import packaged
from tests.integration.controller import Controller

PEERS = packaged.REPOSITORY / ".build" / "peers"
WAVES = [{"name": "canary", "clusters": ["emea_cm"]}, {"name": "us", "clusters": ["us_cm", "us_cuc"]}]
SETTINGS = {
    "awx_scm_url": "https://git.ent-pa.com/collab/site.git", "awx_image": "registry.ent-pa.com/collab-security-ee:1.0.0",
    "awx_secrets": {"vault_router_password": "test-Router-1", "vault_unified_cm_platform_password": "test-Platform-2"},
    "collab_rollout_waves": WAVES,
}
PREFIX = "Collaboration security"


@pytest.fixture
def controller() -> Iterator[Controller]:
    """A controller without any object."""
    found = Controller()
    yield found
    found.close()


def run(controller: Controller, directory: Path, settings: dict) -> tuple[int, str]:
    """(exit code, output) of one run of the playbook."""
    file = directory / "settings.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    environment = {**packaged.foreign(dict(os.environ)), "ANSIBLE_COLLECTIONS_PATH": str(PEERS), "ANSIBLE_HOME": str(directory / "ansible"),
                   "CONTROLLER_HOST": controller.url, "CONTROLLER_OAUTH_TOKEN": "token-of-the-test", "ANSIBLE_NOCOLOR": "1", "HOME": str(directory)}
    command = ["ansible-playbook", "-v", str(packaged.REPOSITORY / "extensions" / "awx" / "controller.yml"), "-e", "@%s" % file]
    done = subprocess.run(command, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    return done.returncode, done.stdout


def test_everything_is_made_once(controller: Controller, tmp_path: Path) -> None:
    """Project, inventory, credential, templates, schedule, and a workflow that asks before each wave; a second run writes nothing."""
    code, output = run(controller, tmp_path, SETTINGS)
    assert code == 0, output[-6000:]
    assert not [secret for secret in SETTINGS["awx_secrets"].values() if secret in output]

    kind, credential = controller.named("credential_types")[PREFIX], controller.named("credentials")[PREFIX]
    assert [field["id"] for field in kind["inputs"]["fields"]] == sorted(SETTINGS["awx_secrets"]) and all(field["secret"] for field in kind["inputs"]["fields"])
    assert kind["injectors"]["extra_vars"] == {name: "{{ %s }}" % name for name in SETTINGS["awx_secrets"]}
    assert controller.secrets[credential["id"]] == SETTINGS["awx_secrets"] and credential["credential_type"] == kind["id"]

    environment, project = controller.named("execution_environments")[PREFIX], controller.named("projects")[PREFIX]
    assert environment["image"] == SETTINGS["awx_image"] and project["scm_url"] == SETTINGS["awx_scm_url"] and project["scm_type"] == "git"
    source = controller.named("inventory_sources")[PREFIX]
    assert source["source_project"] == project["id"] and source["inventory"] == controller.named("inventories")[PREFIX]["id"]

    templates = controller.named("job_templates")
    assert set(templates) == {"%s: %s" % (PREFIX, name) for name in (
        "first_contact", "drift", "plan", "trust", "verify", "report", "site", "renew", "rollback", "rollout")}
    for name, template in templates.items():
        playbook = name.rpartition(" ")[2]
        assert template["playbook"] == "playbooks/%s.yml" % playbook and (packaged.REPOSITORY / "playbooks" / (playbook + ".yml")).is_file()
        assert controller.linked("job_templates", template, "credentials") == [credential["id"]]
        variables = json.loads(template["extra_vars"])
        assert variables["collab_workspace"] == "/var/lib/collab/workspace" and variables["inventory_dir"] == "/runner/project/inventory"
    assert json.loads(templates[PREFIX + ": drift"]["extra_vars"])["collab_drift_fail_on"] == "medium"
    assert controller.named("schedules")[PREFIX + ": drift"]["unified_job_template"] == templates[PREFIX + ": drift"]["id"]
    check_rollback(controller, templates[PREFIX + ": rollback"])
    check_workflow(controller, templates[PREFIX + ": rollout"])

    made = len(controller.writes)
    code, output = run(controller, tmp_path, SETTINGS)
    assert code == 0 and "changed=0 " in output, output[-6000:]
    assert controller.writes[made:] == []


def check_rollback(controller: Controller, rollback: dict) -> None:
    """A launch is a check unless it says otherwise, and is asked since when; no other template asks anything."""
    assert rollback["job_type"] == "check" and rollback["ask_job_type_on_launch"] and rollback["diff_mode"] and rollback["survey_enabled"]
    assert json.loads(rollback["extra_vars"])["collab_disruption"] == [] and "rollback_since" not in rollback["extra_vars"]
    question, = controller.surveys[rollback["id"]]["spec"]
    assert question["variable"] == "rollback_since" and question["required"] and question["default"] == ""
    assert set(controller.surveys) == {rollback["id"]}
    others = [one for one in controller.objects["job_templates"] if one["id"] != rollback["id"]]
    assert {(one["job_type"], one["ask_job_type_on_launch"], one["survey_enabled"]) for one in others} == {("run", False, False)}


def check_workflow(controller: Controller, rollout: dict) -> None:
    """approve-canary, wave-canary, approve-us, wave-us; each job may go to the end of its wave and no further."""
    nodes, texts = controller.named("workflow_job_template_nodes"), {found["id"]: found for found in controller.objects["workflow_approval_templates"]}
    order = [next(name for name in nodes if not any(nodes[name]["id"] in controller.linked("workflow_job_template_nodes", other, "success_nodes")
                                                    for other in nodes.values()))]
    while following := controller.linked("workflow_job_template_nodes", nodes[order[-1]], "success_nodes"):
        number, = following
        order.append(next(name for name, node in nodes.items() if node["id"] == number))
    assert order == ["approve-canary", "wave-canary", "approve-us", "wave-us"] and set(nodes) == set(order)
    for i, wave in enumerate(WAVES):
        job, approval = nodes["wave-" + wave["name"]], texts[nodes["approve-" + wave["name"]]["unified_job_template"]]
        assert job["unified_job_template"] == rollout["id"]
        assert job["extra_data"] == {"collab_rollout_waves": [{**one, "approve": True} for one in WAVES],
                                     "rollout_approved": [one["name"] for one in WAVES[:i + 1]]}
        assert wave["name"] in approval["name"] and all(cluster in approval["description"] for cluster in wave["clusters"])


def test_without_settings_nothing_is_asked(controller: Controller, tmp_path: Path) -> None:
    """What has no default has to be said."""
    code, output = run(controller, tmp_path, {name: value for name, value in SETTINGS.items() if name != "awx_scm_url"})
    assert code != 0 and controller.writes == [], output


def test_files_beside_the_inventory_are_found_in_a_job(tmp_path: Path) -> None:
    """A job's inventory lies elsewhere; the variable that the job templates set takes the place of the directory in the site's variables."""
    inventory = packaged.REPOSITORY / "inventories" / "ent_pa" / "hosts.yml"
    command = ["ansible", "-i", str(inventory), "us-cm-pub", "-m", "ansible.builtin.debug", "-a", "var=collab_ca_file",
               "-e", json.dumps({"ansible_connection": "local", "ansible_password": "none"})]
    path = str(packaged.REPOSITORY / ".collections")
    said = packaged.run([*command, "-e", "inventory_dir=/runner/project/inventory"], tmp_path, ANSIBLE_COLLECTIONS_PATH=path)
    assert "/runner/project/inventory/files/ent-pa-ca-chain.pem" in said
    assert str(inventory.parent) in packaged.run(command, tmp_path, ANSIBLE_COLLECTIONS_PATH=path)
