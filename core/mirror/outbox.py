"""The outbox, as far as it is asked about: how many edits wait, and which. Editing and pushing build on it."""

from __future__ import annotations

from dataclasses import dataclass

from core.mirror.models import OPEN_STATES
from core.mirror.session import Session


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
    model = session.models.Outbox
    rows = model.select().where(model.state.in_(OPEN_STATES)).order_by(model.seq).limit(limit)
    return [PendingEdit(row.seq, row.object, row.record_id, row.op, row.field) for row in rows]


def count_pending(session: Session) -> int:
    """How many edits wait."""
    model = session.models.Outbox
    return int(model.select().where(model.state.in_(OPEN_STATES)).count())


def count_conflicts(session: Session) -> int:
    """How many conflicts wait for a decision."""
    model = session.models.Conflict
    return int(model.select().where(model.state == "open").count())
