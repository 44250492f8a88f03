"""The outbox: every edit of a person from the moment it is made until Salesforce has it.

Each function runs inside one transaction of the writer and keeps the invariant of the mirror in it: row = the server's
image overlaid by the open entries of the record. One entry is one field of a record (`update`), the record itself
(`create`, whose field values are `update` entries of the same record and group) or its end (`delete`).

Edits of one field collapse onto the first base; a value set back to its base leaves. An edit made while its entry is on
its way (`sending`, `ambiguous`) is an entry of its own, which becomes one with the first when that has failed. A value
that goes without having reached Salesforce is a line of the change log, so nothing that was entered is ever lost.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import copies, overlay, problems, times
from core.mirror.bookkeeping import THESE, Tables, by_field, close_conflicts, fold, insert, log, remove, same
from core.mirror.delivery import acknowledge, adopt_id
from core.mirror.entries import (
    AMBIGUOUS,
    CONFLICT,
    CREATE,
    DELETE,
    DELETED_FIELD,
    DERIVED,
    NEEDS_USER,
    RETRY,
    SENDING,
    UPDATE,
    Entry,
    by_seqs,
    collect,
    entries,
    is_unmade,
    of_record,
    waits_for,
)
from core.mirror.field_rules import FieldRule, rules
from core.mirror.models import KEPT, OPEN_STATES, PENDING
from core.mirror.overlay import server_image
from core.mirror.session import Session, WriteSession
from core.mirror.tables import Table
from core.mirror.values import Kind, stored_value
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import TEMPORARY_PREFIX

__all__ = [
    "AMBIGUOUS",
    "CONFLICT",
    "CREATE",
    "DELETE",
    "KEPT",
    "NEEDS_USER",
    "PENDING",
    "RETRY",
    "SENDING",
    "UPDATE",
    "Entry",
    "PendingEdit",
    "acknowledge",
    "adopt_id",
    "back_to_pending",
    "by_seqs",
    "collect",
    "count_conflicts",
    "count_pending",
    "discard",
    "entries",
    "fail",
    "is_unmade",
    "mark_sending",
    "of_record",
    "pending",
    "put",
    "put_create",
    "put_delete",
    "server_image",
    "waits_for",
]


@dataclass(frozen=True, slots=True)
class PendingEdit:
    """One edit that has not reached Salesforce."""

    seq: int
    object: str
    record_id: str
    op: str
    field: str | None


def pending(session: Session, limit: int = 1000) -> list[PendingEdit]:
    """Edits that wait, the oldest first."""
    found = entries(session, limit=limit)
    return [PendingEdit(e.seq, e.object, e.record_id, e.op, e.field) for e in found]


def count_pending(session: Session) -> int:
    """How many edits wait."""
    model = session.models.Outbox
    return int(model.select().where(model.state.in_(OPEN_STATES)).count())


def count_conflicts(session: Session) -> int:
    """How many conflicts wait for a decision."""
    model = session.models.Conflict
    return int(model.select().where(model.state == "open").count())


def put(
    session: WriteSession,
    table: Table,
    record_id: str,
    values: Mapping[str, Any],
    *,
    at: datetime,
    group_id: str,
) -> list[int]:
    """Enter values (wire or stored form) of a record that has a row; returns the entries that hold them now.

    A value that changes nothing, and one set back to its base, has no entry. Whatever of the record had been refused
    is tried again: a person has mended it. Raises NO_SUCH_RECORD, NO_SUCH_FIELD.
    """
    wanted = _stored(table, values)
    before = overlay.read(session.conn, table, record_id, wanted)
    stored = overlay.write(session, table, record_id, wanted)
    assert before is not None
    known = by_field(of_record(session, table.name, record_id))
    ruled = rules(session.conn, table.name)
    seqs: list[int] = []
    server: dict[str, Any] = {}
    for name, mine in stored.items():
        kept = ruled.get(name) is FieldRule.NEVER_SEND
        seq, shown = _put_one(
            session, table, record_id, name, known.get(name, []), before[name], mine, kept, at, group_id
        )
        if seq is not None:
            seqs.append(seq)
        server[name] = shown
    overlay.settle(session, table, record_id, server)
    _try_again(session, table.name, record_id)
    return seqs


def _put_one(
    session: WriteSession,
    table: Table,
    record_id: str,
    name: str,
    known: list[Entry],
    before: Any,
    mine: Any,
    kept: bool,
    at: datetime,
    group_id: str,
) -> tuple[int | None, Any]:
    """One field: its entry, if one is left, and the server's value."""
    last = known[-1] if known else None
    if last is None:
        if same(mine, before):
            return None, before
        seq = insert(
            session, table.name, record_id, name, before, mine, before, group_id, KEPT if kept else PENDING, at
        )
        return seq, before
    if last.in_flight:
        if same(mine, last.mine):
            return None, last.server
        seq = insert(session, table.name, record_id, name, last.mine, mine, last.server, group_id, PENDING, at)
        return seq, last.server
    # What was kept here is compared with the newest of the server: that is what the edit would replace there.
    base = last.server if last.state == KEPT else last.base
    alone = len(known) == 1
    if not same(mine, last.mine):
        log(session, last, last.mine, mine)
    if same(mine, base) or (alone and same(mine, last.server)):
        remove(session, [last.seq])
        close_conflicts(session, table.name, record_id, name)
        return None, last.server
    if not same(mine, last.mine) or last.state != PENDING:
        session.conn.execute(
            "UPDATE om_outbox SET base = ?, mine = ?, state = ?, group_id = ?, edited_at = ?, next_try_at = NULL, "
            "error_code = NULL, error_text = NULL, token = NULL WHERE seq = ?",
            (base, mine, KEPT if kept else PENDING, group_id, times.to_text(at), last.seq),
        )
    return last.seq, last.server


