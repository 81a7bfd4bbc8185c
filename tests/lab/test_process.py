"""The lab as a program: up, asked, and down again, with nothing left behind; and its ledger."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lab import ledger
from lab.core import process
from lab.core.refusals import REFUSALS
from lab.core.variants import VARIANTS
from tests.lab.small_estate import estate_of
from tests.lab.small_estate import hosts_of

ROOT = Path(__file__).resolve().parents[2]


def write_inventory(folder: Path) -> Path:
    """The small estate as an inventory on disk."""
    hosts = hosts_of()
    groups = {"us_cm": {}, "certificate_authorities": {}}
    for name, variables in hosts.items():
        own = {key: value for key, value in variables.items() if key != "group_names"}
        if name == "us-ca":
            own["collab_product"] = "adcs"
        groups["us_cm" if "us_cm" in variables["group_names"] else "certificate_authorities"][name] = own
    folder.mkdir()
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": {name: {"hosts": members} for name, members in groups.items()}}}))
    (folder / "estate.yml").write_text(yaml.safe_dump(estate_of(hosts)))
    return folder / "hosts.yml"


@pytest.fixture
def command(tmp_path):
    """command("status", "--json") runs `python -m lab`; whatever is up is taken down at the end. A deep directory: sockets have short names."""
    directory = tmp_path / ("deep" * 20) / "lab"

    def run(*arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        environment = {**os.environ, "COLLAB_LAB_DIR": str(directory)}
        result = subprocess.run(
            [sys.executable, "-m", "lab", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False
        )
        assert not check or result.returncode == 0, result.stderr
        return result

    run.directory = directory
    yield run
    run("down")


def test_up_asked_and_down(command, tmp_path):
    inventory = write_inventory(tmp_path / "inventory")
    ready = command("up", "-i", str(inventory), "--detach", "--phones", "20", "--speed", "500")
    assert re.fullmatch(r"READY .*\n", ready.stdout)
    status = json.loads(command("status", "--json").stdout)
    assert [node["name"] for node in status["nodes"]] == list(hosts_of())[:4]
    ports = {one["protocol"]: one["port"] for one in status["nodes"][1]["listeners"]}
    assert ports == {"ssh": 20022, "https": 8443, "https-platform": 20443, "sip": 5060, "sips": 5061}
    for node in status["nodes"]:
        for listener in node["listeners"]:
            socket.create_connection((listener["address"], listener["port"]), timeout=5).close()
    assert status["clusters"][0]["devices"] == {"Phone Registered": 24, "SIPTrunk Registered": 4}
    assert (command.directory / "pins" / "us-cm-pub.ent-pa.com.pem").read_text().startswith("-----BEGIN CERTIFICATE")
    assert len((command.directory / "known_hosts").read_text().splitlines()) == 4
    assert (command.directory / "ca" / "client.key").stat().st_mode & 0o077 == 0
    assert (command.directory / "ca" / "chain.pem").read_text().count("BEGIN CERTIFICATE") == 2

    again = command("up", "-i", str(inventory), "--detach", check=False)
    assert again.returncode == 1 and "already" in again.stderr

    command("snapshot", "day0")
    assert command("restore", "elsewhen", check=False).stderr == "lab: there is no snapshot elsewhen (there are: day0)\n"
    command("restore", "day0")
    command("fault", "add", '{"channel": "axl", "action": "status"}')
    assert json.loads(command("fault", "list").stdout)[0]["status"] == 503
    assert "action must be" in command("fault", "add", "{}", check=False).stderr
    assert "no JSON" in command("fault", "add", "{", check=False).stderr
    assert json.loads(command("fault", "clear").stdout) == []
    command("fault", "add", '{"channel": "node", "node": "us-cm-sub1", "action": "never", "times": 0}')
    assert [len(node["listeners"]) for node in json.loads(command("status", "--json").stdout)["nodes"]] == [3, 0, 5, 5]
    command("fault", "clear")
    assert [len(node["listeners"]) for node in json.loads(command("status", "--json").stdout)["nodes"]] == [3, 5, 5, 5]
    command("variant", "set", "identity_chain", "leaf_only")
    assert {row["name"]: row["value"] for row in json.loads(command("variant", "list").stdout)}["identity_chain"] == "leaf_only"
    assert command("variant", "set", "identity_chain", "both", check=False).returncode == 1
    assert json.loads(command("mutate", "identity_ca_missing").stdout) == {"off": ["identity_ca_missing"]}
    assert [row["name"] for row in json.loads(command("mutate", "list").stdout) if not row["on"]] == ["identity_ca_missing"]
    command("mutate", "clear")
    assert command("mutate", "nothing_like_it", check=False).returncode == 1
    before = json.loads(command("status", "--json").stdout)["time"]
    assert json.loads(command("clock", "advance", "86400").stdout)["time"][:10] > before[:10]

    pid = status["pid"]
    command("down")
    assert process.is_gone(pid)
    assert not (command.directory / "lab.sock").exists()
    assert (command.directory / "lab.log").read_text() == ""
    assert json.loads(command("journal", "--json").stdout) == [], "still readable when the lab is down"
    assert "no lab runs" in command("status", check=False).stderr


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text.replace("- publisher", "- subscriber"), "exactly one node needs collab_roles: [publisher]"),
        (lambda text: "all: [", "hosts.yml"),
    ],
)
def test_a_lab_that_cannot_start_says_why(command, tmp_path, spoil, words):
    inventory = write_inventory(tmp_path / "inventory")
    inventory.write_text(spoil(inventory.read_text()))
    result = command("up", "-i", str(inventory), "--detach", check=False)
    assert result.returncode == 1 and words in result.stderr and result.stdout == ""
    assert command("up", "-i", str(tmp_path / "nowhere.yml"), "--detach", check=False).stderr.endswith("nowhere.yml\n")


def test_every_variant_and_refusal_stands_in_the_ledger():
    for module in pkgutil.walk_packages([str(ROOT / "lab")], "lab."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    rows = ledger.rows()
    assert {name for row in rows for name in ledger.names(row, "variant")} == set(VARIANTS)
    assert {name for row in rows for name in ledger.names(row, "refusal")} == set(REFUSALS)


def test_every_refusal_can_be_switched_off():
    """A check that is registered but never asked for by name could not be mutated away."""
    sources = "".join(path.read_text() for path in (ROOT / "lab").rglob("*.py"))
    assert [name for name in REFUSALS if f'refuses("{name}")' not in sources] == []


def test_the_ledger_is_a_table(command):
    markdown = command("ledger", "--markdown").stdout
    assert markdown.count("\n| ") >= len(ledger.rows())
    assert "Rows by source: schema" in markdown


@pytest.mark.parametrize("row", [
    {"id": "x"},
    {"id": "x", "surface": "s", "operation": "o", "source": "rumour", "where": "w", "releases": "all"},
    {"id": "x", "surface": "s", "operation": "o", "source": "schema", "where": "w", "releases": "all", "colour": "red"},
])
def test_a_ledger_row_that_makes_no_sense_is_refused(tmp_path, row):
    (tmp_path / "fidelity.yaml").write_text(yaml.safe_dump([row]))
    with pytest.raises(ledger.BadLedger):
        ledger.rows(tmp_path / "fidelity.yaml")
