# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a database window, from every state in which a run may find the nodes; and backups."""
from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.meeting_server import database
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.backup import encrypted
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.database_status import DatabaseStatus
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.files import Names

ROLES = {"cms1": ["primary", "callbridge", "database"], "cms2": ["callbridge", "database"], "cms3": ["database"], "cms4": ["callbridge"]}
ADDRESSES = {"cms1": "10.1.1.1", "cms2": "10.1.1.2", "cms3": "10.1.1.3", "cms4": "10.1.1.4"}


@pytest.fixture
def window(tmp_path):
    """make(clustered names, names whose certificates are wrong, primary) gives a MeetingServerDatabase over such nodes."""
    def make(clustered=(), wrong=(), primary="cms1"):
        nodes = {name: SimpleNamespace(name=name, host=ADDRESSES[name], fqdn=name + ".ent-pa.com", roles=roles) for name, roles in ROLES.items()}
        action = SimpleNamespace(nodes=nodes, report=None, workspace=tmp_path, cluster="us_cms")
        made = database.MeetingServerDatabase(action, {"interface": "a"})
        made.servers = {}
        for name, node in nodes.items():
            text = "Status : %s\nInterface : a\n" % ("Enabled" if name in clustered else "Disabled")
            if name in clustered:
                text += "".join("%s : Connected %s\n" % (ADDRESSES[n], "Primary" if n == primary else "Replica ( In Sync )") for n in clustered)
            made.servers[name] = SimpleNamespace(node=node, database=DatabaseStatus(text))
        made.wrong = lambda: dict.fromkeys(wrong, "old")
        made.names = {kind: {name: Names("", kind + ".key", kind + ".cer", "", "ca.cer") for name in nodes} for kind in (database.SHARED, database.DATABASE)}
        return made
    return make


def lines(made):
    return ["%s %s" % (line.node, line.command.removeprefix("database cluster ").split()[0]) for line in made.plan()]


CERTS = ["cms1 certs", "cms2 certs", "cms3 certs", "cms4 certs"]
IN = ["cms1 initialize", "cms2 join", "cms3 join", "cms4 connect"]


def test_nothing_to_do(window):
    assert window(clustered=ROLES).plan() == []


def test_new_cluster(window):
    made = window(wrong=ROLES)
    assert lines(made) == CERTS + IN
    commands = {line.node: line.command for line in made.plan() if " certs " in line.command}
    assert commands["cms3"] == "database cluster certs shared.key shared.cer database_client.key database_client.cer ca.cer"
    assert commands["cms4"] == "database cluster certs database_client.key database_client.cer ca.cer"
    assert [line.command for line in made.plan() if line.node == "cms2"][-1] == "database cluster join 10.1.1.1"


def test_active_cluster_goes_out_before_its_certificates(window):
    assert lines(window(clustered=ROLES, wrong=ROLES)) == ["cms4 remove", "cms2 remove", "cms3 remove", "cms1 remove"] + CERTS + IN


def test_primary_is_the_one_that_the_cluster_shows(window):
    found = lines(window(clustered=ROLES, wrong=ROLES, primary="cms3"))
    assert found[:4] == ["cms4 remove", "cms1 remove", "cms2 remove", "cms3 remove"]
    assert found[-4:] == ["cms3 initialize", "cms1 join", "cms2 join", "cms4 connect"]


def test_record_of_a_run_that_was_cut_off_decides(window):
    """Nobody is clustered any more, and the inventory's primary is not who held the data."""
    made = window(wrong=["cms2", "cms3", "cms4"])
    made.record_path().parent.mkdir(parents=True)
    made.record_path().write_text('{"primary": "cms3", "backups": []}')
    assert lines(made) == ["cms2 certs", "cms3 certs", "cms4 certs", "cms3 initialize", "cms1 join", "cms2 join", "cms4 connect"]


def test_cut_off_among_the_removals(window):
    assert lines(window(clustered=["cms1", "cms3"], wrong=ROLES)) == ["cms3 remove", "cms1 remove"] + CERTS + IN


def test_cut_off_among_the_joins(window):
    assert lines(window(clustered=["cms1", "cms2"])) == ["cms3 join", "cms4 connect"]


def test_cluster_without_a_primary_is_left_alone(window):
    made = window(clustered=ROLES, wrong=ROLES, primary=None)
    with pytest.raises(AnsibleActionFail, match="none shows a primary"):
        made.plan()


def test_primary_that_the_inventory_does_not_know(window):
    made = window(clustered=ROLES, wrong=ROLES)
    for server in made.servers.values():
        server.database.nodes = {"10.9.9.9": {"me": False, "primary": True, "replica": False, "connected": True, "in_sync": False}}
    with pytest.raises(AnsibleActionFail, match="none of the hosts"):
        made.plan()


def test_backup_is_brought_back_by_openssl(tmp_path):
    data = bytes(range(256)) * 41 + b"end"
    sealed = tmp_path / "x.bak.enc"
    sealed.write_bytes(encrypted(data, "a passphrase"))
    assert data[:64] not in sealed.read_bytes()
    how = ["-d", "-aes-256-cbc", "-md", "sha256", "-pbkdf2", "-iter", "600000"]
    done = subprocess.run(["openssl", "enc", *how, "-in", str(sealed), "-pass", "pass:a passphrase"], capture_output=True, check=True)
    assert done.stdout == data
