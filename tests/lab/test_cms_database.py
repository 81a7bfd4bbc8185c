"""The database cluster of Meeting Servers, from nothing to the certificates' renewal (TN210530, TN216549)."""

from __future__ import annotations

import subprocess

import pytest

from tests.lab import cms_lab
from tests.lab.cms_lab import CLIENT
from tests.lab.cms_lab import NEW
from tests.lab.cms_lab import OLD
from tests.lab.cms_lab import ROOT
from tests.lab.cms_lab import SHARED
from tests.lab.cms_lab import Api
from tests.lab.cms_lab import Mmp

FIVE = f"{SHARED}.key {SHARED}.cer {CLIENT}.key {CLIENT}.cer {ROOT}"
THREE = f"{CLIENT}.key {CLIENT}.cer {ROOT}"
YES = ("(Y/n) ", "Y")
NAMES = ("us-cms1", "us-cms2", "us-cms3", "us-cms4")


@pytest.fixture(scope="module", params=[NEW, OLD])
def running(request, tmp_path_factory):
    """A lab of each release, secured and clustered."""
    lab = cms_lab.started(tmp_path_factory.mktemp("cms-database"), request.param, 2, "enterprise")
    lab.release = request.param
    lab.snapshot("day0")
    yield lab
    lab.close()


@pytest.fixture
def servers(running):
    """The command lines of all four, on day 0."""
    running.restore("day0")
    shells = {name: Mmp(running, name) for name in NAMES}
    yield shells
    for shell in shells.values():
        shell.close()


def do(shell: Mmp, line: str) -> None:
    """A command of the cluster that is waited for, and has to succeed."""
    shell.done(line, YES)
    cms_lab.until(lambda: shell.server.database.outcome != "In progress")
    assert shell.fields("database cluster status")["Last command"] == f"'{line}' (Success)"


def addresses(servers) -> dict[str, str]:
    """Address of each."""
    return {name: shell.server.appliance.address for name, shell in servers.items()}


def nodes(shell: Mmp) -> dict[str, str]:
    """The block of nodes of a status."""
    said = shell.ask("database cluster status")
    rows = [row for row in said.partition("Nodes:\n")[2].splitlines() if row.startswith("    ") and "Connected" in row or "Not connected" in row]
    return {row.split()[0]: row.partition(" : " if " : " in row else ": ")[2].strip() for row in rows}


def test_as_it_runs(servers):
    """All four know the primary; the words are those of the release."""
    at, primary, replica = addresses(servers), *(("Primary", "Replica") if servers["us-cms1"].lab.release == NEW else ("Master", "Slave"))
    for shell in servers.values():
        assert nodes(shell) == {at["us-cms1"]: f"Connected {primary}", at["us-cms2"]: f"Connected {replica} ( In Sync )",
                                at["us-cms3"]: f"Connected {replica} ( In Sync )"}
        status = shell.fields("database cluster status")
        assert status["Status"] == "Enabled" and status["Node in use"] == at["us-cms1"] and status["CA Certificate"] == ROOT
        assert ("Server Key" in status) == (shell.server.name != "us-cms4")


def test_renewal(servers):
    """Replicas and clients leave, get their certificates and wait; the primary is last and begins the new cluster; then the others come back."""
    lab = servers["us-cms1"].lab
    first, *others = (servers[name] for name in ("us-cms1", "us-cms3", "us-cms2", "us-cms4"))
    before = lab.call(lambda: first.server.database.certs["Client Certificate"].content)
    first.done("pki csr renewed CN:postgres")
    certificate = cms_lab.sign(lab, first.get("renewed.csr"))
    assert "before.bak ready for download" in first.done("backup snapshot before")
    assert first.get("before.bak")
    key = first.get("renewed.key")
    for shell in servers.values():
        shell.put(f"{CLIENT}.key", key)
        shell.put(f"{CLIENT}.cer", certificate)
    for shell in (*others, first):
        do(shell, "database cluster remove")
        shell.done(f"database cluster certs {THREE if shell.server.name == 'us-cms4' else FIVE}")
    do(first, "database cluster initialize")
    for shell in others:
        do(shell, f"database cluster {'connect' if shell.server.name == 'us-cms4' else 'join'} us-cms1.ent-pa.com")
    cms_lab.until(lambda: all(shell.server.database.in_sync for shell in others[:2]))
    assert len(nodes(servers["us-cms4"])) == 3
    assert all(shell.server.database.certs["Client Certificate"].content == certificate.encode() != before for shell in servers.values())


