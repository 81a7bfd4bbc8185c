"""`run sql`: the same truth as AXL's executeSQLQuery, in the command line's fixed-width table (transcript 14).

IM and Presence asks the database of its Unified CM cluster. Of Unity Connection's (id:63128004977) the lab has the certificates alone.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING
from typing import Any

from lab.core.world import IM_PRESENCE
from lab.core.world import UNIFIED_CM
from lab.core.world import UNITY_CONNECTION
from lab.ucm import sql
from lab.ucm.store import Store
from lab.ucm.vos_cli.registry import Failure
from lab.ucm.vos_cli.registry import command
from lab.ucm.vos_cli.shell import CHANNEL

if TYPE_CHECKING:
    from lab.ucm.vos_cli.shell import Shell


def table(columns: list[str], rows: list) -> str:
    """Header, rule of equal signs and rows, each column as wide as its widest value; NULL is printed as a word."""
    cells = [["NULL" if value is None else str(value) for value in row] for row in rows]
    widths = [max([len(name), *(len(row[number]) for row in cells)]) for number, name in enumerate(columns)]
    lines = [columns, ["=" * width for width in widths], *cells]
    return "".join(" ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)) + "\n" for line in lines)


def kind(arguments: list[str]) -> str:
    """A select reads; all else is counted as a write attempt."""
    return "read" if arguments[:1] and arguments[0].lower() == "select" else "write"


def asked(shell: Shell, statement: str) -> Any:
    """The cluster whose database a node asks. Raises SqlError for what the lab does not have of Unity Connection's."""
    cluster = shell.cluster
    if cluster.product != UNITY_CONNECTION:
        return cluster.cm_cluster
    if not re.fullmatch(r"select [\w, ]+ from certificate", statement, re.I):
        shell.world.note_unknown(shell.node, CHANNEL, f"SQL: {statement}")
        raise sql.SqlError(-206, "The specified table is not in the database.", unknown=True)
    store = Store(cluster.name, str(cluster.world.axl_schema) if cluster.world.axl_schema else None)
    store.adapt = lambda: None
    return SimpleNamespace(db=store, nodes=cluster.nodes, presence=[], world=cluster.world, publisher=cluster.publisher)


@command("run sql", kind, (UNIFIED_CM, IM_PRESENCE, UNITY_CONNECTION))
async def run_sql(shell: Shell, arguments: list[str]) -> None:
    """Run one statement, as it was typed. Only selects are run; a change through the command line is not part of the lab."""
    if not arguments:
        raise Failure("SQL statement is missing")
    statement = shell.typed.split(maxsplit=2)[2]
    if arguments[0].lower() in ("insert", "update", "delete"):
        shell.world.note_unknown(shell.node, CHANNEL, shell.typed)
    try:
        columns, rows = sql.query(asked(shell, statement), statement, CHANNEL, shell.node)
    except sql.SqlError as problem:
        raise Failure(str(problem)) from problem
    if rows or shell.world.variant("cli_sql_empty") == "header":
        await shell.out(table(list(columns), list(rows)))
