# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption, SIP security profile, servers, lists and the cluster's state."""
from __future__ import annotations

import types

import pytest

from ansible_collections.collab.security.plugins.action.cuc_encryption import ActionModule as Encryption
from ansible_collections.collab.security.plugins.action.cuc_port_group_servers import ActionModule as Servers
from ansible_collections.collab.security.plugins.action.cuc_sip_security_profile import ActionModule as Profile
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations.cli_services import listed
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.clusters import cluster_status
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.encryption import enabled
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.reading import PAGE
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.reading import Incomplete
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.reading import all_rows
from ansible_collections.collab.security.plugins.plugin_utils.unity_connection.reading import speaks_tls

CONVERSATION, IMAP = "Connection Conversation Manager", "Connection IMAP Server"


# -- encryption

@pytest.mark.parametrize("words, state", [
    ("Encryption is enabled", True), ("Encryption Status : Disabled", False), ("Encryption is not enabled on this server", False), ("enabled", True),
    ("Unity Connection encryption: ENABLED\n", True), ("Status unknown", None), ("", None)])
def test_words_of_the_status_command(words, state):
    assert enabled(words) is state


def test_encryption_is_enabled_and_owes_two_services_on_every_node(world):
    world.unity.encryption = "Encryption is disabled"
    result = world.run(Encryption, {"granted": True})
    assert world.unity.writes == [("us-cuc-pub", "utils cuc encryption enable")] and result["encryption"] is True
    assert {(e["what"], e["node"]) for e in world.owed().items()} == {(s, n) for s in (CONVERSATION, IMAP) for n in world.unity.nodes}
    assert len(result["impact"]) == 4
    assert not world.run(Encryption, {"granted": True})["changed"]


def test_encryption_in_check_mode_and_without_leave(world):
    world.unity.encryption = "Encryption is disabled"
    assert world.run(Encryption, {"granted": True}, check=True)["changed"]
    result = world.run(Encryption)
    assert not result["changed"] and "may not disturb services" in result["pending"][0]["reason"]
    assert world.unity.writes == [] and world.owed().items() == []


def test_encryption_that_is_refused_owes_nothing(world):
    world.unity.encryption, world.unity.enabled_words = "Encryption is disabled", "Export-Controlled Functionality: Not Allowed"
    with pytest.raises(Stuck, match="Not Allowed.*export-controlled"):
        world.run(Encryption, {"granted": True})
    assert world.owed().items() == []


def test_unreadable_encryption_is_pending(world):
    world.unity.encryption = "The moon is full"
    result = world.run(Encryption, {"granted": True})
    assert world.unity.writes == [] and "The moon is full" in result["pending"][0]["reason"]


# -- SIP security profile

def test_profile_is_made_once(world):
    assert world.run(Profile, check=True)["changed"] and world.unity.writes == []
    assert world.run(Profile)["profile"] == {"name": "5061/TLS", "id": "sp-tls"}
    assert world.unity.writes == [("POST", {"Port": "5061", "DoTLS": "true"})]
    assert not world.run(Profile)["changed"]


def test_a_profile_with_the_port_but_without_tls_is_left_alone(world):
    world.unity.profiles.append({"ObjectId": "sp-x", "Port": "5061", "DoTLS": "false", "DisplayName": "5061"})
    result = world.run(Profile)
    assert "'5061' has the port without TLS" in result["findings"][0]["message"]
    assert world.unity.writes == [("POST", {"Port": "5061", "DoTLS": "true"})]


# -- servers

def test_servers_of_the_port_group(world):
    world.unity.servers.append({"ObjectId": "s-9", "HostOrIPAddress": "10.9.9.9", "MediaRemoteServiceEnum": "101"})
    result = world.run(Servers)
    assert world.unity.writes == [("PUT", {"TlsPort": "5061"}), (
        "POST", {"MediaPortGroupObjectId": "pg-1", "MediaRemoteServiceEnum": "101", "HostOrIPAddress": "us-cm-tftp1.ent-pa.com"})]
    assert {(e["what"], e["node"]) for e in world.owed().items()} == {
        ("reset:portgroup:PhoneSystem-1", "us-cuc-pub"), (CONVERSATION, "us-cuc-pub"), (CONVERSATION, "us-cuc-sub")}
    assert [f["object"] for f in result["findings"] if f["id"] == "cuc-port-group-stranger"] == ["10.9.9.9"]
    again = world.run(Servers)
    assert not again["changed"] and [s["host"] for s in again["servers"]["tftp"]] == ["10.9.9.9", "us-cm-tftp1.ent-pa.com"]


