"""The change log: what came in and went out, field by field, by whom (rules 2).

It starts after an object's first load. A run (one cycle of one object) that changes more than 1,000 records is one
summary row: `record_id` and `field` None, `new` the number of records. A record that came to be is logged as its `Id`,
from None; one that was deleted as its `IsDeleted`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw
from peewee import SQL

from core.mirror import times
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Column, Table
from core.mirror.values import quoted
from core.model.changes import MAX_IDS
from core.model.refs import RecordRef

SALESFORCE = "salesforce"
LOCAL = "local"
MAX_RECORDS = MAX_IDS
KEEP_DAYS = 90
# Moved by every change or by a mere look; who and when are columns of the log.
_NOISE = frozenset({"SystemModstamp", "LastModifiedDate", "LastModifiedById", "LastViewedDate", "LastReferencedDate"})
_INSERT = 'INSERT INTO om_change (at, object, record_id, field, old, new, "by", side) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log; values are the stored ones."""

    change_id: int
    at: str
    object: str
    record_id: str | None
    field: str | None
    old: Any
    new: Any
    by: str | None
    side: str
    followed: bool = False


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A server value that changed beneath a pending edit."""

    record_id: str
    field: str
    old: Any
    new: Any


class RunLog:
    """The log of one run: knows how many records it has told, and folds them into a summary when they are too many."""

    def __init__(self, table: Table, columns: Sequence[Column]) -> None:
        self._table = table
        self._columns = tuple(columns)
        self._records = 0
        self._ranges: tuple[tuple[int, int], ...] = ()
        self._summary: int | None = None

    def write(self, session: WriteSession, overlaid: Sequence[Overlaid]) -> None:
        """Log what the stage holds against the table, before it is written."""
        conn = session.conn
        if not conn.execute("SELECT loaded FROM om_object WHERE name = ?", (self._table.name,)).get:
            return
        records = int(conn.execute("SELECT count(*) FROM temp.om_stage").get)
        if not records and not overlaid:
            return
        total = self._records + records
        ranges, summary = self._ranges, self._summary
        if total > MAX_RECORDS:
            summary = self._summarise(conn, total)
            ranges = ()
        else:
            lines = self._lines(conn, overlaid)
            if lines:
                conn.executemany(_INSERT, lines)
                last = conn.last_insert_rowid()
                ranges = (*ranges, (last - len(lines) + 1, last))

        def remember() -> None:
            self._records, self._ranges, self._summary = total, ranges, summary

        session.after_commit(remember)  # a transaction that is rolled back has logged nothing

    def _summarise(self, conn: apsw.Connection, total: int) -> int:
        for first, last in self._ranges:
            conn.execute("DELETE FROM om_change WHERE change_id BETWEEN ? AND ?", (first, last))
        if self._summary is not None:
            conn.execute("UPDATE om_change SET new = ? WHERE change_id = ?", (total, self._summary))
            return self._summary
        conn.execute(_INSERT, (times.now_text(), self._table.name, None, None, None, total, None, SALESFORCE))
        return conn.last_insert_rowid()

    def _lines(self, conn: apsw.Connection, overlaid: Sequence[Overlaid]) -> list[tuple[Any, ...]]:
        count = len(self._columns)
        names = ", ".join(f"{side}.{quoted(c.name)}" for side in "st" for c in self._columns)
        cursor = conn.execute(
            f"SELECT s.om_target, {names} FROM temp.om_stage s "
            f"LEFT JOIN {self._table.quoted} t ON t.om_row = s.om_target"
        )
        now = times.now_text()
        people = _People(conn)
        place = {c.name: index for index, c in enumerate(self._columns)}
        lines: list[tuple[Any, ...]] = []
        told: dict[str, tuple[str, str | None]] = {}

        def cell(cells: Sequence[Any], name: str) -> Any:
            index = place.get(name)
            return None if index is None else cells[index]

        for target, *cells in cursor:
            new, old = cells[:count], cells[count:]
            record_id = cell(new, "Id")
            modified = cell(new, "LastModifiedDate")
            at = modified if modified and modified != cell(old, "LastModifiedDate") else now
            by = people.name(cell(new, "LastModifiedById"))
            told[record_id] = (at, by)
            if target is None:
                lines.append((at, self._table.name, record_id, "Id", None, record_id, by, SALESFORCE))
                continue
            for column, before, after in zip(self._columns, old, new, strict=True):
                if before != after and column.name not in _NOISE:
                    lines.append((at, self._table.name, record_id, column.name, before, after, by, SALESFORCE))
        for item in overlaid:
            at, by = told.get(item.record_id, (now, None))
            lines.append((at, self._table.name, item.record_id, item.field, item.old, item.new, by, SALESFORCE))
        return lines


class _People:
    """Ids of users as names, each looked up once; an id that is not mirrored stays an id."""

    def __init__(self, conn: apsw.Connection) -> None:
        self._conn = conn
        self._names: dict[str, str] = {}
        known = {row[0] for row in conn.execute("SELECT name FROM pragma_table_info('User')")}
        self._mirrored = {"Id", "Name"} <= known

    def name(self, user_id: str | None) -> str | None:
        if user_id is None or not self._mirrored:
            return user_id
        if user_id not in self._names:
            found = self._conn.execute('SELECT "Name" FROM "User" WHERE "Id" = ?', (user_id,)).get
            self._names[user_id] = found or user_id
        return self._names[user_id]


def record(
    session: WriteSession,
    object_name: str,
    record_id: str,
    field: str,
    old: Any,
    new: Any,
    *,
    by: str | None,
    side: str,
) -> None:
    """Log one change that did not come in by a merge: a person's edit, a push, a removal."""
    session.conn.execute(_INSERT, (times.now_text(), object_name, record_id, field, old, new, by, side))


