# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enterprise and service parameters: what is known of their names, and how candidates for the unknown are found.

AXL lists parameters by internal name and stored value, never by the label and the text that the GUI shows; no public source
gives the internal names of the cipher parameters (axl.md 4). So a parameter is written only where the operator has confirmed
its name and given the value as stored. Everything else is looked for and shown.
"""
from __future__ import annotations

import re

from .objects import rows
from .objects import text

ENTERPRISE = "Enterprise Wide"
CLUSTER_WIDE = "EnterpriseWideData"

# Shipped knowledge, by label (axl.md 4): service, internal name where a public source has it, values as the GUI spells them (default first).
KNOWN = {
    "Cluster Security Mode": {"service": ENTERPRISE, "name": "ClusterSecurityMode", "confirmed": True, "values": ("0", "1"),
                              "read_only": "mixed mode is set by 'utils ctl set-cluster': use collab.security.cluster_security_mode"},
    "Cluster SIPOAuth Mode": {"service": ENTERPRISE, "name": None, "confirmed": False, "values": ("Disabled", "Enabled"),
                              "read_only": "SIP OAuth mode is set by 'utils sipOAuth-mode': use collab.security.sip_oauth_mode"},
    "TLS Ciphers": {"service": ENTERPRISE, "name": None, "confirmed": False, "step": "cipher-tls", "values": (
        "All Ciphers RSA Preferred", "All Ciphers ECDSA Preferred",
        "Strongest-AES-256 SHA-384 Only: RSA Preferred", "Strongest-AES-256 SHA-384 Only: ECDSA Preferred",
        "Medium-AES-256 AES-128 Only: RSA Preferred", "Medium-AES-256 AES-128 Only: ECDSA Preferred")},
    "SRTP Ciphers": {"service": ENTERPRISE, "name": None, "confirmed": False, "step": "cipher-srtp", "values": (
        "All Supported Ciphers", "Strongest - AEAD AES-256 GCM cipher only", "Medium - AEAD AES-256 GCM, AEAD AES-128 GCM ciphers only")},
    "HTTPS Ciphers": {"service": ENTERPRISE, "name": None, "confirmed": False, "step": "cipher-https", "owes": ("Cisco Tomcat",), "values": (
        "RSA Ciphers Only", "All Supported EC and RSA Ciphers")},
    "Certificate Validity Check": {"service": ENTERPRISE, "name": None, "confirmed": False, "step": "validity-check", "values": ("Disabled", "Enabled")},
    "Block OffNet To OffNet Transfer": {"service": "Cisco CallManager", "name": None, "confirmed": False, "step": "tf-block-offnet",
                                        "values": ("False", "True")},
    "Drop Ad Hoc Conference": {"service": "Cisco CallManager", "name": None, "confirmed": False, "step": "tf-drop-adhoc", "values": (
        "Never", "When No OnNet Parties Remain in the Conference", "When Conference Controller Leaves")},
    "LBM Security Mode": {"service": ENTERPRISE, "name": None, "confirmed": False, "values": ("Insecure", "Mixed", "Secure"),
                          "read_only": "all clusters have to be Mixed before one is Secure: use collab.security.lbm_security_mode"},
    "Online CA Password": {"service": "Cisco Certificate Authority Proxy Function", "name": None, "confirmed": False, "values": (),
                           "read_only": "a password is no parameter to be compared and shown: use collab.security.capf_online_ca"},
}
READ_ONLY_NAMES = {"clustersecuritymode": "Cluster Security Mode", "clustersipoauthmode": "Cluster SIPOAuth Mode"}
CIPHER_LABELS = ("TLS Ciphers", "SRTP Ciphers", "HTTPS Ciphers")
FILLER = {"the", "of", "to", "for", "and", "a"}
SECRET = re.compile(r"passw|passphrase|secret", re.IGNORECASE)      # what may be stored under such a name is not shown


def complete(spec):
    """An operator's entry with the shipped knowledge under it: {label, service, name, confirmed, value, stored_value, owes, step, read_only}."""
    known = next((found for label, found in KNOWN.items() if label.lower() == spec["label"].strip().lower()), {})
    said = {key: value for key, value in spec.items() if value is not None}
    out = {"service": ENTERPRISE, "name": None, "confirmed": False, "value": None, "stored_value": None, "owes": (), "step": None, "read_only": None,
           **{key: value for key, value in known.items() if key != "values"}, **said}
    if known:
        out["service"] = known["service"]               # the option's default is no word of the operator's
    out["owes"] = list(out["owes"])
    if not out["read_only"] and out["name"]:
        label = READ_ONLY_NAMES.get(out["name"].lower())
        out["read_only"] = KNOWN[label]["read_only"] if label else None
    return out


def list_request(service, node=CLUSTER_WIDE):
    """(operation, arguments) that lists the parameters of a service on a node, or the cluster-wide ones."""
    return "listServiceParameter", {"searchCriteria": {"processNodeName": node, "service": service},
                                    "returnedTags": {tag: "" for tag in ("processNodeName", "name", "service", "value", "valueType")}}