def test_a_tftp_server_that_is_listed_by_address_gets_its_name(world):
    world.unity.servers = [{"ObjectId": "s-1", "HostOrIPAddress": "10.0.1.4", "MediaRemoteServiceEnum": "101"}]
    assert world.run(Servers, check=True)["changed"] and world.unity.writes == []
    world.run(Servers)
    assert world.unity.writes == [("PUT", {"HostOrIPAddress": "us-cm-tftp1.ent-pa.com"})] and not world.run(Servers)["changed"]


# -- lists

class Paged:
    """Answers pages of a list; repeats its last page; may claim more than it has."""

    name = "us-cuc-pub"

    def __init__(self, count, total="known", claimed=None):
        self.rows, self.asked = [{"ObjectId": str(n)} for n in range(count)], 0
        self.total = None if total is None else claimed or count

    def ask(self, channel, op, path, element, number, size):
        self.asked += 1
        last = max(1, -(-len(self.rows) // size))
        number = min(number, last)
        return {"total": self.total, "rows": self.rows[(number - 1) * size:number * size]}


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
@pytest.mark.parametrize("total", ["known", None])
def test_lists_are_read_to_their_end(count, total):
    node = Paged(count, total)
    assert len(all_rows(node, "x", "X")) == count and node.asked <= count // PAGE + 2


def test_a_list_that_is_cut_off_is_no_list():
    with pytest.raises(Incomplete, match="500 of 700"):
        all_rows(Paged(500, claimed=700), "x", "X")


def telephony(hidden=False, refuses=False, **group):
    """A node with two SIP security profiles and one port group."""
    rows = {"sipsecurityprofiles": [{"ObjectId": "P", "DoTLS": "false"}, {"ObjectId": "S", "DoTLS": "true"}], "portgroups": [{"ObjectId": "G"}]}

    def ask(channel, op, path, **_paging):
        assert channel == "cupi"
        if refuses:
            raise NodeError("refused", "HTTP 403")
        return {"rows": rows[path], "total": len(rows[path])} if op == "page" else group
    return types.SimpleNamespace(name="us-cuc-pub", ask=ask)


@pytest.mark.parametrize("node, yes", [
    (telephony(MediaSipSecurityProfileObjectId="s", SipDoSRTP="false"), True), (telephony(MediaSipSecurityProfileObjectId="P", SipDoSRTP="false"), False),
    (telephony(SipDoSRTP="true"), True), (telephony(SipDoSRTP="false"), False), (telephony(refuses=True), True)])
def test_whether_voice_mail_speaks_tls(node, yes):
    assert speaks_tls(node) is yes


# -- command line

def test_services_by_the_command_line():
    found = listed("Requesting service status, please wait...\r\nCisco Tomcat[STARTED]  \r\nConnection IMAP Server[STOPPED]  Commanded Out of Service\r\n"
                   "Primary Node =true\r\n")
    assert found == {"Cisco Tomcat": ("STARTED", ""), "Connection IMAP Server": ("STOPPED", "Commanded Out of Service")}


STATUS = """
Server Name            Member ID  Server State      Internal State   Reason
---------------------  ---------  ----------------  ---------------  ------
us-cuc-pub             0          %s           Pri Active       Normal
us-cuc-sub             1          %s         Sec Active       Normal
"""


@pytest.mark.parametrize("pub, sub, problems", [
    ("Primary", "Secondary", 0), ("Secondary", "Primary", 0), ("Primary", "Primary", 1), ("Secondary", "Secondary", 1), ("Primary", "Not Functioning", 1),
    ("Primary", "Replicating Data", 1), ("Split Brain Recovery", "Secondary", 2)])
def test_state_of_the_cluster(pub, sub, problems):
    found = cluster_status(STATUS % (pub, sub))
    assert len(found["problems"]) == problems and found["nodes"] == {"us-cuc-pub": pub, "us-cuc-sub": sub}


def test_state_without_the_other_columns():
    found = cluster_status("\r\nServer Name  Server State\r\n-----------  ------------\r\nus-cuc-pub   Primary\r\nus-cuc-sub   Split Brain Recovery\r\n")
    assert found["nodes"] == {"us-cuc-pub": "Primary", "us-cuc-sub": "Split Brain Recovery"} and len(found["problems"]) == 1


def test_state_that_cannot_be_read_is_a_problem():
    assert cluster_status("No valid command entered")["problems"]
