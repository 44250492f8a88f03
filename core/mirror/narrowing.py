"""Rows that go because a person narrowed the scope, or because they ceased to fit their filter: no grace, no image.

They are still in the org and come again when they fit again, so nothing is kept of them. Rows with pending edits stay
and are marked. Every function runs in one job of the writer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from core.mirror import scoping, search
from core.mirror.merge import open_records
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.model.refs import is_temporary_id

_SWEEP = "temp.om_sweep"


def remove_rows(session: WriteSession, table: Table, rows: Sequence[tuple[int, str]]) -> int:
    """Take up to 1,000 rows (om_row, Id) out of the table; those with pending edits are marked instead.

    Returns how many went.
    """
    conn = session.conn
    kept = open_records(conn, table.name)
    scoping.mark_outside(session, table.name, [record_id for _, record_id in rows if record_id in kept])
    going = [(om_row, record_id) for om_row, record_id in rows if record_id not in kept]
    if not going:
        return 0
    live = len(going)
    if table.has_is_deleted:
        dead = f'SELECT 1 FROM {table.quoted} WHERE om_row = ? AND "IsDeleted" = 1'
        live -= sum(1 for om_row, _ in going if conn.execute(dead, (om_row,)).get is not None)
    conn.executemany(f"DELETE FROM {table.quoted} WHERE om_row = ?", [(om_row,) for om_row, _ in going])
    search.update(conn, table, [om_row for om_row, _ in going])
    conn.execute("UPDATE om_object SET rows = max(0, rows - ?) WHERE name = ?", (live, table.name))
    scoping.unmark(session, table.name, [record_id for _, record_id in going])
    return len(going)


def remove_ids(session: WriteSession, table: Table, ids: Collection[str]) -> int:
    """`remove_rows` by Id; ids that have no row are passed over."""
    return remove_rows(session, table, rows_of(session, table, ids))


def rows_of(session: Session, table: Table, ids: Iterable[str]) -> list[tuple[int, str]]:
    """(om_row, Id) of those of the ids (18 characters) that have a row here."""
    sql = f'SELECT om_row FROM {table.quoted} WHERE "Id" = ?'
    found = ((session.conn.execute(sql, (each,)).get, each) for each in ids)
    return [(int(str(om_row)), each) for om_row, each in found if om_row is not None]


def mark_absent(session: WriteSession, table: Table) -> None:
    """In a sweep: mark the rows with pending edits that the org's answer does not hold, and unmark those it holds."""
    conn = session.conn
    pending = open_records(conn, table.name)
    marked = scoping.outside(session, table.name)
    sql = f'SELECT 1 FROM {_SWEEP} WHERE "Id" = ?'
    present = {each for each in pending | marked if conn.execute(sql, (each,)).get is not None}
    here = {record_id for _, record_id in rows_of(session, table, pending - present)}
    scoping.mark_outside(session, table.name, [each for each in here if not is_temporary_id(each)])
    scoping.unmark(session, table.name, marked & present)
