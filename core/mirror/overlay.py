"""Writes what a person sees of a row: the server's image with the open entries over it.

Every function runs inside a writer's transaction and keeps the search index, the count of live rows and a person's
`Name` in step. `Name` is read-only at Salesforce and made of its parts: while a part is pending it is rebuilt here, by
an entry of its own (`derived`) that is never sent, so that the server's name is known and comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import apsw

from core.mirror import search, times
from core.mirror.entries import CREATE, DELETED_FIELD, DERIVED, Entry, of_record
from core.mirror.models import KEPT
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted
from core.model.errors import ErrorCode, OrgMirrorError

# In the order in which Salesforce puts them together; the salutation is not in a Name.
NAME_PARTS = ("FirstName", "MiddleName", "LastName", "Suffix")


def read(conn: apsw.Connection, table: Table, record_id: str, names: Collection[str]) -> dict[str, Any] | None:
    """The stored values of a row's columns, or None where there is no row."""
    columns = list(names)
    listed = ", ".join(map(quoted, columns)) or "1"
    row = conn.execute(f'SELECT {listed} FROM {table.quoted} WHERE "Id" = ?', (record_id,)).fetchone()
    return None if row is None else dict(zip(columns, row, strict=False))


def write(session: WriteSession, table: Table, record_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Put values into a row; returns them as they are stored. Raises NO_SUCH_RECORD."""
    before = read(session.conn, table, record_id, values)
    if before is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=table.name, id=record_id)
    if not values:
        return {}
    assignments = ", ".join(f"{quoted(name)} = ?" for name in values)
    session.conn.execute(f'UPDATE {table.quoted} SET {assignments} WHERE "Id" = ?', (*values.values(), record_id))
    stored = read(session.conn, table, record_id, values)
    assert stored is not None
    if stored != before:
        om_row = session.conn.execute(f'SELECT om_row FROM {table.quoted} WHERE "Id" = ?', (record_id,)).get
        search.update(session.conn, table, [int(om_row)])
        if DELETED_FIELD in values:
            count(session, table.name, (before[DELETED_FIELD] == 1) - (stored[DELETED_FIELD] == 1))
    return stored


def insert(session: WriteSession, table: Table, record_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Make a row for a record made here; returns the values as they are stored.

    Booleans that nobody set are False, as Salesforce would have them; all else is empty until it is read back.
    """
    row = {c.name: 0 for c in table.columns if c.kind.value == "boolean"} | dict(values) | {"Id": record_id}
    names = ", ".join(map(quoted, row))
    marks = ", ".join("?" * len(row))
    session.conn.execute(f"INSERT INTO {table.quoted} ({names}) VALUES ({marks})", tuple(row.values()))
    search.update(session.conn, table, [session.conn.last_insert_rowid()])
    count(session, table.name, 1)
    return read(session.conn, table, record_id, values) or {}


def remove(session: WriteSession, table: Table, record_id: str) -> None:
    """Take a row out, with its lines in the index and the count; nothing where there is none."""
    row = read(session.conn, table, record_id, ["om_row", *([DELETED_FIELD] if table.has_is_deleted else [])])
    if row is None:
        return
    session.conn.execute(f"DELETE FROM {table.quoted} WHERE om_row = ?", (row["om_row"],))
    search.update(session.conn, table, [int(row["om_row"])])
    if row.get(DELETED_FIELD) != 1:
        count(session, table.name, -1)


def count(session: WriteSession, object_name: str, by: int) -> None:
    """Move the number of live rows."""
    if by:
        session.conn.execute("UPDATE om_object SET rows = max(0, rows + ?) WHERE name = ?", (by, object_name))


def settle(session: WriteSession, table: Table, record_id: str, server: Mapping[str, Any]) -> None:
    """After entries went: show what the remaining entries say of these fields, otherwise the server's value.

    A record whose row has left the mirror meanwhile shows nothing.
    """
    if read(session.conn, table, record_id, []) is None:
        return
    shown = dict(server)
    for entry in of_record(session, table.name, record_id):
        if entry.shown_field in shown:
            shown[entry.shown_field] = entry.shown_value
    write(session, table, record_id, {name: value for name, value in shown.items() if name in table.by_name})
    rebuild_name(session, table, record_id)


def rebuild_name(session: WriteSession, table: Table, record_id: str) -> None:
    """Make a person's Name follow its pending parts, or the server's again where none is pending."""
    if table.name_field != "Name" or "LastName" not in table.by_name:
        return
    waiting = of_record(session, table.name, record_id)
    derived = next((e for e in waiting if e.op == DERIVED), None)
    parts = [name for name in NAME_PARTS if name in table.by_name]
    if not any(e.field in parts for e in waiting):
        if derived is not None:
            session.conn.execute("DELETE FROM om_outbox WHERE seq = ?", (derived.seq,))
            write(session, table, record_id, {"Name": derived.server})
        return
    row = read(session.conn, table, record_id, [*parts, "Name"])
    if row is None:
        return
    name = " ".join(str(row[part]) for part in parts if row[part]) or None
    if derived is None:
        # Of a record that is made here the server knows no name.
        server = None if any(e.op == CREATE for e in waiting) else row["Name"]
        session.conn.execute(
            "INSERT INTO om_outbox (object, record_id, op, field, base, mine, server, state, created_at) "
            "VALUES (?, ?, ?, 'Name', ?, ?, ?, ?, ?)",
            (table.name, record_id, DERIVED, server, name, server, KEPT, times.now_text()),
        )
    else:
        session.conn.execute("UPDATE om_outbox SET mine = ? WHERE seq = ?", (name, derived.seq))
    write(session, table, record_id, {"Name": name})


def server_image(session: Session, table: Table, record_id: str) -> dict[str, Any]:
    """The row as Salesforce last had it: `server` values put back. Raises NO_SUCH_RECORD.

    Of a record made here, which Salesforce does not know, the fields that nobody set remain.
    """
    names = [column.name for column in table.columns]
    row = read(session.conn, table, record_id, names)
    if row is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=table.name, id=record_id)
    for entry in of_record(session, table.name, record_id):
        if entry.shown_field in row:
            row[entry.shown_field] = server_value(entry)
    return row


def server_value(entry: Entry) -> Any:
    """What the row has where the entry lies, without it; a delete's row was not in the recycle bin."""
    return (entry.server or 0) if entry.shown_field == DELETED_FIELD else entry.server
