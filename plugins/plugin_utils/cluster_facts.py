# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The readers of collab.security.cluster_info: each takes the action and returns one part of the facts."""
from __future__ import annotations

from collections import Counter

from .asking import axl
from .errors import NodeError
from .resources import cluster
from .resources import parameters
from .resources.objects import boolean
from .sip_trunks import presence_hosts
from .sip_trunks import read_presence
from .sip_trunks import read_profiles
from .sip_trunks import read_trunks

RIS_NAMES = 1000        # names that one RIS query takes (axl.md 6)


def version(action):
    """Version of Unified CM, as the cluster says it."""
    return action.publisher.ask("axl", "version")


def nodes(action):
    """The cluster's nodes."""
    return cluster.nodes(axl(action.publisher, cluster.nodes_request()))


def callmanager_groups(action):
    """CallManager groups with their members."""
    names = cluster.group_names(axl(action.publisher, cluster.groups_request()))
    return [cluster.group(axl(action.publisher, cluster.group_request(name))) for name in names]


def services(action):
    """{node: {service: state}}; a node that does not answer has its error instead."""
    def read(node):
        try:
            rows = node.ask("serviceability", "status", services=[])["services"]
        except NodeError as e:
            return {"error": str(e)}
        return {row["name"]: "Not activated" if str(row.get("reason_code")) == "-1068" else row["status"] for row in rows}

    return action.each(action.nodes, read)


def security(action):
    """Security modes and ciphers among the enterprise parameters."""
    return cluster.security(parameters.read_all(axl(action.publisher, parameters.list_request(parameters.ENTERPRISE))))


def licence(action):
    """Smart Licensing."""
    return cluster.licence(axl(action.publisher, ("getSmartLicenseStatus", {})))


def trunks(action):
    """SIP trunks with what their profiles say."""
    node = action.publisher
    listed, profiles = read_trunks(node), read_profiles(node)
    presence = read_presence(node, listed, presence_hosts(action))
    found = []
    for name, trunk in sorted(listed.items()):
        profile = profiles.get(trunk["securityProfileName"], {})
        found.append({"name": name, "profile": trunk["securityProfileName"], "security_mode": profile.get("securityMode", ""),
                      "outgoing_transport": profile.get("outgoingTransport", ""), "incoming_port": profile.get("incomingPort", ""),
                      "subject_names": profile.get("x509SubjectName", ""), "srtp": boolean(trunk["srtpAllowed"]),
                      "destinations": ["%s:%d" % (one["address"], one["port"]) for one in trunk["destinations"]], "presence": name in presence})
    return found


def all_phones(action):
    """[(name, profile)] of every phone, page by page."""
    found = []
    while True:
        operation, arguments = cluster.phones_request(len(found))
        page = cluster.phones(action.publisher.ask("axl", "raw", operation=operation, arguments=arguments))
        if found and page and page[0] == found[0]:
            return found                            # a server that does not page gives all at once, again and again
        found += page
        if len(page) < cluster.PAGE:
            return found


def phones(action):
    """Number of phones by security profile."""
    return cluster.by_profile(all_phones(action))


def registrations(action):
    """Number of phones by the state that the nodes report; a phone that no node knows is Unknown."""
    names, states = [name for name, profile in all_phones(action)], {}
    for start in range(0, len(names), RIS_NAMES):
        for row in action.publisher.ask("serviceability", "devices", names=names[start:start + RIS_NAMES], device_class="Phone"):
            if states.get(row["name"]) != "Registered":         # a phone may be listed by several nodes; one of them has it
                states[row["name"]] = row["status"]
    return dict(sorted(Counter(states.get(name, "Unknown") for name in names).items()))


GATHERERS = {"version": version, "nodes": nodes, "callmanager_groups": callmanager_groups, "services": services, "security": security, "licence": licence,
             "trunks": trunks, "phones": phones, "registrations": registrations}
