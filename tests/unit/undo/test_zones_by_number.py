# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones on an Expressway's command line: known by name, whatever number they have meanwhile."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.undo import zones_by_number as zones
from ansible_collections.collab.security.plugins.plugin_utils.undo.keeping import written_by

PORT = "TraversalClient SIP Port"


class Box:
    """A primary peer with zones by number."""

    name = "us-expc1"

    def __init__(self, **names):
        self.settings, self.asked = {}, []
        for number, name in names.items():
            self.settings.update({"Zones Zone %s Name" % number[1:]: name, "Zones Zone %s %s" % (number[1:], PORT): "700" + number[1:]})

    def ask(self, channel, op, **arguments):
        assert channel == "expressway_cli"
        if op == "configuration":
            return self.settings
        self.asked.append((op, arguments))
        return {}


def test_a_setting_is_saved_by_the_zones_name_and_written_by_its_new_number():
    act, kind, key, elements = written_by("expressway_cli", "set", {"path": "Zones Zone 2 " + PORT, "value": "7009"})
    assert (act, kind, elements) == ("update", zones.ZONE, {PORT: "7009"})
    key, elements = zones.settled(Box(_1="a", _2="b"), kind, key, elements)
    assert key == {"name": "b"} and zones.read(Box(_1="a", _2="b"), kind, key, elements) == {PORT: "7002"}
    moved = Box(_1="a", _5="b")
    zones.write(moved, kind, key, {PORT: "7002"})
    assert moved.asked == [("set", {"path": "Zones Zone 5 " + PORT, "value": "7002"})]


def test_what_is_not_there_is_neither_read_nor_written():
    assert zones.read(Box(_1="a"), zones.ZONE, {"name": "b"}, {PORT: "1"}) is None
    assert zones.read(Box(_1="a"), zones.ZONE, {"name": "a"}, {"SIP Mode": "On"}) == {"SIP Mode": ""}
    with pytest.raises(NodeError, match="no zone 'b' any more"):
        zones.write(Box(_1="a"), zones.ZONE, {"name": "b"}, {PORT: "1"})


def test_a_zone_that_was_added_is_removed_by_its_number():
    act, kind, key, _elements = written_by("expressway_cli", "command", {"name": "ZoneAdd", "arguments": {"ZoneName": "b", "Type": "DNS"}})
    box = Box(_3="b")
    zones.remove(box, kind, key)
    assert act == "add" and box.asked == [("command", {"name": "ZoneDelete", "arguments": {"ZoneId": "3"}})]
    assert written_by("expressway_cli", "command", box.asked[0][1]) is None       # a rollback's own removal is no change to bring back
    assert written_by("expressway_cli", "command", {"name": "CredentialAdd", "arguments": {}})[:2] == ("other", "expressway")
