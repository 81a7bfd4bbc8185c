# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AXL objects look like, as tables, and how their values are compared.

AXL answers in text: booleans as ``true``/``t``/``1``, numbers as digits, a null as nothing at all. A reference to
another object is text with the object's uuid beside it. These differences of spelling are not differences of
configuration, so every comparison goes through `Field.read`. Nothing here touches a network.

Sources: reference sheet axl.md 0, 2 and 5 (element names, types, enums: Cisco's XSD).
"""
from __future__ import annotations

import ipaddress
from dataclasses import dataclass

TRUE = {"true", "t", "1", "yes"}


def text(value):
    """Plain text of a reply's value: a reference's name, an element's text, "" for a null."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return text(value.get("_value_1", value.get("value", value.get("name"))))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def is_address(name):
    """True for an IP address, False for a name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def uuid(value):
    """The uuid of an object or reference, in lower case without braces; "" where the reply has none."""
    if isinstance(value, dict):
        return text(value.get("uuid")).strip("{}").lower()
    return ""


def rows(reply, tag):
    """The rows of a list reply (or the one object of a get reply) as a list of dicts; an empty reply is an empty list.

    Accepts the reply with and without its ``return`` element, since an empty list comes as ``return: None``.
    """
    if isinstance(reply, dict) and "return" in reply:
        reply = reply["return"]
    found = reply.get(tag) if isinstance(reply, dict) else reply
    if found is None:
        return []
    return [row for row in (found if isinstance(found, list) else [found]) if row is not None]


def boolean(value):
    """True for any of AXL's spellings of true (axl.md 0.6), False for anything else."""
    return text(value).lower() in TRUE


@dataclass(frozen=True)
class Field:
    """One element of an AXL object: its name, how it is compared, and what Unified CM assumes when it is left out."""

    name: str
    kind: str = "text"              # text | bool | int | enum
    default: str = ""
    choices: tuple = ()

    def read(self, value):
        """The value in the one spelling that we compare and send."""
        value = text(value)
        if self.kind == "bool":
            return "true" if boolean(value) else "false"
        if self.kind == "int":
            return str(int(value)) if value.lstrip("-").isdigit() else (value or self.default)
        if self.kind == "enum":
            spelled = {choice.lower(): choice for choice in self.choices}
            return spelled.get((value or self.default).lower(), value)
        return value


@dataclass(frozen=True)
class Resource:
    """An AXL object class: ``noun`` makes its operation names, ``tag`` wraps it in requests and replies."""

    noun: str
    tag: str
    fields: tuple
    add_only: tuple = ()            # elements that updateX does not have

    def field(self, name):
        return next(field for field in self.fields if field.name == name)

    @property
    def names(self):
        return tuple(field.name for field in self.fields)

    def list_request(self, name="%", extra=()):
        """(operation, arguments) that lists all objects whose name is LIKE ``name``, with every element that we compare."""
        tags = {"name": ""}
        tags.update({field: "" for field in (*self.names, *extra)})
        return "list" + self.noun, {"searchCriteria": {"name": name}, "returnedTags": tags}

    def read(self, row):
        """The object in our spelling: name, uuid, and each element."""
        return {"name": text(row.get("name")), "uuid": uuid(row), **{field.name: field.read(row.get(field.name)) for field in self.fields}}

    def read_all(self, reply):
        """All objects of a list reply, by name."""
        return {found["name"]: found for found in (self.read(row) for row in rows(reply, self.tag))}

    def wanted(self, values):
        """The wanted elements in our spelling; an element that this class does not have is an error of the caller."""
        return {name: self.field(name).read(value) for name, value in values.items()}

    def differences(self, actual, wanted):
        """[(element, actual, wanted)] for each wanted element that differs."""
        return [(name, actual.get(name, ""), value) for name, value in self.wanted(wanted).items() if actual.get(name, "") != value]

    def add_request(self, name, values):
        """(operation, arguments) that creates the object."""
        return "add" + self.noun, {self.tag: {"name": name, **self.wanted(values)}}

    def update_request(self, name, changes):
        """(operation, arguments) that changes just these elements."""
        refused = [element for element in changes if element in self.add_only]
        if refused:
            raise ValueError("%s cannot be changed once a %s exists" % (", ".join(refused), self.tag))
        return "update" + self.noun, {"name": name, **self.wanted(changes)}
