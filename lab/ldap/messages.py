"""LDAP messages (RFC 4511): simple bind, search, what answers them, and the control for results in pages (RFC 2696)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from lab.ldap import ber

BIND, UNBIND, SEARCH, ABANDON, EXTENDED = 0x60, 0x42, 0x63, 0x50, 0x77
BIND_ANSWER, ENTRY, DONE, EXTENDED_ANSWER = 0x61, 0x64, 0x65, 0x78
CONTROLS, SIMPLE, EXTENDED_NAME = 0xA0, 0x80, 0x80
PAGED = "1.2.840.113556.1.4.319"
SUCCESS, OPERATIONS_ERROR, PROTOCOL_ERROR, AUTH_METHOD, UNAVAILABLE_EXTENSION, NO_OBJECT, INVALID_CREDENTIALS, UNWILLING = 0, 1, 2, 7, 12, 32, 49, 53


@dataclass(frozen=True)
class Message:
    """One message. operation: its tag; content: what is inside; controls: {OID: value}."""

    number: int
    operation: int
    content: bytes
    controls: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Search:
    """A search. scope: 0 base, 1 one level, 2 subtree; where: the filter's (tag, content); page: (size, cookie) or None."""

    base: str
    scope: int
    where: tuple[int, bytes]
    attributes: tuple[str, ...]
    limit: int = 0


def read(content: bytes) -> Message:
    """A message from the content of its envelope. Raises ber.Malformed."""
    parts = list(ber.elements(content))
    if len(parts) < 2 or parts[0][0] != ber.INTEGER:
        raise ber.Malformed("no LDAP message")
    controls = {}
    for tag, inner in parts[2:]:
        if tag == CONTROLS:
            for _tag, control in ber.elements(inner):
                items = list(ber.elements(control))
                controls[items[0][1].decode("ascii", "replace")] = next((value for kind, value in items[1:] if kind == ber.OCTETS), b"")
    return Message(ber.number(parts[0][1]), parts[1][0], parts[1][1], controls)


def write(number: int, operation: bytes, controls: Mapping[str, bytes] | None = None) -> bytes:
    """A message to send."""
    extra = [ber.sequence(*(ber.sequence(ber.octets(name), ber.octets(value)) for name, value in controls.items()), tag=CONTROLS)] if controls else []
    return ber.sequence(ber.integer(number), operation, *extra)


def result(tag: int, code: int, text: str = "", matched: str = "") -> bytes:
    """An answer that is a result."""
    return ber.sequence(ber.integer(code, ber.ENUMERATED), ber.octets(matched), ber.octets(text), tag=tag)


def read_result(content: bytes) -> tuple[int, str]:
    """(code, text) of a result. Raises ber.Malformed."""
    parts = list(ber.elements(content))
    if len(parts) < 3:
        raise ber.Malformed("no result")
    return ber.number(parts[0][1]), parts[2][1].decode("utf-8", "replace")


def bind(name: str, password: str) -> bytes:
    """A simple bind."""
    return ber.sequence(ber.integer(3), ber.octets(name), ber.octets(password, SIMPLE), tag=BIND)


def read_bind(content: bytes) -> tuple[int, str, str | None]:
    """(version, name, password) of a bind; the password is None where another method than the simple one is meant."""
    parts = list(ber.elements(content))
    if len(parts) != 3:
        raise ber.Malformed("no bind")
    method, secret = parts[2]
    return ber.number(parts[0][1]), parts[1][1].decode("utf-8", "replace"), secret.decode("utf-8", "replace") if method == SIMPLE else None


def search(base: str, scope: int, where: bytes, attributes: tuple[str, ...]) -> bytes:
    """A search. where: an encoded filter."""
    return ber.sequence(ber.octets(base), ber.integer(scope, ber.ENUMERATED), ber.integer(0, ber.ENUMERATED), ber.integer(0), ber.integer(0),
                        ber.boolean(False), where, ber.sequence(*map(ber.octets, attributes)), tag=SEARCH)


def read_search(content: bytes) -> Search:
    """A search that came in. Raises ber.Malformed."""
    parts = list(ber.elements(content))
    if len(parts) != 8:
        raise ber.Malformed("no search")
    attributes = tuple(name.decode("utf-8", "replace") for _tag, name in ber.elements(parts[7][1]))
    return Search(parts[0][1].decode("utf-8", "replace"), ber.number(parts[1][1]), parts[6], attributes, ber.number(parts[3][1]))


def entry(name: str, attributes: Mapping[str, list[str]]) -> bytes:
    """One found entry."""
    listed = [ber.sequence(ber.octets(key), ber.sequence(*map(ber.octets, values), tag=ber.SET)) for key, values in attributes.items()]
    return ber.sequence(ber.octets(name), ber.sequence(*listed), tag=ENTRY)


def read_entry(content: bytes) -> tuple[str, dict[str, list[str]]]:
    """(name, attributes) of a found entry, attribute names in lower case. Raises ber.Malformed."""
    (_tag, name), (_other, listed) = ber.elements(content)
    attributes = {}
    for _item, inner in ber.elements(listed):
        (_key, key), (_set, values) = ber.elements(inner)
        attributes[key.decode("utf-8", "replace").lower()] = [value.decode("utf-8", "replace") for _value, value in ber.elements(values)]
    return name.decode("utf-8", "replace"), attributes


def page(size: int, cookie: bytes = b"") -> dict[str, bytes]:
    """The control that asks for, or gives, results in pages."""
    return {PAGED: ber.sequence(ber.integer(size), ber.octets(cookie))}


def read_page(controls: Mapping[str, bytes]) -> tuple[int, bytes] | None:
    """(size, cookie) of that control, None where it is not there."""
    if PAGED not in controls:
        return None
    found = ber.split(controls[PAGED])
    if found is None:
        raise ber.Malformed("control")
    (_size, size), (_cookie, cookie) = ber.elements(found[1])
    return ber.number(size), cookie
