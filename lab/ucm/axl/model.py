"""What a class of AXL objects is made of: tables that tie elements to columns. The engine is objects.py, the tables classes.py."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from lab.ucm.axl.product_settings import Settings
from lab.ucm.axl.soap import Fault
from lab.ucm.store import Store


@dataclass(frozen=True)
class Column:
    """One element kept in one column (or read by an SQL expression, where written is "never").

    kind: text, int, bool, enum (table: type table), fk (table: the referenced table, whose `name` AXL shows) or secret (a password).
    written: "always" (add and update), "add" (refused or ignored afterwards) or "never" (read only).
    omitted: whether an empty value is left out instead of shown as an empty element (its type would not allow that).
    path: place of the element below the object, for the few that are nested, e.g. ("ports", "sipPorts", "sipPhonePort").
    """

    path: tuple[str, ...]
    column: str
    kind: str = "text"
    table: str = ""
    written: str = "always"
    omitted: bool = False

    @property
    def element(self) -> str:
        """Name of the top-level element."""
        return self.path[0]

    def show(self, store: Store, value: Any, names: Callable[[str, Any], str]) -> str:
        """The column's value as AXL writes it. names(table, key) -> name of a referenced row."""
        if value is None:
            return "false" if self.kind == "bool" else ""
        if self.kind == "bool":
            return "true" if value == "t" else "false"
        if self.kind == "enum":
            return store.label(self.table, value)
        if self.kind == "fk":
            return names(self.table, value)
        return str(value)


def col(element: str, column: str, kind: str = "text", table: str = "", written: str = "always", omitted: bool = False) -> Column:
    """A Column; nested elements are written with slashes."""
    return Column(tuple(element.split("/")), column, kind, table, written, omitted)


@dataclass(frozen=True)
class Members:
    """A list of sub-objects kept in a table of their own, e.g. a trunk's destinations.

    element: the list ("destinations"); member: its item ("destination"); table, parent: where the items are and the column that
    names the owner; order: the column they are sorted by. owner: SQL that gives the key the parent column holds, from the object's
    key; changes: names of the add and remove elements of an update, "" where the list is only replaced whole.
    numbered: True where the position itself is the order column (no element shows it).
    """

    element: str
    member: str
    table: str
    parent: str
    order: str
    columns: tuple[Column, ...]
    owner: str = "select ?"
    add: str = ""
    remove: str = ""
    numbered: bool = False
    uuids: bool = True


@dataclass(frozen=True)
class ObjectClass:
    """One class.

    name: as in the operations' names; tag: element of one object; table; label: in fault texts. where: condition that tells the
    class's rows apart from others of the table, with fixed: the columns that an add sets so. verbs: what is implemented.
    check(context, request, row or None): refuses what the product refuses, by raising Fault; row is None for an add.
    finder: finds an object that a request names otherwise than by `name`. xml: where its vendorConfig is kept.
    """

    name: str
    tag: str
    table: str
    label: str
    verbs: frozenset[str]
    columns: tuple[Column, ...]
    where: str = "1=1"
    fixed: Callable[[Store, dict[str, Any]], dict[str, Any]] | None = None
    lists: tuple[Members, ...] = ()
    check: Callable[..., None] | None = None
    after_add: Callable[[Store, str], None] | None = None
    key: str = "name"
    finder: Callable[[Store, ObjectClass, etree._Element], str | None] | None = None
    xml: Settings | None = None


def not_found(label: str, updating: bool = False) -> Fault:
    """The fault for an absent target (axl.md 5: 5007 for get, do and remove; 5003 for update)."""
    if updating:
        return Fault(5003, f"{label} not found")
    return Fault(5007, f"Item not valid: The specified {label} was not found")