def update_request(name, service, value, node=CLUSTER_WIDE):
    """(operation, arguments) that writes one parameter's stored value."""
    return "updateServiceParameter", {"processNodeName": node, "name": name, "service": service, "value": value}


def read_all(reply):
    """{name: {name, value, type}} of a listServiceParameter reply."""
    found = {}
    for row in rows(reply, "serviceParameter"):
        name = text(row.get("name"))
        if name:
            found[name] = {"name": name, "value": text(row.get("value")), "type": text(row.get("valueType"))}
    return found


def words(name):
    """A label or CamelCase name as lower-case words without plural s: "TLS Ciphers" and "TLSCiphers" give [tls, cipher]."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    found = []
    for part in parts:
        word = part.lower()
        if word in FILLER:
            continue
        found.append(word[:-1] if word.endswith("s") and len(word) > 3 and word not in ("https", "tls") else word)
    return found


def candidates(label, names, most=5):
    """Names that the label may mean, best first: those that hold all of its words, else those that hold its last word.

    A name's words are looked for in the CamelCase parts and, since abbreviations run into each other
    (``HTTPSCipherSuite``), at the beginning of the name too.
    """
    wanted = words(label)
    if not wanted:
        return []
    scored = []
    for name in names:
        parts = words(name)
        run = "".join(parts)
        joined = "".join(wanted)
        if run == joined:
            scored.append((0, len(name), name))
        elif all(word in parts or run.startswith(word) for word in wanted):
            scored.append((1, len(name), name))
        elif wanted[-1] in parts or wanted[-1] in run:
            scored.append((2, len(name), name))
    best = [row for row in scored if row[0] < 2] or scored
    return [name for score, length, name in sorted(best)[:most]]


def matching(value, wanted):
    """True where a stored value is the wanted one: the same text, T/F against true/false, numbers by value."""
    value, wanted = text(value), text(wanted)
    if value == wanted:
        return True
    flags = {"t": "t", "true": "t", "f": "f", "false": "f"}
    if value.lower() in flags and wanted.lower() in flags:
        return flags[value.lower()] == flags[wanted.lower()]
    return value.lstrip("-").isdigit() and wanted.lstrip("-").isdigit() and int(value) == int(wanted)


class BadParameters(Exception):
    """The operator's list of parameters cannot be right; the message says which entry and what to do."""


def state(entry, actual):
    """What is to be done about one completed entry, ``actual`` being {name: {value}} of its service.

    Returns "as wanted", "differs" (write it), "unconfirmed" (name not confirmed) or "value unknown" (no stored value given).
    """
    if not entry["confirmed"] or not entry["name"]:
        return "unconfirmed"
    if entry["stored_value"] is None:
        return "value unknown"
    return "as wanted" if matching(actual[entry["name"]]["value"], entry["stored_value"]) else "differs"


def check(entries, actual):
    """Raises BadParameters for an entry that must not or cannot be written; ``actual`` is {service: {name: {value}}}."""
    for entry in entries:
        if entry["read_only"]:
            raise BadParameters("parameters: '%s' cannot be set as a parameter: %s. Nothing was written." % (entry["label"], entry["read_only"]))
        if not entry["confirmed"]:
            continue
        if not entry["name"]:
            raise BadParameters("parameters: '%s' has confirmed: true but no name. Nothing was written: give the internal name." % entry["label"])
        if entry["name"] not in actual[entry["service"]]:
            near = candidates(entry["label"], actual[entry["service"]])
            raise BadParameters("parameters: '%s' has the confirmed name '%s', but the cluster has no such parameter of service '%s'%s. Nothing was written: "
                                "correct 'name'." % (entry["label"], entry["name"], entry["service"], "; it has " + ", ".join(near) if near else ""))


def found_candidates(entry, actual):
    """[{name, value, type}] that the label may mean; a name that the operator gave comes first."""
    names = candidates(entry["label"], actual)
    if entry["name"] in actual and entry["name"] not in names:
        names.insert(0, entry["name"])
    return [{**actual[name], "value": "not shown" if SECRET.search(name) else actual[name]["value"]} for name in names]


def advice(entry, found, variable):
    """What to do about an entry that is not confirmed, or whose stored value is not known: the very lines to fill in."""
    name = entry["name"] or (found[0]["name"] if len(found) == 1 else "THE_CONFIRMED_NAME")
    lines = []
    if found:
        lines.append("Candidates on this cluster: %s." % ", ".join("%s (now %r)" % (one["name"], one["value"]) for one in found))
    else:
        lines.append("No parameter of service '%s' has a name like it; look through them with 'run sql select paramname, paramvalue from processconfig'."
                     % entry["service"])
    lines.append("Change '%s' once by hand on the page where the cluster can bear it, or compare values, to see which one follows and how it is stored."
                 % entry["label"])
    lines.append("Then set in %s: {label: %s, name: %s, confirmed: true, value: %s, stored_value: \"...\"}." % (
        variable, entry["label"], name, entry["value"] or "..."))
    return lines
