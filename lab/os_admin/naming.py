"""Names of the pages' fields: three inventions of the lab's own (variant os_admin_fields).

The ids NAME and FILE of the upload page are public (vos.md 1.4) and stand in the first of them; no client can rely on the others.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable


def _upper(form: str, key: str) -> tuple[str, str]:
    return key, key.upper()


def _bean(form: str, key: str) -> tuple[str, str]:
    return f"{form}Bean.{key}", f"{form}Bean_{key}"


def _coded(form: str, key: str) -> tuple[str, str]:
    code = f"{zlib.crc32(f'{form}/{key}'.encode()) & 0xFFFF:04x}"
    return f"p{code}", f"ctl{code}"


SCHEMES: dict[str, Callable[[str, str], tuple[str, str]]] = {"upper": _upper, "bean": _bean, "coded": _coded}


def field(scheme: str, form: str, key: str) -> tuple[str, str]:
    """(name, id) of a field."""
    return SCHEMES[scheme](form, key)


def choice(scheme: str, key: str, word: str, place: int) -> str:
    """The value that stands for a word of a list. A certificate's purpose stands for itself (vos.md 1.4)."""
    if key == "name" or scheme == "upper":
        return word
    return re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_") if scheme == "bean" else str(place)