# What access was withdrawn from is out of sight here too (rules 3): fields, objects, and the values of rows.
_IN_SIGHT = SQL(
    "NOT EXISTS (SELECT 1 FROM om_object o WHERE o.name = t1.object AND NOT o.has_table) "
    "AND (t1.field IS NULL OR NOT EXISTS "
    "(SELECT 1 FROM om_field f WHERE f.object = t1.object AND f.name = t1.field AND f.hidden_at IS NOT NULL)) "
    "AND (t1.field IS NULL OR t1.field = 'Id' OR NOT EXISTS "
    "(SELECT 1 FROM om_withdrawn w WHERE w.object = t1.object AND w.record_id = t1.record_id))"
)


def recent(
    session: Session, limit: int = 100, object_name: str | None = None, record_id: str | None = None
) -> list[Change]:
    """The newest lines first, of everything, an object or a record."""
    model = session.models.Change
    query = model.select().where(_IN_SIGHT).order_by(model.change_id.desc()).limit(limit)
    if object_name is not None:
        query = query.where(model.object == object_name)
    if record_id is not None:
        query = query.where(model.record_id == record_id)
    return [_as_change(row) for row in query]


def find(
    session: Session,
    limit: int = 100,
    *,
    objects: Collection[str] | None = None,
    record: RecordRef | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    side: str | None = None,
    followed: bool = False,
) -> list[Change]:
    """The newest lines first that pass every filter; None is no filter. `followed`: of followed things alone."""
    model = session.models.Change
    query = model.select().where(_IN_SIGHT).order_by(model.change_id.desc()).limit(limit)
    if objects is not None:
        query = query.where(model.object.in_(list(objects)))
    if record is not None:
        query = query.where(model.object == record.object, model.record_id == record.id)
    if since is not None:
        query = query.where(model.at >= times.to_text(since))
    if until is not None:
        query = query.where(model.at < times.to_text(until))
    if side is not None:
        query = query.where(model.side == side)
    if followed:
        query = query.where(model.followed)
    return [_as_change(row) for row in query]


def _as_change(row: Any) -> Change:
    return Change(
        row.change_id,
        row.at,
        row.object,
        row.record_id,
        row.field,
        row.old,
        row.new,
        row.by,
        row.side,
        bool(row.followed),
    )


def line(session: Session, change_id: int) -> Change | None:
    """One line by its id, or None."""
    row = session.models.Change.get_or_none(session.models.Change.change_id == change_id)
    if row is None:
        return None
    return Change(row.change_id, row.at, row.object, row.record_id, row.field, row.old, row.new, row.by, row.side)


def prune(session: WriteSession, before: datetime, *, at_most: int = 5000) -> int:
    """Delete up to `at_most` lines older than `before`; returns how many; go on while it is full."""
    session.conn.execute(
        "DELETE FROM om_change WHERE change_id IN (SELECT change_id FROM om_change WHERE at < ? LIMIT ?)",
        (times.to_text(before), at_most),
    )
    return session.conn.changes()
