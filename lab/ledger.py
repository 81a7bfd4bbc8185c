"""The ledger: for each thing the lab answers, how we know (lab/fidelity.yaml), as a table for readers and for docs/fidelity.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("fidelity.yaml")
SOURCES = ("schema", "document", "transcript", "inferred")
FIELDS = {"id", "surface", "operation", "source", "where", "releases", "variant", "refusal", "note"}
REQUIRED = {"id", "surface", "operation", "source", "where", "releases"}


class BadLedger(ValueError):
    """fidelity.yaml has a row that does not make sense."""


def rows(path: Path = FILE) -> list[dict[str, Any]]:
    """All rows, checked: fields known and complete, sources known, ids unique. Raises BadLedger."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    seen: set[str] = set()
    for row in read:
        name = row.get("id", "?")
        if set(row) - FIELDS or REQUIRED - set(row):
            raise BadLedger(f"{name}: unknown {sorted(set(row) - FIELDS)}, missing {sorted(REQUIRED - set(row))}")
        if row["source"] not in SOURCES:
            raise BadLedger(f"{name}: source must be one of {', '.join(SOURCES)}")
        if name in seen:
            raise BadLedger(f"{name} is there twice")
        seen.add(name)
    return read


def names(row: dict[str, Any], field: str) -> list[str]:
    """The variants or refusals of a row as a list."""
    value = row.get(field) or []
    return [value] if isinstance(value, str) else list(value)


def text(markdown: bool = False, as_json: bool = False) -> str:
    """The ledger for people: plain, Markdown or JSON."""
    table = sorted(rows(), key=lambda row: (row["surface"], row["id"]))
    if as_json:
        return json.dumps(table, indent=2) + "\n"
    count = {source: sum(row["source"] == source for row in table) for source in SOURCES}
    if not markdown:
        lines = [f"{row['surface']:16} {row['operation']:60.60} {row['source']:10} {row['where']}" for row in table]
        return "\n".join([*lines, ", ".join(f"{source}: {number}" for source, number in count.items())]) + "\n"
    lines = ["| surface | operation | source | where | releases | variants | must refuse |", "|---|---|---|---|---|---|---|"]
    for row in table:
        cells = [row["surface"], row["operation"], row["source"], row["where"], str(row["releases"]), ", ".join(names(row, "variant")),
                 ", ".join(names(row, "refusal"))]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    summary = "Rows by source: " + ", ".join(f"{source} {number}" for source, number in count.items()) + "."
    return "\n".join([summary, "", *lines]) + "\n"
