"""Search filters: their text (RFC 4515), their encoding (RFC 4511), and whether an entry fits."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lab.ldap import ber

AND, OR, NOT, EQUAL, SUBSTRINGS, GREATER, LESS, PRESENT, ALMOST, EXTENSIBLE = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0x87, 0xA8, 0xA9
INITIAL, ANY, FINAL = 0x80, 0x81, 0x82
BIT_AND = "1.2.840.113556.1.4.803"
SIGNS = {">=": GREATER, "<=": LESS, "~=": ALMOST, "=": EQUAL}
ITEM = re.compile(r"([A-Za-z0-9.;-]+)(?::([0-9.]+):)?(>=|<=|~=|=)(.*)", re.DOTALL)


class BadFilter(ValueError):
    """This text is no search filter."""


def encode(text: str) -> bytes:
    """A filter from its text. Raises BadFilter."""
    found, rest = _encode(text.strip())
    if rest.strip():
        raise BadFilter(text)
    return found


def _encode(text: str) -> tuple[bytes, str]:
    if not text.startswith("("):
        raise BadFilter(text)
    text = text[1:]
    if text[:1] in ("&", "|", "!"):
        kind, text = {"&": AND, "|": OR, "!": NOT}[text[0]], text[1:]
        parts = []
        while text.startswith("("):
            part, text = _encode(text)
            parts.append(part)
        if not text.startswith(")") or (kind == NOT and len(parts) != 1):
            raise BadFilter(text)
        return ber.sequence(*parts, tag=kind), text[1:]
    item, closed, rest = text.partition(")")
    match = ITEM.fullmatch(item)
    if not closed or match is None:
        raise BadFilter(text)
    return _item(*match.groups()), rest


def _item(name: str, rule: str | None, sign: str, value: str) -> bytes:
    if rule:
        return ber.sequence(ber.octets(rule, 0x81), ber.octets(name, 0x82), ber.octets(_bytes(value), 0x83), tag=EXTENSIBLE)
    if sign == "=" and value == "*":
        return ber.octets(name, PRESENT)
    if sign == "=" and "*" in value:
        pieces = value.split("*")
        kinds = [INITIAL, *[ANY] * (len(pieces) - 2), FINAL]
        return ber.sequence(ber.octets(name), ber.sequence(*(ber.octets(_bytes(piece), kind) for piece, kind in zip(pieces, kinds) if piece)),
                            tag=SUBSTRINGS)
    return ber.sequence(ber.octets(name), ber.octets(_bytes(value)), tag=SIGNS[sign])


def _bytes(value: str) -> bytes:
    return re.sub(rb"\\([0-9A-Fa-f]{2})", lambda match: bytes((int(match.group(1), 16),)), value.encode())


def escape(value: str) -> str:
    """A value as it may stand in a filter's text."""
    return re.sub(r"[\\*()\0]", lambda match: f"\\{ord(match.group()):02x}", value)


def fits(where: tuple[int, bytes], entry: Mapping[str, list[str]]) -> bool:
    """Whether an entry (attribute names in lower case) fits an encoded filter. Raises ber.Malformed."""
    kind, content = where
    if kind == AND:
        return all(fits(part, entry) for part in ber.elements(content))
    if kind == OR:
        return any(fits(part, entry) for part in ber.elements(content))
    if kind == NOT:
        return not fits(next(iter(ber.elements(content))), entry)
    if kind == PRESENT:
        return content.decode("utf-8", "replace").lower() in entry
    if kind == EXTENSIBLE:
        return _extensible(dict(ber.elements(content)), entry)
    if kind not in (EQUAL, SUBSTRINGS, GREATER, LESS, ALMOST):
        raise ber.Malformed("filter")
    (_name, name), (_value, value) = ber.elements(content)
    held = [one.lower() for one in entry.get(name.decode("utf-8", "replace").lower(), [])]
    if kind == SUBSTRINGS:
        pattern = _pattern(value)
        return any(pattern.fullmatch(one) for one in held)
    wanted = value.decode("utf-8", "replace").lower()
    if kind in (EQUAL, ALMOST):
        return wanted in held
    return any(one >= wanted if kind == GREATER else one <= wanted for one in held)


def _pattern(content: bytes) -> re.Pattern[str]:
    text = ""
    for kind, piece in ber.elements(content):
        words = re.escape(piece.decode("utf-8", "replace").lower())
        text += words if kind == INITIAL else f".*{words}.*" if kind == ANY else f".*{words}"
    return re.compile(text if content and list(ber.elements(content))[-1][0] == FINAL else text + ".*", re.DOTALL)


def _extensible(parts: dict[int, bytes], entry: Mapping[str, list[str]]) -> bool:
    """Of the matching rules only Active Directory's bitwise AND, which the filters of synchronizations use."""
    name, value = parts.get(0x82, b"").decode().lower(), parts.get(0x83, b"").decode()
    if parts.get(0x81, b"").decode() != BIT_AND or not value.isdigit():
        return False
    return any(held.isdigit() and int(held) & int(value) == int(value) for held in entry.get(name, []))
