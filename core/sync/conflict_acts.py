"""What a person decides about a conflict, brought into the outbox. Each act runs inside one transaction of the writer.

Nothing is sent here: what is decided goes with the next push, which looks at Salesforce again before it writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.mirror import conflicts, outbox, overlay, sends
from core.mirror.conflicts import Conflict
from core.mirror.entries import CREATE, DELETE, UPDATE, Entry, of_record
from core.mirror.session import WriteSession
from core.mirror.tables import Table
from core.model.conflicts import CHOICES, Choice, ConflictKind
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.refs import RecordRef, long_id

# A lead's fields whose contact's counterpart has another name; all others keep theirs.
_ADDRESS = ("Street", "City", "State", "StateCode", "PostalCode", "Country", "CountryCode")
LEAD_TO_CONTACT: Mapping[str, str] = {part: f"Mailing{part}" for part in _ADDRESS}


def resolve(
    session: WriteSession,
    tables: Mapping[str, Table],
    conflict: Conflict,
    choice: Choice,
    value: Any,
    *,
    at: datetime,
    group_id: str,
) -> RecordRef:
    """Do what was chosen; the record that the edit is at now. `value`: the third value, or the chosen candidate's id.

    Raises NO_SUCH_CONFLICT where it is decided already, NO_SUCH_CHOICE, NO_SUCH_RECORD (the survivor is not here).
    """
    if conflict.state != conflicts.OPEN:
        raise OrgMirrorError(ErrorCode.NO_SUCH_CONFLICT, conflict_id=conflict.conflict_id)
    allowed = CHOICES[conflict.kind]
    if choice not in allowed:
        raise OrgMirrorError(ErrorCode.NO_SUCH_CHOICE, choice=choice.value, choices=", ".join(c.value for c in allowed))
    table = tables.get(conflict.object)
    if table is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_OBJECT, object=conflict.object)
    own = [e for e in of_record(session, conflict.object, conflict.record_id, kept=False) if not _on_its_way(e)]
    ref = RecordRef(conflict.object, conflict.record_id)
    # First, because giving edits up closes what was asked about them.
    conflicts.decide(session, conflict.conflict_id, choice.value)
    if conflict.kind is ConflictKind.FIELD:
        _field(session, table, conflict, choice, value, own, at, group_id)
    elif conflict.kind is ConflictKind.DELETED_HERE:
        _deleted(session, table, conflict, choice, own)
    elif conflict.kind is ConflictKind.SEVERAL_CANDIDATES:
        ref = _candidate(session, table, conflict, choice, value, own)
    elif choice is Choice.RECREATE:
        ref = _recreate(session, table, conflict, own, at, group_id)
    elif choice is Choice.MOVE:
        ref = _move(session, tables, conflict, own, at, group_id)
    else:
        _give_up(session, conflict, own)
    return ref


def bring_back(
    session: WriteSession, tables: Mapping[str, Table], conflict: Conflict, *, at: datetime, group_id: str
) -> list[int]:
    """Make an edit of the value that lost a field conflict; the entries. Raises NO_SUCH_CONFLICT, NO_SUCH_RECORD."""
    if conflict.field is None or conflict.kind is not ConflictKind.FIELD or conflict.state == conflicts.OPEN:
        raise OrgMirrorError(ErrorCode.NO_SUCH_CONFLICT, conflict_id=conflict.conflict_id)
    lost = conflict.mine if conflict.winner == Choice.THEIRS else conflict.theirs
    return outbox.put(
        session, tables[conflict.object], conflict.record_id, {conflict.field: lost}, at=at, group_id=group_id
    )


def link(session: WriteSession, table: Table, temporary_id: str, record_id: str) -> RecordRef:
    """A record made here is one that Salesforce has: whoever refers to it refers to that one, its values are given up.

    Raises NO_SUCH_RECORD where that one is not here.
    """
    real_id = long_id(record_id)
    if overlay.read(session.conn, table, real_id, ["Id"]) is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=table.name, id=record_id)
    before = {e.seq for e in of_record(session, table.name, real_id)}
    outbox.adopt_id(session, table.name, temporary_id, real_id)
    came = [e.seq for e in of_record(session, table.name, real_id, kept=False) if e.seq not in before]
    creates = [e.seq for e in outbox.by_seqs(session, came) if e.op == CREATE]
    # The create itself first and alone: giving it up as a create would take the record along.
    if creates:
        outbox.acknowledge(session, table, creates, None)
    outbox.discard(session, [seq for seq in came if seq not in creates])
    sends.forget(session, table.name, temporary_id)
    sends.forget_duplicates(session, table.name, temporary_id)
    return RecordRef(table.name, real_id)


def _on_its_way(entry: Entry) -> bool:
    return entry.state == outbox.SENDING


def _field(
    session: WriteSession,
    table: Table,
    conflict: Conflict,
    choice: Choice,
    value: Any,
    own: list[Entry],
    at: datetime,
    group_id: str,
) -> None:
    assert conflict.field is not None
    seqs = [e.seq for e in own if e.op == UPDATE and e.field == conflict.field]
    if choice is Choice.THEIRS:
        outbox.discard(session, seqs)
        return
    conflicts.rebase(session, seqs, conflict.theirs)
    unit = conflict.details.get("unit")
    if isinstance(unit, Mapping):
        # The person has seen what else of the unit was changed there.
        sends.keep_sibling_bases(session, table.name, conflict.record_id, unit, replace=True)
    if choice is Choice.VALUE:
        outbox.put(session, table, conflict.record_id, {conflict.field: value}, at=at, group_id=group_id)


def _deleted(session: WriteSession, table: Table, conflict: Conflict, choice: Choice, own: list[Entry]) -> None:
    deletes = [e for e in own if e.op == DELETE]
    if choice is Choice.THEIRS:
        outbox.discard(session, [e.seq for e in deletes])
        return
    for entry in deletes:
        # From what the person has seen; a still newer change is asked about again.
        conflicts.rebase_delete(session, entry.seq, conflict.changed_at)


def _candidate(
    session: WriteSession, table: Table, conflict: Conflict, choice: Choice, value: Any, own: list[Entry]
) -> RecordRef:
    here = RecordRef(conflict.object, conflict.record_id)
    if choice is Choice.DISCARD:
        sends.forget(session, table.name, conflict.record_id)
        outbox.discard(session, [e.seq for e in own])
        return here
    if choice is Choice.RECREATE:
        sends.forget(session, table.name, conflict.record_id)
        outbox.back_to_pending(session, [e.seq for e in own])
        return here
    known = conflict.details.get("candidates") or []
    real_id = long_id(str(value or ""))
    if real_id not in known:
        raise OrgMirrorError(ErrorCode.NO_SUCH_CHOICE, choice=str(value), choices=", ".join(known))
    sends.made(session, table.name, conflict.record_id, real_id)
    outbox.adopt_id(session, table.name, conflict.record_id, real_id)
    outbox.acknowledge(session, table, [e.seq for e in own], None)
    return RecordRef(conflict.object, real_id)


def _recreate(
    session: WriteSession, table: Table, conflict: Conflict, own: list[Entry], at: datetime, group_id: str
) -> RecordRef:
    """A new record with everything that the old one had here, the edits included."""
    names = [c.name for c in table.columns if c.field.createable and c.name != "Id"]
    row = overlay.read(session.conn, table, conflict.record_id, names)
    if row is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=table.name, id=conflict.record_id)
    _give_up(session, conflict, own)
    _, temporary_id = outbox.put_create(session, table, row, {}, at=at, group_id=group_id)
    return RecordRef(table.name, temporary_id)


def _move(
    session: WriteSession,
    tables: Mapping[str, Table],
    conflict: Conflict,
    own: list[Entry],
    at: datetime,
    group_id: str,
) -> RecordRef:
    values = {e.field: e.mine for e in own if e.op == UPDATE and e.field is not None}
    if conflict.kind is ConflictKind.CONVERTED_THERE:
        name, target = "Contact", conflict.details.get("contact")
        values = {LEAD_TO_CONTACT.get(field, field): value for field, value in values.items()}
    else:
        name, target = conflict.object, conflict.details.get("survivor")
    table = tables.get(name)
    if table is None or not target:
        raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object=name, id=str(target))
    fitting = {}
    for field, value in values.items():
        column = table.column(field)
        if column is not None and column.field.updateable:
            fitting[field] = value
    outbox.put(session, table, str(target), fitting, at=at, group_id=group_id)
    # What has no counterpart there is a line of the change log from here on.
    _give_up(session, conflict, own)
    return RecordRef(name, str(target))


def _give_up(session: WriteSession, conflict: Conflict, own: list[Entry]) -> None:
    sends.forget(session, conflict.object, conflict.record_id)
    outbox.discard(session, [e.seq for e in own])
