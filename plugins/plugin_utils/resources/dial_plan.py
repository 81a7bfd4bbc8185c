# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a dial plan tells who may call the PSTN: requests, and how their replies are read.

Lists give no members (axl.md 2, XSD): the partitions of a calling search space, the destination of a route pattern and the members of route lists and
groups come with each object alone. Nothing here touches a network.
"""
from __future__ import annotations

from .objects import boolean
from .objects import rows
from .objects import text

OFFNET = "OffNet"
NO_PARTITION = "<None>"         # what the administration pages call it; every calling search space reaches it


def list_request(noun, tags, criteria="name"):
    """(operation, arguments) that lists all objects of a class with these elements; "a.b" asks for element b within a."""
    wanted = {}
    for tag in tags:
        outer, _dot, inner = tag.partition(".")
        if inner:
            wanted.setdefault(outer, {})[inner] = ""
        else:
            wanted[outer] = ""
    return "list" + noun, {"searchCriteria": {criteria: "%"}, "returnedTags": wanted}


TRUNKS = list_request("SipTrunk", ("name", "callingSearchSpaceName", "rerouteCallingSearchSpaceName", "networkLocation"))
PATTERNS = list_request("RoutePattern", ("pattern", "routePartitionName", "blockEnable", "authorizationCodeRequired", "networkLocation"), "pattern")
TRANSLATIONS = list_request("TransPattern", ("pattern", "routePartitionName", "callingSearchSpaceName", "blockEnable"), "pattern")
PARTITIONS = list_request("RoutePartition", ("name", "timeScheduleIdName"))
ROUTE_GROUPS, ROUTE_LISTS = list_request("RouteGroup", ("name",)), list_request("RouteList", ("name",))
DEVICE_POOLS = list_request("DevicePool", ("name", "autoSearchSpaceName", "localRouteGroupName", "localRouteGroup.name", "localRouteGroup.value"))
DEVICE_TEMPLATES = list_request("UniversalDeviceTemplate", ("name", "devicePool", "callingSearchSpace"))
LINE_TEMPLATES = list_request("UniversalLineTemplate", ("name", "callingSearchSpace"))
CALL_MANAGERS = list_request("CallManager", (
    "name", "processNodeName", "autoRegistration.autoRegistrationEnabled", "autoRegistration.universalDeviceTemplate", "autoRegistration.lineTemplate"))


def trunks(reply):
    """{trunk: {inbound, rerouting: calling search spaces ("" for none), location}}."""
    return {text(row.get("name")): {"inbound": text(row.get("callingSearchSpaceName")), "rerouting": text(row.get("rerouteCallingSearchSpaceName")),
                                    "location": text(row.get("networkLocation"))} for row in rows(reply, "sipTrunk")}


def patterns(reply):
    """[{uuid, pattern, partition ("" for none), blocked, authorization}] of the route patterns."""
    return [{"uuid": text(row.get("uuid")), "pattern": text(row.get("pattern")), "partition": text(row.get("routePartitionName")),
             "blocked": boolean(row.get("blockEnable")), "authorization": boolean(row.get("authorizationCodeRequired"))}
            for row in rows(reply, "routePattern")]


def translations(reply):
    """[{pattern, partition ("" for none), space: the calling search space that its calls go on with}] of the translation patterns that are not blocked."""
    return [{"pattern": text(row.get("pattern")), "partition": text(row.get("routePartitionName")), "space": text(row.get("callingSearchSpaceName"))}
            for row in rows(reply, "transPattern") if not boolean(row.get("blockEnable"))]


def pattern_request(one):
    """(operation, arguments) that reads one route pattern, to see where it leads. By uuid, since a pattern alone names no object; and all of it, since the
    schema takes only one of a destination's two elements where elements are asked for."""
    return "getRoutePattern", {"uuid": one["uuid"]}


def destination(reply):
    """(gateway or trunk, route list) of a getRoutePattern reply; "" for what it has not."""
    found = rows(reply, "routePattern")
    where = (found[0].get("destination") if found else None) or {}
    return text(where.get("gatewayName")), text(where.get("routeListName"))


def route_list_request(name):
    """(operation, arguments) that reads the members of a route list."""
    return "getRouteList", {"name": name, "returnedTags": {"name": "", "members": {"member": {"routeGroupName": ""}}}}


def route_group_request(name):
    """(operation, arguments) that reads the members of a route group."""
    return "getRouteGroup", {"name": name, "returnedTags": {"name": "", "members": {"member": {"deviceName": ""}}}}


def members(reply, tag, element):
    """Names in the members of one object."""
    found = rows(reply, tag)
    return [text(one.get(element)) for one in rows((found[0].get("members") if found else None) or {}, "member") if text(one.get(element))]


def css_request(name):
    """(operation, arguments) that reads the partitions of a calling search space."""
    return "getCss", {"name": name, "returnedTags": {"name": "", "members": {"member": {"routePartitionName": "", "index": ""}}}}


def partitions_of(reply):
    """Partitions of a getCss reply, in their order."""
    found = rows(reply, "css")
    listed = rows((found[0].get("members") if found else None) or {}, "member")
    ordered = sorted(listed, key=lambda one: int(text(one.get("index")) or 0))
    return [text(one.get("routePartitionName")) for one in ordered if text(one.get("routePartitionName"))]


def names(reply, tag):
    """Names of the listed objects."""
    return {text(row.get("name")) for row in rows(reply, tag)}


def schedules(reply):
    """{partition: its time schedule, "" for none}."""
    return {text(row.get("name")): text(row.get("timeScheduleIdName")) for row in rows(reply, "routePartition")}


def local_route_groups(reply):
    """Route groups that the device pools put in the place of a local route group."""
    found = set()
    for row in rows(reply, "devicePool"):
        found.add(text(row.get("localRouteGroupName")))
        listed = row.get("localRouteGroup") or []
        found |= {text(one.get("value")) for one in (listed if isinstance(listed, list) else [listed])}
    return found - {""}


def auto_registration(managers, pools, devices, lines):
    """[{manager, node, spaces: {what: calling search space}}] of the nodes that let unknown phones in. Arguments are the four list replies."""
    pool_spaces = {text(row.get("name")): text(row.get("autoSearchSpaceName")) for row in rows(pools, "devicePool")}
    templates = {text(row.get("name")): row for row in rows(devices, "universalDeviceTemplate")}
    line_spaces = {text(row.get("name")): text(row.get("callingSearchSpace")) for row in rows(lines, "universalLineTemplate")}
    found = []
    for row in rows(managers, "callManager"):
        setting = row.get("autoRegistration") or {}
        if not boolean(setting.get("autoRegistrationEnabled")):
            continue
        template, line = templates.get(text(setting.get("universalDeviceTemplate")), {}), text(setting.get("lineTemplate"))
        pool, spaces = text(template.get("devicePool")), {}
        for what, space in (("universal device template", text(template.get("callingSearchSpace"))), ("universal line template", line_spaces.get(line, "")),
                            ("device pool %s" % pool, pool_spaces.get(pool, ""))):
            if space:
                spaces[what] = space
        if not template:                        # no template: the phone takes the device pool that auto-registration gives it, which may be any
            spaces.update({"device pool %s" % name: space for name, space in pool_spaces.items() if space})
        found.append({"manager": text(row.get("name")), "node": text(row.get("processNodeName")), "spaces": spaces})
    return found
