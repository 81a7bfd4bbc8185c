"""Basic authentication, as every HTTP surface reads it."""

from __future__ import annotations

import base64
import binascii
import hmac

Account = tuple[str, str]


def credentials(header: str) -> Account | None:
    """(name, password) of an Authorization header, None when it holds none."""
    scheme, _, token = header.partition(" ")
    try:
        name, colon, password = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if scheme.lower() == "basic" and colon else None


def same(given: Account | None, account: Account) -> bool:
    """Whether somebody proved to be the holder of an account that has a name."""
    return given is not None and bool(account[0]) and hmac.compare_digest(":".join(given).encode(), ":".join(account).encode())
