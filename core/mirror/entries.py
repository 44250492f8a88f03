"""Outbox entries as data, and the questions about them. Any thread with a session of its own.

Several open entries of one field exist only while the first of them is on its way (`sending`, `ambiguous`): an edit
made meanwhile is an entry of its own with a later sequence number.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw

from core.mirror import times
from core.mirror.models import KEPT, OPEN_STATES
from core.mirror.session import Session
from core.model.refs import TEMPORARY_PREFIX

UPDATE, CREATE, DELETE, DERIVED = "update", "create", "delete", "derived"
SENDING, RETRY, NEEDS_USER, CONFLICT, AMBIGUOUS = OPEN_STATES[1:]
# The request has left, or may have: its answer is waited for, and nothing else of the record is sent.
IN_FLIGHT = frozenset({SENDING, AMBIGUOUS})
DELETED_FIELD = "IsDeleted"

_COLUMNS = (
    "seq, object, record_id, op, field, base, mine, server, group_id, state, attempts, next_try_at, error_code, "
    "error_text, created_at, edited_at, token"
)
_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)


@dataclass(frozen=True, slots=True)
class Entry:
    """One open entry. Values are stored ones (rules 2).

    `field` is None for `create` (`mine`: the options as JSON) and `delete` (`base`: the record's LastModifiedDate, or
    its stamp, when it was deleted here). `created_at`: since when it waits; `edited_at`: when its value was entered.
    """

    seq: int
    object: str
    record_id: str
    op: str
    field: str | None
    base: Any
    mine: Any
    server: Any
    group_id: str | None
    state: str
    attempts: int
    next_try_at: datetime | None
    error_code: str | None
    error_text: str | None
    created_at: datetime
    edited_at: datetime
    token: str | None

    @property
    def in_flight(self) -> bool:
        return self.state in IN_FLIGHT

    @property
    def shown_field(self) -> str | None:
        """The column that the entry lies over; None for a create."""
        return DELETED_FIELD if self.op == DELETE else self.field

    @property
    def shown_value(self) -> Any:
        """What the row shows in that column."""
        return 1 if self.op == DELETE else self.mine

    @property
    def options(self) -> dict[str, Any]:
        """The options of a create."""
        return dict(json.loads(self.mine)) if self.op == CREATE and self.mine else {}


def entries(
    session: Session,
    *,
    object_name: str | None = None,
    record_id: str | None = None,
    states: Collection[str] = OPEN_STATES,
    limit: int | None = None,
) -> list[Entry]:
    """Open entries by sequence number, of all objects, one or a record, in those states."""
    where, values = ["state IN (SELECT value FROM json_each(?))"], [json.dumps(sorted(states))]
    for column, value in (("object", object_name), ("record_id", record_id)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    tail = "" if limit is None else f" LIMIT {int(limit)}"
    return _read(session.conn, f"WHERE {' AND '.join(where)} ORDER BY seq{tail}", values)


def by_seqs(session: Session, seqs: Collection[int]) -> list[Entry]:
    """These entries as far as they are open, by sequence number; kept ones too."""
    every = (*OPEN_STATES, KEPT)
    return _read(
        session.conn,
        "WHERE seq IN (SELECT value FROM json_each(?)) AND state IN (SELECT value FROM json_each(?)) ORDER BY seq",
        [json.dumps(sorted(seqs)), json.dumps(every)],
    )


def of_record(session: Session, object_name: str, record_id: str, *, kept: bool = True) -> list[Entry]:
    """A record's open entries by sequence number, with those that are never sent unless `kept` is False."""
    states = (*OPEN_STATES, KEPT) if kept else OPEN_STATES
    return entries(session, object_name=object_name, record_id=record_id, states=states)


def collect(
    session: Session,
    *,
    now: datetime,
    objects: Collection[str] | None = None,
    records: Collection[str] | None = None,
) -> list[Entry]:
    """Entries that may be sent now, by sequence number. `objects` and `records` (ids) limit it.

    Waiting ones whose time has come. Left out: everything of a record of which something is on its way; the fields of
    a record whose own create cannot go now, or that is about to be deleted. References to records that are not made
    yet are told by `waits_for`.
    """
    due = "({0}.state = 'pending' OR ({0}.state = 'retry' AND ({0}.next_try_at IS NULL OR {0}.next_try_at <= ?1)))"
    where = (
        f"WHERE {due.format('o')} AND (?2 IS NULL OR o.object IN (SELECT value FROM json_each(?2))) "
        "AND (?3 IS NULL OR o.record_id IN (SELECT value FROM json_each(?3))) "
        "AND NOT EXISTS (SELECT 1 FROM om_outbox x WHERE x.object = o.object AND x.record_id = o.record_id AND ("
        "x.state IN ('sending', 'ambiguous') "
        f"OR (x.op = 'create' AND x.state IN ({_OPEN}) AND NOT {due.format('x')}) "
        f"OR (x.op = 'delete' AND o.op <> 'delete' AND x.state IN ({_OPEN})))) ORDER BY o.seq"
    )
    limits = [None if names is None else json.dumps(sorted(names)) for names in (objects, records)]
    return _read(session.conn, where, [times.to_text(now), *limits])


def waits_for(session: Session, waiting: Sequence[Entry]) -> dict[str, set[str]]:
    """For each record among `waiting` that refers to records which are not made yet: their temporary ids."""
    unmade = {str(row[0]) for row in session.conn.execute(f"SELECT record_id FROM om_outbox WHERE {_UNMADE}")}
    found: dict[str, set[str]] = {}
    for entry in waiting:
        if entry.op == UPDATE and entry.mine in unmade and entry.mine != entry.record_id:
            found.setdefault(entry.record_id, set()).add(str(entry.mine))
    return found


def is_unmade(session: Session, record_id: str) -> bool:
    """Whether the record was made here and has not reached Salesforce."""
    sql = f"SELECT 1 FROM om_outbox WHERE {_UNMADE} AND record_id = ?"
    return session.conn.execute(sql, (record_id,)).get is not None


# Until its id is adopted: what refers to the record can go from then on.
_UNMADE = f"op = 'create' AND state IN ({_OPEN}) AND record_id GLOB '{TEMPORARY_PREFIX}*'"


def _read(conn: apsw.Connection, tail: str, values: Sequence[Any]) -> list[Entry]:
    rows = conn.execute(f"SELECT {_COLUMNS} FROM om_outbox o {tail}", tuple(values))
    return [_entry(row) for row in rows]


def _entry(row: Sequence[Any]) -> Entry:
    created = times.from_text(row[14])
    return Entry(
        seq=int(row[0]),
        object=row[1],
        record_id=row[2],
        op=row[3],
        field=row[4],
        base=row[5],
        mine=row[6],
        server=row[7],
        group_id=row[8],
        state=row[9],
        attempts=int(row[10]),
        next_try_at=times.optional_moment(row[11]),
        error_code=row[12],
        error_text=row[13],
        created_at=created,
        edited_at=times.optional_moment(row[15]) or created,
        token=row[16],
    )
