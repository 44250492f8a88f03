"""Rows and objects that go: what is no longer visible moves to `om_withdrawn` for its grace time, then is erased.

Everything happens in slices, so that no statement holds the writer for long (rules 1). Not to be called from a job of
the writer: these functions queue jobs and wait for them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from core.mirror import changes, loads, search, times, watermarks
from core.mirror.merge import open_records
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.mirror.writer import Priority, Writer

GONE = "gone"
_SCAN = 5000
_SLICE = 1000


def remove_missing(
    writer: Writer, table: Table, keep_ids: Collection[str], priority: Priority = Priority.BATCH, *, reason: str = GONE
) -> int:
    """Take out every row whose Id is not in `keep_ids` (18 characters each); returns how many went.

    For objects without a stamp, which are reloaded whole. Rows with pending edits, and records that were made here and
    have not been sent, stay. Pass a set: membership is asked once per row.
    """
    removed = last = 0
    while True:
        rows = writer.submit(partial(_scan, table=table, after=last), priority).result()
        if not rows:
            return removed
        last = rows[-1][0]
        missing = [(om_row, record_id) for om_row, record_id in rows if record_id not in keep_ids]
        for start in range(0, len(missing), _SLICE):
            piece = missing[start : start + _SLICE]
            removed += writer.submit(partial(withdraw, table=table, rows=piece, reason=reason), priority).result()


def _scan(session: WriteSession, table: Table, after: int) -> list[tuple[int, str]]:
    sql = f'SELECT om_row, "Id" FROM {table.quoted} WHERE om_row > ? ORDER BY om_row LIMIT {_SCAN}'
    return [(int(om_row), str(record_id)) for om_row, record_id in session.conn.execute(sql, (after,))]


def withdraw(session: WriteSession, table: Table, rows: Sequence[tuple[int, str]], reason: str = GONE) -> int:
    """In one transaction, move up to 1,000 rows (om_row, Id) out of sight: their images go to `om_withdrawn`.

    Rows with pending edits stay. Returns how many went.
    """
    conn = session.conn
    kept = open_records(conn, table.name)
    going = [(om_row, record_id) for om_row, record_id in rows if record_id not in kept]
    if not going:
        return 0
    now = times.now_text()
    names = [c.name for c in table.columns]
    read = f"SELECT {', '.join(map(quoted, names))} FROM {table.quoted} WHERE om_row = ?"
    loaded = conn.execute("SELECT loaded FROM om_object WHERE name = ?", (table.name,)).get
    live = 0
    for om_row, record_id in going:
        image = dict(zip(names, conn.execute(read, (om_row,)).get, strict=True))
        live += image.get("IsDeleted") != 1
        conn.execute(
            "INSERT OR REPLACE INTO om_withdrawn (object, record_id, reason, at, image) VALUES (?, ?, ?, ?, ?)",
            (table.name, record_id, reason, now, pack_image(image)),
        )
    conn.executemany(f"DELETE FROM {table.quoted} WHERE om_row = ?", [(om_row,) for om_row, _ in going])
    conn.executemany(
        "DELETE FROM om_outbox WHERE object = ? AND record_id = ? AND state = 'kept'",
        [(table.name, record_id) for _, record_id in going],
    )
    search.update(conn, table, [om_row for om_row, _ in going])
    conn.execute("UPDATE om_object SET rows = max(0, rows - ?) WHERE name = ?", (live, table.name))
    if loaded and len(going) <= changes.MAX_RECORDS:
        for _, record_id in going:
            changes.record(session, table.name, record_id, "Id", record_id, None, by=None, side=changes.SALESFORCE)
    return len(going)


def alive(session: Session, table: Table, ids: Collection[str]) -> list[str]:
    """Which of these ids (18 characters) have a row here that is not in the recycle bin."""
    deleted = ' AND "IsDeleted" IS NOT 1' if table.has_is_deleted else ""
    sql = f'SELECT 1 FROM {table.quoted} WHERE "Id" = ?{deleted}'
    return [each for each in ids if session.conn.execute(sql, (each,)).get is not None]


def withdraw_ids(session: WriteSession, *, table: Table, ids: Collection[str], reason: str = GONE) -> int:
    """`withdraw` by Id, up to 1,000; ids that have no row are passed over."""
    sql = f'SELECT om_row FROM {table.quoted} WHERE "Id" = ?'
    found = [(session.conn.execute(sql, (each,)).get, each) for each in ids]
    return withdraw(session, table, [(int(om_row), each) for om_row, each in found if om_row is not None], reason)


def pack_image(image: dict[str, Any]) -> bytes:
    """A row's stored values by column, as compressed JSON."""
    return zlib.compress(json.dumps(image, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpack_image(blob: bytes) -> dict[str, Any]:
    """What `pack_image` stored."""
    image: dict[str, Any] = json.loads(zlib.decompress(blob))
    return image


def erase_withdrawn(session: WriteSession, before: datetime, at_most: int = _SLICE) -> int:
    """End the grace time of up to `at_most` rows withdrawn before `before`: their images and logs go for good."""
    rows = session.conn.execute(
        "SELECT object, record_id FROM om_withdrawn WHERE at < ? LIMIT ?", (times.to_text(before), at_most)
    ).fetchall()
    session.conn.executemany("DELETE FROM om_withdrawn WHERE object = ? AND record_id = ?", rows)
    session.conn.executemany("DELETE FROM om_change WHERE object = ? AND record_id = ?", rows)
    return len(rows)


def drop_object(writer: Writer, name: str, priority: Priority = Priority.IDLE) -> None:
    """Erase an object: rows, table, search index, fields, load state, watermark and log. Its outbox entries stay.

    It vanishes from `Mirror.tables` with the first slice.
    """
    writer.submit(partial(_hide, name=name), priority).result()
    while writer.submit(partial(_erase_slice, name=name), priority).result():
        pass
    # The search index is a few large tables of SQLite's own; dropping them full would hold the writer.
    for shadow in (f"om_{index}_{name}_{part}" for index in ("fts", "dig") for part in ("data", "docsize")):
        while writer.submit(partial(_erase_shadow, shadow=shadow), priority).result():
            pass
    writer.submit(partial(_erase_table, name=name), priority).result()
    for sql in (
        f"DELETE FROM om_change WHERE change_id IN (SELECT change_id FROM om_change WHERE object = ? LIMIT {_SCAN})",
        f"DELETE FROM om_withdrawn WHERE rowid IN (SELECT rowid FROM om_withdrawn WHERE object = ? LIMIT {_SLICE})",
    ):
        while writer.submit(partial(_run, sql=sql, name=name), priority).result():
            pass


def _run(session: WriteSession, sql: str, name: str) -> int:
    session.conn.execute(sql, (name,))
    return session.conn.changes()


def _hide(session: WriteSession, name: str) -> None:
    model = session.models.Object
    model.update(has_table=False, loaded=False, in_scope=False).where(model.name == name).execute()
    session.table_changed(name)


def _erase_slice(session: WriteSession, name: str) -> int:
    conn = session.conn
    if conn.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (name,)).get is None:
        return 0
    conn.execute(
        f"DELETE FROM {quoted(name)} WHERE om_row IN (SELECT om_row FROM {quoted(name)} ORDER BY om_row LIMIT {_SLICE})"
    )
    return conn.changes()


def _erase_shadow(session: WriteSession, shadow: str) -> int:
    conn = session.conn
    if conn.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (shadow,)).get is None:
        return 0
    conn.execute(f"DELETE FROM {quoted(shadow)} WHERE id IN (SELECT id FROM {quoted(shadow)} LIMIT {_SLICE})")
    return conn.changes()


def _erase_table(session: WriteSession, name: str) -> None:
    search.drop(session.conn, name)
    session.conn.execute(f"DROP TABLE IF EXISTS {quoted(name)}")
    field, model = session.models.Field, session.models.Object
    field.delete().where(field.object == name).execute()
    model.delete().where(model.name == name).execute()
    loads.forget(session, name)
    watermarks.forget(session, name)
