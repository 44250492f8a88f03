"""Describe -> table. Makes and alters an object's table; every statement here is quick at any number of rows.

A column that is no longer visible is renamed to `om_hidden_<name>`, so that plain SQL finds no such column, its values
stay, and it comes back by another renaming. A field whose stored kind changes gets a new column; its old values are
converted by `convert` in slices, since SQLite cannot change a column's type.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import apsw

from core.mirror import aside, describes, objects, scoping, times
from core.mirror.indexes import create_indexes
from core.mirror.removal import drop_object
from core.mirror.session import Session, WriteSession
from core.mirror.tables import HELD, HIDDEN_PREFIX, REAL_PREFIX, UNTICKED, WITHDRAWN, Column, Table, make_table
from core.mirror.values import Kind, quoted, stored_sql
from core.mirror.writer import Priority, Writer
from core.model.describe import ObjectInfo
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.scope import default_direction

__all__ = [
    "Column",
    "Retyped",
    "SchemaDelta",
    "Table",
    "convert",
    "create_indexes",
    "drop_object",
    "ensure_table",
    "has_table",
    "hidden_fields",
    "stored_describe",
]

# Always mirrored where they exist, whatever fields are chosen: rows cannot be kept in step without them.
SYSTEM_FIELDS = frozenset({"Id", "IsDeleted", "SystemModstamp", "LastModifiedDate", "LastModifiedById", "CreatedDate"})
_CONVERT_SLICE = 2000


@dataclass(frozen=True, slots=True)
class Retyped:
    """A field whose stored kind changed; `old_column` still has the values that `convert` brings over."""

    name: str
    old: Kind
    new: Kind
    old_column: str


@dataclass(frozen=True, slots=True)
class SchemaDelta:
    """What `ensure_table` did. Added, returned, taken in and retyped columns want their values fetched again.

    `removed` are no longer visible; `left_out` and `taken_in` are what a person unticked and ticked.
    """

    table: Table
    created: bool = False
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    left_out: tuple[str, ...] = ()
    taken_in: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        withdrawn = self.removed or self.left_out
        return bool(self.created or self.added or withdrawn or self.returned or self.retyped or self.taken_in)


def ensure_table(
    session: WriteSession,
    info: ObjectInfo,
    fields: Collection[str] | None = None,
    *,
    describe_stamp: str | None = None,
    held: Collection[str] = (),
) -> SchemaDelta:
    """Make the object's table, or alter it to what `info` lists now, and store the describe.

    `fields` limits the columns, and so do the fields that a person unticked (system fields are always there).
    `describe_stamp` is the describe's Last-Modified; `held` columns are not to be asked for. Raises NO_SUCH_FIELD when
    the object has no Id.
    """
    out = scoping.unticked(session, info.name)
    chosen = (f for f in info.mirrored_fields if (fields is None or f.name in fields) and f.name not in out)
    wanted = {f.name for f in chosen} | {f.name for f in info.mirrored_fields if f.name in SYSTEM_FIELDS}
    row_filter = objects.row_filter(session, info.name)
    table = make_table(info, frozenset(wanted), row_filter, frozenset(held) & wanted)
    if "Id" not in table.by_name:
        raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=info.name, field="Id")
    created = not _has_table(session.conn, info.name)
    if created:
        _create(session, table)
        delta = SchemaDelta(table, created=True)
    else:
        delta = _alter(session, table)
    if _store_object(session, info, describe_stamp) or delta.changed:
        session.table_changed(info.name)
    return delta


def stored_describe(session: Session, name: str) -> tuple[ObjectInfo, str | None] | None:
    """The describe last stored for an object and its Last-Modified stamp, or None."""
    row = session.models.Object.get_or_none(session.models.Object.name == name)
    if row is None or row.describe is None:
        return None
    return describes.unpack(bytes(row.describe)), row.describe_stamp


def keep_describe(session: WriteSession, info: ObjectInfo) -> None:
    """Store the describe of an object that has no table yet, so that what is chosen of it has a place."""
    model = session.models.Object
    if model.get_or_none(model.name == info.name) is None:
        _store_object(session, info, None)
        model.update(has_table=False, in_scope=False).where(model.name == info.name).execute()


def hidden_fields(session: Session, name: str) -> dict[str, str]:
    """Fields whose access was withdrawn or which were deleted, and since when (ISO text)."""
    field = session.models.Field
    rows = field.select(field.name, field.hidden_at).where(field.object == name, field.hidden_at.is_null(False))
    return {row.name: row.hidden_at for row in rows}


def convert(writer: Writer, table: Table, retyped: Retyped, priority: Priority = Priority.BATCH) -> int:
    """Bring the values of a retyped field into its new column where nothing newer stands, slice by slice.

    What does not fit is kept aside (`aside`). Returns the rows converted. Waits; not from a job of the writer.
    """
    column = table.by_name[retyped.name]
    aside.keep_unfit(writer, table, column, retyped.old_column, retyped.old, "type")
    new, old = quoted(retyped.name), quoted(retyped.old_column)
    text = aside.wire_sql(retyped.old, old)
    fits, values = aside.fits_sql(column.field, retyped.new, text, picklist=False)
    converted = f"CASE WHEN {fits} THEN {stored_sql(retyped.new, text)} END"
    sql = (
        f"UPDATE {table.quoted} SET {new} = coalesce({new}, {converted}), {old} = NULL "
        f"WHERE om_row > ? AND om_row <= ? AND {old} IS NOT NULL"
    )
    assert not values

    def last_row(session: WriteSession) -> int:
        return session.conn.execute(f"SELECT max(om_row) FROM {table.quoted}").get or 0

    def piece(session: WriteSession, low: int) -> int:
        session.conn.execute(sql, (low, low + _CONVERT_SLICE))
        return session.conn.changes()

    lows = range(0, writer.submit(last_row, priority).result() + 1, _CONVERT_SLICE)
    return sum(writer.submit(partial(piece, low=low), priority).result() for low in lows)


def has_table(session: Session, name: str) -> bool:
    """Whether the object has a table in this file."""
    return _has_table(session.conn, name)


def _has_table(conn: apsw.Connection, name: str) -> bool:
    return conn.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,)).get is not None


def _create(session: WriteSession, table: Table) -> None:
    parts = ["om_row INTEGER PRIMARY KEY"]
    parts += [f"{quoted(c.name)} TEXT NOT NULL UNIQUE" if c.name == "Id" else _declaration(c) for c in table.columns]
    # Generated columns stand behind the org's own.
    parts += [declaration for c in table.columns if (declaration := _real_declaration(c))]
    session.conn.execute(f"CREATE TABLE {table.quoted} ({', '.join(parts)})")
    if table.has_is_deleted:
        # Small, and it makes "how many live rows" two index counts instead of a scan.
        index = quoted(f"om_deleted_{table.name}")
        session.conn.execute(f'CREATE INDEX {index} ON {table.quoted} (om_row) WHERE "IsDeleted" = 1')
    field = session.models.Field
    field.delete().where(field.object == table.name, field.in_scope).execute()
    for column in table.columns:
        _store_field(session, table, column)


def _declaration(column: Column) -> str:
    return f"{quoted(column.name)} {column.sql_type}"


def _real_declaration(column: Column) -> str | None:
    if column.real_name is None:
        return None
    return f"{quoted(column.real_name)} REAL GENERATED ALWAYS AS (CAST({quoted(column.name)} AS REAL)) VIRTUAL"


def _alter(session: WriteSession, table: Table) -> SchemaDelta:
    field = session.models.Field
    known = {row.name: row for row in field.select().where(field.object == table.name)}
    removed = [name for name, row in known.items() if row.hidden_at is None and name not in table.by_name]
    for name in removed:
        _rename(session.conn, table, name, HIDDEN_PREFIX + name, Kind(known[name].kind))
        why = WITHDRAWN if known[name].in_scope else UNTICKED
        now = times.now_text()
        field.update(hidden_at=now, hidden_why=why).where(field.object == table.name, field.name == name).execute()
    present = _column_names(session.conn, table)
    added: list[str] = []
    returned: list[str] = []
    taken_in: list[str] = []
    retyped: list[Retyped] = []
    for column in table.columns:
        row = known.get(column.name)
        current = column.name if row is None or row.hidden_at is None else HIDDEN_PREFIX + column.name
        if row is None or current not in present:
            # Unticked before it had a column, or its dead column was dropped.
            _add(session.conn, table, column)
            if row is None or row.hidden_why == WITHDRAWN:
                added.append(column.name)
            else:
                taken_in.append(column.name)
        else:
            kind, hidden_at = Kind(row.kind), row.hidden_at
            if kind is not column.kind:
                old = _free_name(session.conn, table, column.name)
                _rename(session.conn, table, current, old, kind)
                _add(session.conn, table, column)
                retyped.append(Retyped(column.name, kind, column.kind, old))
            elif hidden_at is not None:
                _rename(session.conn, table, current, column.name, kind)
            if hidden_at is not None:
                (taken_in if row.hidden_why == UNTICKED else returned).append(column.name)
        _store_field(session, table, column)
    return SchemaDelta(
        table,
        added=tuple(added),
        removed=tuple(name for name in removed if known[name].in_scope),
        returned=tuple(returned),
        retyped=tuple(retyped),
        left_out=tuple(name for name in removed if not known[name].in_scope),
        taken_in=tuple(taken_in),
    )


def _add(conn: apsw.Connection, table: Table, column: Column) -> None:
    conn.execute(f"ALTER TABLE {table.quoted} ADD COLUMN {_declaration(column)}")
    real = _real_declaration(column)
    if real:
        conn.execute(f"ALTER TABLE {table.quoted} ADD COLUMN {real}")


def _rename(conn: apsw.Connection, table: Table, old: str, new: str, kind: Kind) -> None:
    conn.execute(f"ALTER TABLE {table.quoted} RENAME COLUMN {quoted(old)} TO {quoted(new)}")
    if kind is Kind.EXACT:
        conn.execute(f"ALTER TABLE {table.quoted} RENAME COLUMN {quoted(_real(old))} TO {quoted(_real(new))}")


def _real(name: str) -> str:
    if name.startswith(HIDDEN_PREFIX):
        return HIDDEN_PREFIX + REAL_PREFIX + name.removeprefix(HIDDEN_PREFIX)
    return REAL_PREFIX + name


def _free_name(conn: apsw.Connection, table: Table, name: str) -> str:
    taken = _column_names(conn, table)
    number = 1
    while (candidate := f"{HIDDEN_PREFIX}{number}_{name}") in taken:
        number += 1
    return candidate


def _column_names(conn: apsw.Connection, table: Table) -> set[str]:
    return {str(row[0]) for row in conn.execute("SELECT name FROM pragma_table_xinfo(?)", (table.name,))}


def _store_field(session: WriteSession, table: Table, column: Column) -> None:
    field = session.models.Field
    why = HELD if column.name in table.held else None
    field.insert(
        object=table.name,
        name=column.name,
        position=table.columns.index(column),
        kind=column.kind.value,
        label=column.field.label,
        added_at=times.now_text(),
        hidden_why=why,
    ).on_conflict(
        conflict_target=[field.object, field.name],
        update={
            "position": table.columns.index(column),
            "kind": column.kind.value,
            "label": column.field.label,
            "hidden_at": None,
            "hidden_why": why,
        },
    ).execute()


def _store_object(session: WriteSession, info: ObjectInfo, describe_stamp: str | None) -> bool:
    """Store the describe; whether it differs from the one stored before."""
    model = session.models.Object
    blob = describes.pack(info)
    before = model.get_or_none(model.name == info.name)
    values = {
        "label": info.label,
        "label_plural": info.label_plural,
        "key_prefix": info.key_prefix,
        "custom": info.custom,
        "describe": blob,
        "describe_stamp": describe_stamp,
        "fingerprint": info.fingerprint(),
        "has_table": True,
    }
    if before is None:
        model.insert(name=info.name, direction=default_direction(info.name).value, **values).execute()
        return True
    model.update(**values).where(model.name == info.name).execute()
    return before.describe is None or bytes(before.describe) != blob
