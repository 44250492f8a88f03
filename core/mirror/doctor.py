"""Looks the mirror over and answers findings as data; changes nothing. Words are made by the command line.

Runs on a read-only connection of its own, so that lists and the engine go on. `quick_check` reads the whole file: about
a second for every few hundred megabytes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import apsw

from core.mirror import migrations, search
from core.mirror.database import connect, translated
from core.mirror.merge import open_entries
from core.mirror.mirror import Mirror
from core.mirror.models import OVERLAY_STATES
from core.mirror.rows import count_live
from core.mirror.session import Session
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.mirror.withdrawal import hidden_objects
from core.model.refs import TEMPORARY_PREFIX, is_temporary_id

_MAX_FINDINGS = 100  # of one kind and object: a broken file would tell millions


class FindingCode(StrEnum):
    """What can be wrong."""

    FILE_DAMAGED = "file-damaged"
    VERSION_UNKNOWN = "version-unknown"
    TABLE_MISSING = "table-missing"
    COLUMN_MISSING = "column-missing"
    ROW_NOT_OVERLAID = "row-not-overlaid"
    EDIT_WITHOUT_ROW = "edit-without-row"
    EDIT_WITHOUT_FIELD = "edit-without-field"
    EDIT_OF_NO_STATE = "edit-of-no-state"
    MADE_HERE_WITHOUT_EDIT = "made-here-without-edit"
    COUNT_DRIFTED = "count-drifted"
    SEARCH_DRIFTED = "search-drifted"
    ID_MALFORMED = "id-malformed"
    PAGE_WITHOUT_JOB = "page-without-job"
    JOB_WITHOUT_TABLE = "job-without-table"
    LOADED_WITHOUT_WATERMARK = "loaded-without-watermark"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `params` hold numbers and names, never record values."""

    code: FindingCode
    object: str | None = None
    record_id: str | None = None
    field: str | None = None
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def examine(mirror: Mirror, on_connection: Callable[[apsw.Connection], None] | None = None) -> list[Finding]:
    """Every finding, the file's own first; empty when all is well.

    `on_connection` gets the connection, to be interrupted from another thread (then raises Cancelled).
    """
    conn = connect(mirror.path, mirror.key, readonly=True)
    try:
        if on_connection is not None:
            on_connection(conn)
        with translated():
            # One read transaction: rows and outbox of one moment.
            conn.execute("BEGIN")
            return list(_findings(Session(conn), mirror))
    finally:
        conn.close()


def _findings(session: Session, mirror: Mirror) -> Iterator[Finding]:
    conn = session.conn
    damaged = [
        Finding(FindingCode.FILE_DAMAGED, params={"detail": str(text)})
        for (text,) in conn.execute("PRAGMA quick_check(20)")
        if text != "ok"
    ]
    yield from damaged
    if migrations.version_of(conn) < migrations.STEPS[-1].version:
        yield Finding(FindingCode.VERSION_UNKNOWN, params={"file_version": migrations.version_of(conn)})
    if damaged:
        return  # what a damaged file says further is not to be trusted
    for table in mirror.tables().values():
        missing = list(_missing(conn, table))
        yield from missing
        if not missing:
            yield from _overlay(conn, table)
            yield from _outbox(conn, table)
            yield from _counts(session, table)
            yield from _search(session, table)
            yield from _ids(conn, table)
    yield from _loads(session)


def _missing(conn: apsw.Connection, table: Table) -> Iterator[Finding]:
    present = {row[0] for row in conn.execute("SELECT name FROM pragma_table_xinfo(?)", (table.name,))}
    if not present:
        yield Finding(FindingCode.TABLE_MISSING, table.name)
        return
    for column in table.columns:
        if column.name not in present or (column.real_name and column.real_name not in present):
            yield Finding(FindingCode.COLUMN_MISSING, table.name, field=column.name)