def put_create(
    session: WriteSession,
    table: Table,
    values: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    at: datetime,
    group_id: str,
) -> tuple[int, str]:
    """Make a record here; returns the create's sequence number and the temporary id. Empty values are left out."""
    wanted = {name: value for name, value in _stored(table, values).items() if value is not None}
    temporary_id = f"{TEMPORARY_PREFIX}{uuid.uuid4()}"
    stored = overlay.insert(session, table, temporary_id, wanted)
    seq = insert(
        session, table.name, temporary_id, None, None, json.dumps(dict(options)), None, group_id, PENDING, at, op=CREATE
    )
    ruled = rules(session.conn, table.name)
    for name, value in stored.items():
        state = KEPT if ruled.get(name) is FieldRule.NEVER_SEND else PENDING
        insert(session, table.name, temporary_id, name, None, value, None, group_id, state, at)
    overlay.rebuild_name(session, table, temporary_id)
    return seq, temporary_id


def put_delete(session: WriteSession, table: Table, record_id: str, *, at: datetime, group_id: str) -> int | None:
    """Delete a record: at once out of sight here, in Salesforce by the next push. A copy is kept.

    A record made here that was never sent just goes, with its edits (their values go to the change log): then there is
    nothing to send and the answer is None. Pending edits of the record wait beneath the delete and go with it.
    Raises NO_SUCH_RECORD.
    """
    known = of_record(session, table.name, record_id)
    for entry in known:
        if entry.op == DELETE:
            return entry.seq
    image = server_image(session, table, record_id)
    create = next((e for e in known if e.op == CREATE), None)
    if create is not None and not create.in_flight:
        image |= {e.field: e.mine for e in known if e.field}
        copies.keep(session, table.name, record_id, image, at=at, here_only=False)
        _discard_created(session, Tables(session, table), table, record_id)
        return None
    copies.keep(session, table.name, record_id, image, at=at, here_only=False)
    seq = insert(
        session,
        table.name,
        record_id,
        None,
        image.get("LastModifiedDate") or image.get(table.stamp_field or "Id"),
        None,
        image.get(DELETED_FIELD),
        group_id,
        PENDING,
        at,
        op=DELETE,
    )
    if table.has_is_deleted:
        overlay.write(session, table, record_id, {DELETED_FIELD: 1})
    return seq


def mark_sending(session: WriteSession, seqs: Collection[int], token: str) -> None:
    """The request is about to leave: committed before it does. `token` names the attempt."""
    session.conn.execute(
        "UPDATE om_outbox SET state = 'sending', token = ?, attempts = attempts + 1, next_try_at = NULL "
        f"WHERE {THESE} AND state <> 'kept'",
        (token, json.dumps(sorted(seqs))),
    )


def back_to_pending(session: WriteSession, seqs: Collection[int]) -> None:
    """The request did not happen, or it is harmless to send it again."""
    _leave_flight(session, seqs, PENDING, None, None, None)


def fail(
    session: WriteSession,
    seqs: Collection[int],
    state: str,
    *,
    code: str | None,
    text: str | None,
    next_try_at: datetime | None,
) -> None:
    """Salesforce refused the entries, or nobody knows (`ambiguous`): `retry`, `needs-user`, `conflict`, `ambiguous`.

    A value entered meanwhile takes the refused one's place and is pending.
    """
    _leave_flight(session, seqs, state, code, text, next_try_at)


