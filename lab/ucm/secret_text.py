"""Passwords as the lab's databases keep them: not readable at a glance, as the product encrypts them; the lab has to use them, so it is no secret."""

from __future__ import annotations

import hashlib
import itertools


def hide(text: str) -> str:
    """A password as its column holds it: hexadecimal digits, "" for none."""
    data = text.encode()
    if not data:
        return ""
    padded = len(data).to_bytes(2, "big") + data + bytes(-(len(data) + 2) % 16)
    return bytes(one ^ other for one, other in zip(padded, _stream())).hex()


def reveal(hidden: str) -> str:
    """The password behind a column's text. Raises ValueError for a text that `hide` did not make."""
    if not hidden:
        return ""
    padded = bytes(one ^ other for one, other in zip(bytes.fromhex(hidden), _stream()))
    size = int.from_bytes(padded[:2], "big")
    if len(padded) % 16 or size > len(padded) - 2:
        raise ValueError("no hidden password")
    return padded[2:2 + size].decode()


def _stream():
    return itertools.chain.from_iterable(hashlib.sha256(f"lab {number}".encode()).digest() for number in itertools.count())
