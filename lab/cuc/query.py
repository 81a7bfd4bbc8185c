"""`query`, `sort`, `rowsPerPage` and `pageNumber` of a CUPI list (vos.md 4, id:63117344626)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.cuc.model import Field
from lab.cuc.model import Row
from lab.cuc.model import invalid

if TYPE_CHECKING:
    from lab.core.world import World

variant("cupi_last_page", ("empty", "repeated"), "empty", "vos.md 4 (id:55983638925 guards against it)",
        "a page after the last one: no rows, or the last page once more")
refusal("cupi_query_column", "vos.md 4", "a query or sort on a column that is neither indexed nor boolean")
refusal("cupi_query_and_sort", "id:33207662372", "a query and a sort by different columns in one request")

INDEXED = ("displayname", "mediaswitchobjectid")        # the second: id:33207662372
_QUERY = re.compile(r"\(\s*(\w+)\s+(is|startswith)\s+(.*?)\s*\)", re.IGNORECASE)
_SORT = re.compile(r"\(\s*(\w+)(?:\s+(asc|desc))?\s*\)", re.IGNORECASE)
_COLUMN = re.compile(r"\s*\(\s*(\w+)")
_TRUE = {"1": "true", "0": "false"}


def select(rows: list[Row], fields: tuple[Field, ...], asked: Mapping[str, str], world: World) -> tuple[list[Row], int]:
    """The rows of the page that is asked for, and how many there are in all. Raises CupiError for a question that cannot be understood."""
    columns = {match.group(1).lower() for match in map(_COLUMN.match, (asked.get("query", ""), asked.get("sort", ""))) if match}
    if len(columns) > 1 and world.refuses("cupi_query_and_sort"):
        raise invalid("A query and a sort must be by the same column")
    if "query" in asked:
        rows = _filtered(rows, fields, asked["query"], world)
    if "sort" in asked:
        rows = _sorted(rows, fields, asked["sort"], world)
    return _page(rows, asked, world), len(rows)


def _column(name: str, fields: tuple[Field, ...], sorting: bool, world: World) -> Field:
    field = next((field for field in fields if field.name.lower() == name.lower()), None)
    good = field is not None and (field.name.lower() in INDEXED or (field.kind == "bool" and not sorting))
    if field is None or (not good and world.refuses("cupi_query_column")):
        raise invalid(f"{name} cannot be searched or sorted by")
    return field


def _filtered(rows: list[Row], fields: tuple[Field, ...], text: str, world: World) -> list[Row]:
    match = _QUERY.fullmatch(text.strip())
    if match is None:
        raise invalid(f"Invalid query {text}")
    field, operator, wanted = _column(match.group(1), fields, False, world), match.group(2).lower(), match.group(3).lower()
    if field.kind == "bool":
        wanted = _TRUE.get(wanted, wanted)
    values = [(row, row.get(field.name, "").lower()) for row in rows]
    return [row for row, value in values if (value == wanted if operator == "is" else value.startswith(wanted))]


def _sorted(rows: list[Row], fields: tuple[Field, ...], text: str, world: World) -> list[Row]:
    match = _SORT.fullmatch(text.strip())
    if match is None:
        raise invalid(f"Invalid sort {text}")
    field = _column(match.group(1), fields, True, world)
    return sorted(rows, key=lambda row: row.get(field.name, "").lower(), reverse=(match.group(2) or "").lower() == "desc")


def _page(rows: list[Row], asked: Mapping[str, str], world: World) -> list[Row]:
    if "rowsPerPage" not in asked and "pageNumber" not in asked:
        return rows
    size, number = _number(asked, "rowsPerPage", len(rows), 0), _number(asked, "pageNumber", 1, 1)
    if size == 0:
        return []                                   # the total alone
    page = rows[(number - 1) * size : number * size]
    if not page and rows and world.variant("cupi_last_page") == "repeated":
        return rows[(len(rows) - 1) // size * size :]
    return page


def _number(asked: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = asked.get(name, str(default))
    if not text.isdigit() or int(text) < least:
        raise invalid(f"Invalid value for {name}")
    return int(text)
