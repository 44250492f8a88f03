"""What Salesforce has taken: entries that are acknowledged, and records made here that get their real id.

Inside one transaction of the writer; the outbox's other half, which `outbox` hands out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from core.mirror import aliases, changes, meta, overlay, problems, times
from core.mirror.bookkeeping import Tables, close_conflicts, log, rebase, remove
from core.mirror.entries import (
    CREATE,
    DELETE,
    DELETED_FIELD,
    DERIVED,
    UPDATE,
    Entry,
    by_seqs,
    of_record,
)
from core.mirror.rows import RowWriter
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.mirror.values import quoted, stored_value


def acknowledge(
    session: WriteSession, table: Table, seqs: Collection[int], server_row: Mapping[str, Any] | None
) -> None:
    """Salesforce has these entries of one record: only they go. What was entered meanwhile stays, on the new base.

    `server_row` is the record as it was read back (REST JSON; `Id` and any of its fields): it becomes the row, with
    what is left over it. Where a pull has brought a newer one meanwhile, that one stays. None: nothing could be read
    back, and the values sent count as the server's until the next pull. A record that was created has its real id by
    `adopt_id` before.
    """
    acknowledge_all(session, table, [(seqs, server_row)])


def acknowledge_all(
    session: WriteSession, table: Table, taken: Iterable[tuple[Collection[int], Mapping[str, Any] | None]]
) -> None:
    """`acknowledge` for several records of one object: their rows are merged together, which is several times quicker

    than one by one.
    """
    done: list[tuple[list[Entry], dict[str, Any], bool]] = []
    rows: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for seqs, server_row in taken:
        sent = by_seqs(session, seqs)
        if not sent:
            continue
        record_id = sent[0].record_id
        remove(session, [e.seq for e in sent])
        values = _values(table, server_row)
        stale = _is_stale(session, table, record_id, values)
        created = any(e.op == CREATE for e in sent)
        went = {e.field: e for e in sent if e.op == UPDATE and e.field}
        _rebase_later(session, table, record_id, went, values, created, stale)
        merged = not stale and server_row is not None
        if merged:
            assert server_row is not None
            rows.setdefault(tuple(values), []).append(server_row)
        else:
            newest = {e.field: e.server for e in went.values() if e.field} if stale else {}
            overlay.settle(session, table, record_id, {name: newest[name] for name in newest})
        done.append((sent, values, merged))
    for names, some in rows.items():
        RowWriter.for_json(table, names).merge(session, some, only_known=True)
    for sent, values, merged in done:
        _settled(session, table, sent, values, merged)


def _settled(session: WriteSession, table: Table, sent: list[Entry], values: Mapping[str, Any], merged: bool) -> None:
    """What follows once the row is there: its name, the log, the end of a deleted record, problems that are over."""
    record_id = sent[0].record_id
    if merged:
        overlay.rebuild_name(session, table, record_id)
    for entry in sent:
        _note(session, entry, values)
    if any(e.op == DELETE for e in sent):
        _end(session, table, record_id)
    if not any(e.op != DERIVED for e in of_record(session, table.name, record_id, kept=False)):
        problems.close_problems(session, table.name, record_id=record_id)


def _values(table: Table, server_row: Mapping[str, Any] | None) -> dict[str, Any]:
    """The read-back row's fields that have a column, as stored."""
    found: dict[str, Any] = {}
    for name, value in (server_row or {}).items():
        column = table.column(name)
        if column is not None:
            found[column.name] = stored_value(column.kind, value)
    return found


def _is_stale(session: WriteSession, table: Table, record_id: str, values: Mapping[str, Any]) -> bool:
    stamp = table.stamp_field
    if stamp is None or values.get(stamp) is None:
        return False
    row = overlay.read(session.conn, table, record_id, [stamp])
    return row is not None and row[stamp] is not None and values[stamp] < row[stamp]


def _rebase_later(
    session: WriteSession,
    table: Table,
    record_id: str,
    went: Mapping[str, Entry],
    values: Mapping[str, Any],
    created: bool,
    stale: bool,
) -> None:
    """What was entered meanwhile is a change of what Salesforce has now."""
    tables = Tables(session, table)
    for entry in of_record(session, table.name, record_id, kept=False):
        name = entry.field
        if entry.op != UPDATE or name is None or not (name in went or (created and name in values)):
            continue
        now = values[name] if name in values else went[name].mine
        newest = entry.server if stale else now
        session.conn.execute("UPDATE om_outbox SET server = ? WHERE seq = ?", (newest, entry.seq))
        if not entry.in_flight:
            current = by_seqs(session, [entry.seq])[0]
            rebase(session, tables, current, now)