def test_a_primary_that_leaves(servers):
    """Another one is elected."""
    do(servers["us-cms1"], "database cluster remove")
    found = nodes(servers["us-cms4"])
    assert list(found) == [addresses(servers)["us-cms2"], addresses(servers)["us-cms3"]]
    assert found[addresses(servers)["us-cms2"]] in ("Connected Primary", "Connected Master")


def test_a_replica_behind_a_fault(servers):
    """Replication that is held up shows; a server that is away is not connected."""
    lab = servers["us-cms1"].lab
    do(servers["us-cms3"], "database cluster remove")
    lab.world.faults.add({"channel": "replication", "node": "us-cms3", "action": "never", "times": 0})
    do(servers["us-cms3"], "database cluster join us-cms1.ent-pa.com")
    lab.do(lab.world.quiet())
    assert nodes(servers["us-cms1"])[addresses(servers)["us-cms3"]].endswith("( Not In Sync )")
    lab.world.faults.add({"channel": "node", "node": "us-cms2", "action": "never", "times": 0})
    lab.do(lab._lab.resync())
    assert nodes(servers["us-cms1"])[addresses(servers)["us-cms2"]] == "Not connected"


def test_a_command_that_does_not_finish(servers):
    """An error, until it is cleared; the server is where it was."""
    lab = servers["us-cms1"].lab
    lab.world.faults.add({"channel": "services", "node": "us-cms2", "operation": "database cluster remove", "action": "status"})
    servers["us-cms2"].ask("database cluster remove", YES)
    cms_lab.until(lambda: servers["us-cms2"].server.database.outcome == "Failed")
    status = servers["us-cms2"].fields("database cluster status")
    assert (status["Status"], status["ERROR"], status["Last command"]) == ("Error", "the command did not finish", "'database cluster remove' (Failed)")
    servers["us-cms2"].done("database cluster clear_error")
    assert servers["us-cms2"].fields("database cluster status")["Status"] == "Enabled"


def test_a_host_that_nobody_knows(servers):
    do(servers["us-cms4"], "database cluster remove")
    servers["us-cms4"].ask("database cluster connect us-cms9.ent-pa.com", YES)
    cms_lab.until(lambda: servers["us-cms4"].server.database.outcome == "Failed")
    assert servers["us-cms4"].fields("database cluster status")["ERROR"] == "cannot resolve us-cms9.ent-pa.com"


def test_an_expired_certificate_shows(servers):
    lab = servers["us-cms1"].lab
    lab.call(lambda: lab.world.clock.advance(3 * 365 * 86400))
    status = servers["us-cms1"].fields("database cluster status")
    assert status["Status"] == "Error" and status["ERROR"].endswith("has expired")


def test_stock_openssl(servers, tmp_path):
    """PostgreSQL's way into TLS; only with a client certificate of the cluster."""
    server = servers["us-cms1"].server
    (tmp_path / "key").write_bytes(server.files[f"{CLIENT}.key"])
    (tmp_path / "cer").write_bytes(server.files[f"{CLIENT}.cer"])
    (tmp_path / "root").write_bytes(server.files[ROOT])
    command = ["openssl", "s_client", "-starttls", "postgres", "-connect", f"{server.appliance.address}:5432", "-CAfile", str(tmp_path / "root"),
               "-verify_return_error"]

    def code(*more: str) -> int:
        return subprocess.run([*command, *more], input="Q\n", capture_output=True, text=True, timeout=20, check=False).returncode

    assert code("-cert", str(tmp_path / "cer"), "-key", str(tmp_path / "key")) == 0
    assert code() != 0


def test_one_set_of_objects(servers):
    """What the API writes on one server is there on the others; one that leaves keeps its own copy."""
    lab = servers["us-cms1"].lab
    Api(lab, "us-cms1").make("callLegProfiles", name="Secure")
    assert Api(lab, "us-cms4").get("callLegProfiles").get("total") == "1"
    do(servers["us-cms4"], "database cluster remove")
    Api(lab, "us-cms1").make("callLegProfiles", name="Other")
    assert Api(lab, "us-cms4").get("callLegProfiles").get("total") == "1"
    assert Api(lab, "us-cms3").send("GET", "callLegProfiles").status_code == 503, "no Call Bridge, no API"


def test_a_snapshot_holds_it(servers):
    """What came after a snapshot is gone, and what was under way then has failed."""
    lab = servers["us-cms1"].lab
    lab.snapshot("between")
    do(servers["us-cms2"], "database cluster remove")
    lab.restore("between")
    shell = Mmp(lab, "us-cms2")
    assert shell.fields("database cluster status")["Status"] == "Enabled" and shell.server.objects is servers["us-cms1"].server.objects
    shell.close()
