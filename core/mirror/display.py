"""Stored values -> text as a person reads it, in a list (one line) or in a record (line breaks kept). Pure.

Locale-neutral on purpose: 1,234.50 and 2024-05-07 22:07; the window may word numbers and dates its own way from the raw
value. Datetimes are shown in the zone given (the Salesforce user's, or the computer's), a boolean as a tick or nothing.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from core.mirror.tables import Column
from core.mirror.values import Kind

TICK = "✓"
# What a list reads of a long text; a row could not show more.
LIST_CHARS = 400
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/tr|/h\d)\b[^>]*>", re.IGNORECASE)

Formatter = Callable[[Any], str]


def zone_of(name: str | None) -> tzinfo:
    """The zone of that IANA name; UTC where it is unknown here."""
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def computer_zone() -> tzinfo:
    """This computer's zone as it is now."""
    return datetime.now().astimezone().tzinfo or UTC


def cell_formatter(column: Column, zone: tzinfo) -> Formatter:
    """The text of a list's cell: one line, never None. Look-ups come out as ids; their names are `names.Names`'."""
    field, kind = column.field, column.kind
    if field.html_formatted:
        return lambda value: "" if value is None else one_line(plain_text(str(value)))
    if kind is Kind.TEXT and field.type not in ("date", "time"):
        labels = _labels(column)
        if labels:
            return _picklist(column, labels)
        return lambda value: "" if value is None else (value if _is_plain(value) else one_line(str(value)))
    return text_formatter(column, zone)


def text_formatter(column: Column, zone: tzinfo) -> Formatter:
    """The text of a record's field, line breaks kept, never None."""
    field, kind = column.field, column.kind
    if kind is Kind.BOOLEAN:
        return lambda value: TICK if value else ""
    if kind in (Kind.NUMBER, Kind.EXACT):
        return _number(column)
    if kind is Kind.DATETIME:
        return lambda value: "" if value is None else moment_text(value, zone)
    if field.type == "time":
        return lambda value: "" if value is None else _time(str(value))
    labels = _labels(column) if kind is Kind.TEXT else {}
    if labels:
        return _picklist(column, labels)
    return lambda value: "" if value is None else str(value)


def moment_text(value: str, zone: tzinfo) -> str:
    """A stored datetime as `2024-05-07 22:07` in `zone`; what is none stays as it is."""
    try:
        moment = datetime.fromisoformat(value).astimezone(zone)
    except (ValueError, OverflowError):
        return str(value)
    return moment.isoformat(" ", "minutes")[:16]


def one_line(text: str) -> str:
    """`text` on one line, of a length that a row can show."""
    return " ".join(text[: LIST_CHARS * 4].split())[:LIST_CHARS]


def plain_text(markup: str) -> str:
    """The words of a formatted text. For showing only: nothing is made safe by it."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", markup))).strip()


def json_value(column: Column, value: Any) -> Any:
    """A stored value as `list` and `show` print it: booleans, exact numbers as strings, null for empty (rules 9)."""
    if value is None:
        return None
    if column.kind is Kind.BOOLEAN:
        return bool(value)
    if column.kind is Kind.EXACT:
        return str(value)
    if column.kind is Kind.NUMBER and isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if isinstance(value, (int, float, str)) else json.loads(json.dumps(value, default=str))


def _is_plain(value: Any) -> bool:
    return type(value) is str and len(value) <= LIST_CHARS and value.isprintable()


def _labels(column: Column) -> dict[str, str]:
    """Values of a pick list that are shown by another text; empty where none is."""
    if column.field.type not in ("picklist", "multipicklist", "combobox"):
        return {}
    labels = {item.value: item.label for item in column.field.picklist_values if item.label != item.value}
    if column.field.type == "multipicklist":
        return labels or {"": ""}  # the separator is shown differently in any case
    return labels


def _picklist(column: Column, labels: dict[str, str]) -> Formatter:
    if column.field.type == "multipicklist":
        return lambda value: "" if value is None else "; ".join(labels.get(v, v) for v in str(value).split(";"))
    return lambda value: "" if value is None else labels.get(value) or one_line(str(value))


def _number(column: Column) -> Formatter:
    field = column.field
    percent = "%" if field.type == "percent" else ""
    # Formulas and imported values may have more digits than describe's scale; they are shown, not rounded away.
    fixed = f",.{field.scale}f" if field.type == "currency" and field.scale else None

    def text(value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, int):
            return f"{value:{fixed or ','}}{percent}"
        if isinstance(value, float):
            if fixed and round(value, field.scale) == value:
                return f"{value:{fixed}}{percent}"
            return f"{_grouped(repr(value))}{percent}"
        return f"{_grouped(str(value))}{percent}"

    return text


def _grouped(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return text
    plain = f"{number:,f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _time(text: str) -> str:
    bare = text.removesuffix("Z")
    if bare.endswith(":00.000"):
        return bare[: -len(":00.000")]
    return bare.removesuffix(".000")
