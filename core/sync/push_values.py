"""Between the stored form of a value and the JSON that Salesforce speaks. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from core.mirror.tables import Column, Table
from core.mirror.values import Kind, stored_value


def wire(column: Column, value: Any) -> Any:
    """A stored value as JSON for a write: numbers as numbers (Decimal where they are exact), None clears."""
    if value is None or value == "":
        return None
    match column.kind:
        case Kind.BOOLEAN:
            return bool(value)
        case Kind.NUMBER | Kind.EXACT:
            return _exact(value)
        case _:
            return str(value)


def wire_record(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values of a record as JSON for a write; names that are no column travel as they are."""
    return {
        name: value if (column := table.column(name)) is None else wire(column, value) for name, value in values.items()
    }


def stored_record(table: Table, record: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a JSON record in stored form, by the table's own names; what is no column is passed over."""
    found = {}
    for name, value in record.items():
        column = table.column(name)
        if column is not None:
            found[column.name] = stored_value(column.kind, value)
    return found


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(value)) if math.isfinite(value) else str(value)
    if isinstance(value, (int, Decimal)):
        return int(value) if isinstance(value, bool) else value
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return int(number) if number.is_finite() and number == number.to_integral_value() else number
