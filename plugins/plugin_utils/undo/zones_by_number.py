# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones on the command line of an Expressway, as they are saved and brought back by their names.

The command line knows a zone by a number, which is another zone's once one is deleted: each time, the number is looked up anew (expressway.md 2).
"""

from __future__ import annotations

import re

from ..errors import NodeError

ZONE = "ExpresswayZone"
KINDS = (ZONE,)
SETTING = re.compile(r"Zones Zone (\d+) (.+)", re.IGNORECASE)
NUMBER = "number"


def written(channel, operation, arguments):
    """(act, kind, key, elements) of a zone's setting, or of a zone that is made; None for any other request."""
    if channel != "expressway_cli":
        return None
    if operation == "command" and arguments["name"] == "ZoneAdd":
        return "add", ZONE, {"name": arguments["arguments"]["ZoneName"]}, {}
    found = SETTING.fullmatch(arguments["path"]) if operation == "set" else None
    return ("update", ZONE, {NUMBER: found[1]}, {found[2]: arguments["value"]}) if found else None


def settled(node, _kind, key, elements):
    """(key, elements), the zone's name in the place of its number."""
    return {"name": _zones(_shown(node)).get(key[NUMBER], "zone %s" % key[NUMBER])} if NUMBER in key else key, elements


def read(node, _kind, key, like):
    """The elements of `like` as they are now, "" for one that has no value; None where there is no such zone."""
    shown = _shown(node)
    number = _number(shown, key["name"])
    lower = {path.lower(): value for path, value in shown.items()}
    return None if number is None else {path: lower.get(("Zones Zone %s %s" % (number, path)).lower(), "") for path in like}


def write(node, _kind, key, elements):
    """Write settings of a zone back, one by one."""
    number = _there(node, key["name"])
    for path, value in elements.items():
        node.ask("expressway_cli", "set", path="Zones Zone %s %s" % (number, path), value=value)


def remove(node, _kind, key):
    """Remove a zone that was added."""
    node.ask("expressway_cli", "command", name="ZoneDelete", arguments={"ZoneId": _there(node, key["name"])})


def described(act, _kind):
    """{channel, operation} of a write, as a report has them."""
    return {"channel": "expressway_cli", "operation": "ZoneDelete" if act == "remove" else "set"}


def _shown(node):
    return node.ask("expressway_cli", "configuration", path="Zones")


def _zones(shown):
    """{number: name} of all zones."""
    found = {SETTING.fullmatch(path): value for path, value in shown.items() if SETTING.fullmatch(path)}
    return {one[1]: value for one, value in found.items() if one[2].lower() == "name"}


def _number(shown, name):
    return next((number for number, known in _zones(shown).items() if known == name), None)


def _there(node, name):
    number = _number(_shown(node), name)
    if number is None:
        raise NodeError("refused", "%s: there is no zone '%s' any more" % (node.name, name))
    return number
