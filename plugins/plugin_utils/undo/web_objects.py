# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Expressway and Meeting Server as they are saved and brought back: values of one resource, in the spelling in which the product shows them.

Only what changes an existing resource: what was made new is left, and what passes a password is not kept. A zone's settings on the command line go by the
zone's number, which is another zone's once one is deleted: they are not brought back.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..meeting_server.objects import fields as fields_of


@dataclass(frozen=True)
class Way:
    """How one kind is sent. channel, operation: as a report has them."""

    channel: str
    operation: str


RESOURCE, SETTING, OBJECT = "ExpresswayResource", "ExpresswaySetting", "MeetingServerObject"
WAYS = {RESOURCE: Way("expressway_api", "PUT"), SETTING: Way("expressway_cli", "set"), OBJECT: Way("cms_api", "PUT")}
NUMBERED = "zones zone "


def written(channel, operation, arguments):
    """("update", kind, key, elements) of a request that changes a setting of a resource that is there; None for any other."""
    if channel == "expressway_api" and operation == "write" and arguments["method"] == "PUT":
        body = dict(arguments.get("body") or {})
        key = {"path": arguments["path"], "name": str(body.pop("Name"))} if "Name" in body else {"path": arguments["path"]}
        return "update", RESOURCE, key, body
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
    listed = node.ask("expressway_api", "read", path=key["path"])
    found = next((one for one in listed if "name" not in key or str(one.get("Name")) == key["name"]), None)
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
