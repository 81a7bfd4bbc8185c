"""SQL as Unified CM's Informix speaks it, over the cluster's SQLite database.

`query` serves executeSQLQuery of AXL and `run sql` of the CLI; `update` serves executeSQLUpdate. What is not understood is refused
loudly: an Informix-like error, an entry in the world's count of unknown requests, never an empty success (lab.md 2.5).
"""
from __future__ import annotations

import re
import sqlite3
import uuid
from typing import Any

from lab.ucm import certificate_rows
from lab.ucm import tables
from lab.ucm.axl.product_settings import OF_PHONES

_TOKEN = re.compile(r"""\s+|(?P<comment>--[^\n]*|\{[^}]*\}|/\*.*?\*/)|(?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?P<number>\d+(?:\.\d+)?)"""
                    r"""|(?P<word>[A-Za-z_]\w*)|(?P<operator><=|>=|<>|!=|\|\||[-+*/%=<>(),.\[\];])""", re.S)
# SQLite's own vocabulary: a query that needs it would not run on the product
_FOREIGN = {"limit", "offset", "glob", "ifnull", "iif", "pragma", "attach", "vacuum", "regexp", "rowid", "group_concat", "printf", "returning", "with",
            "explain", "analyze", "temp", "autoincrement", "sqlite_master", "random", "randomblob", "strftime", "julianday"}
_KNOWN_GAPS = {"outer", "execute", "extend", "sysmaster", "unload", "load", "call"}
_DEVICE_XML = re.compile(r"\s*execute\s+procedure\s+dbreaddevicexml\s*\(\s*'([0-9a-f-]{36})'\s*\)\s*;?\s*", re.I)
_PRIVATE = {"today": "date('now')", "current": "datetime('now')"}


class SqlError(Exception):
    """A refused statement. code: Informix error number; unknown: whether the lab, not the product, is what falls short."""

    def __init__(self, code: int, message: str, unknown: bool = False):
        super().__init__(message)
        self.code, self.message, self.unknown = code, message, unknown


SYNTAX = "A syntax error has occurred."


def _tokens(text: str) -> list[tuple[str, str]]:
    out, place = [], 0
    text = text.strip().rstrip(";")
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise SqlError(-202, "An illegal character has been found in the statement.")
        place = match.end()
        if match.lastgroup and match.lastgroup != "comment":
            out.append((match.lastgroup, match.group()))
    return out


def _literal(text: str) -> str:
    """A string of either quotation as SQLite writes it."""
    mark = text[0]
    return "'" + text[1:-1].replace(mark * 2, mark).replace("'", "''") + "'"


class _Rewriter:
    """Turns Informix tokens into SQLite's text, one SELECT after the other."""

    def __init__(self, tokens: list[tuple[str, str]]):
        self.tokens, self.place = tokens, 0

    def text(self) -> str:
        out = self._part()
        if self.place < len(self.tokens):
            raise SqlError(-201, SYNTAX)
        return " ".join(out)

    def _peek(self, ahead: int = 0) -> str:
        place = self.place + ahead
        return self.tokens[place][1].lower() if place < len(self.tokens) else ""

    def _part(self) -> list[str]:
        """Tokens up to the closing bracket of this level, which is left for the caller."""
        out: list[str] = []
        limit = ""
        while self.place < len(self.tokens) and self._peek() != ")":
            kind, raw = self.tokens[self.place]
            word = raw.lower()
            self.place += 1
            if kind == "string":
                out.append(_literal(raw))
            elif kind == "word" and word == "select":
                limit, distinct = self._projection()
                out.append("SELECT DISTINCT" if distinct else "SELECT")
            elif kind == "word" and word in ("union", "intersect", "minus"):
                out.append("EXCEPT" if word == "minus" else word)
            elif raw == "(":
                out += ["(", *self._part(), ")"]
                if self._peek() != ")":
                    raise SqlError(-201, SYNTAX)
                self.place += 1
            elif raw == "[":
                self._substring(out)
            elif kind == "word":
                out.append(self._word(word, raw))
            else:
                out.append(raw)
        return out + ([limit] if limit else [])

    def _projection(self) -> tuple[str, bool]:
        """Reads SKIP n FIRST m UNIQUE behind SELECT; gives the LIMIT clause for its end, and whether rows are distinct."""
        skip = first = None
        while self._peek() in ("skip", "first", "limit") and self._peek(1).isdigit():
            value = int(self._peek(1))
            skip, first = (value, first) if self._peek() == "skip" else (skip, value)
            self.place += 2
        distinct = self._peek() in ("unique", "distinct")
        if distinct or self._peek() == "all":
            self.place += 1
        if skip is None and first is None:
            return "", distinct
        return f"LIMIT {-1 if first is None else first}" + (f" OFFSET {skip}" if skip else ""), distinct

    def _word(self, word: str, raw: str) -> str:
        if word.startswith(tables.PRIVATE):
            raise SqlError(-206, f"The specified table ({word}) is not in the database.", unknown=True)
        if word in _FOREIGN:
            raise SqlError(-201, SYNTAX)
        if word == "outer" and self.tokens[self.place - 2][1].lower() in ("left", "right", "full"):
            return raw
        if word in _KNOWN_GAPS:
            raise SqlError(-201, SYNTAX, unknown=True)
        if word == "matches":
            return "GLOB"
        if word == "nvl" and self._peek() == "(":
            return "ifnull"
        if word in _PRIVATE and self._peek() != "(":
            return _PRIVATE[word]
        return raw

    def _substring(self, out: list[str]) -> None:
        """column[2,5] -> substr(column, 2, 4)."""
        values = [self._peek(i) for i in range(4)]
        if not (values[0].isdigit() and values[1] == "," and values[2].isdigit() and values[3] == "]") or not out:
            raise SqlError(-201, SYNTAX)
        self.place += 4
        column = out.pop()
        if out and out[-1] == ".":
            column = out[-2] + "." + column
            del out[-2:]
        out.append(f"substr({column}, {values[0]}, {int(values[2]) - int(values[0]) + 1})")


