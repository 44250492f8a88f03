"""What was sent and has no answer yet, and what became of it: so that nothing is made twice (rules 5).

A line is committed before the request leaves. The values of an update stay until the record is quiet, because a request
without an answer may have arrived: Salesforce's value is then our own and no foreign change. Beside them: duplicates
that Salesforce found, the values that a person's unit of fields started from, and small facts of the push.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import times
from core.mirror.models import OPEN_STATES
from core.mirror.session import Session, WriteSession

_OPEN = ", ".join(f"'{state}'" for state in OPEN_STATES)


@dataclass(frozen=True, slots=True)
class Send:
    """One record of one request. `content` are the stored values that went out.

    `sent_at` and `last_sent_at` (server time) differ where the same request was sent again under its key. `result_id`
    is the record that a create made, once it is known.
    """

    token: str
    object: str
    record_id: str
    op: str
    method: str
    sent_at: datetime
    content: Mapping[str, Any]
    tries: int = 1
    result_id: str | None = None
    last_sent_at: datetime | None = None

    @property
    def latest(self) -> datetime:
        """When it was sent for the last time."""
        return self.last_sent_at or self.sent_at


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What a duplicate rule found: `content` is plain JSON (`message`, `rule`, `allow_save`, `matches`)."""

    object: str
    record_id: str
    content: Mapping[str, Any]
    allowed: bool


def begin(session: WriteSession, sends: Iterable[Send]) -> None:
    """Note what is about to leave, in the transaction that marks its entries `sending`."""
    session.conn.executemany(
        "INSERT INTO om_send (token, object, record_id, op, method, sent_at, last_sent_at, content, tries) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8) "
        "ON CONFLICT (token, record_id) DO UPDATE SET last_sent_at = excluded.last_sent_at, tries = tries + 1",
        [
            (
                s.token,
                s.object,
                s.record_id,
                s.op,
                s.method,
                times.to_text(s.sent_at),
                json.dumps(dict(s.content), ensure_ascii=False, default=str),
                s.tries,
            )
            for s in sends
        ],
    )


def unanswered(session: Session, object_name: str, record_ids: Iterable[str]) -> dict[str, list[Send]]:
    """What may have arrived of these records without an answer, by record, the oldest first."""
    found: dict[str, list[Send]] = {}
    for record_id in record_ids:
        rows: list[Any] = session.conn.execute(
            f"SELECT {_NAMES} FROM om_send WHERE object = ? AND record_id = ? AND answered_at IS NULL ORDER BY sent_at",
            (object_name, record_id),
        ).fetchall()
        if rows:
            found[record_id] = [_read(row) for row in rows]
    return found


def has_unanswered(session: Session, object_name: str) -> bool:
    """Whether anything of the object was sent and not answered."""
    sql = "SELECT 1 FROM om_send WHERE object = ? AND answered_at IS NULL LIMIT 1"
    return session.conn.execute(sql, (object_name,)).get is not None


def any_left(session: Session) -> bool:
    """Whether there is any line to tidy away."""
    sql = "SELECT EXISTS (SELECT 1 FROM om_send) OR EXISTS (SELECT 1 FROM om_sibling)"
    return bool(session.conn.execute(sql).get)


def refused(session: WriteSession, token: str, record_ids: Sequence[str]) -> None:
    """The last attempt of these was not processed. An earlier one under the same key may have been: it stays."""
    own = [(token, record_id) for record_id in record_ids]
    session.conn.executemany("DELETE FROM om_send WHERE token = ? AND record_id = ? AND tries <= 1", own)
    session.conn.executemany("UPDATE om_send SET tries = tries - 1 WHERE token = ? AND record_id = ?", own)


def answered(session: WriteSession, object_name: str, record_ids: Iterable[str]) -> None:
    """Updates and deletes of these records are settled: what was sent of them is known in Salesforce's own row."""
    session.conn.executemany(
        "DELETE FROM om_send WHERE object = ? AND record_id = ? AND op != 'create'",
        [(object_name, record_id) for record_id in record_ids],
    )


def made(session: WriteSession, object_name: str, temporary_id: str, real_id: str) -> None:
    """A create is settled. The line stays for a while: another look-up must not take this record for its own."""
    session.conn.execute(
        "UPDATE om_send SET result_id = ?, answered_at = ? WHERE object = ? AND record_id = ? AND op = 'create'",
        (real_id, times.now_text(), object_name, temporary_id),
    )


def result_of(session: Session, object_name: str, record_id: str) -> str | None:
    """The record that a create made, once its answer was committed."""
    found = session.conn.execute(
        "SELECT result_id FROM om_send WHERE object = ? AND record_id = ? AND op = 'create' AND result_id IS NOT NULL",
        (object_name, record_id),
    ).get
    return None if found is None else str(found)


