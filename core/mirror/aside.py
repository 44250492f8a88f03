"""`om_kept_value`: values that no longer fit a field's new type or length, kept aside and reported.

They are copied when the change is seen. After the column was filled anew from Salesforce, those that are still what
they were are forgotten: what stays is what the change cost. The functions that take a writer wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.mirror import times
from core.mirror.session import Session, WriteSession
from core.mirror.tables import HIDDEN_PREFIX, WITHDRAWN, Column, Table
from core.mirror.values import Kind, quoted, stored_sql
from core.mirror.writer import Priority, Writer
from core.model.describe import FieldInfo

_SLICE = 2000
_DATE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


@dataclass(frozen=True, slots=True)
class KeptValue:
    """One value that has no place any more. `why` is "type" or "length"."""

    object: str
    record_id: str
    field: str
    at: str
    why: str
    value: Any


def fits_sql(field: FieldInfo, kind: Kind, text: str, *, picklist: bool) -> tuple[str, list[str]]:
    """SQL that is true where the wire text `text` fits the field, and its parameters."""
    if kind in (Kind.NUMBER, Kind.EXACT):
        return f"({text} GLOB '*[0-9]*' AND {text} NOT GLOB '*[^0-9.eE+-]*')", []
    if kind is Kind.BOOLEAN:
        return f"({stored_sql(kind, text)}) IS NOT NULL", []
    if kind is Kind.DATETIME:
        return f"{text} GLOB '{_DATE}T*'", []
    if kind is Kind.ID:
        return f"length({text}) IN (15, 18)", []
    if field.type == "date":
        return f"{text} GLOB '{_DATE}'", []
    terms, values = [], []
    if field.length:
        terms.append(f"length({text}) <= {int(field.length)}")
    if picklist and field.type == "picklist" and field.restricted_picklist:
        values = [item.value for item in field.picklist_values]
        terms.append(f"{text} IN ({', '.join('?' * len(values))})")
    return " AND ".join(terms) or "1", values


def wire_sql(kind: Kind, column: str) -> str:
    """A stored value as the text of the wire."""
    if kind is Kind.BOOLEAN:
        return f"CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
    return f"CAST({column} AS TEXT)"


def keep_unfit(
    writer: Writer, table: Table, column: Column, stored_in: str, old_kind: Kind, why: str, *, picklist: bool = True
) -> int:
    """Copy the values of `stored_in` (a column of the table) that do not fit `column` as it is now; how many."""
    text = wire_sql(old_kind, quoted(stored_in))
    fits, values = fits_sql(column.field, column.kind, text, picklist=picklist)
    sql = (
        "INSERT OR REPLACE INTO om_kept_value (object, record_id, field, at, why, value) "
        f'SELECT ?, "Id", ?, ?, ?, {quoted(stored_in)} FROM {table.quoted} '
        f"WHERE om_row > ? AND om_row <= ? AND {quoted(stored_in)} IS NOT NULL AND NOT ({fits})"
    )
    now = times.now_text()

    def piece(session: WriteSession, low: int) -> int:
        session.conn.execute(sql, (table.name, column.name, now, why, low, low + _SLICE, *values))
        return session.conn.changes()

    top = writer.submit(partial(_last_row, table=table), Priority.BATCH).result()
    lows = range(0, top + 1, _SLICE)
    return sum(writer.submit(partial(piece, low=low), Priority.BATCH).result() for low in lows)


def settle(writer: Writer, table: Table, field: str) -> int:
    """Forget the values that the filled column holds all the same; how many are really lost."""
    sql = (
        "DELETE FROM om_kept_value WHERE rowid > ? AND rowid <= ? AND object = ? AND field = ? AND EXISTS "
        f'(SELECT 1 FROM {table.quoted} t WHERE t."Id" = om_kept_value.record_id '
        f"AND CAST(t.{quoted(field)} AS TEXT) = CAST(om_kept_value.value AS TEXT))"
    )

    def piece(session: WriteSession, low: int) -> int | None:
        session.conn.execute(sql, (low, low + _SLICE, table.name, field))
        top = session.conn.execute("SELECT max(rowid) FROM om_kept_value").get or 0
        return low + _SLICE if low + _SLICE < int(str(top)) else None

    low: int | None = 0 if field in table.by_name else None
    while low is not None:
        low = writer.submit(partial(piece, low=low), Priority.BATCH).result()
    return writer.submit(partial(count, name=table.name, field=field), Priority.BATCH).result()


def count(session: Session, name: str, field: str | None = None) -> int:
    """How many values are kept of an object, or of a field."""
    sql = "SELECT count(*) FROM om_kept_value WHERE object = ?1 AND (?2 IS NULL OR field = ?2)"
    return int(session.conn.execute(sql, (name, field)).get)


def fields(session: Session, name: str) -> list[str]:
    """The fields of an object of which values are kept."""
    rows = session.conn.execute("SELECT DISTINCT field FROM om_kept_value WHERE object = ? ORDER BY field", (name,))
    return [str(field) for (field,) in rows]


def read(session: Session, name: str, field: str) -> Iterator[KeptValue]:
    """The kept values of a field, by record."""
    rows = session.conn.execute(
        "SELECT object, record_id, field, at, why, value FROM om_kept_value WHERE object = ? AND field = ? "
        "ORDER BY record_id, at",
        (name, field),
    )
    for found, record_id, of, at, why, value in rows:
        yield KeptValue(str(found), str(record_id), str(of), str(at), str(why), value)


def all_values(session: Session, name: str, field: str) -> Iterator[KeptValue]:
    """The kept values of a field, and those of its column where it is out of sight."""
    column = HIDDEN_PREFIX + field
    hidden = session.conn.execute(
        "SELECT hidden_at FROM om_field WHERE object = ? AND name = ? AND hidden_why = ?", (name, field, WITHDRAWN)
    ).get
    present = session.conn.execute("SELECT 1 FROM pragma_table_xinfo(?) WHERE name = ?", (name, column)).get
    if hidden is not None and present is not None:
        rows = session.conn.execute(
            f'SELECT "Id", {quoted(column)} FROM {quoted(name)} WHERE {quoted(column)} IS NOT NULL ORDER BY "Id"'
        )
        for record_id, value in rows:
            yield KeptValue(name, str(record_id), field, str(hidden), WITHDRAWN, value)
    yield from read(session, name, field)


def forget(session: WriteSession, name: str, field: str) -> None:
    """A person has no use for the kept values of a field."""
    session.conn.execute("DELETE FROM om_kept_value WHERE object = ? AND field = ?", (name, field))


def _last_row(session: WriteSession, table: Table) -> int:
    return session.conn.execute(f"SELECT max(om_row) FROM {table.quoted}").get or 0
