# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parameter module reports and writes, from the tables of resources/parameters.py."""
from __future__ import annotations

from .asking import axl
from .reconcile import Step
from .resources import parameters

ROLE_OF_SERVICE = {"Cisco CallManager": "call_processing", "Cisco CTIManager": "call_processing", "Cisco Tftp": "tftp"}
CIPHER_MANAGEMENT_FROM = 14


def report_entry(report, entry, actual, variable):
    """Finding or pending for one entry; returns its row of the module's result."""
    state = parameters.state(entry, actual)
    now = actual[entry["name"]]["value"] if entry["name"] in actual and entry["confirmed"] else None
    row = {"label": entry["label"], "name": entry["name"], "stored_value": now, "state": state, "candidates": [], "wanted": entry["stored_value"]}
    if state == "differs":
        report.finding("enterprise-parameter", "medium", entry["label"], "the parameter %s is stored as %r and has to be %r%s" % (
            entry["name"], now, entry["stored_value"], " (%s)" % entry["value"] if entry["value"] else ""), step=entry["step"], before=now,
            after=entry["stored_value"])
    elif state == "unconfirmed":
        row["candidates"] = parameters.found_candidates(entry, actual)
        report.pending("enterprise-parameter-unconfirmed", entry["label"], "its internal name is not confirmed, and no name is written on a guess",
                       parameters.advice(entry, row["candidates"], variable), step=entry["step"])
    elif state == "value unknown":
        report.pending("enterprise-parameter-value-unknown", entry["label"], "%s is stored as %r, and how %s is stored is not known" % (
            entry["name"], now, entry["value"] or "the wanted value"), parameters.advice(entry, [actual[entry["name"]]], variable), step=entry["step"])
    return row


def cipher_management(report, entries, release, checked):
    """From release 14 on, strings on the Cipher Management page override two of the cipher parameters, and nothing shows them (axl.md 2.9)."""
    labels = [entry["label"] for entry in entries if entry["label"].lower() in {label.lower() for label in parameters.CIPHER_LABELS}]
    major = release.partition(".")[0]
    if checked or not labels or not major.isdigit() or int(major) < CIPHER_MANAGEMENT_FROM:
        return
    report.pending("cipher-management", "Cipher Management", "from release 14 on, strings on the Cipher Management page override the TLS and HTTPS cipher "
                   "parameters, and no interface is known that shows them",
                   ["Look at OS Administration > Security > Cipher Management of the publisher: the fields All TLS, HTTPS TLS and SIP TLS should be empty, or "
                    "hold what your policy asks for.",
                    "Then set collab_cipher_management_checked: true (the option cipher_management_checked)."], step="cipher-tls")


def steps_for(node, nodes, entries, actual, owed, when):
    """The writes for confirmed parameters that differ; what a change owes is written down before it."""
    steps = []
    for entry in entries:
        if parameters.state(entry, actual[entry["service"]]) != "differs":
            continue
        before, after = actual[entry["service"]][entry["name"]]["value"], entry["stored_value"]
        operation, arguments = parameters.update_request(entry["name"], entry["service"], after)
        debts = {service: _nodes(nodes, service) for service in entry["owes"]}
        steps.append(Step(
            description={"node": node.name, "channel": "axl", "operation": operation, "object": entry["label"], "name": entry["name"], "value": after},
            apply=_write(node, (operation, arguments), owed, debts, when, "%s was changed" % entry["label"]), before=before, after=after,
            impact=[{"node": name, "kind": "service_restart", "what": service} for service, names in debts.items() for name in names]))
    return steps


def _nodes(nodes, service):
    """Names of the nodes that run a service: those of its role, all of them for a service that every node has."""
    role = ROLE_OF_SERVICE.get(service)
    return [node.name for node in nodes.values() if role is None or role in node.roles]


def _write(node, request, owed, debts, when, reason):
    def apply():
        for service, names in debts.items():
            owed.add(service, names, when(), reason)
        axl(node, request)
    return apply
