# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of CAPF's online CA mode, by the labels of the administration page (guide: CAPF Online CA Mode).

Their internal names are published nowhere, nor on which of the two tables of parameters they stand (the publisher's or the cluster-wide one), nor
how the password is stored (axl.md 2.7 and 4). So names are the operator's to confirm, and both tables are looked at.
"""
from __future__ import annotations

from . import parameters
from .objects import rows
from .objects import text

SERVICE = "Cisco Certificate Authority Proxy Function"
ISSUER, TYPE, HOSTNAME, PORT = "Certificate Issuer to Endpoint", "Online CA Type", "Online CA Hostname", "Online CA Port"
TEMPLATE, USERNAME, PASSWORD = "Online CA Template", "Online CA Username", "Online CA Password"
# In the order in which they are written: the issuer last, so that CAPF is never pointed at a CA that is only half described.
STEPS = {HOSTNAME: "onlineca-host-port", PORT: "onlineca-host-port", TEMPLATE: "onlineca-template", USERNAME: "onlineca-credentials",
         PASSWORD: "onlineca-credentials", TYPE: "onlineca-issuer-type", ISSUER: "onlineca-issuer-type"}
# Drop-downs: what is stored for the word on the page is the operator's to say. The others are stored as they are typed.
WORDS = {ISSUER: "Online CA", TYPE: "Microsoft CA"}


class BadOnlineCa(Exception):
    """What the operator says of the online CA cannot be right; the message says which entry and what to do."""


def entries(options):
    """The parameters in order: [{label, value (for people), stored_value, name, confirmed, step, service}]. options: of the module."""
    said = {}
    for entry in options["parameters"] or ():
        label = next((known for known in STEPS if known.lower() == entry["label"].strip().lower()), None)
        if label is None:
            raise BadOnlineCa("parameters (collab_capf_parameters): '%s' is no parameter of the online CA; they are %s" % (entry["label"], ", ".join(STEPS)))
        if entry["confirmed"] and not entry["name"]:
            raise BadOnlineCa("parameters (collab_capf_parameters): '%s' has confirmed: true but no name. Nothing was written: give the internal name." % label)
        said[label] = entry
    typed = {HOSTNAME: options["hostname"], PORT: str(options["port"]), TEMPLATE: options["template"], USERNAME: options["username"], PASSWORD: None}
    found = []
    for label, step in STEPS.items():
        entry = said.get(label, {})
        stored = entry.get("stored_value") if label in WORDS else typed[label]
        found.append({"label": label, "value": WORDS.get(label, typed.get(label)), "stored_value": stored, "name": entry.get("name"),
                      "confirmed": bool(entry.get("confirmed")), "step": step, "service": SERVICE})
    return found


def publisher_name(reply):
    """The publisher's own name in a listProcessNode reply, as parameters are kept under it."""
    for row in rows(reply, "processNode"):
        if text(row.get("nodeUsage")).lower() == "publisher" and "presence" not in text(row.get("processNodeRole")).lower():
            return text(row.get("name"))
    return ""


def read_all(replies):
    """{name: {name, value, type, node}} of [(node, listServiceParameter reply)]; the publisher's own table comes last, and counts."""
    found = {}
    for node, reply in replies:
        found.update({name: {**row, "node": node} for name, row in parameters.read_all(reply).items()})
    return found


def check(listed, actual):
    """Raises BadOnlineCa for a confirmed name that the cluster does not have."""
    for entry in listed:
        if entry["confirmed"] and entry["name"] not in actual:
            near = parameters.candidates(entry["label"], actual)
            raise BadOnlineCa("parameters (collab_capf_parameters): '%s' has the confirmed name '%s', but the cluster has no such parameter of service '%s'%s. "
                              "Nothing was written: correct 'name'." % (entry["label"], entry["name"], SERVICE, "; it has " + ", ".join(near) if near else ""))
