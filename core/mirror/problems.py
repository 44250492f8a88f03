"""Problems that a person can act on: one row per object, record, field and code; a repetition counts attempts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import times
from core.mirror.session import Session, WriteSession
from core.model.errors import ErrorCode, OrgMirrorError

OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem; words are made elsewhere from `code` and `params`, Salesforce's own are kept as it spoke them."""

    problem_id: int
    object: str | None
    record_id: str | None
    field: str | None
    code: ErrorCode
    first_at: datetime
    last_at: datetime
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    salesforce_code: str | None = None
    salesforce_text: str | None = None
    attempts: int = 1
    next_try_at: datetime | None = None


def open_problem(
    session: WriteSession,
    object_name: str | None,
    error: OrgMirrorError,
    *,
    record_id: str | None = None,
    field: str | None = None,
    next_try_at: datetime | None = None,
) -> int:
    """Note a problem, or that an open one of the same kind happened again; returns its id."""
    model = session.models.Problem
    now = times.now_text()
    said = {
        "params": json.dumps(error.params, default=str, ensure_ascii=False, sort_keys=True),
        "salesforce_code": error.salesforce_code,
        "salesforce_text": error.salesforce_text,
        "next_try_at": times.optional_text(next_try_at),
        "last_at": now,
    }
    known = session.conn.execute(
        "SELECT problem_id FROM om_problem WHERE state = 'open' AND object IS ? AND record_id IS ? AND field IS ? "
        "AND code = ?",
        (object_name, record_id, field, error.code.value),
    ).get
    if known is not None:
        model.update(attempts=model.attempts + 1, **said).where(model.problem_id == known).execute()
        return int(known)
    return int(
        model.insert(
            object=object_name, record_id=record_id, field=field, code=error.code.value, first_at=now, **said
        ).execute()
    )


def close_problems(
    session: WriteSession,
    object_name: str | None,
    *,
    record_id: str | None = None,
    code: ErrorCode | None = None,
    keep: ErrorCode | None = None,
) -> int:
    """What went wrong is well again: close the object's own problems (or the record's), of one code or of all but one.

    Returns how many were closed.
    """
    session.conn.execute(
        "UPDATE om_problem SET state = 'closed', last_at = ?1 WHERE state = 'open' AND object IS ?2 "
        "AND record_id IS ?3 AND (?4 IS NULL OR code = ?4) AND code IS NOT ?5",
        (
            times.now_text(),
            object_name,
            record_id,
            None if code is None else code.value,
            None if keep is None else keep.value,
        ),
    )
    return session.conn.changes()


def close_problem(session: WriteSession, problem_id: int) -> None:
    """Close one problem."""
    model = session.models.Problem
    model.update(state=CLOSED, last_at=times.now_text()).where(model.problem_id == problem_id).execute()


def open_problems(session: Session, object_name: str | None = None) -> list[Problem]:
    """Open problems, the newest first; of one object or of all."""
    model = session.models.Problem
    query = model.select().where(model.state == OPEN).order_by(model.last_at.desc(), model.problem_id.desc())
    if object_name is not None:
        query = query.where(model.object == object_name)
    return [_as_problem(row) for row in query]


def count_open(session: Session) -> int:
    """How many problems are open."""
    return int(session.conn.execute("SELECT count(*) FROM om_problem WHERE state = 'open'").get)


def _as_problem(row: Any) -> Problem:
    return Problem(
        problem_id=row.problem_id,
        object=row.object,
        record_id=row.record_id,
        field=row.field,
        code=ErrorCode(row.code),
        first_at=times.from_text(row.first_at),
        last_at=times.from_text(row.last_at),
        params=json.loads(row.params),
        salesforce_code=row.salesforce_code,
        salesforce_text=row.salesforce_text,
        attempts=row.attempts,
        next_try_at=times.optional_moment(row.next_try_at),
    )
