# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of AXL as they are saved and brought back: in the very form in which an update sends them, so that no table of each class is needed.

What an update changes is asked for before it is sent, element by element as the update has them. Sources: axl.md 0 and 2 (identity, replies).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..asking import axl
from ..errors import NodeError
from ..operations import bulk
from ..resources import parameters
from ..resources.objects import boolean
from ..resources.objects import rows
from ..resources.objects import text
from ..resources.phones import INSTALL

PARAMETER, PHONE = "ServiceParameter", "Phone"
NO_STATE = re.compile(r"(get|list|executeSQLQuery|apply|reset|restart|do)")
OPERATION = re.compile(r"(add|update|remove)(\w+)")
NOT_FOUND = "was not found"     # AXL 5007
FLAGS = {"t": "true", "f": "false", "true": "true", "false": "false"}
PHONE_ELEMENTS = ("securityProfileName",)       # the others that are written ask CAPF for a certificate: a request, no setting


@dataclass(frozen=True)
class Noun:
    """How one class is read. tag: of its replies; key: elements that say which object; tags: whether a get can name what it wants."""

    tag: str
    key: tuple = ("name",)
    tags: bool = True


NOUNS = {
    "SipTrunk": Noun("sipTrunk"),
    "SipTrunkSecurityProfile": Noun("sipTrunkSecurityProfile"),
    "PhoneSecurityProfile": Noun("phoneSecurityProfile"),
    "Srst": Noun("srst"),
    "LdapDirectory": Noun("ldapDirectory"),
    "LdapAuthentication": Noun("ldapAuthentication", (), False),
    PHONE: Noun("phone"),
    PARAMETER: Noun("serviceParameter", ("processNodeName", "service", "name")),
}


def written(operation, arguments):
    """(act, noun, key, elements) of a request that changes something; None for one that does not."""
    if NO_STATE.match(operation):
        return None
    found = OPERATION.fullmatch(operation)
    if found is None or found[2] not in NOUNS:
        return "other", operation, {}, {}
    act, noun = found.groups()
    known = NOUNS[noun]
    if act == "add":
        arguments = arguments[known.tag]
    key = {name: str(arguments[name]) for name in known.key}
    elements = {} if act == "remove" else {name: value for name, value in arguments.items() if name not in known.key}
    return act, noun, key, elements


def asks_for_lsc(elements):
    """Whether an update of a phone asks CAPF to give it a certificate."""
    return elements.get("certificateOperation") == INSTALL


def read(node, noun, key, like):
    """The elements of `like` as the object has them now, in the same form; None where the object is not there."""
    known = NOUNS[noun]
    if noun == PARAMETER:
        found = parameters.read_all(axl(node, parameters.list_request(key["service"], key["processNodeName"]))).get(key["name"])
        return None if found is None else {"value": found["value"]}
    try:
        reply = axl(node, ("get" + noun, {**key, "returnedTags": tags_of(like or {"name": ""})} if known.tags else {}))
    except NodeError as e:
        if e.kind == "refused" and NOT_FOUND in str(e):
            return None
        raise
    found = rows(reply, known.tag)
    return shaped(found[0], like) if found else None


def write(node, kind, key, elements):
    """Write elements back."""
    axl(node, ("update" + kind, {**key, **elements}))


def remove(node, kind, key):
    """Remove what was added. Unified CM refuses to remove what is in use."""
    axl(node, ("remove" + kind, dict(key)))


def described(act, kind):
    """{channel, operation} of a write, as a report has them."""
    return {"channel": "axl", "operation": act + kind}


def phones(node):
    """{name: {securityProfileName}} of all phones, in few requests."""
    return {row["name"]: {"securityProfileName": row.get("securityProfileName") or ""} for row in bulk.read(node, ("name", "securityProfileName"))}


def tags_of(like):
    """returnedTags for the elements of an update."""
    if isinstance(like, dict):
        return {name: tags_of(value) for name, value in like.items()}
    if isinstance(like, list):
        return tags_of(_merged(like))
    return ""


def shaped(value, like):
    """A reply's value in the form of an update's: references by name, null as "", members of a list without what they have not."""
    if isinstance(like, dict):
        value = value if isinstance(value, dict) else {}
        return {name: shaped(value.get(name), one) for name, one in like.items()}
    if isinstance(like, list):
        like = _merged(like)
        members = value if isinstance(value, list) else [value] if value is not None else []
        return [{name: one for name, one in shaped(member, like).items() if one != ""} for member in members]
    return boolean(value) if isinstance(like, bool) else text(value)


def same(one, other):
    """Whether two values say the same, whatever their spelling."""
    return _canonical(one) == _canonical(other)


def _merged(members):
    return {name: value for member in members for name, value in member.items()}


def _canonical(value):
    if isinstance(value, dict):
        return {name: _canonical(one) for name, one in value.items() if one not in (None, "")}
    if isinstance(value, list):
        return [_canonical(one) for one in value]
    value = text(value)
    return str(int(value)) if value.isdigit() else FLAGS.get(value.lower(), value)
