# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Expressway and Meeting Server as they are saved and brought back: values of one resource, in the spelling in which the product shows them.

Zones, domains and credentials that were made are known by their names and can be removed again. Other objects that were made are left; what passes a
password is not kept. Zones on the command line: zones_by_number.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..meeting_server.objects import fields as fields_of


@dataclass(frozen=True)
class Way:
    """How one kind is sent. channel, operation: as a report has them."""

    channel: str
    operation: str


RESOURCE, SETTING, OBJECT = "ExpresswayResource", "ExpresswaySetting", "MeetingServerObject"
WAYS = {RESOURCE: Way("expressway_api", "PUT"), SETTING: Way("expressway_cli", "set"), OBJECT: Way("cms_api", "PUT")}
KINDS = tuple(WAYS)
NUMBERED = "zones zone "
REMOVABLE = re.compile(r"/(common|controller|edge)/zone/\w+|/common/(domain|credential)")      # DELETE with the name in the body (expressway.md 1.3)


def written(channel, operation, arguments):
    """(act, kind, key, elements) of a request that changes a setting of a resource that is there, or makes a removable one; None for any other."""
    if channel == "expressway_api" and operation == "write":
        body = dict(arguments.get("body") or {})
        key = {"path": arguments["path"], "name": str(body.pop("Name"))} if "Name" in body else {"path": arguments["path"]}
        if arguments["method"] == "PUT":
            return "update", RESOURCE, key, body
        if arguments["method"] == "POST" and "name" in key and REMOVABLE.fullmatch(arguments["path"]):
            return "add", RESOURCE, key, {}
        return None
    if channel == "expressway_cli" and operation == "set" and not arguments["path"].lower().startswith(NUMBERED):
        return "update", SETTING, {"path": arguments["path"]}, {"value": arguments["value"]}
    if channel == "cms_api" and operation == "put":
        return "update", OBJECT, {"path": arguments["path"]}, dict(arguments["fields"])
    return None


def read(node, kind, key, like):
    """The elements of `like` as they are now; None where the resource is not there, or does not show one of them."""
    if kind == OBJECT:
        found = fields_of(node, key["path"])
        return {name: found.get(name, "") for name in like}         # a field that is not set is not shown
    if kind == SETTING:
        shown = node.ask("expressway_cli", "configuration", path=" ".join(key["path"].split()[:2]))
        return next(({"value": value} for path, value in shown.items() if path.lower() == key["path"].lower()), None)
    found = next((one for one in node.ask("expressway_api", "read", path=key["path"]) if "name" not in key or key["name"] in _names(one)), None)
    return {name: found[name] for name in like} if found is not None and set(like) <= set(found) else None


def write(node, kind, key, elements):
    """Write elements back."""
    if kind == OBJECT:
        node.ask("cms_api", "put", path=key["path"], fields=elements)
    elif kind == SETTING:
        node.ask("expressway_cli", "set", path=key["path"], value=elements["value"])
    else:
        named = {"Name": key["name"]} if "name" in key else {}
        node.ask("expressway_api", "write", method="PUT", path=key["path"], body={**named, **elements})


def remove(node, _kind, key):
    """Remove a zone, domain or credential that was added."""
    node.ask("expressway_api", "write", method="DELETE", path=key["path"], body={"Name": key["name"]})


def described(act, kind):
    """{channel, operation} of a write, as a report has them."""
    return {"channel": WAYS[kind].channel, "operation": "DELETE" if act == "remove" else WAYS[kind].operation}


def _names(one):
    """Names that an object of a list has: its own, or, of credentials, those of all of them in one."""
    name = one.get("Name")
    return [str(each) for each in name] if isinstance(name, list) else [str(name)]