def _label(name: str) -> str:
    """Column heading as Informix gives it: the lower-case name, or (count(*)), (max), (constant), (expression)."""
    if re.fullmatch(r"[A-Za-z_]\w*", name):
        return name.lower()
    bare = re.sub(r"\s+", "", name.lower())
    if bare == "count(*)":
        return "(count(*))"
    if match := re.match(r"(count|max|min|sum|avg)\(", bare):
        return f"({match.group(1)})"
    return "(constant)" if re.fullmatch(r"'.*'|[\d.]+", bare) else "(expression)"


def _error(error: sqlite3.Error) -> SqlError:
    text = str(error)
    if match := re.search(r"no such table: (?:main\.)?(\w+)", text):
        return SqlError(-206, f"The specified table ({match.group(1)}) is not in the database.", unknown=True)
    if "prohibited" in text or "not authorized" in text:
        return SqlError(-206, "The specified table is not in the database.", unknown=True)
    if match := re.search(r"(?:no such column: |has no column named )([\w.]+)", text):
        return SqlError(-217, f"Column ({match.group(1).split('.')[-1]}) not found in any table in the query (or SLV is undefined).", unknown=True)
    if match := re.search(r"no such function: (\w+)", text):
        return SqlError(-674, f"Routine ({match.group(1).lower()}) can not be resolved.", unknown=True)
    if match := re.search(r"ambiguous column name: ([\w.]+)", text):
        return SqlError(-324, f"Ambiguous column ({match.group(1)}).")
    if "UNIQUE" in text:
        return SqlError(-239, "Could not insert new row - duplicate value in a UNIQUE INDEX column (Unique Index:).")
    if "FOREIGN KEY" in text:
        return SqlError(-691, "Missing key in referenced table for referential constraint.")
    if "NOT NULL" in text:
        return SqlError(-391, "Cannot insert a null into column.")
    return SqlError(-201, SYNTAX, unknown=True)      # perhaps only the lab does not understand it: count it


_HIDDEN_ACTIONS = {getattr(sqlite3, name) for name in dir(sqlite3) if name.startswith("SQLITE_") and name.split("_", 1)[1] in (
    "ATTACH", "DETACH", "PRAGMA", "CREATE_TABLE", "DROP_TABLE", "CREATE_INDEX", "DROP_INDEX", "CREATE_VIEW", "CREATE_TRIGGER", "ALTER_TABLE")}


def _authorise(tables_there: set[str]) -> Any:
    """Keeps to the lab's tables. Private ones are kept from statements by their names; what refers to a row is looked through with it."""
    def check(action: int, first: str | None, second: str | None, *_: Any) -> int:
        if action in _HIDDEN_ACTIONS:
            return sqlite3.SQLITE_DENY
        if action in (sqlite3.SQLITE_READ, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE) and first and first not in tables_there:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK
    return check


def _execute(cluster: Any, text: str, verbs: tuple[str, ...], channel: str, node: Any) -> tuple[list[str], list[tuple], int]:
    database = cluster.db
    database.adapt()
    try:
        tokens = _tokens(text)
        if not tokens or tokens[0][1].lower() not in verbs:
            raise SqlError(-201, SYNTAX, unknown=bool(tokens) and tokens[0][1].lower() in _KNOWN_GAPS)
        if any(t[1].lower().startswith("certificate") for t in tokens if t[0] == "word"):
            certificate_rows.refresh(cluster)
        statement = _Rewriter(tokens).text()
        connection = database.connection
        connection.create_function("newid", 0, lambda: str(uuid.uuid4()))
        connection.execute("PRAGMA case_sensitive_like=ON")
        connection.set_authorizer(_authorise(tables.names()))
        try:
            cursor = connection.execute(statement)
            return [d[0] for d in cursor.description or ()], cursor.fetchall(), cursor.rowcount
        except sqlite3.Error as error:
            raise _error(error) from None
        finally:
            connection.set_authorizer(None)
            connection.execute("PRAGMA case_sensitive_like=OFF")
    except SqlError as error:
        if error.unknown:
            cluster.world.note_unknown(node or cluster.publisher, channel, f"SQL: {text}")
        raise


def _device_xml(cluster: Any, text: str) -> list[tuple[str | None, ...]] | None:
    """The stored procedure that gives a device's product-specific settings (id:30388874925, id:32282546654); None for any other statement."""
    match = _DEVICE_XML.fullmatch(text)
    return [(OF_PHONES.read(cluster.db, match.group(1)),)] if match else None


def query(cluster: Any, text: str, channel: str = "axl", node: Any = None) -> tuple[list[str], list[tuple[str | None, ...]]]:
    """Answers a SELECT: (column headings, rows); every value is text, NULL is None.

    channel and node: for the count of unknown requests. Raises SqlError.
    """
    if (rows := _device_xml(cluster, text)) is not None:
        return ["(expression)"], rows
    names, rows, _ = _execute(cluster, text, ("select",), channel, node)
    return [_label(n) for n in names], [tuple(None if v is None else str(v) for v in row) for row in rows]


def update(cluster: Any, text: str, channel: str = "axl", node: Any = None) -> int:
    """Carries out an INSERT, UPDATE or DELETE; returns the number of rows. Raises SqlError."""
    return max(0, _execute(cluster, text, ("insert", "update", "delete"), channel, node)[2])
