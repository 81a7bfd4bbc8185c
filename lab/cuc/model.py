"""How a CUPI resource is described: its place, its fields, what may be done with it; and how CUPI says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Row = dict[str, str]


class CupiError(Exception):
    """A request that is turned down. status: of HTTP; code, text: for the body."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


def invalid(text: str) -> CupiError:
    """HTTP 400: the request makes no sense, or breaks a rule."""
    return CupiError(400, "INVALID_PARAMETER", text)


def not_found(path: str) -> CupiError:
    """HTTP 404: no such object."""
    return CupiError(404, "OBJECT_NOT_FOUND", f"{path} was not found")


@dataclass(frozen=True)
class Field:
    """A field. kind: "text", "bool", "int"; written: "always", "add", "never"; needed: must be given on POST.

    choices: the numbers that an enumeration has; least, most: of a number. default: on POST.
    """

    name: str
    kind: str = "text"
    written: str = "never"
    needed: bool = False
    choices: tuple[int, ...] = ()
    least: int = 0
    most: int = 2**31 - 1
    default: str | None = None


@dataclass(frozen=True)
class Resource:
    """A collection of objects under /vmrest.

    path: last part of its address; element: name of one object, plural with "s" added unless `many` says otherwise; of: the resource
    whose objects it shows, if they are not its own; under: path of the collection that owns it, and owner: the field with the owner's id.
    verbs: what the lab does with it besides GET; never: what the product itself does not offer (any other verb is unknown to the lab, and
    loud). fields in the order in which they are shown.

    known(system): the fields of the product under the readings that hold. taken(system, before, body): what of a body is stored.
    check(system, before, after): raises CupiError; before is None for a new object, after is None for one that goes. settle(system,
    before, after, body): called when the change is made. shown(system, row): fields that are made up when they are read (None = not shown).
    """

    path: str
    element: str
    fields: tuple[Field, ...]
    many: str = ""
    of: str = ""
    under: str = ""
    owner: str = ""
    verbs: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    known: Callable[[Any], tuple[Field, ...]] | None = None
    taken: Callable[[Any, Row | None, Row], Row] | None = None
    check: Callable[[Any, Row | None, Row | None], None] | None = None
    settle: Callable[[Any, Row | None, Row | None, Row], None] | None = None
    shown: Callable[[Any, Row], Row] | None = None

    @property
    def table(self) -> str:
        """Name of the table with its objects."""
        return self.of or self.path

    @property
    def plural(self) -> str:
        """Name of the list element."""
        return self.many or self.element + "s"

    def fields_of(self, system: Any) -> tuple[Field, ...]:
        """The fields under the readings that hold now."""
        return self.known(system) if self.known else self.fields

    def address(self, row: Row) -> str:
        """The URI of an object."""
        above = f"{self.under}/{row[self.owner]}/" if self.under else ""
        return f"/vmrest/{above}{self.table}/{row['ObjectId']}"
