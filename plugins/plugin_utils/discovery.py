# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster's nodes and what they do, asked outside of any run: by channels of its own, opened for this and closed at the end (axl.md 2.8, 6).

The run's session broker serves one ansible-playbook and its tasks; an inventory is read before that, and by ansible-inventory, too.
"""
from __future__ import annotations

from .channels import axl
from .channels import serviceability
from .errors import NodeError
from .operations.cli_texts import release_of
from .resources import cluster
from .resources.objects import rows
from .resources.objects import text

PRESENCE = "CUCM IM and Presence"
# Role of a node -> the service whose activation gives it.
SERVICES = {"call_processing": "Cisco CallManager", "tftp": "Cisco Tftp"}


class BadCluster(Exception):
    """What the cluster says of itself makes no inventory; the message says what to do."""


def discover(options, channels=None):
    """({"release", "nodes": {product: [{fqdn, address, roles}]}}, [warning]) of the cluster with this publisher.

    options: publisher, presence_publisher, addresses, domain, https_port, application_user, application_password, ca_file,
    pinned_certificates, cache_dir, timeout. Raises NodeError and BadCluster.
    """
    channels = channels or {"axl": axl.Channel, "serviceability": serviceability.Channel}
    publisher, warnings = fqdn(options["publisher"], options), []
    with Session(channels["axl"], publisher, options) as session:
        version = session.ask("version")
        listed = cluster.nodes(session.ask("call", *cluster.nodes_request()))
        managers = session.ask("call", "listCallManager", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "processNodeName": ""}})
    calling = {text(row.get("processNodeName")) for row in rows(managers, "callManager")}
    found = {"unified_cm": [], "im_presence": []}
    for row in listed:
        name, presence = fqdn(row["name"], options), row["role"] == PRESENCE
        roles = [] if presence else services(channels["serviceability"], name, options, row["name"] in calling, warnings)
        found["im_presence" if presence else "unified_cm"].append(
            {"fqdn": name, "address": address(name, options), "usage": row["usage"].lower(), "roles": roles})
    for product, nodes in found.items():
        first = _publisher(product, nodes, publisher, options)
        for node in nodes:
            node["roles"] = ["publisher" if node is first else "subscriber", *node["roles"]]
            del node["usage"]
    major, minor = release_of(version)
    return {"release": str(major) if major >= 14 else "%d.%d" % (major, minor or 0), "nodes": {k: v for k, v in found.items() if v}}, warnings


def _publisher(product, nodes, named, options):
    """The publisher among the nodes of one product."""
    if product == "unified_cm":
        found = [node for node in nodes if node["usage"] == "publisher"]
        if len(found) != 1 or found[0]["fqdn"].lower() != named.lower():
            raise BadCluster("the cluster's publisher is %s, not %s: correct 'publisher'" % (", ".join(n["fqdn"] for n in found) or "unknown", named))
        return found[0]
    if options["presence_publisher"]:
        wanted = fqdn(options["presence_publisher"], options).lower()
        found = [node for node in nodes if node["fqdn"].lower() == wanted]
        if not found and nodes:
            raise BadCluster("the cluster has no IM and Presence node %s; it has %s: correct 'presence_publisher'" % (
                wanted, ", ".join(node["fqdn"] for node in nodes)))
    else:
        found = nodes if len(nodes) == 1 else [node for node in nodes if node["usage"] == "publisher"]
        if len(found) != 1 and nodes:
            raise BadCluster("which IM and Presence node is the publisher cannot be told (%s): name it in 'presence_publisher'" % (
                ", ".join(node["fqdn"] for node in nodes)))
    return found[0] if found else None


def fqdn(name, options):
    """A node's full name: as it is listed, or with the domain after a host name alone."""
    return "%s.%s" % (name, options["domain"]) if options["domain"] and "." not in name and ":" not in name else name


def address(name, options):
    """Where a node is dialled."""
    short = name.partition(".")[0]
    return str(options["addresses"].get(name) or options["addresses"].get(short) or name)


def services(channel, name, options, calls, warnings):
    """Roles of a node by its activated services. calls: whether the cluster lists a CallManager on it, for a node that does not answer.

    A refused login is raised: the same account would be tried on every node.
    """
    try:
        with Session(channel, name, options) as session:
            states = {row["name"]: row for row in session.ask("status", list(SERVICES.values()))["services"]}
    except NodeError as e:
        if e.kind == "auth":
            raise
        warnings.append("%s does not say which services it has (%s); it is taken for %s" % (
            name, e, "a call-processing node, since a CallManager is listed on it" if calls else "neither a call-processing nor a TFTP node"))
        return ["call_processing"] if calls else []
    return [role for role, service in SERVICES.items() if service in states and _activated(states[service])]


def _activated(row):
    """Whether a service is activated: stopped with a reason code of its own is how one that is not shows (axl.md 6)."""
    return row["reason_code"] != serviceability.NOT_ACTIVATED and "not activated" not in str(row["status"]).lower()


class Session:
    """One channel to one node, closed at the end of the with block."""

    def __init__(self, channel, name, options):
        given = {**options, "fqdn": name, "host": address(name, options)}
        self.channel, self.timeout = channel(given.get), options["timeout"]

    def __enter__(self):
        return self

    def ask(self, operation, *arguments):
        return getattr(self.channel, operation)(self.timeout, *arguments)

    def __exit__(self, *error):
        self.channel.close()
