"""The small writes of which the outbox is made. Inside a writer's transaction, for `outbox` and `delivery` alone."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from core.mirror import changes, meta, overlay, times
from core.mirror.entries import UPDATE, Entry, of_record
from core.mirror.session import WriteSession
from core.mirror.tables import Table, read_snapshot

THESE = "seq IN (SELECT value FROM json_each(?))"


class Tables:
    """The tables that one call needs, each read once: unpacking a describe for every entry would be slow."""

    def __init__(self, session: WriteSession, *known: Table) -> None:
        self._session = session
        self._known: dict[str, Table | None] = {table.name: table for table in known}

    def get(self, name: str) -> Table | None:
        """The object's table, or None where it is out of sight."""
        if name not in self._known:
            self._known[name] = read_snapshot(self._session.conn, {name}).get(name)
        return self._known[name]


def fold(session: WriteSession, tables: Tables, first: Entry) -> None:
    """An entry has left its flight: one with the edit that was made meanwhile, on the first base."""
    known = by_field(of_record(session, first.object, first.record_id)).get(first.field or "", [])
    later = next((e for e in known if e.seq > first.seq), None)
    if later is None or any(e.in_flight for e in known):
        return
    log(session, first, first.mine, later.mine)
    remove(session, [first.seq])
    rebase(session, tables, later, first.base)


def rebase(session: WriteSession, tables: Tables, entry: Entry, base: Any) -> None:
    """Give an entry its base; where nothing is left to change it goes, and the row shows the server's value."""
    if not same(entry.mine, base) and not same(entry.mine, entry.server):
        session.conn.execute("UPDATE om_outbox SET base = ? WHERE seq = ?", (base, entry.seq))
        return
    log(session, entry, entry.mine, entry.server)
    remove(session, [entry.seq])
    table = tables.get(entry.object)
    if table is not None and entry.field is not None:
        overlay.settle(session, table, entry.record_id, {entry.field: entry.server})


def by_field(known: Collection[Entry]) -> dict[str, list[Entry]]:
    """The entries of field values, by field, in their order."""
    found: dict[str, list[Entry]] = {}
    for entry in known:
        if entry.field is not None and entry.op == UPDATE:
            found.setdefault(entry.field, []).append(entry)
    return found


def insert(
    session: WriteSession,
    object_name: str,
    record_id: str,
    field: str | None,
    base: Any,
    mine: Any,
    server: Any,
    group_id: str,
    state: str,
    at: datetime,
    *,
    op: str = UPDATE,
) -> int:
    """A new entry; its sequence number."""
    moment = times.to_text(at)
    session.conn.execute(
        "INSERT INTO om_outbox (object, record_id, op, field, base, mine, server, group_id, state, created_at, "
        "edited_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (object_name, record_id, op, field, base, mine, server, group_id, state, moment, moment),
    )
    return int(session.conn.last_insert_rowid())


def remove(session: WriteSession, seqs: Collection[int]) -> None:
    """Take entries out."""
    session.conn.execute(f"DELETE FROM om_outbox WHERE {THESE}", (json.dumps(sorted(seqs)),))


def close_conflicts(
    session: WriteSession, object_name: str, record_id: str, field: str | None, *, winner: str = "theirs"
) -> None:
    """What a person no longer wants, or what has arrived, is no conflict any more."""
    session.conn.execute(
        "UPDATE om_conflict SET state = 'closed', winner = ?, decided_at = ? "
        "WHERE state = 'open' AND object = ? AND record_id = ? AND field IS ?",
        (winner, times.now_text(), object_name, record_id, field),
    )


def log(session: WriteSession, entry: Entry, old: Any, new: Any) -> None:
    """A line of the change log for what a person did here."""
    me = meta.get(session, "user_name") or meta.get(session, "user_id")
    assert entry.field is not None
    changes.record(session, entry.object, entry.record_id, entry.field, old, new, by=me, side=changes.LOCAL)


def same(one: Any, other: Any) -> bool:
    """Equal as stored: 1 and 1.0 are not the same number's form, and True is never 1 here."""
    return type(one) is type(other) and bool(one == other)
