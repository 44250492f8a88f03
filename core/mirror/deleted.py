"""Records that were deleted in Salesforce: how long they stay here, and what is remembered of those that do not.

A deleted record's row stays in its table with `IsDeleted` 1, out of the lists, until its time is over or the object's
policy removes it. Then a tombstone says that it is not to be fetched again as long as Salesforce has it in its recycle
bin; it goes when the record is restored or purged there. Work goes in slices of up to 500 rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import apsw

from core.mirror import kin, search, times
from core.mirror.columns import title_columns
from core.mirror.merge import open_records
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.model.refs import RecordRef

SLICE = 500


class Tombstone(StrEnum):
    """Why a deleted record is remembered beside its row, or without one."""

    GONE = "gone"  # its row was removed here, by policy or because its time was over
    KEPT = "kept"  # a person was asked and keeps it until its time is over


@dataclass(frozen=True, slots=True)
class DeletedRecord:
    """A record under "deleted". `deleted_at`: the stamp of its last change there, where the object has one."""

    ref: RecordRef
    title: str
    deleted_at: datetime | None
    master: RecordRef | None = None


def listed(conn: apsw.Connection, table: Table, limit: int = 500) -> list[DeletedRecord]:
    """The object's records under "deleted", the latest first."""
    if not table.has_is_deleted:
        return []
    stamp = table.stamp_field
    titles = [name for name in title_columns(table) if name in table.by_name]
    master = '"MasterRecordId"' if "MasterRecordId" in table.by_name else "NULL"
    names = ", ".join(['"Id"', quoted(stamp) if stamp else "NULL", master, *map(quoted, titles)])
    rows = conn.execute(
        f'SELECT {names} FROM {table.quoted} WHERE "IsDeleted" = 1 ORDER BY 2 DESC LIMIT ?', (limit,)
    ).fetchall()
    return [
        DeletedRecord(
            RecordRef(table.name, str(record_id)),
            next((str(value) for value in shown if value), str(record_id)),
            times.from_text(str(at)) if at else None,
            RecordRef(table.name, str(master_id)) if master_id else None,
        )
        for record_id, at, master_id, *shown in rows
    ]


def overdue(session: Session, table: Table, before: datetime, limit: int = SLICE) -> list[tuple[int, str]]:
    """(om_row, Id) of deleted rows whose time here is over: deleted, and here, since before `before` (server time).

    None of an object without a stamp, and none of one that was loaded since: what a first load brought as deleted stays
    as long as what was deleted on its day.
    """
    if not table.has_is_deleted or table.stamp_field is None:
        return []
    limit_text = times.to_text(before)
    loaded = session.conn.execute("SELECT started_server FROM om_load_job WHERE object = ?", (table.name,)).get
    if loaded is None or str(loaded) >= limit_text:
        return []
    sql = f'SELECT om_row, "Id" FROM {table.quoted} WHERE "IsDeleted" = 1 AND {quoted(table.stamp_field)} < ? LIMIT ?'
    return [(int(om_row), str(id_)) for om_row, id_ in session.conn.execute(sql, (limit_text, limit))]


def undecided(session: Session, table: Table, limit: int | None = SLICE) -> list[tuple[int, str]]:
    """(om_row, Id) of deleted rows that no person decided about; those with pending edits are left out."""
    if not table.has_is_deleted:
        return []
    pending = open_records(session.conn, table.name)
    sql = (
        f'SELECT om_row, "Id" FROM {table.quoted} WHERE "IsDeleted" = 1 AND "Id" NOT IN '
        "(SELECT record_id FROM om_tombstone WHERE object = ? AND state = 'kept')"
    )
    rows = session.conn.execute(sql, (table.name,))
    found = [(int(str(om_row)), str(id_)) for om_row, id_ in rows if id_ not in pending]
    return found if limit is None else found[:limit]


