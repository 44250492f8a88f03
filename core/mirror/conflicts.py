"""Conflicts that wait for a person, those that a policy or a person decided, and the policies themselves.

A decided conflict stays: it holds the value that lost, so that it can be brought back. Every function runs inside one
transaction of the writer, or reads.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import times
from core.mirror.models import OPEN_STATES
from core.mirror.session import Session, WriteSession
from core.model.conflicts import ConflictKind
from core.model.errors import ErrorCode, OrgMirrorError

OPEN, DECIDED, CLOSED = "open", "decided", "closed"
_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)
# A conflict whose edit was undone is nobody's question any more.
_WAITING = (
    "state = 'open' AND EXISTS (SELECT 1 FROM om_outbox o WHERE o.object = om_conflict.object AND "
    f"o.record_id = om_conflict.record_id AND o.state IN ({_OPEN}) AND "
    "(om_conflict.field IS NULL OR o.field IS om_conflict.field))"
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """One conflict. Values are stored ones; `details` is plain JSON: the survivor's id, candidates, changed fields.

    `winner` is "mine", "theirs" or a choice of `core.model.conflicts.Choice`; `policy` is set where no person decided.
    """

    conflict_id: int
    object: str
    record_id: str
    field: str | None
    kind: ConflictKind
    base: Any
    mine: Any
    theirs: Any
    changed_by: str | None
    changed_at: str | None
    found_at: str
    state: str
    winner: str | None = None
    decided_at: str | None = None
    policy: str | None = None
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict as the push finds it; see `Conflict`."""

    object: str
    record_id: str
    kind: ConflictKind
    field: str | None = None
    base: Any = None
    mine: Any = None
    theirs: Any = None
    changed_by: str | None = None
    changed_at: str | None = None
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def open_conflict(session: WriteSession, found: Found) -> int:
    """Ask a person; the same conflict found again takes over the newer values. Returns its id."""
    known = session.conn.execute(
        "SELECT conflict_id FROM om_conflict WHERE state = 'open' AND object = ? AND record_id = ? AND field IS ? "
        "AND kind = ?",
        (found.object, found.record_id, found.field, found.kind.value),
    ).get
    model = session.models.Conflict
    values = _columns(found)
    if known is None:
        return int(model.insert(found_at=times.now_text(), **values).execute())
    model.update(**values).where(model.conflict_id == known).execute()
    return int(known)


def note_decided(session: WriteSession, found: Found, *, winner: str, policy: str) -> int:
    """Keep both values of a conflict that a policy decided; noted once more, it only learns more. Returns its id."""
    now = times.now_text()
    model = session.models.Conflict
    row = dict(_columns(found), state=DECIDED, winner=winner, policy=policy, decided_at=now)
    known = session.conn.execute(
        "SELECT conflict_id FROM om_conflict WHERE state = 'decided' AND object = ? AND record_id = ? AND field IS ? "
        "AND mine IS ? AND theirs IS ? AND winner = ? AND policy = ?",
        (found.object, found.record_id, found.field, found.mine, found.theirs, winner, policy),
    ).get
    if known is None:
        return int(model.insert(found_at=now, **row).execute())
    model.update(**row).where(model.conflict_id == known).execute()
    return int(known)


def take_back(session: WriteSession, token: str, record_ids: Sequence[str]) -> None:
    """What was noted before this request left (`details.token`) did not happen: nothing was overruled."""
    session.conn.executemany(
        "DELETE FROM om_conflict WHERE state = 'decided' AND record_id = ? AND details ->> '$.token' = ?",
        [(record_id, token) for record_id in record_ids],
    )


def decide(session: WriteSession, conflict_id: int, winner: str) -> None:
    """A person has decided."""
    model = session.models.Conflict
    model.update(state=DECIDED, winner=winner, decided_at=times.now_text()).where(
        model.conflict_id == conflict_id
    ).execute()


def close(session: WriteSession, object_name: str, record_id: str, fields: Collection[str] | None = None) -> int:
    """Whatever was asked about the record (or these fields of it) is no question any more; returns how many."""
    only = "" if fields is None else f"AND field IN ({', '.join('?' * len(fields))})"
    session.conn.execute(
        f"UPDATE om_conflict SET state = 'closed' WHERE state = 'open' AND object = ? AND record_id = ? {only}",
        (object_name, record_id, *(fields or ())),
    )
    return session.conn.changes()


def close_stale(session: WriteSession) -> int:
    """Close the conflicts whose edits are gone: undone, discarded or sent; returns how many."""
    session.conn.execute(
        f"UPDATE om_conflict SET state = 'closed' WHERE state = 'open' AND NOT ({_WAITING})",
    )
    return session.conn.changes()


def waiting(session: Session, object_name: str | None = None, record_id: str | None = None) -> list[Conflict]:
    """Conflicts that a person has to decide, the oldest first; of everything, an object or a record."""
    rows = session.conn.execute(
        f"SELECT {_NAMES} FROM om_conflict WHERE {_WAITING} AND (?1 IS NULL OR object = ?1) "
        "AND (?2 IS NULL OR record_id = ?2) ORDER BY conflict_id",
        (object_name, record_id),
    )
    return [_read(row) for row in rows]


