# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP trunks: which are wanted, where their far ends listen, and what a secured trunk looks like (guide: Table 7-12).

Sources: axl.md 2.3 (elements; list has no destinations; update replaces the destination list as a whole), 2.7 (SIPPublishTrunk).
Of a trunk only the three elements of Table 7-12 are ever sent.
"""
from __future__ import annotations

from .objects import Field
from .objects import Resource
from .objects import is_address
from .objects import rows
from .objects import text

TRUNK = Resource("SipTrunk", "sipTrunk", (
    Field("securityProfileName"),
    Field("srtpAllowed", "bool"),
    Field("destAddrIsSrv", "bool"),
))
DESTINATION = ("addressIpv4", "addressIpv6", "port", "sortOrder")
TABLE = "7-12"
PUBLISH_PARAMETER = "SIPPublishTrunk"
PUBLISH_SERVICE = "Cisco CallManager"
PRESENCE_ROLE = "CUCM IM and Presence"
# element -> (step of the guide, severity of a difference, what it means)
FIELDS = {
    "srtpAllowed": ("trunk-srtp", "high", "SRTP Allowed"),
    "destinations": ("trunk-destination-port", "high", "destination ports"),
    "securityProfileName": ("trunk-select-profile", "high", "SIP trunk security profile"),
}


class BadTrunks(Exception):
    """The operator's list of trunks does not fit the cluster; the message says which entry and what to do."""


def get_request(name):
    """(operation, arguments) that reads one trunk with its destinations."""
    tags = {"name": "", "securityProfileName": "", "srtpAllowed": "", "destAddrIsSrv": "",
            "destinations": {"destination": {element: "" for element in DESTINATION}}}
    return "getSipTrunk", {"name": name, "returnedTags": tags}


def read_trunk(reply):
    """A trunk of a get reply: name, uuid, the compared elements, and ``destinations`` in their sort order."""
    found = rows(reply, "sipTrunk")
    row = found[0] if found else {}
    return {**TRUNK.read(row), "destinations": destinations(row.get("destinations"))}


def destinations(value):
    """[{address, addressIpv4, addressIpv6, port, sortOrder}] in sort order; ``address`` is the one to dial."""
    out = []
    for position, row in enumerate(rows(value, "destination") if value else [], 1):
        v4, v6 = text(row.get("addressIpv4")), text(row.get("addressIpv6"))
        out.append({"address": v4 or v6, "addressIpv4": v4, "addressIpv6": v6, "port": int(text(row.get("port")) or 5060),
                    "sortOrder": int(text(row.get("sortOrder")) or position)})
    return sorted(out, key=lambda one: one["sortOrder"])


def destination_elements(listed):
    """The whole destination list as updateSipTrunk takes it, each member with its own address and sort order."""
    out = []
    for one in listed:
        row = {element: one[element] for element in ("addressIpv4", "addressIpv6") if one[element]}
        out.append({**row, "port": str(one["port"]), "sortOrder": str(one["sortOrder"])})
    return {"destination": out}


def shown(listed):
    """Destinations for people: ["10.1.1.1:5060", ...] in order."""
    return ["%s:%d" % (one["address"], one["port"]) for one in listed]


# --- which trunks --------------------------------------------------------------------------------------------------

def presence_trunks(trunks, published, presence_nodes):
    """{trunk name: why it is a presence trunk}; these are never touched (guide: SIP Trunk Encryption, last paragraph).

    ``published`` are the values of SIPPublishTrunk, which may be a name or a uuid; ``presence_nodes`` the names and
    addresses of IM and Presence nodes.
    """
    published = {value.strip("{}").lower() for value in published if value}
    nodes = {name.lower().rstrip(".") for name in presence_nodes}
    short = {name.partition(".")[0] for name in nodes if not is_address(name)}
    found = {}
    for name, trunk in trunks.items():
        if name.lower() in published or (trunk["uuid"] and trunk["uuid"] in published):
            found[name] = "the service parameter %s names it" % PUBLISH_PARAMETER
            continue
        hits = [one["address"] for one in trunk["destinations"]
                if one["address"].lower().rstrip(".") in nodes
                or (not is_address(one["address"]) and one["address"].lower().partition(".")[0] in short)]
        if hits:
            found[name] = "its destination %s is an IM and Presence node" % hits[0]
    return found


