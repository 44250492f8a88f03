"""Rows of a list as display strings, and as values for the command line. On one read connection, by row number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import apsw

from core.mirror.display import LIST_CHARS, cell_formatter, json_value
from core.mirror.names import Names
from core.mirror.tables import Column, Table
from core.mirror.values import Kind, quoted
from core.model.errors import ErrorCode, OrgMirrorError


def read_page(
    conn: apsw.Connection,
    table: Table,
    om_rows: Sequence[int],
    columns: Sequence[str],
    names: Names,
    zone: tzinfo,
) -> list[tuple[str, ...]]:
    """The cells of `om_rows`, in their order; a row that is gone has empty cells. About 200 rows at a time.

    Raises NO_SUCH_FIELD.
    """
    chosen = [_column(table, name) for name in columns]
    money = _currency_at(table, chosen)
    read = [*chosen, table.by_name["CurrencyIsoCode"]] if money else chosen
    found = _read(conn, table, om_rows, read, short=True)
    if not found:
        return [("",) * len(chosen)] * len(om_rows)
    cells: list[Sequence[str]] = []
    by_column = list(zip(*found.values(), strict=True))
    for at, column in enumerate(chosen):
        values = by_column[at + 1]
        if column.field.type == "reference":
            names.resolve(values, column.field.reference_to)
            cells.append(["" if v is None else names.name(v) or v for v in values])
        else:
            texts = list(map(cell_formatter(column, zone), values))
            if at in money:
                texts = [f"{t} {iso}" if t and iso else t for t, iso in zip(texts, by_column[-1], strict=True)]
            cells.append(texts)
    rows = dict(zip(found, zip(*cells, strict=True) if cells else [()] * len(found), strict=True))
    if len(rows) == len(om_rows):
        return [rows[row] for row in om_rows]
    empty = ("",) * len(chosen)
    return [rows.get(row, empty) for row in om_rows]


def read_values(
    conn: apsw.Connection, table: Table, om_rows: Sequence[int], columns: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows as `list --json` and `show --json` print them (rules 9); a row that is gone is left out."""
    chosen = [_column(table, name) for name in columns]
    found = _read(conn, table, om_rows, chosen, short=False)
    return [
        {c.name: json_value(c, value) for c, value in zip(chosen, found[row][1:], strict=True)}
        for row in om_rows
        if row in found
    ]


def read_rows(
    conn: apsw.Connection, table: Table, om_rows: Sequence[int], columns: Sequence[Column]
) -> Mapping[int, tuple[Any, ...]]:
    """Stored values by row number, each row with its number first; rows that are gone are left out."""
    return _read(conn, table, om_rows, columns, short=False)


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=table.name, field=name)
    return column


def _read(
    conn: apsw.Connection, table: Table, om_rows: Sequence[int], columns: Sequence[Column], *, short: bool
) -> Mapping[int, tuple[Any, ...]]:
    parts = [
        f"substr({quoted(c.name)}, 1, {LIST_CHARS * 4})" if short and c.field.is_long_text else quoted(c.name)
        for c in columns
    ]
    sql = f"SELECT {', '.join(['om_row', *parts])} FROM {table.quoted} WHERE om_row IN (SELECT value FROM json_each(?))"
    return {row[0]: row for row in conn.execute(sql, (json.dumps(list(om_rows)),))}


def _currency_at(table: Table, columns: Sequence[Column]) -> frozenset[int]:
    """The places of amounts whose currency stands in the row (orgs with several currencies)."""
    if "CurrencyIsoCode" not in table.by_name:
        return frozenset()
    return frozenset(
        at for at, c in enumerate(columns) if c.field.type == "currency" and c.kind in (Kind.NUMBER, Kind.EXACT)
    )
