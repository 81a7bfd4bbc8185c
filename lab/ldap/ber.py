"""Basic Encoding Rules, as much of them as LDAP uses: definite lengths, tags of one byte."""

from __future__ import annotations

from collections.abc import Iterator

BOOLEAN, INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31
MAXIMUM = 4 * 1024**2


class Malformed(ValueError):
    """These bytes are no BER."""


def encode(tag: int, content: bytes) -> bytes:
    """One element."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A number."""
    return encode(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: str | bytes, tag: int = OCTETS) -> bytes:
    """A text or bytes."""
    return encode(tag, value.encode() if isinstance(value, str) else value)


def boolean(value: bool) -> bytes:
    """True or false."""
    return encode(BOOLEAN, b"\xff" if value else b"\x00")


def sequence(*parts: bytes, tag: int = SEQUENCE) -> bytes:
    """Elements in order."""
    return encode(tag, b"".join(parts))


def split(data: bytes) -> tuple[int, bytes, bytes] | None:
    """(tag, content, what follows) of the first element; None where it is not all there yet. Raises Malformed."""
    if len(data) < 2:
        return None
    size, start = data[1], 2
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4:
            raise Malformed("length")
        if len(data) < 2 + count:
            return None
        size, start = int.from_bytes(data[2:2 + count], "big"), 2 + count
    if size > MAXIMUM:
        raise Malformed("too long")
    if len(data) < start + size:
        return None
    return data[0], data[start:start + size], data[start + size:]


def elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of each element. Raises Malformed."""
    while content:
        found = split(content)
        if found is None:
            raise Malformed("cut short")
        tag, inner, content = found
        yield tag, inner


def number(content: bytes) -> int:
    """The value of an integer or enumeration."""
    return int.from_bytes(content, "big", signed=True)
