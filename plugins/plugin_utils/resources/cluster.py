# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster's own tables: nodes, CallManager groups, licence, phones by profile; requests and how their replies are read.

Sources: axl.md 2.4, 2.8 (elements), 6 (RIS). The virtual node EnterpriseWideData holds cluster-wide parameters and is no node.
"""
from __future__ import annotations

from collections import Counter

from lxml import etree

from .objects import rows
from .objects import text
from .parameters import CLUSTER_WIDE

PAGE = 2000             # phones in one reply: two short elements each stay far below the reply limit of 8 MB
SECURITY_MODES = {"0": "non-secure", "1": "mixed"}


def nodes_request():
    """(operation, arguments) that lists the nodes."""
    return "listProcessNode", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "description": "", "nodeUsage": "", "processNodeRole": ""}}


def nodes(reply):
    """[{name, usage, role, description}] of the real nodes."""
    found = [{"name": text(row.get("name")), "usage": text(row.get("nodeUsage")), "role": text(row.get("processNodeRole")),
              "description": text(row.get("description"))} for row in rows(reply, "processNode")]
    return [row for row in found if row["name"] and row["name"] != CLUSTER_WIDE]


def groups_request():
    """(operation, arguments) that lists the CallManager groups; their members come with each group alone."""
    return "listCallManagerGroup", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": ""}}


def group_names(reply):
    """Names of the CallManager groups."""
    return sorted(text(row.get("name")) for row in rows(reply, "callManagerGroup"))


def group_request(name):
    """(operation, arguments) that reads one group with its members."""
    return "getCallManagerGroup", {"name": name, "returnedTags": {"name": "", "members": {"member": {"callManagerName": "", "priority": ""}}}}


def group(reply):
    """{name, members}, members by priority."""
    row = rows(reply, "callManagerGroup")[0]
    members = [(int(text(member.get("priority")) or 0), text(member.get("callManagerName"))) for member in rows(row.get("members") or {}, "member")]
    return {"name": text(row.get("name")), "members": [name for priority, name in sorted(members)]}


def licence(reply):
    """Smart Licensing as {enabled, registration, authorization, export_control}, lower case (live values differ in case)."""
    def find(value, name):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == name:
                    return inner
                hit = find(inner, name)
                if hit is not None:
                    return hit
        return None

    registration, authorization = find(reply, "Registration") or {}, find(reply, "Authorization") or {}
    return {"enabled": text(find(reply, "SmartLicensing")).lower(), "registration": text(registration.get("Status")).lower(),
            "authorization": text(authorization.get("Status")).lower(),
            "export_control": text(registration.get("ExportControlFunctionality")).lower()}


def phones_request(skip):
    """(operation, arguments) of one page of phones."""
    return "listPhone", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "securityProfileName": ""}, "skip": skip, "first": PAGE}


def phones(reply):
    """[(name, profile)] of a page, from the reply's XML text."""
    found = []
    for row in etree.fromstring(reply.encode()).iter("{*}phone"):
        found.append(((row.findtext("{*}name") or "").strip(), (row.findtext("{*}securityProfileName") or "").strip()))
    return found


def by_profile(listed):
    """{profile: number of phones} of [(name, profile)]."""
    return dict(sorted(Counter(profile for name, profile in listed).items()))


def security(parameters):
    """The cluster's security mode, and the enterprise parameters whose names speak of modes or ciphers."""
    mode = parameters.get("ClusterSecurityMode", {}).get("value")
    found = {name: row["value"] for name, row in sorted(parameters.items())
             if "cipher" in name.lower() or ("mode" in name.lower() and ("secur" in name.lower() or "oauth" in name.lower()))}
    return {"mode": SECURITY_MODES.get(mode, "unknown" if mode is None else mode), "parameters": found}
