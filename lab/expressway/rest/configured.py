"""Resources that are a view of xConfiguration: a key is a path there, its type and range those of the setting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.expressway import catalogue
from lab.expressway.rest.model import ApiError
from lab.expressway.rest.model import Key
from lab.expressway.rest.model import Row

if TYPE_CHECKING:
    from lab.expressway.state import Peer


def _numbers(peer: Peer, path: str) -> list[int]:
    """The places of a list: as many as there are settings."""
    return [number for number in range(1, 10) if peer.config.exists(path.replace("{}", str(number)))]


@dataclass(frozen=True)
class Mapped:
    """One key. path: below the object, or the whole path of a single setting; "{}" in it is a number 1 to 6 of a list."""

    name: str
    path: str
    required: bool = False
    write_only: bool = False


def key(peer: Peer, mapped: Mapped, head: str) -> Key | None:
    """The key's type from its setting; None where this product or release has no such setting."""
    settings = catalogue.offered(peer.appliance.product, peer.appliance.major)
    setting = settings.get(f"{head} {mapped.path}".strip().replace("{}", "1").lower())
    if setting is None:
        return None
    if "{}" in mapped.path:
        return Key(mapped.name, "list", required=mapped.required)
    limits = (setting.low, setting.high) if setting.kind == "int" else (None, setting.high if setting.kind == "text" else None)
    return Key(mapped.name, "integer" if setting.kind == "int" else "string", setting.choices, *limits, mapped.required, False,
               mapped.write_only or setting.secret)


def read(peer: Peer, mapped: list[Mapped], head: str) -> Row:
    """The values below `head`."""
    row: Row = {}
    for one in mapped:
        path = f"{head} {one.path}".strip()
        if "{}" in path:
            if peer.config.exists(path.replace("{}", "1")):
                row[one.name] = [value for number in _numbers(peer, path) if (value := peer.config.get(path.replace("{}", str(number))))]
        elif peer.config.exists(path):
            value = peer.config.get(path)
            row[one.name] = int(value) if peer.config.setting(path).kind == "int" else value
    return row


def write(peer: Peer, mapped: list[Mapped], head: str, given: Row) -> None:
    """Store what a body has. Raises ApiError."""
    for one in mapped:
        if one.name not in given:
            continue
        path, value = f"{head} {one.path}".strip(), given[one.name]
        try:
            if "{}" in path:
                places = _numbers(peer, path)
                if len(value) > len(places):
                    raise ApiError("bad", f"Invalid value for {one.name}")
                for number in places:
                    peer.config.set(path.replace("{}", str(number)), value[number - 1] if number <= len(value) else "")
            else:
                peer.config.set(path, str(value))
        except catalogue.BadValue as error:
            raise ApiError("bad", f"Invalid value for {one.name}: {error}") from error


def keys_of(mapped: Callable[[Peer], list[Mapped]], head: str) -> Callable[[Peer], list[Key]]:
    """The `keys` of a resource."""
    return lambda peer: [found for one in mapped(peer) if (found := key(peer, one, head)) is not None]
