"""One canonical stored form for a value, whichever wire brought it (rules 2).

A value travels as *wire text*: what the Bulk CSV holds, or what `wire_text` makes of a REST JSON value. SQL expressions
turn wire text into the stored form inside the INSERT, so that CSV rows go to `executemany` untouched; the Python
functions here are called by SQL only for the odd value that the expression does not settle itself.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from enum import StrEnum
from typing import Any

import apsw

from core.mirror import times
from core.model.describe import NUMBER_TYPES, FieldInfo
from core.model.refs import long_id

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,6})?", re.ASCII)
# Salesforce's numbers end far below; the limit keeps "1E999999999" from becoming a gigabyte of zeros.
_MAX_EXPONENT = 400


class Kind(StrEnum):
    """How a field's values are stored."""

    ID = "id"  # ids and look-ups: 18 characters
    BOOLEAN = "boolean"  # INTEGER 0 or 1
    NUMBER = "number"  # NUMERIC
    EXACT = "exact"  # TEXT plus a generated REAL column
    DATETIME = "datetime"  # ISO-8601 UTC with Z and milliseconds
    TEXT = "text"  # everything else, dates and times too


SQL_TYPES = {
    Kind.ID: "TEXT",
    Kind.BOOLEAN: "INTEGER",
    Kind.NUMBER: "NUMERIC",
    Kind.EXACT: "TEXT",
    Kind.DATETIME: "TEXT",
    Kind.TEXT: "TEXT",
}


def kind_of(field: FieldInfo) -> Kind:
    """The stored kind of a described field."""
    if field.type in ("id", "reference"):
        return Kind.ID
    if field.type == "boolean":
        return Kind.BOOLEAN
    if field.type in NUMBER_TYPES:
        return Kind.EXACT if field.is_exact_number else Kind.NUMBER
    if field.type == "datetime":
        return Kind.DATETIME
    return Kind.TEXT


def stored_sql(kind: Kind, wire: str) -> str:
    """The SQL expression that makes the stored value of the wire text `wire` (a parameter such as `?7`).

    For NUMBER the column's NUMERIC affinity does the rest; use `CAST(... AS NUMERIC)` outside of an INSERT with care:
    it turns text that is no number into 0, which affinity does not.
    """
    match kind:
        case Kind.ID:
            return f"CASE length({wire}) WHEN 18 THEN {wire} WHEN 0 THEN NULL ELSE om_id({wire}) END"
        case Kind.BOOLEAN:
            return (
                f"CASE {wire} WHEN 'false' THEN 0 WHEN 'true' THEN 1 WHEN '0' THEN 0 WHEN '1' THEN 1 "
                f"ELSE CASE lower({wire}) WHEN 'false' THEN 0 WHEN 'true' THEN 1 END END"
            )
        case Kind.EXACT:
            # A digit first and no needless zero before it, then digits with at most one point: settled here.
            return (
                f"CASE WHEN {wire} = '' THEN NULL "
                f"WHEN {wire} < '1' AND ({wire} < '0.' OR {wire} >= '0/') THEN om_exact({wire}) "
                f"ELSE CASE trim({wire}, '0123456789') WHEN '' THEN {wire} "
                f"WHEN '.' THEN rtrim(rtrim({wire}, '0'), '.') ELSE om_exact({wire}) END END"
            )
        case Kind.DATETIME:
            return (
                f"CASE substr({wire},24) WHEN 'Z' THEN {wire} WHEN '+0000' THEN substr({wire},1,23)||'Z' "
                f"ELSE om_datetime({wire}) END"
            )
        case Kind.NUMBER | Kind.TEXT:
            return f"NULLIF({wire},'')"


def wire_text(value: Any) -> str | None:
    """A REST JSON value as the text that Bulk's CSV would hold; NUL bytes dropped (rules 2)."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return repr(value) if isinstance(value, float) else str(value)


def exact_text(text: str | None) -> str | None:
    """A number without exponent and trailing zeros: `1.0E7` -> `10000000`, `-0.0` -> `0`. No number: as it is."""
    if not text:
        return None
    bare = text.strip()
    if not _NUMBER.fullmatch(bare):
        return text
    number = Decimal(bare)
    if not number:
        return "0"
    if abs(number.adjusted()) > _MAX_EXPONENT:
        return text
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def datetime_text(text: str | None) -> str | None:
    """Any ISO-8601 datetime as UTC with milliseconds and `Z`; text that is none stays as it is."""
    if not text:
        return None
    try:
        return times.to_text(times.from_text(text))
    except (ValueError, OverflowError):
        return text


def stored_value(kind: Kind, value: Any) -> Any:
    """A value of either wire or of a form as the column stores it: what `stored_sql` and the affinity make of it.

    Text that is no number, boolean or datetime stays text (a boolean becomes NULL, as from the wire).
    """
    text = wire_text(value)
    if not text:
        return None
    match kind:
        case Kind.ID:
            return long_id(text)
        case Kind.BOOLEAN:
            return {"false": 0, "0": 0, "true": 1, "1": 1}.get(text.lower())
        case Kind.EXACT:
            return exact_text(text)
        case Kind.DATETIME:
            return datetime_text(text)
        case Kind.NUMBER:
            return _number(text)
        case Kind.TEXT:
            return text


def _number(text: str) -> int | float | str:
    """What NUMERIC affinity makes of a text: an integer where none is lost, else a float, else the text."""
    if not _NUMBER.fullmatch(text.strip()):
        return text
    number = Decimal(text.strip())
    if number.adjusted() > 30:
        return float(number)
    whole = int(number)
    return whole if whole == number and -(2**63) <= whole < 2**63 else float(number)


def id_text(text: str | None) -> str | None:
    """A 15-character id lengthened to 18; anything else as it is."""
    return long_id(text) if text else None


def register(conn: apsw.Connection) -> None:
    """Make the functions that the expressions of `stored_sql` call known to a connection."""
    functions: dict[str, Any] = {"om_exact": exact_text, "om_datetime": datetime_text, "om_id": id_text}
    for name, function in functions.items():
        conn.create_scalar_function(name, function, 1, deterministic=True)


def quoted(name: str) -> str:
    """An SQL identifier, always quoted: `Order`, `Group` and `Case` are objects."""
    return '"' + name.replace('"', '""') + '"'
