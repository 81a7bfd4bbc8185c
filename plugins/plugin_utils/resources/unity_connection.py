# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of Unity Connection's telephony integration as CUPI has them, and what the guide wants of them (vos.md 4; guide, Cisco Unity Connection).

CUPI writes numbers and booleans as strings, and the spelling of one key is known by its lower-case form only (SipEnableNextGenSecurity), so keys are
found whatever their case and values compared by what they mean. Nothing here touches a network.
"""
from __future__ import annotations

from .objects import boolean
from .objects import text

SECURE_PORT = 5061
SIP = "2"                                   # TelephonyIntegrationMethodEnum: SCCP is 1, PIMG is 3
TFTP_SERVER, SIP_SERVER = "101", "102"      # MediaRemoteServiceEnum
NOT_REQUIRED, REQUIRED, RUNNING = "0", "100", "101"     # ResetStatusEnum
PROFILE, NGE, SRTP, RESET = "MediaSipSecurityProfileObjectId", "SipEnableNextGenSecurity", "SipDoSRTP", "ResetStatusEnum"
# field -> (step of the guide, severity of a difference, what the administration page calls it)
FIELDS = {
    PROFILE: ("cuc-portgroup-profile", "high", "SIP Security Profile"),
    NGE: ("cuc-portgroup-nge", "high", "Enable Next Generation Encryption"),
    SRTP: ("cuc-portgroup-srtp", "high", "Secure RTP"),
}


class BadPortGroup(Exception):
    """The operator's words do not fit what the cluster has; the message says which and what to do."""


def key_of(row, name):
    """The key of an object that means `name`, whatever its case; None where the object has none."""
    return name if name in row else next((key for key in row if key.lower() == name.lower()), None)


def value(row, name):
    """A value as text, "" where it is null or not there."""
    return text(row.get(key_of(row, name)))


def number(row, name):
    """A value as an integer, None where it is none."""
    found = value(row, name)
    return int(found) if found.lstrip("-").isdigit() else None


def secure_profile(profiles, port):
    """The SIP security profile with this port and TLS, or None. The product names it by itself: "5061/TLS"."""
    return next((row for row in profiles if number(row, "Port") == port and boolean(value(row, "DoTLS"))), None)


def choose(groups, name):
    """The port group of that display name. Raises BadPortGroup where there is none, or where it is no SIP integration."""
    found = [row for row in groups if value(row, "DisplayName").lower() == name.lower()]
    if len(found) != 1:
        raise BadPortGroup("port_group: Unity Connection has %s port group called '%s'; it has %s. Nothing was written: correct the name." % (
            "more than one" if found else "no", name, ", ".join(sorted(value(row, "DisplayName") for row in groups)) or "none"))
    method = value(found[0], "TelephonyIntegrationMethodEnum")
    if method and method != SIP:
        raise BadPortGroup("port_group: '%s' is no SIP integration (TelephonyIntegrationMethodEnum %s), and Next Generation Encryption is for SIP only. "
                           "Nothing was written." % (name, method))
    return found[0]


def wanted_group(profile_id):
    """The fields of a port group that the guide sets."""
    return {PROFILE: profile_id, NGE: "true", SRTP: "true"}


def lacking(group):
    """The fields that this release's interface does not have."""
    return [field for field in FIELDS if key_of(group, field) is None]


def group_differences(group, wanted):
    """[(field, actual, wanted)] of the fields that the interface has."""
    found = []
    for field, after in wanted.items():
        if key_of(group, field) is None:
            continue
        before = value(group, field)
        if field == PROFILE:
            before = before.lower()
            same = before == after.lower()
        else:
            before = "true" if boolean(before) else "false"
            same = before == after
        if not same:
            found.append((field, before, after))
    return found


def group_body(group, changes):
    """The body that writes these fields, each by the group's own spelling of its key."""
    return {key_of(group, field) or field: after for field, after in changes.items()}


# --- servers -------------------------------------------------------------------------------------------------------

def servers(rows, service):
    """[{id, host, tls_port, order}] of one kind, in their order."""
    found = [{"id": value(row, "ObjectId"), "host": value(row, "HostOrIPAddress") or value(row, "HostOrIPAddressV6"), "tls_port": number(row, "TlsPort"),
              "order": number(row, "Precedence") or 0} for row in rows if value(row, "MediaRemoteServiceEnum") == service]
    return sorted(found, key=lambda one: one["order"])


def is_node(host, node):
    """Whether a server of the port group is this node: by its FQDN, its host name or its address. node: {fqdn, host, name}."""
    known = {str(node[key]).lower().rstrip(".") for key in ("fqdn", "host", "name") if node.get(key)}
    return host.lower().rstrip(".") in known


def tftp_plan(listed, nodes):
    """(to correct, to add, strangers) of the TFTP servers; nodes are the TFTP nodes of the Unified CM cluster, in order.

    A server must be listed by its FQDN: Unity Connection fetches the ITL file over HTTPS from it, and an address is in no certificate
    (id:63335859960). to correct: [(server, fqdn)] of nodes that are listed by address or host name.
    """
    correct, missing = [], []
    for node in nodes:
        found = [one for one in listed if is_node(one["host"], node)]
        if any(one["host"].lower().rstrip(".") == node["fqdn"].lower() for one in found):
            continue
        if found:
            correct.append((found[0], node["fqdn"]))
        else:
            missing.append(node["fqdn"])
    strangers = [one["host"] for one in listed if not any(is_node(one["host"], node) for node in nodes)]
    return correct, missing, strangers
