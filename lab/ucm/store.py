"""The database of one cluster: one SQLite connection with the product's table names, the truth behind AXL, SQL, CLI and RIS.

All access is from the lab's one thread, each request in one transaction. `snapshot` and `restore` copy the whole database
through SQLite's serialisation (some milliseconds for 50,000 phones).
"""
from __future__ import annotations

import contextlib
import functools
import sqlite3
import uuid
from collections.abc import Iterator
from typing import Any

from lab.ucm import tables
from lab.ucm.axl import schema as axl_schema

_SPACE = uuid.UUID("6b0f5a1e-6a0c-5d0e-9a60-6e1f5d3c2b41")
WIDE_PKID = "00000000-1111-0000-0000-000000000000"      # of the virtual node EnterpriseWideData (axl.md 2.8)


class Store:
    """name: cluster name, from which every generated key derives, so that two starts of the lab give the same uuids."""

    def __init__(self, name: str, schema_directory: str | None = None):
        self.name = name
        self.readings: tuple[str, ...] = ()         # variants under which the parameters were written (parameters.py)
        self.variants: tuple[str, ...] = ()         # and those of the other rows (seed.py)
        self.schema = axl_schema.load(schema_directory)
        self.connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.connection.execute("PRAGMA foreign_keys=ON")
        for statement in tables.ddl():
            self.connection.execute(statement)
        self._names: dict[str, dict[str, int]] = {}
        self._numbers: dict[str, dict[int, str]] = {}
        self._fill_types()

    # -- plain access --------------------------------------------------------------------------------------------
    def run(self, sql: str, *values: Any) -> int:
        """Executes one statement of the lab's own; returns the number of rows touched."""
        return self.connection.execute(sql, values).rowcount

    def rows(self, sql: str, *values: Any) -> list[tuple]:
        """All rows of a query of the lab's own."""
        return self.connection.execute(sql, values).fetchall()

    def value(self, sql: str, *values: Any) -> Any:
        """First column of the first row, or None."""
        row = self.connection.execute(sql, values).fetchone()
        return row[0] if row else None

    def insert(self, table: str, **columns: Any) -> str:
        """Inserts a row, with a new key where none is given; returns the key. Raises sqlite3.IntegrityError."""
        columns.setdefault("pkid", str(uuid.uuid4()))
        names = ", ".join(columns)
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", tuple(columns.values()))
        return columns["pkid"]

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner transaction joins the outer one."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def key(self, owner: str, table: str, name: str) -> str:
        """Key of the row of that name. Raises KeyError, in which owner says who refers to it."""
        found = self.value(f"select pkid from {table} where name=?", name)
        if found is None:
            raise KeyError(f"{owner}: {table} {name!r} is referred to but not defined")
        return found

    # -- enumerations --------------------------------------------------------------------------------------------
    def enum(self, table: str, name: str) -> int:
        """Number of a name in a type table. A name the schema does not list (newer phones) gets a number of its own."""
        names = self._names[table]
        if name not in names:
            number = max([*names.values(), 0]) + 1
            self.run(f"INSERT INTO {table} (enum, name) VALUES (?, ?)", number, name)
            names[name], self._numbers[table][number] = number, name
        return names[name]

    def known(self, table: str, name: str) -> bool:
        """Whether a type table has this name."""
        return name in self._names[table]

    def label(self, table: str, number: int | None) -> str:
        """Name of a number in a type table, '' for NULL."""
        return "" if number is None else self._numbers[table].get(int(number), "")

    def _fill_types(self) -> None:
        for table, (type_name, first) in tables.TYPE_TABLES.items():
            pinned = tables.PINNED.get(table, {})
            names: dict[str, int] = {}
            number = first
            for name in (*self.schema.enumeration(type_name), *tables.EXTRA_NAMES.get(table, ()), *pinned):
                if name in names:
                    continue
                while number in pinned.values():
                    number += 1
                names[name] = pinned.get(name, number)
                number += name not in pinned
            self.connection.executemany(f"INSERT INTO {table} (enum, name) VALUES (?, ?)", [(n, name) for name, n in names.items()])
            self._names[table], self._numbers[table] = names, {n: name for name, n in names.items()}

    # -- keys ----------------------------------------------------------------------------------------------------
    def uuid(self, *parts: Any) -> str:
        """The key of a seeded object: the same at each start, as the database stores it."""
        return _derived("/".join((self.name, *map(str, parts))))

    # -- snapshots -----------------------------------------------------------------------------------------------
    def snapshot(self) -> dict[str, Any]:
        """The state as plain data: {"image": bytes, "readings": tuple, "variants": tuple}."""
        return {"image": self.connection.serialize(), "readings": self.readings, "variants": self.variants}

    def restore(self, state: dict[str, Any]) -> None:
        """Puts a state of `snapshot` back. Raises sqlite3.Error when the image is none."""
        self.connection.deserialize(state["image"])
        self.connection.execute("PRAGMA foreign_keys=ON")
        self.readings, self.variants = tuple(state["readings"]), tuple(state["variants"])
        for table in tables.TYPE_TABLES:
            names = {name: number for number, name in self.rows(f"select enum, name from {table}")}
            self._names[table], self._numbers[table] = names, {n: name for name, n in names.items()}

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()


@functools.lru_cache(maxsize=65536)
def _derived(text: str) -> str:
    return str(uuid.uuid5(_SPACE, text))


def axl_uuid(pkid: str) -> str:
    """A key as AXL writes it: {UPPER-CASE}."""
    return "{" + pkid.upper() + "}"


def pkid(axl: str) -> str:
    """A key as the database stores it."""
    return axl.strip().strip("{}").lower()
