"""Objects and fields that are no longer visible: out of sight at once, back if access returns, erased after the grace.

Describe cannot tell hidden from deleted, so both are treated so (rules 3). A withdrawn object's table is renamed, so
that plain SQL, lists, search and export find none; a withdrawn field's column is renamed by `schema`. Erasing goes by
slices (rules 1). The functions that take a writer wait for it, so they are not for its own jobs.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from core.mirror import meta, times
from core.mirror import objects as objects_store
from core.mirror.removal import drop_object
from core.mirror.session import Session, WriteSession
from core.mirror.tables import HIDDEN_PREFIX
from core.mirror.values import quoted
from core.mirror.writer import Priority, Writer

_KEY = "hidden-object:"
_SLICE = 2000
# The place of a field whose values are erased; a field that is seen again gets a new place.
_ERASED = -1


def hide_object(session: WriteSession, name: str) -> None:
    """Take an object out of sight. Its rows, watermark and settings stay for the grace time."""
    session.conn.execute(f"ALTER TABLE {quoted(name)} RENAME TO {quoted(HIDDEN_PREFIX + name)}")
    model = session.models.Object
    # Without its stamp, so that it is described anew when it comes back.
    model.update(has_table=False, in_scope=False, describe_stamp=None).where(model.name == name).execute()
    meta.set_(session, _KEY + name, times.now_text())
    session.table_changed(name)


def hidden_objects(session: Session) -> dict[str, str]:
    """Withdrawn objects, and since when (ISO text)."""
    rows = session.conn.execute(
        "SELECT substr(key, ?), value FROM om_meta WHERE key GLOB ?", (len(_KEY) + 1, _KEY + "*")
    )
    return {str(name): str(at) for name, at in rows}


def bring_back(session: WriteSession, name: str) -> bool:
    """Before an object's describe is taken over: whether it was withdrawn and its rows are here again.

    What was deleted or shared meanwhile is found by a sweep, what changed by the next pull.
    """
    if meta.get(session, _KEY + name) is None:
        return False
    session.conn.execute(f"ALTER TABLE {quoted(HIDDEN_PREFIX + name)} RENAME TO {quoted(name)}")
    session.models.Object.update(has_table=True).where(session.models.Object.name == name).execute()
    meta.set_(session, _KEY + name, None)
    objects_store.want_sweep(session, name)
    session.table_changed(name)
    return True


def erase(writer: Writer, before: datetime, priority: Priority = Priority.IDLE) -> int:
    """End the grace time of objects and fields withdrawn before `before`; returns how many were erased."""
    limit = times.to_text(before)
    objects, fields = writer.submit(partial(_overdue, limit=limit), priority).result()
    for name in objects:
        while writer.submit(partial(_erase_rows, name=name), priority).result():
            pass
        writer.submit(partial(_give_name_back, name=name), priority).result()
        drop_object(writer, name, priority)
    for name, field in fields:
        erase_field(writer, name, field, priority)
    return len(objects) + len(fields)


def erase_field(writer: Writer, name: str, field: str, priority: Priority = Priority.IDLE) -> None:
    """Erase the values of a field that is out of sight, and its lines of the change log; its column stays, empty."""
    last: int | None = 0
    while last is not None:
        last = writer.submit(partial(_erase_values, name=name, field=field, after=last), priority).result()
    writer.submit(partial(_erased, name=name, field=field), priority).result()


def _overdue(session: WriteSession, limit: str) -> tuple[list[str], list[tuple[str, str]]]:
    objects = [name for name, at in hidden_objects(session).items() if at < limit]
    fields = session.conn.execute(
        "SELECT f.object, f.name FROM om_field f JOIN om_object o ON o.name = f.object AND o.has_table "
        "WHERE f.hidden_at < ? AND f.position <> ?",
        (limit, _ERASED),
    ).fetchall()
    return objects, [(str(name), str(field)) for name, field in fields]


def _erase_rows(session: WriteSession, name: str) -> int:
    table = quoted(HIDDEN_PREFIX + name)
    session.conn.execute(f"DELETE FROM {table} WHERE om_row IN (SELECT om_row FROM {table} LIMIT {_SLICE})")
    return session.conn.changes()


def _give_name_back(session: WriteSession, name: str) -> None:
    session.conn.execute(f"ALTER TABLE {quoted(HIDDEN_PREFIX + name)} RENAME TO {quoted(name)}")
    meta.set_(session, _KEY + name, None)


def _erase_values(session: WriteSession, name: str, field: str, after: int) -> int | None:
    column = quoted(HIDDEN_PREFIX + field)
    there = session.conn.execute(
        "SELECT 1 FROM pragma_table_xinfo(?) WHERE name = ?", (name, HIDDEN_PREFIX + field)
    ).get
    if there is None:
        return None  # it never had a column, or lost it to a new table
    top = session.conn.execute(f"SELECT max(om_row) FROM {quoted(name)}").get
    if not isinstance(top, int) or after >= top:
        return None
    session.conn.execute(
        f"UPDATE {quoted(name)} SET {column} = NULL WHERE om_row > ? AND om_row <= ? AND {column} IS NOT NULL",
        (after, after + _SLICE),
    )
    return after + _SLICE


def _erased(session: WriteSession, name: str, field: str) -> None:
    session.conn.execute("DELETE FROM om_change WHERE object = ? AND field = ?", (name, field))
    session.conn.execute("UPDATE om_field SET position = ? WHERE object = ? AND name = ?", (_ERASED, name, field))