def discard(session: WriteSession, seqs: Collection[int]) -> list[Entry]:
    """Give entries up: the row shows the newest value of the server again (never the base); returns what went.

    Entries on their way stay, since nobody knows whether they arrived; a later edit of the same field goes alone. With
    a `create` everything of that record goes, and what refers to it: such a value is given up too, and a record that
    cannot be without it. The values are lines of the change log.
    """
    return _discard(session, Tables(session), seqs)


def _discard(session: WriteSession, tables: Tables, seqs: Collection[int]) -> list[Entry]:
    going = [e for e in by_seqs(session, seqs) if e.state != SENDING]
    gone: list[Entry] = []
    for key in dict.fromkeys((e.object, e.record_id) for e in going):
        object_name, record_id = key
        own = [e for e in going if (e.object, e.record_id) == key]
        table = tables.get(object_name)
        if table is None:  # the object is out of sight: there is no row to mend
            _give_up(session, own)
            gone += own
        elif any(e.op == CREATE for e in own):
            gone += _discard_created(session, tables, table, record_id)
        else:
            still = by_seqs(session, [e.seq for e in own])  # a create that went may have taken it along
            _give_up(session, still)
            overlay.settle(
                session, table, record_id, {e.shown_field: overlay.server_value(e) for e in still if e.shown_field}
            )
            if any(e.op == DELETE for e in still):
                copies.forget(session, object_name, record_id)
            _try_again(session, object_name, record_id)
            gone += still
    return gone


def _discard_created(session: WriteSession, tables: Tables, table: Table, record_id: str) -> list[Entry]:
    """A record that was made here goes, with all that refers to it."""
    own = of_record(session, table.name, record_id)
    if any(e.state == SENDING for e in own):
        return []
    _give_up(session, own)
    overlay.remove(session, table, record_id)
    gone = [e for e in own if e.op != DERIVED]
    referring = [e for e in entries(session) if e.op == UPDATE and e.mine == record_id]
    for entry in referring:
        other = tables.get(entry.object)
        column = other.column(entry.field or "") if other else None
        create = next((e for e in of_record(session, entry.object, entry.record_id) if e.op == CREATE), None)
        needed = create is not None and column is not None and not (column.field.updateable and column.field.nillable)
        gone += _discard(session, tables, [create.seq if create is not None and needed else entry.seq])
    return gone


def _leave_flight(
    session: WriteSession, seqs: Collection[int], state: str, code: str | None, text: str | None, at: datetime | None
) -> None:
    session.conn.execute(
        "UPDATE om_outbox SET state = ?, error_code = ?, error_text = ?, next_try_at = ?, "
        "token = CASE ? WHEN 'ambiguous' THEN token END "
        f"WHERE {THESE} AND state <> 'kept'",
        (state, code, text, times.optional_text(at), state, json.dumps(sorted(seqs))),
    )
    if state == AMBIGUOUS:
        return
    tables = Tables(session)
    for entry in by_seqs(session, seqs):
        if entry.op == UPDATE:
            fold(session, tables, entry)
        elif entry.op == CREATE:
            _forget_unwanted(session, tables, entry)


def _forget_unwanted(session: WriteSession, tables: Tables, create: Entry) -> None:
    """A record that was deleted here while it was just being made, and then was not made: nothing is left to send."""
    known = of_record(session, create.object, create.record_id)
    table = tables.get(create.object)
    if table is not None and any(e.op == DELETE for e in known):
        _discard_created(session, tables, table, create.record_id)


def _give_up(session: WriteSession, going: Collection[Entry]) -> None:
    for entry in going:
        if entry.op == UPDATE:
            log(session, entry, entry.mine, entry.server)
            close_conflicts(session, entry.object, entry.record_id, entry.field)
        elif entry.op != DERIVED:
            close_conflicts(session, entry.object, entry.record_id, None)
        problems.close_problems(session, entry.object, record_id=entry.record_id)
    remove(session, [e.seq for e in going])


def _try_again(session: WriteSession, object_name: str, record_id: str) -> None:
    """A person has changed the record: what was refused of it is tried again, and its problems are told anew if so."""
    session.conn.execute(
        "UPDATE om_outbox SET state = 'pending', error_code = NULL, error_text = NULL, next_try_at = NULL "
        "WHERE object = ? AND record_id = ? AND state = 'needs-user'",
        (object_name, record_id),
    )
    if session.conn.changes():
        problems.close_problems(session, object_name, record_id=record_id)


def _stored(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    for name, value in values.items():
        column = table.column(name)
        if column is None or column.name == "Id":
            raise OrgMirrorError(ErrorCode.NO_SUCH_FIELD, object=table.name, field=name)
        stored[column.name] = stored_value(column.kind, value)
        if column.kind is Kind.BOOLEAN and stored[column.name] is None:
            stored[column.name] = 0  # Salesforce knows no empty boolean
    return stored