def check_names(known, asked, exclude):
    """Raises BadTrunks for a name that the cluster does not have, or one that is listed twice."""
    names = [spec["name"] for spec in asked or ()]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadTrunks("trunks: the cluster has no SIP trunk called %s; it has %s. Nothing was written: correct the name in 'trunks'."
                        % (", ".join(repr(name) for name in unknown), ", ".join(sorted(known)) or "none"))
    unknown = [name for name in exclude or () if name not in known]
    if unknown:
        raise BadTrunks("exclude: the cluster has no SIP trunk called %s; it has %s. Nothing was written: correct the name in 'exclude'."
                        % (", ".join(repr(name) for name in unknown), ", ".join(sorted(known)) or "none"))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadTrunks("trunks: %s is listed more than once" % ", ".join(twice))
    both = sorted(set(names) & set(exclude or ()))
    if both:
        raise BadTrunks("trunks: %s is listed in 'exclude', too: decide for one" % ", ".join(both))


def select(trunks, presence, asked, exclude):
    """The wanted trunks: {name: spec}. Raises BadTrunks where a presence trunk was asked for by name.

    Without a list (``asked`` is None) every trunk is wanted but the presence trunks and those excluded.
    """
    if asked is None:
        return {name: {"name": name} for name in sorted(trunks) if name not in presence and name not in (exclude or ())}
    for spec in asked:
        if spec["name"] in presence:
            raise BadTrunks("trunks: '%s' is a presence trunk (%s). The trunk to IM and Presence stays unencrypted, since not all of its messages are "
                            "encrypted; nothing was written. Take it out of 'trunks'." % (spec["name"], presence[spec["name"]]))
    return {spec["name"]: spec for spec in asked}


# --- far ends ------------------------------------------------------------------------------------------------------

def far_ends(trunk, spec):
    """The listeners that must be proven: [{address, port, server_name}], one for each destination, in order.

    The port is the secure port; the name that the certificate must carry is what the operator gave, else the destination's
    own name; for a bare address without a name it is "". A destination by SRV record has no address of its own: there the
    operator's list is the whole truth. Raises BadTrunks where the operator's list does not fit the trunk.
    """
    secure_port = int(spec.get("secure_port") or 5061)
    given = {one["address"].lower(): one for one in spec.get("far_ends") or ()}
    if trunk["destAddrIsSrv"] == "true":
        listed = [one["address"] for one in spec.get("far_ends") or ()]
    else:
        listed = [one["address"] for one in trunk["destinations"]]
        stray = [one["address"] for one in given.values() if one["address"].lower() not in {address.lower() for address in listed}]
        if stray:
            raise BadTrunks("trunks: '%s' lists the far end %s, but its destinations are %s" % (trunk["name"], ", ".join(stray), ", ".join(listed) or "none"))
    out = []
    for address in listed:
        said = given.get(address.lower(), {})
        out.append({"address": address, "port": int(said.get("port") or secure_port),
                    "server_name": said.get("server_name") or ("" if is_address(address) else address)})
    return out


def wanted_trunk(trunk, spec, profile):
    """What Table 7-12 wants of this trunk: {securityProfileName, srtpAllowed, destinations}; members and order are kept."""
    listed = trunk["destinations"]
    if trunk["destAddrIsSrv"] != "true":
        ports = {end["address"].lower(): end["port"] for end in far_ends(trunk, spec)}
        listed = [{**one, "port": ports[one["address"].lower()]} for one in listed]
    return {"securityProfileName": profile, "srtpAllowed": "true", "destinations": listed}


def trunk_differences(trunk, wanted):
    """[(element, actual, wanted)] of the elements of Table 7-12, destinations as people read them."""
    found = []
    for element in FIELDS:
        before, after = trunk[element], wanted[element]
        if element == "destinations":
            before, after = shown(before), shown(after)
        if before != after:
            found.append((element, before, after))
    return found


def update_request(name, wanted, changes):
    """(operation, arguments) that changes just these elements of a trunk; destinations go as the whole list."""
    arguments = {"name": name}
    for element in changes:
        arguments[element] = destination_elements(wanted[element]) if element == "destinations" else wanted[element]
    return "updateSipTrunk", arguments


def published(reply):
    """The values of SIPPublishTrunk in a listServiceParameter reply."""
    return [text(row.get("value")) for row in rows(reply, "serviceParameter") if text(row.get("name")).lower() == PUBLISH_PARAMETER.lower()]


def presence_nodes(reply):
    """Names of the IM and Presence nodes in a listProcessNode reply."""
    return [text(row.get("name")) for row in rows(reply, "processNode") if text(row.get("processNodeRole")) == PRESENCE_ROLE and text(row.get("name"))]