def remove(session: WriteSession, table: Table, rows: Collection[tuple[int, str]]) -> int:
    """Erase deleted rows (om_row, Id), up to 500, with their log; what has pending edits stays. Returns how many."""
    conn = session.conn
    pending = open_records(conn, table.name)
    going = [(om_row, record_id) for om_row, record_id in rows if record_id not in pending]
    if not going:
        return 0
    conn.executemany(f'DELETE FROM {table.quoted} WHERE om_row = ? AND "IsDeleted" = 1', [(row,) for row, _ in going])
    search.update(conn, table, [om_row for om_row, _ in going])
    conn.executemany(
        "DELETE FROM om_change WHERE object = ? AND record_id = ?", [(table.name, record_id) for _, record_id in going]
    )
    kin.forget(session, table.name, [record_id for _, record_id in going])
    _bury(session, table.name, [record_id for _, record_id in going], Tombstone.GONE)
    return len(going)


def keep(session: WriteSession, object_name: str, ids: Collection[str]) -> None:
    """A person keeps these under "deleted" until their time is over."""
    _bury(session, object_name, ids, Tombstone.KEPT)


def any_of(session: Session, object_name: str) -> bool:
    """Whether anything is remembered of the object's deleted records."""
    return session.conn.execute("SELECT 1 FROM om_tombstone WHERE object = ? LIMIT 1", (object_name,)).get is not None


def gone_counts(session: Session) -> Mapping[str, int]:
    """`gone` of every object."""
    sql = "SELECT object, count(*) FROM om_tombstone WHERE state = 'gone' GROUP BY object"
    return {str(name): int(count) for name, count in session.conn.execute(sql)}


def gone_ids(session: Session, object_name: str) -> frozenset[str]:
    """The deleted records of an object that were removed here: as long as they are deleted, they do not come again."""
    sql = "SELECT record_id FROM om_tombstone WHERE object = ? AND state = 'gone'"
    return frozenset(str(id_) for (id_,) in session.conn.execute(sql, (object_name,)))


def back_again(session: Session, table: Table, limit: int = SLICE) -> list[tuple[int, str]]:
    """(om_row, Id) of deleted rows that were removed here before and came again all the same."""
    if not table.has_is_deleted:
        return []
    sql = (
        f'SELECT om_row, "Id" FROM {table.quoted} WHERE "IsDeleted" = 1 AND "Id" IN '
        "(SELECT record_id FROM om_tombstone WHERE object = ? AND state = 'gone') LIMIT ?"
    )
    return [(int(str(om_row)), str(id_)) for om_row, id_ in session.conn.execute(sql, (table.name, limit))]


def restored(session: WriteSession, table: Table) -> None:
    """Nothing is to be remembered of records that are alive here again."""
    alive = f'SELECT "Id" FROM {table.quoted} WHERE "IsDeleted" IS NOT 1' if table.has_is_deleted else "SELECT NULL"
    session.conn.execute(
        f"DELETE FROM om_tombstone WHERE object = ?1 AND record_id IN "
        f"(SELECT record_id FROM om_tombstone WHERE object = ?1 AND record_id IN ({alive}))",
        (table.name,),
    )


def prune(session: WriteSession, before: datetime, *, at_most: int = 5000) -> int:
    """Forget up to `at_most` tombstones older than `before`: Salesforce's recycle bin has let go of theirs."""
    session.conn.execute(
        "DELETE FROM om_tombstone WHERE (object, record_id) IN "
        "(SELECT object, record_id FROM om_tombstone WHERE at < ? LIMIT ?)",
        (times.to_text(before), at_most),
    )
    return session.conn.changes()


def _bury(session: WriteSession, object_name: str, ids: Collection[str], state: Tombstone) -> None:
    now = times.now_text()
    session.conn.executemany(
        "INSERT OR REPLACE INTO om_tombstone (object, record_id, at, state) VALUES (?, ?, ?, ?)",
        [(object_name, each, now, state.value) for each in ids],
    )