def _note(session: WriteSession, entry: Entry, values: Mapping[str, Any]) -> None:
    """The change log tells what went out, and what it replaced there."""
    close_conflicts(session, entry.object, entry.record_id, entry.field, winner="mine")
    if entry.op == UPDATE and entry.field is not None:
        new = values.get(entry.field, entry.mine)
        old = entry.base if entry.server == new else entry.server
        log(session, entry, old, entry.mine)
        return
    me = meta.get(session, "user_name") or meta.get(session, "user_id")
    line = ("Id", None, entry.record_id) if entry.op == CREATE else (DELETED_FIELD, 0, 1)
    changes.record(session, entry.object, entry.record_id, *line, by=me, side=changes.LOCAL)


def _end(session: WriteSession, table: Table, record_id: str) -> None:
    """The record is deleted there: edits that waited beneath go to the change log."""
    left = of_record(session, table.name, record_id)
    for entry in left:
        if entry.op == UPDATE:
            log(session, entry, entry.mine, None)
            close_conflicts(session, table.name, record_id, entry.field)
    remove(session, [e.seq for e in left])
    row = overlay.read(session.conn, table, record_id, [])
    if row is None:
        return
    if table.has_is_deleted:
        overlay.settle(session, table, record_id, {e.field: e.server for e in left if e.field} | {DELETED_FIELD: 1})
    else:
        overlay.remove(session, table, record_id)


def adopt_id(session: WriteSession, object_name: str, temporary_id: str, real_id: str) -> None:
    """The record made here has its real id (18 characters): row, entries and every reference to it follow.

    Where a pull has brought the record already, the two rows become one. The temporary id keeps working (`aliases`).
    May be repeated.
    """
    tables = Tables(session)
    aliases.remember(session, object_name, temporary_id, real_id, times.now())
    table = tables.get(object_name)
    if table is not None:
        _adopt_row(session, table, temporary_id, real_id)
    own = (real_id, object_name, temporary_id)
    for name in ("om_outbox", "om_conflict", "om_problem", "om_change"):
        session.conn.execute(f"UPDATE {name} SET record_id = ? WHERE object = ? AND record_id = ?", own)
    for name in ("om_draft", "om_copy"):
        session.conn.execute(f"UPDATE OR REPLACE {name} SET record_id = ? WHERE object = ? AND record_id = ?", own)
    referring = session.conn.execute(
        "SELECT DISTINCT object, record_id, field FROM om_outbox WHERE mine = ? AND op = 'update'", (temporary_id,)
    ).fetchall()
    for column in ("base", "mine", "server"):
        session.conn.execute(f"UPDATE om_outbox SET {column} = ? WHERE {column} = ?", (real_id, temporary_id))
    for other_name, record_id, of_field in referring:
        other, field = tables.get(str(other_name)), str(of_field)
        if other is not None and field in other.by_name:
            session.conn.execute(
                f'UPDATE {other.quoted} SET {quoted(field)} = ? WHERE "Id" = ? AND {quoted(field)} = ?',
                (real_id, record_id, temporary_id),
            )
    session.conn.execute(
        "UPDATE om_draft SET content = replace(content, ?, ?) WHERE content LIKE ?",
        (json.dumps(temporary_id), json.dumps(real_id), f"%{temporary_id}%"),
    )
    if table is not None and overlay.read(session.conn, table, real_id, []) is not None:
        overlay.rebuild_name(session, table, real_id)


def _adopt_row(session: WriteSession, table: Table, temporary_id: str, real_id: str) -> None:
    known = overlay.read(session.conn, table, real_id, [c.name for c in table.columns])
    if known is None:
        session.conn.execute(f'UPDATE {table.quoted} SET "Id" = ? WHERE "Id" = ?', (real_id, temporary_id))
        return
    # The pull was quicker: its row is the server's image, over which the entries of the record lie from now on.
    overlay.remove(session, table, temporary_id)
    shown: dict[str, Any] = {}
    for entry in of_record(session, table.name, temporary_id):
        name = entry.shown_field
        if name is not None and name in known:
            session.conn.execute("UPDATE om_outbox SET server = ? WHERE seq = ?", (known[name], entry.seq))
            shown[name] = entry.shown_value
    overlay.write(session, table, real_id, shown)