def _overlay(conn: apsw.Connection, table: Table) -> Iterator[Finding]:
    """Row = last server image overlaid by the outbox: the last pending value of a field is what the row shows."""
    last: dict[tuple[str, str], tuple[int, Any]] = {}
    for entry in open_entries(conn, table.name):
        if entry.field is None:  # a create shows in no column, but it has a row
            last[entry.record_id, "Id"] = (entry.seq, entry.record_id)
            continue
        if entry.field not in table.by_name:
            if entry.op != "delete":
                yield Finding(
                    FindingCode.EDIT_WITHOUT_FIELD, table.name, entry.record_id, entry.field, {"seq": entry.seq}
                )
            continue
        last[entry.record_id, entry.field] = (entry.seq, entry.mine)
    told: set[str] = set()
    for (record_id, name), (seq, mine) in last.items():
        row = conn.execute(f'SELECT {quoted(name)} FROM {table.quoted} WHERE "Id" = ?', (record_id,)).fetchone()
        if row is None:
            if record_id not in told:
                told.add(record_id)
                yield Finding(FindingCode.EDIT_WITHOUT_ROW, table.name, record_id, params={"seq": seq})
        elif row[0] != mine or type(row[0]) is not type(mine):
            yield Finding(FindingCode.ROW_NOT_OVERLAID, table.name, record_id, name, {"seq": seq})


def _outbox(conn: apsw.Connection, table: Table) -> Iterator[Finding]:
    """An edit in a state that nobody knows would be shown and sent by nobody; a row made here waits to be sent."""
    states = ", ".join(f"'{state}'" for state in OVERLAY_STATES)
    for seq, record_id in conn.execute(
        f"SELECT seq, record_id FROM om_outbox WHERE object = ? AND state NOT IN ({states}) LIMIT {_MAX_FINDINGS}",
        (table.name,),
    ):
        yield Finding(FindingCode.EDIT_OF_NO_STATE, table.name, record_id, params={"seq": seq})
    for (record_id,) in conn.execute(
        f'SELECT "Id" FROM {table.quoted} WHERE "Id" >= \'{TEMPORARY_PREFIX}\' AND "Id" < \'{TEMPORARY_PREFIX}~\' '
        f"AND NOT EXISTS (SELECT 1 FROM om_outbox WHERE object = ? AND record_id = \"Id\" AND op = 'create') "
        f"LIMIT {_MAX_FINDINGS}",
        (table.name,),
    ):
        yield Finding(FindingCode.MADE_HERE_WITHOUT_EDIT, table.name, record_id)


def _counts(session: Session, table: Table) -> Iterator[Finding]:
    loaded, known = session.conn.execute("SELECT loaded, rows FROM om_object WHERE name = ?", (table.name,)).get
    if loaded:
        counted = count_live(session, table)
        if counted != known:
            yield Finding(FindingCode.COUNT_DRIFTED, table.name, params={"known": known, "counted": counted})


def _search(session: Session, table: Table) -> Iterator[Finding]:
    """A finished search index has every live row once."""
    if search.state(session.conn, table).phase is search.IndexPhase.READY:
        indexed = session.conn.execute(f"SELECT count(*) FROM {quoted(f'om_fts_{table.name}_docsize')}").get
        counted = count_live(session, table)
        if indexed != counted:
            yield Finding(FindingCode.SEARCH_DRIFTED, table.name, params={"indexed": indexed, "counted": counted})


def _ids(conn: apsw.Connection, table: Table) -> Iterator[Finding]:
    sql = f'SELECT "Id" FROM {table.quoted} WHERE length("Id") <> 18 LIMIT {_MAX_FINDINGS}'
    for (record_id,) in conn.execute(sql):
        if not is_temporary_id(record_id):
            yield Finding(FindingCode.ID_MALFORMED, table.name, record_id)


def _loads(session: Session) -> Iterator[Finding]:
    conn = session.conn
    for name, pages in conn.execute(
        "SELECT object, count(*) FROM om_load_page WHERE object NOT IN (SELECT object FROM om_load_job) GROUP BY object"
    ):
        yield Finding(FindingCode.PAGE_WITHOUT_JOB, name, params={"pages": pages})
    withdrawn = hidden_objects(session)
    for (name,) in conn.execute(
        "SELECT object FROM om_load_job WHERE object NOT IN (SELECT name FROM om_object WHERE has_table)"
    ):
        if name in withdrawn:
            continue  # its table waits under another name
        yield Finding(FindingCode.JOB_WITHOUT_TABLE, name)
    for (name,) in conn.execute(
        "SELECT name FROM om_object WHERE loaded AND name NOT IN "
        "(SELECT object FROM om_watermark WHERE safe_from IS NOT NULL)"
    ):
        yield Finding(FindingCode.LOADED_WITHOUT_WATERMARK, name)
