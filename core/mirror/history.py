"""What the engine did, step by step: one line per object and operation of a cycle, and one for the cycle.

Kept for 90 days. Lines of steps that found nothing to do, which are nearly all of them, are kept for five.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.mirror import times
from core.mirror.session import Session, WriteSession

KEEP = timedelta(days=90)
KEEP_IDLE = timedelta(days=5)
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Step:
    """One line. `object` None: the cycle as a whole. `status` is a CycleOutcome's value or an error code's."""

    started: datetime
    operation: str
    status: str
    ended: datetime | None = None
    object: str | None = None
    new: int = 0
    updated: int = 0
    deleted: int = 0
    failed: int = 0
    skipped: int = 0
    api_calls: int = 0
    seconds: float = 0.0


def record_step(session: WriteSession, step: Step) -> None:
    """Add a line."""
    session.models.History.insert(
        started=times.to_text(step.started),
        ended=times.optional_text(step.ended),
        object=step.object,
        operation=step.operation,
        status=step.status,
        new=step.new,
        updated=step.updated,
        deleted=step.deleted,
        failed=step.failed,
        skipped=step.skipped,
        api_calls=step.api_calls,
        seconds=step.seconds,
    ).execute()


def recent(session: Session, limit: int = 200, object_name: str | None = None) -> list[Step]:
    """The newest lines first."""
    return find(session, limit, objects=None if object_name is None else [object_name])


def find(
    session: Session,
    limit: int = 200,
    *,
    objects: Collection[str] | None = None,
    operations: Collection[str] | None = None,
    statuses: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Step]:
    """The newest lines first; None of a filter is all. `since` and `until` are about the beginning of a step."""
    model = session.models.History
    query = model.select().order_by(model.history_id.desc()).limit(limit)
    for column, wanted in ((model.object, objects), (model.operation, operations), (model.status, statuses)):
        if wanted is not None:
            query = query.where(column.in_(list(wanted)))
    if since is not None:
        query = query.where(model.started >= times.to_text(since))
    if until is not None:
        query = query.where(model.started < times.to_text(until))
    return [_as_step(row) for row in query]


def last(session: Session, operation: str) -> Step | None:
    """The newest line of an operation."""
    found = find(session, 1, operations=[operation])
    return found[0] if found else None


def _as_step(row: Any) -> Step:
    return Step(
        started=times.from_text(row.started),
        operation=row.operation,
        status=row.status,
        ended=times.optional_moment(row.ended),
        object=row.object,
        new=row.new,
        updated=row.updated,
        deleted=row.deleted,
        failed=row.failed,
        skipped=row.skipped,
        api_calls=row.api_calls,
        seconds=row.seconds,
    )


def prune(session: WriteSession, now: datetime, *, at_most: int = _AT_ONCE) -> int:
    """Forget up to `at_most` lines that have served their time; returns how many; go on while it is full."""
    session.conn.execute(
        "DELETE FROM om_history WHERE history_id IN (SELECT history_id FROM om_history WHERE started < ?1 OR "
        "(started < ?2 AND operation <> 'cycle' AND status = 'ok' AND new + updated + deleted + failed = 0) LIMIT ?3)",
        (times.to_text(now - KEEP), times.to_text(now - KEEP_IDLE), at_most),
    )
    return session.conn.changes()
