"""A second table beside an object's own, filled in slices and put in its place in one short transaction (rules 1).

For starting over (rows come anew from Salesforce) and for dropping dead columns (rows are copied). Until the swap the
object's own table is what everybody reads and writes; a process that is killed leaves it as it was. After the swap the
old table is erased in slices and the indexes are built anew. The functions that take a writer wait for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from core.mirror import indexes, meta
from core.mirror.removal import drop_object
from core.mirror.session import Session, WriteSession
from core.mirror.tables import HIDDEN_PREFIX, Table
from core.mirror.values import quoted
from core.mirror.writer import Priority, Writer

_NEW, _OLD = "om_new_", "om_old_"
_OLD_KEY = "old-table:"
_SLICE = 1000
_DIRTY = "temp.om_dirty"
_CREATE = re.compile(r'^CREATE TABLE (?:"(?:[^"]|"")*"|\w+)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """The physical columns of a table: `plain` are stored, `made` generated."""

    plain: tuple[str, ...]
    made: tuple[str, ...]


def shadow_of(table: Table) -> Table:
    """The same table under the shadow's name: its statements write there."""
    return replace(table, storage=_NEW + table.name)


def begin(writer: Writer, table: Table, dropped: Collection[str] = ()) -> None:
    """An empty shadow with the table's columns, hidden ones too, but not those `dropped`. An earlier one goes."""
    drop_object(writer, _NEW + table.name, Priority.BATCH)

    def make(session: WriteSession) -> None:
        conn = session.conn
        sql = conn.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (table.name,)).get
        conn.execute(_CREATE.sub(f"CREATE TABLE {quoted(_NEW + table.name)}", str(sql), count=1))
        present = columns_of(session, _NEW + table.name)
        for name in (*(n for n in present.made if n in dropped), *(n for n in present.plain if n in dropped)):
            conn.execute(f"ALTER TABLE {quoted(_NEW + table.name)} DROP COLUMN {quoted(name)}")
        if table.has_is_deleted:
            # Small, kept up while rows come, and without it the swap would have to count them all.
            taken = _exists(session, f"om_deleted_{table.name}")
            index = quoted(f"om_deleted_1_{table.name}" if taken else f"om_deleted_{table.name}")
            conn.execute(f'CREATE INDEX {index} ON {quoted(_NEW + table.name)} (om_row) WHERE "IsDeleted" = 1')

    writer.submit(make, Priority.BATCH).result()


def columns_of(session: Session, table_name: str) -> Columns:
    """The physical columns, `om_row` apart."""
    rows: list[Any] = session.conn.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (table_name,)).fetchall()
    return Columns(
        tuple(str(name) for name, hidden in rows if not hidden and name != "om_row"),
        tuple(str(name) for name, hidden in rows if hidden),
    )


def carry_columns(writer: Writer, table: Table, names: Sequence[str]) -> None:
    """Bring columns that Salesforce does not send (hidden, held, never overwritten) over by Id."""
    if not names:
        return
    old, new = table.quoted, quoted(_NEW + table.name)
    sets = ", ".join(
        f'{quoted(name)} = (SELECT o.{quoted(name)} FROM {old} o WHERE o."Id" = {new}."Id")' for name in names
    )

    def piece(session: WriteSession, low: int) -> int | None:
        last = session.conn.execute(f"SELECT max(om_row) FROM {new}").get or 0
        session.conn.execute(f"UPDATE {new} SET {sets} WHERE om_row > ? AND om_row <= ?", (low, low + _SLICE))
        return low + _SLICE if low + _SLICE < int(str(last)) else None

    low: int | None = 0
    while low is not None:
        low = writer.submit(partial(piece, low=low), Priority.BATCH).result()


def copy_rows(writer: Writer, table: Table) -> None:
    """Copy every row of the table under its own number; rows that are written meanwhile are noted for the swap."""

    def watch(session: WriteSession) -> None:
        conn = session.conn
        conn.execute(f"DROP TABLE IF EXISTS {_DIRTY}")
        conn.execute(f"CREATE TABLE {_DIRTY} (om_row INTEGER PRIMARY KEY)")
        for event, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
            trigger = quoted(f"om_dirty_{event.lower()}")
            conn.execute(f"DROP TRIGGER IF EXISTS temp.{trigger}")
            conn.execute(
                f"CREATE TEMP TRIGGER {trigger} AFTER {event} ON main.{table.quoted} "
                f"BEGIN INSERT OR IGNORE INTO om_dirty VALUES ({row}.om_row); END"
            )

    def piece(session: WriteSession, low: int) -> int | None:
        names = _listed(session, _NEW + table.name)
        last = session.conn.execute(f"SELECT max(om_row) FROM {table.quoted}").get or 0
        session.conn.execute(
            f"INSERT OR REPLACE INTO {quoted(_NEW + table.name)} ({names}) "
            f"SELECT {names} FROM {table.quoted} WHERE om_row > ? AND om_row <= ?",
            (low, low + _SLICE),
        )
        return low + _SLICE if low + _SLICE < int(str(last)) else None

    writer.submit(watch, Priority.BATCH).result()
    low: int | None = 0
    while low is not None:
        low = writer.submit(partial(piece, low=low), Priority.BATCH).result()


