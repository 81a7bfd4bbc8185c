"""What a resource of the REST API is: keys with their types, and how each is kept. One description serves requests and the RAML alike.

Values of enumerations are those of the command line (expressway.md 1.1); numbers are JSON numbers; `list` is a list of strings.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from lab.core.refusals import refusal
from lab.core.variants import variant

if TYPE_CHECKING:
    from lab.expressway.state import Peer

Row = dict[str, Any]

refusal("expressway_unknown_key", "expressway.md 1.1 (JSON Schema)", "a body with a key that the resource does not have")
refusal("expressway_value", "expressway.md 1.1 (JSON Schema)", "a value of another type, out of range, or none of the enumeration")
refusal("expressway_missing_key", "expressway.md 1.3", "a body without a key that has to be there")
refusal("expressway_duplicate", "expressway.md 1.1", "a second object of a name")
refusal("expressway_unknown_object", "lab.md 5 (inferred)", "a change of an object that is not there")
variant("expressway_error_status", ("400", "telling"), "400", "expressway.md 1.1 (HTTP codes not proven)",
        "whether every refusal is 400, or 404 for what is not there, 409 for what is there already, and 500 for a command that failed")
variant("expressway_value_case", ("cli", "mixed"), "cli", "expressway.md 1.1", "whether values are written as on the command line, or some in lower case")
STATUS = {"bad": 400, "missing": 404, "conflict": 409, "command": 500, "subordinate": 403}


class ApiError(Exception):
    """A refusal. kind: a key of STATUS; text: the body's Message."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


@dataclass(frozen=True)
class Key:
    """One key of a body. kind: string, integer, list."""

    name: str
    kind: str = "string"
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    required: bool = False
    read_only: bool = False
    write_only: bool = False

    def schema(self) -> Row:
        """Its JSON Schema."""
        if self.kind == "list":
            return {"type": "array", "items": {"type": "string"}}
        if self.kind == "integer":
            return {"type": "integer", **({"minimum": self.low, "maximum": self.high} if self.low is not None else {})}
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        return {"type": "string", **({"maxLength": self.high} if self.high is not None else {})}

    def checked(self, value: Any) -> Any:
        """A value as it is kept. Raises ApiError."""
        if self.kind == "list":
            good = isinstance(value, list) and all(isinstance(item, str) for item in value)
        elif self.kind == "integer":
            good = type(value) is int and (self.low is None or self.low <= value <= self.high)
        elif self.choices:
            found = [choice for choice in self.choices if isinstance(value, str) and choice.lower() == value.lower()]
            good, value = bool(found), found[0] if found else value
        else:
            good = isinstance(value, str) and (self.high is None or len(value) <= self.high)
        if not good:
            raise ApiError("bad", f"Invalid value for {self.name}")
        return value


@dataclass(frozen=True)
class Resource:
    """A collection of objects (key = the name of the key that tells them apart) or a single object (key ""; `single` "sip": shown as a list of one, maybe).

    keys(peer): all keys. read(peer) -> rows. add, change, remove: what a body does (checked; change and remove get the row that it speaks of); None = the
    method is not offered. offered(peer): whether this peer's release has the resource. shared: whether it is one for the whole cluster. created: status of a
    POST. renames: whether PUT takes New_<key>.
    """

    path: str
    keys: Callable[[Peer], list[Key]]
    read: Callable[[Peer], list[Row]]
    key: str = ""
    add: Callable[[Peer, Row], str | None] | None = None
    change: Callable[[Peer, Row, Row], str | None] | None = None
    remove: Callable[[Peer, Row, Row], str | None] | None = None
    offered: Callable[[Peer], bool] = lambda _peer: True
    single: str = "object"
    shared: bool = True
    created: int = 200
    renames: bool = False

    def methods(self, _peer: Peer) -> dict[str, Any]:
        """The methods that write, by HTTP's names."""
        return {name: call for name, call in (("POST", self.add), ("PUT", self.change), ("DELETE", self.remove)) if call is not None}

    def body(self, peer: Peer, method: str) -> list[Key]:
        """The keys that a body of this method may have."""
        keys = [key for key in self.keys(peer) if not key.read_only]
        if method == "DELETE":
            return [key for key in keys if key.name == self.key]
        if method == "PUT" and self.renames:
            keys += [Key(f"New_{self.key}", high=next(key.high for key in keys if key.name == self.key))]
        return keys

    def required(self, peer: Peer, method: str) -> set[str]:
        """The keys that a body of this method must have."""
        if method == "POST":
            return {key.name for key in self.keys(peer) if key.required}
        return {self.key} if self.key else set()

    def prepare(self, _peer: Peer, _method: str, _given: Row) -> Coroutine[Any, Any, Row] | None:
        """What has to be done before a change, where that takes time: a coroutine that gives the body anew. None: nothing."""
        return None

    def listed(self, rows: list[Row]) -> Any:
        """The objects as GET gives them."""
        return rows

    def checked(self, peer: Peer, method: str, given: Row) -> Row:
        """A body, its values as they are kept. Raises ApiError."""
        known = {key.name: key for key in self.body(peer, method)}
        result: Row = {}
        for name, value in given.items():
            if name not in known:
                if peer.world.refuses("expressway_unknown_key"):
                    raise ApiError("bad", f"Unknown key {name}")
                continue
            try:
                result[name] = known[name].checked(value)
            except ApiError:
                if peer.world.refuses("expressway_value"):
                    raise
        missing = self.required(peer, method) - set(result)
        if missing and peer.world.refuses("expressway_missing_key"):
            raise ApiError("bad", f"Missing key {', '.join(sorted(missing))}")
        return result

    def find(self, peer: Peer, given: Row) -> Row:
        """The object that a body speaks of. Raises ApiError."""
        rows = self.read(peer)
        if not self.key:
            return rows[0]
        wanted = given.get(self.key)
        found = next((row for row in rows if row[self.key] == wanted), None)
        if found is None:
            if peer.world.refuses("expressway_unknown_object") or not rows:
                raise ApiError("missing", f"{wanted} does not exist")
            return rows[-1]
        return found

    def shown(self, peer: Peer, row: Row) -> Row:
        """A row as GET gives it."""
        keys = [key for key in self.keys(peer) if not key.write_only and key.name in row]
        lower = peer.world.variant("expressway_value_case") == "mixed"
        return {key.name: _lower(row[key.name], key) if lower else row[key.name] for key in keys}


def _lower(value: Any, key: Key) -> Any:
    return value.lower() if isinstance(value, str) and set(key.choices) == {"On", "Off"} else value
