# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unity Connection: what of its requests is saved, how it is read again, written back and removed."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.undo import unity_objects
from ansible_collections.collab.security.plugins.plugin_utils.undo.keeping import written_by
from ansible_collections.collab.security.plugins.plugin_utils.undo.past import Past

SERVERS = "portgroups/7/portgroupservers"
TFTP = {"MediaRemoteServiceEnum": "101", "HostOrIPAddress": "tftp.ent-pa.com"}


class Unity:
    """A publisher with one port group, one TFTP server of it, and encryption."""

    name = "us-cuc-pub"

    def __init__(self):
        self.group = {"ObjectId": "7", "DisplayName": "PhoneSystem-1", "sipDoSRTP": "true"}
        self.servers, self.encryption, self.asked = [{"ObjectId": "9", **TFTP, "Precedence": "1"}], True, []

    def ask(self, channel, op, **arguments):
        self.asked.append((op, arguments))
        if channel == "vos_cli":
            if not arguments["command"].endswith("status"):
                self.encryption = arguments["command"].endswith("enable")
            return {"output": "Encryption is %s" % ("enabled" if self.encryption else "disabled")}
        if op == "page":
            rows = {SERVERS: self.servers, "portgroups": [self.group], "sipsecurityprofiles": []}[arguments["path"]]
            return {"total": len(rows), "rows": rows}
        if op == "get":
            if arguments["path"] != "portgroups/7":
                raise NodeError("refused", "no such port group", {"status": 404})
            return self.group
        return {}


def test_a_change_is_read_in_the_spelling_in_which_it_is_written():
    act, kind, key, elements = written_by("cupi", "update", {"path": "portgroups/7", "body": {"SipDoSRTP": "false"}})
    assert (act, kind, key) == ("update", unity_objects.OBJECT, {"path": "portgroups/7"})
    assert unity_objects.settled(Unity(), kind, key, elements)[0] == {"path": "portgroups/7", "name": "PhoneSystem-1"}
    assert unity_objects.read(Unity(), kind, key, elements) == {"SipDoSRTP": "true"}
    assert unity_objects.read(Unity(), kind, {"path": "portgroups/8"}, elements) is None


def test_a_reset_leaves_no_state_and_an_unknown_object_is_said():
    assert written_by("cupi", "update", {"path": "portgroups/7", "body": {"ResetStatusEnum": "101"}}) is None
    assert written_by("cupi", "create", {"path": "users", "body": {"Alias": "x"}})[:2] == ("other", "cupi")
    assert written_by("vos_cli", "run", {"command": "utils cuc encryption status"}) is None


def test_what_was_added_is_found_by_what_it_is_and_removed_by_its_id():
    node = Unity()
    act, kind, key, elements = written_by("cupi", "create", {"path": SERVERS, "body": TFTP})
    assert act == "add" and key == {"list": SERVERS, "name": "tftp.ent-pa.com", **TFTP}
    assert unity_objects.read(node, kind, key, elements) == {}
    unity_objects.remove(node, kind, key)
    assert node.asked[-1] == ("delete", {"path": SERVERS + "/9"})
    node.servers[0]["HostOrIPAddress"] = "of-others"
    assert unity_objects.read(node, kind, key, elements) is None


def test_encryption_is_switched_off_only_when_no_port_group_needs_it():
    node = Unity()
    _act, kind, key, elements = written_by("vos_cli", "run", {"command": "utils cuc encryption enable", "answers": []})
    assert elements == unity_objects.read(node, kind, key, elements) == {"enabled": "true"}
    node.group["SipDoSRTP"] = "true"
    with pytest.raises(Stuck, match="port group speaks TLS"):
        unity_objects.write(node, kind, key, {"enabled": "false"})
    assert node.encryption
    node.group.update(SipDoSRTP="false", sipDoSRTP="false")
    unity_objects.write(node, kind, key, {"enabled": "false"})
    assert not node.encryption


class Action:
    """A task of the cluster."""

    def __init__(self):
        self.nodes, self.said = {"us-cuc-pub": Unity()}, []

    def say(self, text):
        self.said.append(text)


def test_a_port_group_is_reset_once_for_all_that_changed_in_it(tmp_path):
    owed = Owed(tmp_path, "us_cuc")
    groups = unity_objects.PortGroups(Action(), owed)
    changed = [Past("us-cuc-pub", unity_objects.OBJECT, {"path": path}, False) for path in ("portgroups/7", SERVERS + "/9", "sipsecurityprofiles/1")]
    for past in changed:
        groups.owe(past, 100, "brought back")
    assert [(one["what"], one["node"]) for one in owed.items()] == [("reset:portgroup:PhoneSystem-1", "us-cuc-pub")]
    assert [step.description["object"] for step in groups.steps([], changed)] == ["PhoneSystem-1"]      # a killed run leaves the debt
    assert len(groups.steps(changed, changed)) == 1 and groups.steps([], []) == []


def test_where_the_interface_resets_nothing_the_service_restarts_instead(tmp_path, monkeypatch):
    monkeypatch.setattr(unity_objects, "DeviceTime", lambda node: lambda: 100)
    monkeypatch.setattr(unity_objects, "pauses_of", lambda action: Pauses(0))
    owed, action = Owed(tmp_path, "us_cuc"), Action()
    action.nodes["us-cuc-pub"].group["ResetStatusEnum"] = "100"        # stays so, whatever is written
    groups = unity_objects.PortGroups(action, owed)
    groups.owe(Past("us-cuc-pub", unity_objects.OBJECT, {"path": "portgroups/7"}, False), 100, "brought back")
    groups.reset("us-cuc-pub", "PhoneSystem-1")
    assert [(one["what"], one["node"]) for one in owed.items()] == [("Connection Conversation Manager", "us-cuc-pub")]
    assert action.said
