"""Small questions and settings around editing: an object's direction, whose id that is, how a record is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.mirror.columns import title_columns
from core.mirror.display import one_line
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.model.refs import key_prefix


def direction(session: Session, object_name: str) -> str:
    """The object's direction (core.model.scope.Direction); pull where the object is not known."""
    found = session.conn.execute("SELECT direction FROM om_object WHERE name = ?", (object_name,)).get
    return "pull" if found is None else str(found)


def set_direction(session: WriteSession, object_name: str, value: str) -> None:
    """Open an object for editing, or close it."""
    session.conn.execute("UPDATE om_object SET direction = ? WHERE name = ?", (value, object_name))


def object_of(session: Session, record_id: str) -> str | None:
    """The object of an id by its prefix; of a temporary one by its row's create. None where it is not known."""
    made = session.conn.execute(
        "SELECT object FROM om_outbox WHERE record_id = ?1 AND op = 'create' "
        "UNION SELECT object FROM om_alias WHERE temporary_id = ?1",
        (record_id,),
    ).get
    if made is not None:
        return str(made)
    found = session.conn.execute("SELECT name FROM om_object WHERE key_prefix = ?", (key_prefix(record_id),)).get
    return None if found is None else str(found)


def title(session: Session, table: Table, record_id: str) -> str:
    """What a record is called; its id where it has no name."""
    names = [c for c in title_columns(table) if table.by_name[c].kind.value != "id"]
    if not names:
        return record_id
    sql = f'SELECT {", ".join(map(quoted, names))} FROM {table.quoted} WHERE "Id" = ?'
    row: Sequence[Any] = session.conn.execute(sql, (record_id,)).fetchone() or ()
    return next((one_line(str(value)) for value in row if value), record_id)


def value_of(session: Session, table: Table, record_id: str, field: str) -> Any:
    """One stored value of a record; None where row or field is missing."""
    if field not in table.by_name:
        return None
    return session.conn.execute(f'SELECT {quoted(field)} FROM {table.quoted} WHERE "Id" = ?', (record_id,)).get


def serves_as_queue(session: Session, tables: Any, queue_id: str, object_name: str) -> bool:
    """Whether a queue may own records of the object; True where QueueSobject is not here to tell."""
    table = tables.get("QueueSobject")
    if table is None or not {"QueueId", "SobjectType"} <= set(table.by_name):
        return True
    sql = f'SELECT 1 FROM {table.quoted} WHERE "QueueId" = ? AND "SobjectType" = ?'
    if session.conn.execute(sql, (queue_id, object_name)).get is not None:
        return True
    return session.conn.execute(f"SELECT 1 FROM {table.quoted} LIMIT 1").get is None