def swap_copy(session: WriteSession, table: Table) -> None:
    """Put a copied shadow in the table's place; rows keep their numbers, and with them search its index."""
    conn = session.conn
    new, names = quoted(_NEW + table.name), _listed(session, _NEW + table.name)
    conn.execute(f"DELETE FROM {new} WHERE om_row IN (SELECT om_row FROM {_DIRTY})")
    conn.execute(
        f"INSERT INTO {new} ({names}) SELECT {names} FROM {table.quoted} WHERE om_row IN (SELECT om_row FROM {_DIRTY})"
    )
    stop_watching(session)
    _exchange(session, table)


def stop_watching(session: WriteSession) -> None:
    """Forget which rows were written."""
    for event in ("insert", "update", "delete"):
        session.conn.execute(f"DROP TRIGGER IF EXISTS temp.{quoted(f'om_dirty_{event}')}")
    session.conn.execute(f"DROP TABLE IF EXISTS {_DIRTY}")


def swap_loaded(session: WriteSession, table: Table) -> list[str]:
    """Put a shadow that was loaded anew in the table's place; search has no index until it is built again.

    Rows over which something of a person lies (pending edits, copies of their own) come over as they are here, and
    are answered: they are to be merged with what Salesforce has.
    """
    conn = session.conn
    new, names = quoted(_NEW + table.name), _listed(session, _NEW + table.name, om_row=False)
    over = [
        str(record_id)
        for (record_id,) in conn.execute(
            "SELECT record_id FROM om_outbox WHERE object = ?1 UNION SELECT record_id FROM om_copy WHERE object = ?1",
            (table.name,),
        ).fetchall()
    ]
    for record_id in over:
        conn.execute(
            f'INSERT OR REPLACE INTO {new} ({names}) SELECT {names} FROM {table.quoted} WHERE "Id" = ?', (record_id,)
        )
    conn.execute(
        f'DELETE FROM {new} WHERE "Id" IN (SELECT record_id FROM om_copy WHERE object = ? AND here_only)', (table.name,)
    )
    if table.has_is_deleted:
        # Deleted there, and its time here is over: it is not to come back with the rest.
        conn.execute(
            f'DELETE FROM {new} WHERE "IsDeleted" = 1 AND "Id" IN '
            "(SELECT record_id FROM om_tombstone WHERE object = ? AND state = 'gone')",
            (table.name,),
        )
    _exchange(session, table)
    for index in ("fts", "dig"):
        if _exists(session, f"om_{index}_{table.name}"):
            old = quoted(f"om_{index}_{_OLD}{table.name}")
            conn.execute(f"ALTER TABLE {quoted(f'om_{index}_{table.name}')} RENAME TO {old}")
    conn.execute("DELETE FROM om_setting WHERE key = ?", (f"search:{table.name}",))
    return over


def finish(writer: Writer, table: Table) -> None:
    """Erase the old table in slices, then build the indexes of the new one. Safe to repeat after a kill."""
    drop_object(writer, _OLD + table.name, Priority.BATCH)
    indexes.create_indexes(writer, table)
    writer.submit(lambda s: meta.set_(s, _OLD_KEY + table.name, None), Priority.BATCH).result()


def unfinished(session: Session) -> frozenset[str]:
    """Objects whose old table is still to be erased."""
    rows = session.conn.execute(
        "SELECT substr(key, ?) FROM om_meta WHERE key GLOB ?", (len(_OLD_KEY) + 1, _OLD_KEY + "*")
    )
    return frozenset(str(name) for (name,) in rows)


def abandon(writer: Writer, table: Table) -> None:
    """Erase a shadow that was not put in place."""
    writer.submit(stop_watching, Priority.BATCH).result()
    drop_object(writer, _NEW + table.name, Priority.BATCH)


def not_sent(session: Session, table: Table) -> list[str]:
    """Columns that Salesforce does not send and that have to be carried over: hidden, held, never overwritten."""
    present = columns_of(session, table.name)
    rules = session.conn.execute(
        "SELECT field FROM om_field_rule WHERE object = ? AND rule = 'never-overwrite'", (table.name,)
    )
    kept = {str(field) for (field,) in rules} | set(table.held)
    return [name for name in present.plain if name.startswith(HIDDEN_PREFIX) or name in kept]


def dead_columns(session: Session, table: Table) -> tuple[list[str], list[str]]:
    """(physical columns that nobody needs, fields whose line may go with them)."""
    present = columns_of(session, table.name)
    alive: set[str] = set()
    fields: list[str] = []
    rows: list[Any] = session.conn.execute(
        "SELECT name, position, in_scope FROM om_field WHERE object = ? AND hidden_at IS NOT NULL", (table.name,)
    ).fetchall()
    for name, position, in_scope in rows:
        if position >= 0:
            alive |= {f"{HIDDEN_PREFIX}{name}", f"{HIDDEN_PREFIX}om_real_{name}"}
        elif in_scope:
            fields.append(str(name))
    names = (*present.made, *present.plain)
    return [name for name in names if name.startswith(HIDDEN_PREFIX) and name not in alive], fields


def _exchange(session: WriteSession, table: Table) -> None:
    conn = session.conn
    conn.execute(f"ALTER TABLE {table.quoted} RENAME TO {quoted(_OLD + table.name)}")
    conn.execute(f"ALTER TABLE {quoted(_NEW + table.name)} RENAME TO {table.quoted}")
    meta.set_(session, _OLD_KEY + table.name, "1")
    session.table_changed(table.name)


def _listed(session: Session, table_name: str, *, om_row: bool = True) -> str:
    names = columns_of(session, table_name).plain
    return ", ".join((*(["om_row"] if om_row else []), *map(quoted, names)))


def _exists(session: Session, name: str) -> bool:
    return session.conn.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).get is not None