def taken_ids(session: Session, object_name: str) -> frozenset[str]:
    """Records of the object that are known to be some create's own."""
    rows = session.conn.execute(
        "SELECT result_id FROM om_send WHERE object = ? AND result_id IS NOT NULL", (object_name,)
    )
    return frozenset(str(row[0]) for row in rows)


def prune(session: WriteSession, before: datetime) -> int:
    """Forget answered creates, and what was sent of records that have no open edit, before a moment."""
    session.conn.execute(
        "DELETE FROM om_send WHERE (answered_at IS NOT NULL AND answered_at < ?1) OR (last_sent_at < ?1 AND NOT EXISTS "
        "(SELECT 1 FROM om_outbox o WHERE o.object = om_send.object AND o.record_id = om_send.record_id AND "
        f"o.state IN ({_OPEN})))",
        (times.to_text(before),),
    )
    return session.conn.changes()


def forget(session: WriteSession, object_name: str, record_id: str) -> None:
    """A person has decided about the record: what was sent of it is no question any more."""
    session.conn.execute("DELETE FROM om_send WHERE object = ? AND record_id = ?", (object_name, record_id))


# duplicates


def keep_duplicates(session: WriteSession, object_name: str, record_id: str, content: Mapping[str, Any]) -> None:
    """Keep what a duplicate rule found."""
    session.conn.execute(
        "INSERT INTO om_duplicate (object, record_id, at, content) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (object, record_id) DO UPDATE SET at = excluded.at, content = excluded.content, allowed = 0",
        (object_name, record_id, times.now_text(), json.dumps(dict(content), ensure_ascii=False, default=str)),
    )


def duplicates(session: Session, object_name: str, record_id: str) -> Duplicates | None:
    """What a duplicate rule found for the record, None where nothing is known."""
    row: Any = session.conn.execute(
        "SELECT content, allowed FROM om_duplicate WHERE object = ? AND record_id = ?", (object_name, record_id)
    ).fetchone()
    return None if row is None else Duplicates(object_name, record_id, json.loads(row[0]), bool(row[1]))


def allow_duplicates(session: WriteSession, object_name: str, record_id: str) -> None:
    """A person wants it saved all the same."""
    session.conn.execute(
        "INSERT INTO om_duplicate (object, record_id, at, content, allowed) VALUES (?, ?, ?, '{}', 1) "
        "ON CONFLICT (object, record_id) DO UPDATE SET allowed = 1",
        (object_name, record_id, times.now_text()),
    )


def allowed_duplicates(session: Session, object_name: str) -> frozenset[str]:
    """Records of the object that a person wants saved in spite of duplicates."""
    rows = session.conn.execute("SELECT record_id FROM om_duplicate WHERE object = ? AND allowed", (object_name,))
    return frozenset(str(row[0]) for row in rows)


def forget_duplicates(session: WriteSession, object_name: str, record_id: str) -> None:
    """The record is saved, or its edit is gone."""
    session.conn.execute("DELETE FROM om_duplicate WHERE object = ? AND record_id = ?", (object_name, record_id))


# what a unit of fields started from


def sibling_bases(session: Session, object_name: str, record_id: str) -> dict[str, Any]:
    """The values of untouched fields as they were when the push first saw the edit of their unit."""
    rows = session.conn.execute(
        "SELECT field, base FROM om_sibling WHERE object = ? AND record_id = ?", (object_name, record_id)
    )
    return dict(rows)


def keep_sibling_bases(
    session: WriteSession, object_name: str, record_id: str, bases: Mapping[str, Any], *, replace: bool = False
) -> None:
    """Keep them, those that are known already unchanged unless `replace` (a person has seen the newer ones)."""
    verb = "REPLACE" if replace else "IGNORE"
    session.conn.executemany(
        f"INSERT OR {verb} INTO om_sibling (object, record_id, field, base) VALUES (?, ?, ?, ?)",
        [(object_name, record_id, field, base) for field, base in bases.items()],
    )


def forget_sibling_bases(session: WriteSession) -> None:
    """Drop those of records that have no open edit any more."""
    session.conn.execute(
        "DELETE FROM om_sibling WHERE NOT EXISTS (SELECT 1 FROM om_outbox o WHERE o.object = om_sibling.object AND "
        f"o.record_id = om_sibling.record_id AND o.state IN ({_OPEN}))"
    )


_NAMES = "token, object, record_id, op, method, sent_at, content, tries, result_id, last_sent_at"


def _read(row: Sequence[Any]) -> Send:
    token, name, record_id, op, method, sent_at, content, tries, result_id, last = row
    return Send(
        token,
        name,
        record_id,
        op,
        method,
        times.from_text(sent_at),
        json.loads(content),
        int(tries),
        result_id,
        times.from_text(last),
    )
