# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What works of an Expressway or Meeting Server cluster, and what the gate makes of it."""
from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.operations.gate import Gate
from ansible_collections.collab.security.plugins.plugin_utils.operations.health import state
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck

sys.path.insert(0, str(Path(__file__).parent))
import fake_cluster as cluster  # noqa: E402

DATABASE = """Status : Enabled
Nodes:
10.1.1.1 (me) : Connected Primary
10.1.1.2 : Connected Replica ( %s )
Last command : 'database cluster join' (Success)
"""
SERVICE = "Enabled : %s\nInterface whitelist : a\nListening interface : a:445\n"


def status(zones=(), alarms=(), seen="Active"):
    """A status document of a peer."""
    return {"Zones": {"Zone": [{"Name": name, "Status": state} for name, state in zones]},
            "Warnings": {"Warning": [{"@item": number, "Reason": reason} for number, reason in alarms]},
            "Alternates": {"Peer": [{"Address": "us-expc2.ent-pa.com", "Status": seen}]}}


class Node:
    """A node that shows what it is told to."""

    def __init__(self, name, product, roles=(), **shown):
        self.name, self.roles, self.variables, self.shown = name, list(roles), {"collab_product": product}, shown

    def ask(self, channel, operation, **arguments):
        if channel == "expressway_api":
            return self.shown["status"]
        assert arguments["reading"] is True, "the gate changes nothing"
        return {"output": self.shown[arguments["command"].replace(" ", "_")]}


@pytest.fixture
def action(tmp_path):
    """make(nodes) gives an action on them."""
    def make(*nodes):
        made = cluster.FakeAction(tmp_path)
        made.nodes = {node.name: node for node in nodes}
        made.node = nodes[0]
        return made
    return make


def gate(action):
    return Gate(action, action.pauses, 98)


def test_an_expressway_as_it_was(action):
    peer = Node("us-expc1", "expressway_c", status=status([("B2B", "Active"), ("UC", "Failed")], [("40049", "permissive")]))
    pair = action(peer)
    assert state(pair) == {"services": {}, "zones": {"us-expc1": ["B2B"]}, "alarms": {"us-expc1": ["permissive"]}, "phones": None, "problems": []}
    gate(pair).before(False)
    gate(pair).after(60, False)


@pytest.mark.parametrize(("after", "words"), [
    (status([("B2B", "Failed")]), "B2B is no longer Active on us-expc1"),
    (status([]), "B2B is no longer Active on us-expc1"),
    (status([("B2B", "Active")], [("45009", "SSH tunnel failure")]), "us-expc1 has raised an alarm: SSH tunnel failure"),
    (status([("B2B", "Active")], seen="Unreachable"), "us-expc1 does not see its peer us-expc2.ent-pa.com"),
])
def test_what_shuts_the_gate_after_an_expressway(action, after, words):
    peer = Node("us-expc1", "expressway_c", status=status([("B2B", "Active")]))
    pair = action(peer)
    gate(pair).before(False)
    peer.shown["status"] = after
    with pytest.raises(Stuck) as e:
        gate(pair).after(60, False)
    assert words in str(e.value)


def test_a_restart_that_is_due_shuts_no_gate(action):
    peer = Node("us-expc1", "expressway_c", status=status([("B2B", "Active")]))
    pair = action(peer)
    gate(pair).before(False)
    peer.shown["status"] = status([("B2B", "Active")], [("15007", "Restart required - Security certificates have been updated")])
    gate(pair).after(60, False)


def test_peers_that_do_not_see_each_other_shut_the_gate_before(action):
    with pytest.raises(Stuck, match="nothing was changed: us-expc1 does not see its peer"):
        gate(action(Node("us-expc1", "expressway_c", status=status(seen="Unreachable")))).before(False)


def meeting_server(enabled="true", sync="In Sync"):
    """A node of release 3.8 with a database."""
    return Node("us-cms1", "meeting_server", ["callbridge", "database"], version="3.8.1", webadmin=SERVICE % enabled,
                callbridge="Listening interfaces : a\nKey file : none\n", database_cluster_status=DATABASE % sync)


def test_a_meeting_server(action):
    assert state(action(meeting_server()))["services"] == {"us-cms1": ["callbridge", "database cluster", "webadmin"]}


@pytest.mark.parametrize(("after", "words"), [
    (meeting_server(enabled="false"), "webadmin no longer runs on us-cms1"),
    (meeting_server(sync="Syncing"), "database cluster no longer runs on us-cms1"),
])
def test_what_shuts_the_gate_after_a_meeting_server(action, after, words):
    before = action(meeting_server())
    gate(before).before(False)
    with pytest.raises(Stuck) as e:
        gate(action(after)).after(60, False)
    assert words in str(e.value)
