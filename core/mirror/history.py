"""What the engine did, step by step: one line per object and operation of a cycle, and one for the cycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.mirror import times
from core.mirror.session import Session, WriteSession


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
    model = session.models.History
    query = model.select().order_by(model.history_id.desc()).limit(limit)
    if object_name is not None:
        query = query.where(model.object == object_name)
    return [
        Step(
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
        for row in query
    ]


def prune(session: WriteSession, keep: int = 5000) -> int:
    """Forget all but the newest `keep` lines; returns how many went."""
    session.conn.execute(
        "DELETE FROM om_history WHERE history_id <= (SELECT max(history_id) FROM om_history) - ?", (keep,)
    )
    return session.conn.changes()
