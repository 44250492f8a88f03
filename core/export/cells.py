"""Rows of a list as values for a file: for people (names, local time) or as stored. On one read connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

import apsw

from core.mirror.names import Names
from core.mirror.pages import read_rows
from core.mirror.tables import Column, Table
from core.mirror.values import Kind

SLICE = 500
# What a spreadsheet takes for the beginning of a formula; the wide forms count in some locales.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A phone number or a negative amount calls no function.
_NUMBER = re.compile(r"[+-][\d\s().,/-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What to write: rows of a table in an order, and how. `shown`: look-ups as names and times in `zone`."""

    table: Table
    columns: tuple[Column, ...]
    om_rows: Sequence[int]
    zone: tzinfo = UTC
    shown: bool = True


def rows_of(conn: apsw.Connection, sheet: Sheet, names: Names) -> Iterator[tuple[Any, ...]]:
    """The values of each row that is still there: str, int, float, Decimal, bool, date, datetime, time or None.

    Datetimes are without a zone, in the sheet's; with `shown` off every value but a boolean is as stored.
    """
    ways = [_way(c, sheet) for c in sheet.columns]
    references = [(at, c) for at, c in enumerate(sheet.columns) if sheet.shown and c.field.type == "reference"]
    for start in range(0, len(sheet.om_rows), SLICE):
        wanted = sheet.om_rows[start : start + SLICE]
        found = read_rows(conn, sheet.table, wanted, sheet.columns)
        for at, column in references:
            names.resolve((row[at + 1] for row in found.values()), column.field.reference_to)
        for om_row in wanted:
            row = found.get(om_row)
            if row is None:
                continue
            values = [way(value) for way, value in zip(ways, row[1:], strict=True)]
            for at, _ in references:
                if values[at] is not None:
                    values[at] = names.name(values[at]) or values[at]
            yield tuple(values)


def harmless(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula: an apostrophe before it where one might."""
    if text.lstrip(" ").startswith(_STARTS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def _way(column: Column, sheet: Sheet) -> Callable[[Any], Any]:
    if column.kind is Kind.BOOLEAN:
        return lambda value: None if value is None else bool(value)
    if not sheet.shown:
        return lambda value: value
    if column.kind is Kind.EXACT:
        return lambda value: None if value is None else Decimal(value)
    if column.kind is Kind.DATETIME:
        return lambda value: _moment(value, sheet.zone)
    if column.field.type == "date":
        return lambda value: _parsed(date.fromisoformat, value)
    if column.field.type == "time":
        return lambda value: _parsed(_time, value)
    return lambda value: value


def _moment(value: str | None, zone: tzinfo) -> Any:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return value


def _time(text: str) -> time:
    return time.fromisoformat(text.removesuffix("Z"))


def _parsed(parse: Callable[[str], Any], value: str | None) -> Any:
    if value is None:
        return None
    try:
        return parse(value)
    except ValueError:
        return value