def decided(session: Session, limit: int = 200) -> list[Conflict]:
    """Conflicts that are decided, the newest first; each holds the value that lost."""
    rows = session.conn.execute(
        f"SELECT {_NAMES} FROM om_conflict WHERE state = 'decided' ORDER BY decided_at DESC, conflict_id DESC LIMIT ?",
        (limit,),
    )
    return [_read(row) for row in rows]


def get(session: Session, conflict_id: int) -> Conflict:
    """One conflict, in whatever state. Raises NO_SUCH_CONFLICT."""
    row: Any = session.conn.execute(
        f"SELECT {_NAMES} FROM om_conflict WHERE conflict_id = ?", (conflict_id,)
    ).fetchone()
    if row is None:
        raise OrgMirrorError(ErrorCode.NO_SUCH_CONFLICT, conflict_id=conflict_id)
    return _read(row)


def prune(session: WriteSession, before: datetime) -> int:
    """Forget what was decided or closed before; returns how many."""
    session.conn.execute(
        "DELETE FROM om_conflict WHERE state != 'open' AND coalesce(decided_at, found_at) < ?", (times.to_text(before),)
    )
    return session.conn.changes()


def policies(session: Session) -> dict[tuple[str, str | None], str]:
    """The policies that a person set: {(object, field or None for the whole object): policy}."""
    rows = session.conn.execute("SELECT object, field, policy FROM om_merge_policy ORDER BY object, field")
    return {(name, field or None): policy for name, field, policy in rows}


def set_policy(session: WriteSession, object_name: str, field: str | None, policy: str | None) -> None:
    """Set the policy of an object or field; None goes back to the object's, and the object's to asking."""
    if policy is None:
        session.conn.execute("DELETE FROM om_merge_policy WHERE object = ? AND field = ?", (object_name, field or ""))
        return
    session.conn.execute(
        "INSERT INTO om_merge_policy (object, field, policy) VALUES (?, ?, ?) "
        "ON CONFLICT (object, field) DO UPDATE SET policy = excluded.policy",
        (object_name, field or "", policy),
    )


def rebase(session: WriteSession, seqs: Sequence[int], theirs: Any) -> None:
    """These edits now start from Salesforce's value: the person has seen it. They may be sent again.

    `server` stays: a pull may have brought a newer value than the one in the question.
    """
    session.conn.executemany(
        "UPDATE om_outbox SET base = ?, state = 'pending', error_code = NULL, error_text = NULL, next_try_at = NULL "
        "WHERE seq = ?",
        [(theirs, seq) for seq in seqs],
    )


def renew(session: WriteSession, object_name: str, record_id: str, field: str, theirs: Any) -> None:
    """A pull brought another value of a field that a person is asked about: the question shows that one."""
    session.conn.execute(
        "UPDATE om_conflict SET theirs = ? WHERE state = 'open' AND kind = 'field' AND object = ? AND record_id = ? "
        "AND field = ?",
        (theirs, object_name, record_id, field),
    )


def rebase_delete(session: WriteSession, seq: int, changed_at: str | None) -> None:
    """A person wants it deleted although it was changed at that moment; it may be sent again."""
    session.conn.execute(
        "UPDATE om_outbox SET base = ?, state = 'pending', error_code = NULL, error_text = NULL, next_try_at = NULL "
        "WHERE seq = ?",
        (changed_at, seq),
    )


def know_server(session: WriteSession, seqs: Sequence[int], theirs: Any) -> None:
    """The precheck saw Salesforce's value of these edits' field: what undo and discard restore (rules 4)."""
    session.conn.executemany("UPDATE om_outbox SET server = ? WHERE seq = ?", [(theirs, seq) for seq in seqs])


def person(session: Session, who: str | None) -> str | None:
    """The name of a user by id; whatever is no mirrored user's id stays as it is."""
    known = {row[0] for row in session.conn.execute("SELECT name FROM pragma_table_info('User')")}
    if who is None or not {"Id", "Name"} <= known:
        return who
    name = session.conn.execute('SELECT "Name" FROM "User" WHERE "Id" = ?', (who,)).get
    return str(name) if name else who


_COLUMNS = (
    "conflict_id", "object", "record_id", "field", "kind", "base", "mine", "theirs", "changed_by", "changed_at",
    "found_at", "state", "winner", "decided_at", "policy", "details",
)  # fmt: skip
_NAMES = ", ".join(_COLUMNS)


def _columns(found: Found) -> dict[str, Any]:
    return {
        "object": found.object,
        "record_id": found.record_id,
        "field": found.field,
        "kind": found.kind.value,
        "base": found.base,
        "mine": found.mine,
        "theirs": found.theirs,
        "changed_by": found.changed_by,
        "changed_at": found.changed_at,
        "details": json.dumps(dict(found.details), ensure_ascii=False, default=str),
    }


def _read(row: Sequence[Any]) -> Conflict:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["kind"] = ConflictKind(values["kind"])
    values["details"] = json.loads(values["details"])
    return Conflict(**values)
