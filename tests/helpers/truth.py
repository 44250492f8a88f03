"""Compares a mirror with what the org says is true, value by value, in one canonical form of its own.

The form is made here a second time, apart from the program's, so that a mistake there does not hide itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

_DATETIME = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?(?:Z|\+0000|\+00:00)$")
_NUMBERS = {"int", "double", "currency", "percent", "long"}


def canonical(value: Any, kind: str) -> Any:
    """A value of describe type `kind`, from either side, so that equal values are equal Python values."""
    if value is None or value == "":
        return None
    if kind == "boolean":
        return {True: 1, False: 0, "true": 1, "false": 0}.get(value, value)
    if kind in _NUMBERS:
        number = Decimal(repr(value) if isinstance(value, float) else str(value))
        return number.normalize() + 0
    if kind == "datetime" and isinstance(value, str):
        match = _DATETIME.match(value)
        return f"{match[1]}.{(match[2] or '').ljust(3, '0')}" if match else value
    return value


def differences(
    name: str,
    types: Mapping[str, str],
    truth: Iterable[Mapping[str, Any]],
    mirror: Iterable[Mapping[str, Any]],
    limit: int = 10,
) -> list[str]:
    """Where the mirror differs from the truth; empty when it does not. Rows are matched by Id."""
    found: list[str] = []
    mine = {row["Id"]: row for row in mirror}
    seen: set[str] = set()
    for row in truth:
        record_id = str(row["Id"])
        seen.add(record_id)
        here = mine.get(record_id)
        if here is None:
            found.append(f"{name} {record_id} is missing")
            continue
        for field, value in row.items():
            if field in ("attributes",) or types.get(field) in (None, "address", "location", "base64"):
                continue
            if field not in here:
                found.append(f"{name}.{field} has no column")
                continue
            expected, actual = canonical(value, types[field]), canonical(here[field], types[field])
            if expected != actual:
                found.append(f"{name} {record_id} {field}: expected {expected!r}, found {actual!r}")
            if len(found) >= limit:
                return found
    found += [f"{name} {record_id} is not in the org" for record_id in mine if record_id not in seen]
    return found[:limit]
