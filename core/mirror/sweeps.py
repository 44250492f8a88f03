"""An id sweep's working table: every Id and stamp that the org has, set beside the rows that are here.

It lives in the writer's temporary store, for one object at a time, and is gone with the process. Every function runs
in a job of the writer; the comparisons go by slices so that none holds it for long (rules 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.mirror.merge import open_records
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.values import Kind, quoted, stored_sql

SLICE = 5000
_SWEEP = "temp.om_sweep"


@dataclass(frozen=True, slots=True)
class LocalSlice:
    """Up to 5,000 rows that were looked at, up to `last`: `missing` (om_row, Id) are unknown to the org.

    `alive` of the missing are not in the recycle bin here. Nothing was looked at: `last` is None.
    """

    last: int | None
    rows: int = 0
    missing: tuple[tuple[int, str], ...] = ()
    alive: int = 0


def begin(session: WriteSession) -> None:
    """Start afresh."""
    _drop(session)
    session.conn.execute(f'CREATE TABLE {_SWEEP} ("Id" TEXT PRIMARY KEY, stamp TEXT, deleted) WITHOUT ROWID')


def add(session: WriteSession, rows: Sequence[tuple[str, str | None, str | bool | None]]) -> None:
    """Ids with their stamps and whether they are in the recycle bin, as they came from the wire."""
    stored = f"{stored_sql(Kind.ID, '?1')}, {stored_sql(Kind.DATETIME, '?2')}, ?3"
    session.conn.executemany(
        f"INSERT OR REPLACE INTO {_SWEEP} VALUES ({stored})",
        [(record_id, stamp, str(dead).lower() == "true") for record_id, stamp, dead in rows],
    )


def size(session: WriteSession) -> int:
    """How many ids the org has."""
    return int(session.conn.execute(f"SELECT count(*) FROM {_SWEEP}").get)


def local_slice(session: WriteSession, table: Table, after: int) -> LocalSlice:
    """The next rows of the table behind `after`; those with pending edits, or not sent yet, never count as missing."""
    conn = session.conn
    deleted = '"IsDeleted" IS 1' if table.has_is_deleted else "0"
    found = conn.execute(
        f'SELECT t.om_row, t."Id", {deleted}, EXISTS (SELECT 1 FROM {_SWEEP} s WHERE s."Id" = t."Id") '
        f"FROM {table.quoted} t WHERE t.om_row > ? ORDER BY t.om_row LIMIT {SLICE}",
        (after,),
    ).fetchall()
    if not found:
        return LocalSlice(None)
    absent: list[Any] = [(om_row, record_id, dead) for om_row, record_id, dead, known in found if not known]
    if absent:
        pending = open_records(conn, table.name)
        absent = [item for item in absent if item[1] not in pending]
    return LocalSlice(
        last=max(int(str(row[0])) for row in found),
        rows=len(found),
        missing=tuple((int(om_row), str(record_id)) for om_row, record_id, _ in absent),
        alive=sum(1 for _, _, dead in absent if not dead),
    )


def wanted(session: WriteSession, table: Table, after: str) -> tuple[str | None, list[str]]:
    """The next ids of the org behind `after`: (the last one looked at, those that are absent or older here)."""
    rows = session.conn.execute(_wanted_sql(table), (after, table.name)).fetchall()
    if not rows:
        return None, []
    return str(rows[-1][0]), [str(record_id) for record_id, want in rows if want]


def _wanted_sql(table: Table) -> str:
    stamp = table.stamp_field
    # A deleted record whose time here is over is not to be fetched again.
    buried = "EXISTS (SELECT 1 FROM om_tombstone b WHERE b.object = ?2 AND b.record_id = s.\"Id\" AND b.state = 'gone')"
    # What a person removed here alone stays away.
    removed = 'EXISTS (SELECT 1 FROM om_copy c WHERE c.object = ?2 AND c.record_id = s."Id" AND c.here_only)'
    differs = f"(s.stamp IS NOT NULL AND t.{quoted(stamp)} IS NOT s.stamp)" if stamp else "0"
    return (
        f'SELECT s."Id", iif(t.om_row IS NULL, NOT (s.deleted AND {buried}) AND NOT {removed}, {differs}) FROM '
        f'(SELECT * FROM {_SWEEP} WHERE "Id" > ?1 ORDER BY "Id" LIMIT {SLICE}) s '
        f'LEFT JOIN {table.quoted} t ON t."Id" = s."Id" ORDER BY s."Id"'
    )


def sample(session: WriteSession, table: Table, count: int) -> list[str]:
    """Ids of some rows, taken at random."""
    top = session.conn.execute(f"SELECT max(om_row) FROM {table.quoted}").get or 0
    rows = session.conn.execute(
        "WITH RECURSIVE pick(n, om_row) AS (SELECT 1, abs(random()) % ?1 UNION ALL "
        "SELECT n + 1, abs(random()) % ?1 FROM pick WHERE n < ?2) "
        f'SELECT DISTINCT t."Id" FROM pick JOIN {table.quoted} t ON t.om_row = pick.om_row + 1',
        (max(1, top), count),
    )
    return [str(record_id) for (record_id,) in rows]


def end(session: WriteSession, table: Table, *, whole: bool = False) -> None:
    """Forget the ids; what is here again is not withdrawn any more.

    `whole`: every id came, so nothing is remembered of deleted records that the org does not have any more either.
    """
    if whole:
        session.conn.execute(
            "DELETE FROM om_tombstone WHERE object = ?1 AND record_id NOT IN "
            f'(SELECT "Id" FROM {_SWEEP} WHERE deleted)',
            (table.name,),
        )
    session.conn.execute(
        "DELETE FROM om_withdrawn WHERE object = ? AND record_id IN "
        f'(SELECT w.record_id FROM om_withdrawn w JOIN {table.quoted} t ON t."Id" = w.record_id WHERE w.object = ?)',
        (table.name, table.name),
    )
    _drop(session)


def _drop(session: WriteSession) -> None:
    session.conn.execute(f"DROP TABLE IF EXISTS {_SWEEP}")
