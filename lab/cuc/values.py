"""What CUPI checks about the fields of a request before it looks at what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.cuc.model import Field
from lab.cuc.model import Row
from lab.cuc.model import invalid

if TYPE_CHECKING:
    from lab.core.world import World

refusal("cupi_unknown_field", "lab.md 5", "a body with a field that the resource does not have")
refusal("cupi_read_only_field", "lab.md 5", "a body with a field that cannot be written (any more)")
refusal("cupi_missing_field", "lab.md 5", "a new object without a field that it needs")
refusal("cupi_value", "lab.md 5", "a value that the field cannot hold")

BOOLEANS = {"true": "true", "false": "false", "1": "true", "0": "false"}


def checked(body: Row, fields: tuple[Field, ...], new: bool, world: World) -> Row:
    """The body's values as they are stored; a new object's defaults are added. Raises CupiError."""
    by_name = {field.name: field for field in fields}
    result: Row = {}
    for name, value in body.items():
        field = by_name.get(name)
        if field is None:
            if world.refuses("cupi_unknown_field"):
                raise invalid(f"Unknown field {name}")
            continue
        if (field.written == "never" or (field.written == "add" and not new)) and world.refuses("cupi_read_only_field"):
            raise invalid(f"{name} cannot be modified")
        result[name] = _value(field, value, world)
    if new:
        for field in fields:
            if field.needed and not result.get(field.name) and world.refuses("cupi_missing_field"):
                raise invalid(f"{field.name} is required")
            if field.default is not None:
                result.setdefault(field.name, field.default)
    return result


def _value(field: Field, text: str, world: World) -> str:
    if field.kind == "bool":
        good, stored = text.lower() in BOOLEANS, BOOLEANS.get(text.lower(), text)
    elif field.kind == "int":
        number = int(text) if text.isdigit() else -1
        good, stored = field.least <= number <= field.most and (not field.choices or number in field.choices), str(number) if text.isdigit() else text
    else:
        good, stored = True, text
    if not good and world.refuses("cupi_value"):
        raise invalid(f"Invalid value for {field.name}")
    return stored
